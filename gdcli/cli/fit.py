"""`gdcli fit`: a model fitted to data, its parameters, and how sure they are."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from gdcli.cli import values
from gdcli.cli.command import Argument, Command, Option
from gdcli.cli.common import common_params
from gdcli.cli.options import as_option
from gdcli.cli.output import Output
from gdcli.cli.source import read_table
from gdcli.errors import UsageError, brief, listed
from gdcli.fitting.fit import run_fit
from gdcli.fitting.observations import MISSING
from gdcli.fitting.settings import FIT_METHODS, INTERVALS, FitRequest
from gdcli.report.view import ListingView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdcli.cli.run_picture import RunPicture
    from gdcli.fitting.result import Fit
    from gdcli.report.formats import Format

EXAMPLES = (
    'gdcli fit "y ~ a*exp(-b*x) + c" decay.csv',
    'gdcli fit "y ~ a + b*x" decay.csv --print b,s',
    'gdcli fit "log(y) ~ a + b*x" decay.csv --where "y > 0" -o model.json',
)


def run(
    model: str | None,
    data: str | None,
    settings: list[tuple[str, str]],
    sizes: list[tuple[str, int]],
    columns: list[tuple[str, str]],
    bounds: list[str],
    l2: list[tuple[str, str]],
    derive: list[str],
    where: list[str],
    plot: str | None,
    form: Format,
    **common: Any,
) -> int:
    names = FitRequest._fields
    request = FitRequest(**{name: common.pop(name) for name in names if name in common})
    with Output(**common) as output, fit_picture(plot, common["path"], form) as picture:
        output.outlives_reader = picture is not None
        text, table = model_and_data(model, data)
        request = request._replace(
            parameters=values.once(settings, "--set"),
            sizes=values.once(sizes, "--size"),
            columns=values.once(columns, "--column") or None,
            l2=values.once(l2, "--l2") or None,
            bounds=",".join(bounds) if bounds else None,
            derive=tuple(derive),
            where=tuple(where),
            format_setting=as_option,
        )
        from gdcli.report.fit import fit_listing

        fit = run_fit(text, table, request)
        listing = fit_listing(fit, output.screen)
        about = (fit.model, fit.names, None, output.screen, "method")
        view = ListingView(*about, held=fit.held)
        form = form.of_answers("fit", None, output.note, (listing, view))
        refuse_unknown_names(form, listing.content)
        output.write(form.writers().listing(listing, view))
        if "listing" in form.bare:
            for sentence in (fit.message, *(one.text for one in fit.warnings)):
                output.note(sentence)
        if plot is not None:
            draw(fit, picture, output)
        return fit.exit_status


def refuse_unknown_names(form: Format, content: Mapping[str, Any]) -> None:
    """Raise UsageError for a field of a parameter or a derived quantity that there is not."""
    for key, *rest in form.fields:
        if rest and key in ("parameters", "derived") and rest[0] not in content[key]:
            known = listed([*content[key]]) or "none"
            raise UsageError(f"there is no `{brief(rest[0])}` among the {key}: there are {known}")


def fit_picture(
    plot: str | None, path: str | None, form: Format
) -> AbstractContextManager[RunPicture | None]:
    """The context of the file of a picture; None without one, and for one below the report."""
    if plot is None:
        return nullcontext()
    if plot != "-":
        from gdcli.cli.minimize import pictured
        from gdcli.report.pictures import ENDINGS, ending_of

        if plot and not ENDINGS[ending := ending_of(plot)].stills:
            raise UsageError(f"--plot: a {ending} shows a descent; a fit is drawn as a .png")
        return pictured(plot, path)
    if form.name != "table":
        raise UsageError("--plot -: the picture stands below the table alone; write --plot fit.png")
    return nullcontext()


def draw(fit: Fit, picture: RunPicture | None, output: Output) -> None:
    """Draws the fit to the file of a picture, or below the report."""
    from gdcli.cli.plot import in_terminal
    from gdcli.scenes.fits import picture_of

    scene = picture_of(fit)
    notes: Sequence[str] = scene.notes
    if picture is not None:
        notes = picture.draw_scene(scene)
    else:
        try:
            output.write("\n" + in_terminal(scene, output))
        except UsageError as error:  # of a screen that is too narrow: the report stands
            notes = (f"there is no picture: {error}",)
    for sentence in notes:
        output.note(sentence)


def model_and_data(model: str | None, data: str | None) -> tuple[str, Any]:
    """The text of the model, and its data: a path, or the table on standard input.

    Raises UsageError where one is missing, or where they stand in the other order.
    """
    if model is not None and "~" not in model and data is not None and "~" in data:
        raise UsageError(f'the model stands first: gdcli fit "{brief(data)}" {brief(model)}')
    if model is None or (data is None and "~" not in model and "=" not in model):
        usage = "gdcli fit MODEL [DATA] [OPTIONS]"
        raise UsageError(f"which model?\n  usage:    {usage}\n  example:  {EXAMPLES[0]}")
    if data is not None and not data.strip():
        raise UsageError("DATA is empty: name a file, such as decay.csv")
    table = read_table(data, "DATA")
    if table is None:
        raise UsageError(
            f"which data? name a file, or give a table on standard input\n  example:  {EXAMPLES[0]}"
        )
    return model, table


def l2_of(text: str, option: str) -> tuple[str, str]:
    """Read `a=0.1` as the name of a parameter and its λ."""
    return values.setting(text, option)


COMMAND = Command(
    "fit",
    run,
    [
        Argument("model", help='"y ~ a*exp(-b*x) + c": the names of columns are data'),
        Argument("data", file=True, help="a table (.csv, .tsv, .npy, .parquet), or - for stdin"),
        Option("--sigma", metavar="COL", help="standard deviations: errors are absolute"),
        Option("--weights", metavar="COL", help="relative weights: errors are scaled"),
        Option("--where", metavar="COND", multiple=True, help='rows to fit, such as "x > 0"'),
        Option("columns", "--column", metavar="NAME=COLUMN", read=values.column, multiple=True,
               help='another name: "t=Time (s)", or of several, x=p1:p64'),
        Option("--missing", choices=MISSING, read=values.choice(*MISSING),
               default="error", help="rows where a number is missing"),
        Option("--loss", metavar="LOSS", default="squared",
               help="squared, huber:K, absolute, poisson, logistic, softmax"),
        Option("--l2", metavar="NAME=NUMBER", read=l2_of, split=True,
               help="add number/2 times the square of a parameter to the mean loss"),
        Option("--start", metavar="POINT|auto",
               help="where to begin: a=1,b=2, some or all [found]"),
        Option("--digits", metavar="N", read=values.many_digits, help="parameters to N digits"),
        Option("--max-evaluations", metavar="N", read=values.count,
               help="passes over the data at most [200 a start]"),
        Option("--max-iterations", metavar="N", read=values.count,
               help="iterations at most [10000]"),
        Option("settings", "--set", metavar="NAME=VALUE", read=values.setting, split=True,
               help="hold a parameter"),
        Option("sizes", "--size", metavar="NAME=NUMBER", read=values.size, split=True,
               help="how long vectors and sums are"),
        Option("bounds", "--bound", metavar="NAME=LOW:HIGH", split=True,
               help="keep it within bounds: b=0:10, b=0: or b=:5"),
        Option("--method", choices=FIT_METHODS, read=values.choice(*FIT_METHODS), default="auto",
               help="Levenberg-Marquardt, or Newton's"),
        Option("--derive", metavar="FORMULA", multiple=True,
               help='with its error, such as "half = log(2)/b"'),
        Option("--level", metavar="P", read=values.level, default="0.95",
               help="confidence level of the intervals"),
        Option("--intervals", choices=INTERVALS, read=values.choice(*INTERVALS), default="wald",
               help="how intervals are found"),
        Option("--max-time", metavar="TIME", read=values.max_time, help="10s, 2m, 1h or seconds"),
        Option("--seed", metavar="N", read=values.count, default="0",
               help="of the search for a start"),
        Option("--plot", metavar="FILE", help="draw it: png, svg, pdf or html; - below the report"),
        *common_params("listing"),
    ],
    help="Fit a model to data: its parameters, and how sure they are.",
    examples=EXAMPLES,
    headings={
        "MODEL": "--start --set --bound --derive --loss",
        "DATA": "--column --where --sigma --weights",
        "Answer": "--plot --format --output",
    },
)  # fmt: skip
