"""`gdcli grad`: value and gradient at a point or at many, and the formulas of the gradient."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.answers import answer_many, finish_one, needs_point, point_reader
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params, derivative_params
from gdcli.cli.output import Output, say
from gdcli.cli.point_files import is_many, read_one
from gdcli.cli.source import (
    missing_source,
    read_function,
    read_source,
    source_options,
    source_params,
)
from gdcli.derivatives import FORMULA_STYLES
from gdcli.derivatives.gradient import GradientRequest, answering, in_floats
from gdcli.errors import GdcliError, UsageError
from gdcli.functions.resolved import resolve
from gdcli.report.view import GradView, ListingView

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.report.formats import Format

LECTURE_EXAMPLE, LECTURE_POINT = "x^2 + x*y", [1.0, 2.0]
EXAMPLES = (
    'gdcli grad "x^2 + x*y" --at 1,2 --along 1,1',
    'gdcli grad "x^2*y + 1/(x^2+y^2+1)" --at 1/2,-1/2 --exact --print f,df/dx,df/dy',
    "gdcli grad five-well --symbolic=latex --format plain",
)
POINT_OPTIONS = ("along", "hessian", "exact", "digits", "step", "points")


def run(
    expression: str | None,
    at: str | None,
    along: str | None,
    hessian: bool,
    symbolic: str | None,
    exact: bool,
    digits: int | None,
    derivative: str,
    step: float | None,
    points: int | None,
    as_written: bool,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output:
        refuse_contradictions(locals())
        source = read_source(expression)
        if source is None:
            source = lecture_example(at, output)
        function = read_function(source, given, output.note, as_written, not (exact or digits))
        if at is not None or symbolic is None or not function.variables:
            form = form.of_answers(
                "grad", function, output.note, along=along, hessian=hessian, symbolic=symbolic
            )
        read = point_reader(function, exact, digits)
        direction = None
        if along is not None:
            direction = read_one(along, "--along", function, read, output.note)
        request = GradientRequest(
            method=derivative,
            step=step,
            points=points,
            along=direction,
            hessian=hessian,
            sample=at is not None and not is_many(at),
            exact=exact,
            digits=digits,
        )
        view = GradView(
            function.text,
            function.variables,
            along=along is not None,
            hessian=hessian,
            formulas=None if symbolic is None else formulas(function, symbolic, output),
            screen=output.screen,
            layout=function.layout,
            held=function.held,
            labels=function.labels,
        )
        if at is None and not function.variables:
            at = ""
        if at is None and symbolic is None:
            raise needs_point(function, "grad")
        if at is None:
            return show_formulas(function, view, symbolic or "", form, output)
        answer = answering(function, request)
        if is_many(at):
            report = form.writers().gradients(view)
            at_once = in_floats(function, request)
            status = answer_many(function, at, read, answer, at_once, report, output)
        else:
            found = answer(read_one(at, "--at", function, read, output.note))
            output.write(form.writers().grad(found, view))
            notes = found.notes if "grad" in form.bare else ()
            status = finish_one(found.error, [found.beyond] * bool(found.beyond) + [*notes], output)
        if function.engine.note:
            output.note(function.engine.note)
        return status


def lecture_example(at: str | None, output: Output) -> str:
    """The function where none was given: the lecture's, at its own point or at a terminal.

    Raises UsageError elsewhere, where a script may have lost its function.
    """
    person = sys.stdin is not None and sys.stdin.isatty() and output.terminal
    if not person and not is_lecture_point(at):
        raise missing_source("grad", EXAMPLES[0])
    say(f"no expression was given: taking the lecture's example {LECTURE_EXAMPLE}")
    return LECTURE_EXAMPLE


def is_lecture_point(at: str | None) -> bool:
    """Whether the text of --at writes the point of the lecture's example."""
    if at is None or is_many(at):
        return False
    try:
        return list(resolve(LECTURE_EXAMPLE).point(at, "--at")) == LECTURE_POINT
    except GdcliError:
        return False


def refuse_contradictions(given: dict[str, Any]) -> None:
    at, method = given["at"], f"--derivative {given['derivative']}"
    chosen = {f"--{option}" for option in POINT_OPTIONS if given[option] not in (None, False)}
    chosen |= {method} if given["derivative"] != "reverse" else set()
    chosen |= {"--symbolic"} if given["symbolic"] is not None else set()
    chosen |= {"many points"} if at is not None and is_many(at) else set()
    reasons = [
        ("--exact", "--digits", "fractions have no number of digits"),
        *(
            (option, other, "it is computed by reverse mode, without steps")
            for option in ("--exact", "--digits")
            for other in (method, "--step", "--points")
        ),
        (method, "--hessian", "second derivatives are found by forward over reverse mode"),
        ("--symbolic", "many points", "the formulas are the same at each; ask for them alone"),
    ]
    for one, other, reason in reasons:
        if {one, other} <= chosen:
            raise UsageError(f"{one} excludes {other}: {reason}")
    if at is None and "--symbolic" in chosen and (without := sorted(chosen - {"--symbolic"})):
        raise UsageError(f"{without[0]} needs a point: --at")


def formulas(function: Function, style: str, output: Output) -> dict[str, str]:
    from gdcli.derivatives.symbolic_gradient import formula_texts

    drawn = "ascii" if style == "unicode" and output.screen.ascii else style
    texts, note = formula_texts(function.unrolled.tape, drawn)
    if note:
        output.note(note)
    return dict(zip(function.components, texts, strict=True))


def show_formulas(
    function: Function, view: GradView, style: str, form: Format, output: Output
) -> int:
    from gdcli.report.listing import Listing

    found = view.formulas or {}
    text = "".join(f"{formula}\n" for formula in found.values())
    rows = [(f"∂f/∂{name}", formula) for name, formula in found.items()]
    listing = Listing(style, ("derivative", "formula"), list(rows), text, {"symbolic": found})
    about = ListingView(
        view.expression, view.variables, screen=view.screen, key="style", held=view.held
    )
    form = form.of_answers("grad", function, output.note, (listing, about), at=None)
    output.write(form.writers().listing(listing, about))
    return 0


COMMAND = Command(
    "grad",
    run,
    [
        *source_params(),
        Option("--at", metavar="POINT", help="where: 1,2 or x=1,y=2, @points.csv, @points.npy, -"),
        Option("--along", metavar="V", help="the slope along a direction too, beside others"),
        Option("--hessian", flag=True, help="the second derivatives too"),
        Option("--symbolic", choices=FORMULA_STYLES, read=values.choice(*FORMULA_STYLES),
               alone="text", help="the formulas too, at a point or without one"),
        Option("--exact", flag=True, help="in fractions"),
        Option("--digits", metavar="N", read=values.many_digits, help="in numbers of N digits"),
        *derivative_params(),
        *common_params("grad"),
    ],
    help="The exact gradient of EXPRESSION, at a point, at many, or as formulas.",
    examples=EXAMPLES,
    headings={
        "EXPRESSION": "--set --data",
        "Gradient": "--at --along --hessian --symbolic --exact --digits --derivative",
        "Answer": "--format --output",
    },
)  # fmt: skip
