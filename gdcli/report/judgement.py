"""Judgement → Listing: what `gdcli check` answers, a row a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gdcli.errors import Speller, as_argument, spelled
from gdcli.report.listing import Listing
from gdcli.report.number_format import plain

if TYPE_CHECKING:
    from gdcli.derivatives.check.judgement import Finding, Judgement

JUDGEMENT_COLUMNS = ("derivative", "yours", "right", "compared", "skipped")
WORDS = {True: "yes", False: "no", None: "unknown"}


def judgement_listing(judgement: Judgement, spell: Speller = as_argument) -> Listing:
    """The findings, and the sentences that say what they amount to."""
    sentences = tuple(spelled(sentence, spell) for sentence in judgement.sentences)
    rows = [
        (
            finding.label,
            finding.claim.text,
            WORDS[finding.right],
            finding.compared,
            finding.skipped,
        )
        for finding in judgement.findings
    ]
    findings = [_object(judgement, finding) for finding in judgement.findings]
    wrong = [found["counterexample"] for found in findings if found["counterexample"]]
    content = {
        "message": sentences[0],
        "points": judgement.points,
        "counterexample": wrong[0] if wrong else None,
        "findings": findings,
    }
    text = _numbers(judgement)
    return Listing(
        judgement.status,
        JUDGEMENT_COLUMNS,
        list(rows),
        text,
        content,
        notes=sentences,
    )


def _object(judgement: Judgement, finding: Finding) -> dict[str, Any]:
    wrong = finding.counterexample
    return {
        "by": [judgement.variables[place] for place in finding.claim.places],
        "formula": finding.claim.text,
        "right": finding.right,
        "compared": finding.compared,
        "skipped": finding.skipped,
        "undefined_in_yours": finding.missing,
        "counterexample": wrong
        and {
            "at": dict(zip(judgement.variables, wrong.at, strict=True)),
            "yours": wrong.yours,
            "derivative": wrong.derivative,
        },
        "hint": finding.hint,
    }


def _numbers(judgement: Judgement) -> str:
    """For scripts: how many points agree, or the first counterexample's point and two numbers."""
    if judgement.status == "right":
        return f"{judgement.points}\n"
    for finding in judgement.findings:
        if wrong := finding.counterexample:
            return " ".join(map(plain, (*wrong.at, wrong.yours, wrong.derivative))) + "\n"
    return ""
