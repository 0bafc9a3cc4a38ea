"""`gdcli certify`: a minimum that is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Command, Option
from gdcli.cli.common import ANSWER_HEADING, common_params
from gdcli.cli.output import Output
from gdcli.cli.point_files import is_many, read_one, read_start
from gdcli.cli.source import needed_source, read_function, source_options, source_params
from gdcli.descent.iterate import Iterate
from gdcli.errors import UsageError
from gdcli.proofs.certificate import Certificate, nothing_proved
from gdcli.proofs.certify import SINGLE_CLAIMS, CertifyRequest, run_certify
from gdcli.report.certificate import certificate_listing
from gdcli.report.listing import Listing
from gdcli.report.view import ListingView

if TYPE_CHECKING:
    from gdcli.report.formats import Format

EXAMPLES = (
    "gdcli certify five-well --window x=-20:20,y=-20:20",
    "gdcli certify rosenbrock --at 1,1 --digits 30",
    'gdcli certify "x^4 - 3x^2 + x" --start -1 --print x,f,status',
)


def run(
    expression: str | None,
    at: str | None,
    window: list[str],
    start: str | None,
    gap: float | None,
    claim: str | None,
    digits: int | None,
    max_boxes: int | None,
    max_time: float | None,
    form: Format,
    **common: Any,
) -> int:
    given = source_options(common)
    with Output(**common) as output:
        source = needed_source(expression, "certify", EXAMPLES[0])
        function = read_function(source, given, output.note, floats=False)
        if at is not None and is_many(at):
            raise UsageError(f"--at {at}: certify proves one point, such as --at 1,2")
        request = CertifyRequest(
            None if at is None else read_one(at, "--at", function, function.point, output.note),
            ",".join(window) if window else None,
            None if start is None else read_start(start, function, output.note),
            *(gap, claim, digits, max_boxes, max_time),
        )
        about = (function.text, function.variables, None, output.screen, "certify")
        view = ListingView(
            *about, layout=function.layout, held=function.held, labels=function.labels
        )

        def listing(found: Certificate) -> Listing:
            return certificate_listing(found, function.layout, output.screen)

        blank = nothing_proved("", variables=(*function.components,))
        form = form.of_answers("certify", None, output.note, (listing(blank), view))
        progress = None
        if output.shows_progress(streams=False):
            from gdcli.cli.progress import Progress, iterate_words, search_words

            progress = Progress(
                lambda state: (
                    iterate_words(state) if isinstance(state, Iterate) else search_words(state)
                )
            )
        found = run_certify(function, request, "--window", progress, progress)
        if progress is not None:
            progress.clear()
        written = listing(found)
        output.write(form.writers().listing(written, view))
        if "listing" in form.bare:
            for sentence in (found.message, *found.notes):
                output.note(sentence)
        return found.exit_status


COMMAND = Command(
    "certify",
    run,
    [
        *source_params(),
        Option("--at", metavar="POINT", help="prove that it is the only stationary point around"),
        Option("--window", metavar="NAME=LOW:HIGH", split=True,
               help="prove the global minimum in this box: x=-5:5,y=0:pi"),
        Option("--start", metavar="POINT", help="where the descent begins, with neither of these"),
        Option("--gap", metavar="G", read=values.gap,
               help="between the bounds of the minimum [1e-9*max(1, |f|)]"),
        Option("--claim", choices=SINGLE_CLAIMS, read=values.choice(*SINGLE_CLAIMS),
               help="prove the value alone"),
        Option("--digits", metavar="N", read=values.many_digits, help="so many digits of points"),
        Option("--max-boxes", metavar="N", read=values.boxes, help="boxes at most"),
        Option("--max-time", metavar="TIME", read=values.max_time, help="10s, 2m, 1h or seconds"),
        *common_params("listing"),
    ],
    help="Prove a minimum: that a point is one, or what is the lowest of a window.",
    examples=EXAMPLES,
    headings={
        "EXPRESSION": "--set",
        "Proof": "--at --window --start --claim --digits --max-time",
        **ANSWER_HEADING,
    },
)  # fmt: skip
