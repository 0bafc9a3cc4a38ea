"""`gdcli check`: compare a derivation by hand with the derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, SOURCE_HEADING, common_params
from gdcli.cli.output import Output, say
from gdcli.cli.point_files import is_many, read_one, read_points
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.derivatives.check.claims import read_gradient, read_hessian
from gdcli.derivatives.check.judgement import judge
from gdcli.derivatives.check.sampling import Sample, exact_decimal
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.report.formats import Format
from gdcli.report.judgement import judgement_listing
from gdcli.report.view import ListingView

EXAMPLES = (
    'gdcli check "x^2 + y^2" --gradient "2x, 2y"',
    'gdcli check "exp(-x^2)*y" --gradient "y=exp(-x^2), x=-2x*y*exp(-x^2)"',
    'gdcli check "x^2*y" --hessian "2y, 2x; 2x, 0" --format json',
)
JUDGEMENT_EXIT_STATUS = {"right": 0, "wrong": 1, "undefined": 4}


def run(
    expression: str | None,
    gradient: str | None,
    hessian: str | None,
    at: str | None,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output:
        source = needed_source(expression, "check", EXAMPLES[0])
        if gradient is None and hessian is None:
            raise UsageError('check needs your derivation: --gradient "2x, 2y" or --hessian')
        function = read_function(source, given, output.note, floats=False)
        unrolled = function.unrolled  # both sides are evaluated step by step
        claims = [] if gradient is None else read_gradient(gradient, function, "--gradient")
        claims += [] if hessian is None else read_hessian(hessian, function, "--hessian")
        samples = None if at is None else points(function, at, output.note)
        judgement = judge(unrolled, claims, samples)
        about = (function.text, unrolled.variables, None, output.screen, "status")
        view = ListingView(*about, held=function.held, labels=function.labels)
        listing = judgement_listing(judgement, output.screen.format_setting)
        form = form.of_answers("check", function, output.note, (listing, view))
        output.write(form.writers().listing(listing, view))
        if "listing" in form.bare:
            for sentence in listing.notes:
                output.note(sentence)
        if judgement.status == "undefined" and judgement.undefined is not None:
            say(judgement.undefined.whole)
        return JUDGEMENT_EXIT_STATUS[judgement.status]


def points(function: Function, at: str, note: Callable[[str], None]) -> Iterator[Sample]:
    """The point of --at, or the points of the file that it names, as exact decimals."""
    if not is_many(at):
        point = read_one(at, "--at", function, function.point, note)
        yield tuple(map(exact_decimal, point))
        return
    for batch in read_points(at, function, function.point, note):
        for place in batch.rows():
            yield tuple(map(exact_decimal, place.values))


COMMAND = Command(
    "check",
    run,
    [
        *source_params(),
        Option("--gradient", metavar="FORMULAS", help='yours: "2x, 2y" or "x=2x, y=2y"'),
        Option("--hessian", metavar="FORMULAS", help='yours, row by row: "2, 0; 0, 2"'),
        Option("--at", metavar="POINT", help="compare here alone: 1,2 or @points.csv"),
        *common_params("listing"),
    ],
    help="Is a derivation right? Your formulas against the derivatives of EXPRESSION.",
    examples=EXAMPLES,
    headings={**SOURCE_HEADING, "Derivation": "--gradient --hessian --at", **ANSWER_HEADING},
)
