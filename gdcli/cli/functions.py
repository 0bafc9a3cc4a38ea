"""`gdcli functions`: the functions of the language with their derivatives."""

from __future__ import annotations

from typing import Any

from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.cli.command import Command
from gdcli.cli.common import ANSWER_HEADING, common_params
from gdcli.cli.output import Output
from gdcli.report.formats import Format

EXAMPLES = ("gdcli functions", "gdcli functions --format json", "gdcli functions --format plain")


def run(form: Format, **common: Any) -> int:
    with Output(**common) as output:
        rows = list(dict.fromkeys(LANGUAGE_FUNCTIONS.values()))  # once where it has aliases
        output.write(form.of_answers("functions").writers().functions(rows, output.screen))
        return 0


COMMAND = Command(
    "functions",
    run,
    common_params("functions"),
    help="The functions of the language, their derivatives and where they are singular.",
    examples=EXAMPLES,
    headings=ANSWER_HEADING,
)
