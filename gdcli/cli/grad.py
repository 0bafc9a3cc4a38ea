"""`gdcli grad`: value, gradient, length and direction at a point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.output import Output, say
from gdcli.cli.source import read_function, read_source, source_params
from gdcli.errors import NAMED, UsageError, listed
from gdcli.report import writer
from gdcli.report.gradient import gradient_at
from gdcli.report.view import GradView

if TYPE_CHECKING:
    from gdcli.scalar_function import Function

LECTURE = "x^2 + x*y"
EXAMPLES = (
    'gdcli grad "x^2 + x*y" --at 1,2',
    'gdcli grad "exp(-x^2)*sin(y)" --at x=0.5,y=pi/3 --along 1,1 --format json',
    "gdcli grad five-well --at 10,10 --format plain",
)


def run(
    expression: str | None,
    settings: list[tuple[str, str]],
    backend: str,
    at: str | None,
    along: str | None,
    hessian: bool,
    derivative: str,  # noqa: ARG001 - reverse mode is the only one so far
    **common: Any,
) -> int:
    """Do it and return the exit status."""
    with Output(**common) as output:
        source = read_source(expression)
        if source is None:
            output.note(f"no expression was given: taking the lecture's example {LECTURE}")
            source = LECTURE
        function = read_function(source, settings, backend)
        answer = gradient_at(
            function,
            read_at(function, at),
            None if along is None else function.point(along, "--along"),
            hessian,
        )
        text = writer(output.form, "grad")(answer, GradView(function.text, output.screen))
        output.write(text)
        if answer.status == "ok":
            if answer.message:
                output.note(answer.message)
            return 0
        say(f"undefined: {answer.message}")
        return 4


def read_at(function: Function, text: str | None) -> list[float]:
    """The point of --at, or why there is none."""
    if text is None and not function.variables:
        return []
    if text is None:
        numbers = map(str, range(1, min(len(function.variables), NAMED) + 1))
        example = ",".join([*numbers, *["..."] * (len(function.variables) > NAMED)])
        names = listed(function.variables)
        raise UsageError(
            f"grad needs --at POINT, the values of {names}; for example --at {example}"
        )
    if text == "-" or text.startswith("@"):
        raise UsageError("--at with many points is not built yet")
    return function.point(text, "--at")


COMMAND = Command(
    "grad",
    run,
    [
        *source_params(),
        Option("--at", metavar="POINT", help="where: 1,2 or x=1,y=2"),
        Option("--along", metavar="V", help="the slope along a direction too"),
        Option("--hessian", flag=True, help="the second derivatives too"),
        Option(
            "--derivative",
            choices=("reverse",),
            read=values.choice("reverse", later=values.OTHER_DERIVATIVES),
            default="reverse",
            help="how the gradient is found",
        ),
        *common_params("grad"),
    ],
    help="The exact gradient of EXPRESSION at a point.",
    examples=EXAMPLES,
)
