"""`gdcli grad`: value and gradient at a point or at many, and the formulas of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.autodiff.primitives import ARITIES
from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import common_params, derivative_params
from gdcli.cli.output import Output, say
from gdcli.cli.point_files import PointReader, is_many, read_points, with_decimal_shortcut
from gdcli.cli.source import read_function, read_source, source_options, source_params
from gdcli.derivatives import FORMULA_STYLES
from gdcli.derivatives.gradient import Answering, Gradient, GradientRequest, answering
from gdcli.errors import MOST_LISTED_NAMES, PointError, Sentence, UsageError, listed
from gdcli.language.points import read_point
from gdcli.report.view import GradView, ListingView

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.report.formats import Format

LECTURE_EXAMPLE = "x^2 + x*y"
EXAMPLES = (
    'gdcli grad "x^2 + x*y" --at 1,2 --along 1,1',
    'gdcli grad "x^2*y + 1/(x^2+y^2+1)" --at 1/2,-1/2 --exact --format plain',
    "gdcli grad five-well --symbolic=latex --format plain",
)
POINT_OPTIONS = ("along", "hessian", "exact", "digits", "step", "points")
MOST_TOLD_POINTS = 5  # undefined points of which each is told; of the rest the number


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
            output.note(f"no expression was given: taking the lecture's example {LECTURE_EXAMPLE}")
            source = LECTURE_EXAMPLE
        function = read_function(source, given, output.note, as_written, not (exact or digits))
        read = exact_reader(function, digits) if exact or digits else function.point
        request = GradientRequest(
            method=derivative,
            step=step,
            points=points,
            along=None if along is None else read(along, "--along"),
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
        )
        if at is None and not function.variables:
            at = ""
        if at is None and symbolic is None:
            raise needs_point(function)
        if at is None:
            return show_formulas(view, symbolic or "", form, output)
        answer = answering(function, request)
        if is_many(at):
            status = answer_many(function, at, read, answer, view, form, output)
        else:
            status = answer_one(answer(read(at, "--at")), view, form, output)
        if function.engine.note:
            output.note(function.engine.note)
        return status


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


def exact_reader(function: Function, digits: int | None) -> PointReader:
    """A reader of points whose components stay constant expressions, to be evaluated exactly, as
    fractions or to `digits` digits. It raises PointError where one has no such value.
    """
    from gdcli.derivatives.exact_values import coordinates
    from gdcli.numbers import precise

    system = precise.FRACTIONS if digits is None else precise.digits(digits)

    def read(text: str, place: str) -> list[Any]:
        if function.layout.has_arrays:
            from gdcli.functions.points import read_expressions

            point = read_expressions(text, function.layout, function.sizes, place)
        else:
            point = read_point(text, function.variables, ARITIES, place)
        try:
            coordinates(function.unrolled, system, point)
        except PointError as error:
            raise PointError(f"{place}: {error.message}", error.text, error.span) from None
        return list(point)

    return read


def needs_point(function: Function) -> UsageError:
    """The error where --at is missing, with an example of one."""
    numbers = map(str, range(1, min(len(function.variables), MOST_LISTED_NAMES) + 1))
    example = ",".join([*numbers, *["..."] * (len(function.variables) > MOST_LISTED_NAMES)])
    if function.layout.has_arrays:
        example = ",".join([f"{name}=0.5" for name in function.variables[:MOST_LISTED_NAMES]])
    names = listed(function.variables)
    return UsageError(f"grad needs --at POINT, the values of {names}; for example --at {example}")


def formulas(function: Function, style: str, output: Output) -> dict[str, str]:
    from gdcli.derivatives.symbolic_gradient import formula_texts

    drawn = "ascii" if style == "unicode" and output.screen.ascii else style
    texts, note = formula_texts(function.unrolled.tape, drawn)
    if note:
        output.note(note)
    return dict(zip(function.components, texts, strict=True))


def show_formulas(view: GradView, style: str, form: Format, output: Output) -> int:
    from gdcli.report.listing import Listing

    found = view.formulas or {}
    text = "".join(f"{formula}\n" for formula in found.values())
    rows = [(f"∂f/∂{name}", formula) for name, formula in found.items()]
    listing = Listing(style, ("derivative", "formula"), list(rows), text, {"symbolic": found})
    about = ListingView(view.expression, view.variables, screen=view.screen, key="style")
    output.write(form.writers().listing(listing, about))
    return 0


def answer_one(answer: Gradient, view: GradView, form: Format, output: Output) -> int:
    output.write(form.writers().grad(answer, view))
    if answer.error is not None:
        say(answer.error.whole)
        return 4
    if answer.beyond:
        output.note(answer.beyond)
    for note in answer.notes if "grad" in form.bare else ():
        output.note(note)
    return 0


def answer_many(
    function: Function,
    at: str,
    read: PointReader,
    answer: Answering,
    view: GradView,
    form: Format,
    output: Output,
) -> int:
    report = form.writers().gradients(view)
    reader = with_decimal_shortcut(function.components, read) if read == function.point else read
    undefined = 0
    for batch in read_points(at, function.components, reader):
        for place in batch:
            found = answer(place.values)
            output.write(report.row(place.line, found))
            if found.error is not None:
                undefined += 1
                if undefined <= MOST_TOLD_POINTS:
                    say(Sentence("line {}: {}", place.line, found.error.whole))
        output.flush()
    output.write(report.end())
    if undefined > MOST_TOLD_POINTS:
        say(f"{undefined - MOST_TOLD_POINTS} more points are undefined")
    return 4 if undefined else 0


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
)  # fmt: skip
