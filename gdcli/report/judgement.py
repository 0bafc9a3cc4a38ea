"""Judgement → Listing: the answer of `gdcli check`, a row for each formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gdcli.derivatives.check.judgement import Finding, Judgement
from gdcli.errors import SettingFormatter, as_argument, formatted
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import plain

if TYPE_CHECKING:
    from gdcli.report.formats import objects

JUDGEMENT_COLUMNS = ("derivative", "yours", "right", "compared", "skipped")
RIGHT_WORDS = {True: "yes", False: "no", None: "unknown"}


def judgement_listing(
    judgement: Judgement, format_setting: SettingFormatter = as_argument
) -> Listing:
    """The table of the findings, with the sentences that sum them up as its notes."""
    notes = tuple(formatted(sentence, format_setting) for sentence in judgement.sentences)
    rows: list[tuple[Cell, ...]] = [
        (one.label, one.claim.text, RIGHT_WORDS[one.right], one.compared, one.skipped)
        for one in judgement.findings
    ]
    findings = [_object(judgement, finding) for finding in judgement.findings]
    wrong = [found["counterexample"] for found in findings if found["counterexample"]]
    content: objects.JudgementContent = {
        "message": notes[0],
        "points": judgement.points,
        "counterexample": wrong[0] if wrong else None,
        "findings": findings,
    }
    return Listing(
        judgement.status, JUDGEMENT_COLUMNS, rows, _numbers(judgement), content, notes=notes
    )


def _object(judgement: Judgement, finding: Finding) -> objects.FindingObject:
    wrong = finding.counterexample
    return {
        "by": [judgement.variables[place] for place in finding.claim.places],
        "formula": finding.claim.text,
        "right": finding.right,
        "compared": finding.compared,
        "skipped": finding.skipped,
        "undefined_in_yours": finding.missing,
        "counterexample": None
        if wrong is None
        else {
            "at": dict(zip(judgement.variables, wrong.at, strict=True)),
            "yours": wrong.yours,
            "derivative": wrong.derivative,
        },
        "hint": finding.hint,
    }


def _numbers(judgement: Judgement) -> str:
    """The bare line: how many points agree, or the first counterexample's point and two numbers."""
    if judgement.status == "right":
        return f"{judgement.points}\n"
    for finding in judgement.findings:
        if wrong := finding.counterexample:
            return " ".join(map(plain, (*wrong.at, wrong.yours, wrong.derivative))) + "\n"
    return ""
