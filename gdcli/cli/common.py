"""Options that several commands share."""

from __future__ import annotations

from gdcli.cli.command import Option
from gdcli.cli.values import choice, count, step, step_size, tolerance
from gdcli.derivatives import DERIVATIVES
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.report.formats import FORMATS, Format, offering

LATER_METHODS = ("momentum", "nesterov")  # in the contract, not built yet
COLOR_CHOICES = ("auto", "always", "never")


def derivative_params() -> list[Option]:
    return [
        Option("--derivative", metavar="D", choices=tuple(DERIVATIVES), read=choice(*DERIVATIVES),
               default="reverse", help=f"how gradients are found: {', '.join(DERIVATIVES)}"),
        Option("--step", metavar="H", read=step, help="step of differences [recommended]"),
        Option("--points", metavar="N", read=count, help="points of a difference formula"),
        Option("--as-written", flag=True, help="without accuracy rewrites"),
    ]  # fmt: skip


def descent_params() -> list[Option]:
    """The options of a descent, without its start and without those of derivatives."""
    return [
        Option("--alpha", metavar="A", read=step_size, default="auto",
               help="step size: auto, a number, or an expression in k"),
        Option("--tolerance", metavar="T", read=tolerance, default="1e-8",
               help="converged where no component of the gradient is larger"),
        Option("--max-iterations", metavar="N", read=count, default="10000", help="at most"),
        Option("--max-evaluations", metavar="N", read=count, default="50000",
               help="at most, of f"),
        Option("--method", choices=tuple(DESCENT_METHODS),
               read=choice(*DESCENT_METHODS, later=LATER_METHODS), default="steepest",
               help="direction of a step"),
    ]  # fmt: skip


def common_params(*results: str) -> list[Option]:
    """--format and the options of output, of a command that writes `results`, fields of Writers."""
    offered = offering(*results)

    def read(text: str, option: str) -> Format:
        return FORMATS[choice(*offered)(text, option)]

    form = Option("form", "--format", choices=offered, read=read, default=offered[0],
                  help="how the result is written")  # fmt: skip
    return [form, *output_params()]


def output_params() -> list[Option]:
    return [
        Option("path", "-o", "--output", metavar="FILE",
               help="write the result to FILE, whole, when the run ends"),
        Option("-q", "--quiet", flag=True, help="no notes on standard error"),
        Option("--color", choices=COLOR_CHOICES, read=choice(*COLOR_CHOICES), default="auto",
               help="colour"),
        Option("--ascii", flag=True, help="plain ASCII only"),
        Option("--debug", flag=True, help="show where a fault of gdcli came from"),
    ]  # fmt: skip
