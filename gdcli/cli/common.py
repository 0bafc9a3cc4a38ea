"""The options that several commands have."""

from __future__ import annotations

from gdcli.cli.command import Option
from gdcli.cli.values import DERIVATIVES, choice, count, step
from gdcli.report import FORMATS

ALL_FORMATS = ("table", "json", "jsonl", "csv", "plain", "dot", "mermaid")
COLORS = ("auto", "always", "never")


def derivative_params() -> list[Option]:
    """How derivatives are found."""
    return [
        Option("--derivative", metavar="D", choices=DERIVATIVES, read=choice(*DERIVATIVES),
               default="reverse", help=f"how gradients are found: {', '.join(DERIVATIVES)}"),
        Option("--step", metavar="H", read=step, help="step of differences [recommended]"),
        Option("--points", metavar="N", read=count, help="points of a difference formula"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
    ]  # fmt: skip


def common_params(*results: str) -> list[Option]:
    """The options of a command whose `results` FORMATS knows."""
    offered = tuple(form for form in ALL_FORMATS if any(form in FORMATS[name] for name in results))
    return [
        Option("form", "--format", choices=offered, read=choice(*offered), default=offered[0],
               help="how the result is written"),
        Option("path", "-o", "--output", metavar="FILE",
               help="write the result to FILE, whole, when the run ends"),
        Option("-q", "--quiet", flag=True, help="no notes on standard error"),
        Option("--color", choices=COLORS, read=choice(*COLORS), default="auto", help="colour"),
        Option("--ascii", flag=True, help="plain ASCII only"),
        Option("--debug", flag=True, help="show where a fault of gdcli came from"),
    ]  # fmt: skip
