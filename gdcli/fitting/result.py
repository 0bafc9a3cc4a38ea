"""The result of a fit: everything a report or a script can ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from gdcli.descent.stopping import Outcome
from gdcli.errors import UsageError, brief, listed, missing_library
from gdcli.fitting.model import names, parse_sides
from gdcli.fitting.prediction import SavedModel, predict
from gdcli.functions.arguments import made_by, public
from gdcli.functions.short_texts import table_html, table_text
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from os import PathLike

    import pandas

    import gdcli
    from gdcli.fitting.model import RegressionModel
    from gdcli.fitting.more_digits import DecimalFit
    from gdcli.fitting.residuals import Rows
    from gdcli.functions.data import DataSources

PARAMETER_COLUMNS = ("parameter", "value", "error", "t", "low", "high")  # of a table of them


class FittedParameter(NamedTuple):
    """A parameter: its value, standard error, t = value/error, and the ends of its interval.

    None stands for a number that there is none of. `bound` is the pair that it stays between, if
    any, and `at_bound` whether it lies on an end. `linear` says that the model is linear in it,
    `units` its units in those of the response and the columns, None where they are not known.
    """

    name: str
    value: float
    error: float | None = None
    t: float | None = None
    low: float | None = None
    high: float | None = None
    start: float | None = None
    bound: tuple[float, float] | None = None
    at_bound: bool = False
    linear: bool = False
    units: str | None = None

    def __float__(self) -> float:
        return self.value


class Derived(NamedTuple):
    """A quantity computed of the parameters, with what `FittedParameter` has of one."""

    name: str
    expression: str
    value: float
    error: float | None = None
    low: float | None = None
    high: float | None = None

    def __float__(self) -> float:
        return self.value


class FitWarning(NamedTuple):
    """A sentence that a reader must know, with a word for scripts."""

    code: str
    text: str


class Starts(NamedTuple):
    """How the start was found: points tried, followed by a descent, ends that agree with the best,
    and different minima met. All 0 where the start was given or solved for."""

    tried: int = 0
    followed: int = 0
    agreeing: int = 0
    minima: int = 0


class FoundStart(NamedTuple):
    """The p parameters where a fit begins, and how they were found.

    `ended` is `time` or `interrupted` where that ended the search: they are the best so far.
    `origin` are the parameters from which a search came to them, those that were given among them.
    """

    parameters: list[float]
    starts: Starts
    ended: str = ""
    origin: Sequence[float] = ()


class Estimate(NamedTuple):
    """How sure a number is: its standard error, itself over that, and the ends of its interval.

    None stands for a number that there is none of; the end of an interval that is open has none.
    """

    error: float | None = None
    t: float | None = None
    low: float | None = None
    high: float | None = None


class LargeResidual(NamedTuple):
    """A residual y - f of a row, and what it is over its own standard deviation, both of which are
    estimated without the row (externally studentized)."""

    row: int
    value: float
    studentized: float | None


class ResidualChecks(NamedTuple):
    """Whether the residuals are random in the order of the rows, and the ten largest ones.

    `runs_p` is the probability that so few or so many runs of one sign are chance; `durbin_watson`
    is near 2 where neighbours are not correlated.
    """

    runs_p: float | None = None
    durbin_watson: float | None = None
    largest: tuple[LargeResidual, ...] = ()


class Statistics(NamedTuple):
    """What a fit says about its parameters.

    `parameters` has an Estimate for each; its `t` is t = value/error, or z where `quantiles` is
    "normal" and not "t". `scaling` is the sentence that says whether errors are scaled by s.
    `covariance` has None in the row and the column of a parameter without an error, and
    `covariance_root` is U, p by p, with U·Uᵀ = covariance, which bands keep their digits by: 0 for
    a parameter on its bound, None where the data leave one undetermined. `r2_of` is what R² is of:
    the column, or the formula on the left.
    `lower` are the parameters of a lower minimum that profiling came upon, at which it ended.
    `reasons` says why an entry is None, by its name: `r2`, `aic`, `error of b`.
    """

    parameters: tuple[Estimate, ...]
    level: float
    quantiles: str
    scaling: str
    degrees_of_freedom: int
    sum_of_squares: float | None = None
    s: float | None = None
    covariance: Sequence[Sequence[float | None]] | None = None
    correlation: Sequence[Sequence[float | None]] | None = None
    covariance_root: Sequence[Sequence[float]] | None = None
    r2: float | None = None
    r2_of: str = ""
    aic: float | None = None
    aicc: float | None = None
    bic: float | None = None
    chi_squared: float | None = None
    chi_squared_p: float | None = None
    deviance: float | None = None
    null_deviance: float | None = None
    pseudo_r2: float | None = None
    derived: tuple[Derived, ...] = ()
    residuals: ResidualChecks = ResidualChecks()
    warnings: tuple[FitWarning, ...] = ()
    lower: Sequence[float] | None = None
    reasons: Mapping[str, str] = {}


class FittedData(NamedTuple):
    """The data of a fit, without their rows.

    `file` is the name of the file without its folders, None for arrays; `rows` counts those that
    were fitted, `dropped` those left out since a number is missing. `columns` are the names in the
    model, `headings` what other names than those stand for. `sigma` or `weights` is the column of
    standard deviations or of weights. `subscripts` has the least and the greatest number of the
    columns that stand in subscripts.
    """

    file: str | None
    rows: int
    dropped: int
    columns: tuple[str, ...]
    headings: Mapping[str, str] = NO_ENTRIES
    sigma: str | None = None
    weights: str | None = None
    subscripts: Mapping[str, tuple[int, int]] = NO_ENTRIES


class ByName(dict[str, Any]):
    """What a fit found, by name. Raises UsageError for a name that is not there."""

    def __missing__(self, name: object) -> Any:
        known = listed([*self]) or "none"
        raise UsageError(f"there is no `{brief(str(name))}`; the names are {known}")


@made_by("gdcli.fit")
class Fit(NamedTuple):
    """How a fit went, and what it found: `parameters` by name, each with value, error and interval.

    `model` is the text and `response` the name of what it predicts. `f` is the loss, of squares the
    mean of w·r². `order` names the rows of the p by p `covariance`. The errors are those of the
    weights as they are where these are `absolute`, else scaled by `s`. A number that there is none
    of is None; `reasons` says why by its name. `quantiles`, `scaling`, `r2_of` and
    `covariance_root` are those of Statistics. `origin` is the model and its rows, to be drawn.
    """

    model: str
    response: str
    outcome: Outcome
    message: str
    classification: str | None
    f: float
    parameters: Mapping[str, FittedParameter]
    loss: str
    method: str
    data: FittedData
    iterations: int
    evaluations: int
    accelerations: int = 0
    held: Mapping[str, float | str] = NO_ENTRIES
    sizes: Mapping[str, int] = NO_ENTRIES
    labels: Mapping[str, Sequence[str]] = NO_ENTRIES
    starts: Starts = Starts()
    covariance: Sequence[Sequence[float | None]] | None = None
    correlation: Sequence[Sequence[float | None]] | None = None
    covariance_root: Sequence[Sequence[float]] | None = None
    quantiles: str = "t"
    scaling: str = ""
    level: float = 0.95
    intervals: str = "wald"
    absolute: bool = False
    sum_of_squares: float | None = None
    s: float | None = None
    degrees_of_freedom: int | None = None
    r2: float | None = None
    r2_of: str = ""
    aic: float | None = None
    aicc: float | None = None
    bic: float | None = None
    reasons: Mapping[str, str] = NO_ENTRIES
    condition: float | None = None
    offset: float | None = None
    null_direction: Mapping[str, float] | None = None
    residuals: ResidualChecks = ResidualChecks()
    chi_squared: float | None = None
    chi_squared_p: float | None = None
    deviance: float | None = None
    null_deviance: float | None = None
    pseudo_r2: float | None = None
    derived: Mapping[str, Derived] = NO_ENTRIES
    warnings: tuple[FitWarning, ...] = ()
    seed: int = 0
    seconds: float = nan
    decimals: DecimalFit | None = None
    origin: tuple[RegressionModel, Rows] | None = None

    @property
    def status(self) -> str:
        """The word a script reads, as in 'max_iterations'."""
        return self.outcome.status

    @property
    def converged(self) -> bool:
        return self.outcome is Outcome.CONVERGED

    @property
    def exit_status(self) -> int:
        """The exit status of the command line: 5 for a converged fit at no identifiable minimum."""
        if self.converged and self.classification not in (None, "minimum"):
            return 5
        return self.outcome.exit_status

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the parameters in their order, which is that of the covariance."""
        return tuple(self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, of a vector its own."""
        return tuple(dict.fromkeys(name.partition("[")[0] for name in self.parameters))

    @property
    def values(self) -> dict[str, float]:
        """The value of each parameter by name."""
        return {name: one.value for name, one in self.parameters.items()}

    @property
    def saved(self) -> SavedModel:
        """The model as predictions need it, without its rows."""
        _, right = parse_sides(self.model)
        used = names(right)
        return SavedModel(
            text=self.model,
            response=self.response,
            order=self.order,
            values=[*self.values.values()],
            columns=[name for name in self.data.columns if name in used],
            headings=self.data.headings,
            held=self.held,
            sizes=self.sizes,
            labels=self.labels,
            loss=self.loss,
            level=self.level,
            covariance_root=self.covariance_root,
            quantiles=self.quantiles,
            s=self.s,
            degrees_of_freedom=self.degrees_of_freedom,
            absolute=self.absolute,
            sigma=self.data.sigma,
            weights=self.data.weights,
            subscripts=self.data.subscripts,
            doubt="" if self.classification == "minimum" else self.message,
        )

    def predict(self, data: DataSources, *, level: float | None = None) -> Any:
        """The predicted responses for new data, an array of shape (m,): see `gdcli.predict`."""
        return predict(self, data, level=level)

    def plot(self, path: str | PathLike[str] | None = None) -> gdcli.Picture:
        """The picture of the data, the fitted curve with its bands, and the residuals.

        A notebook shows it; with a `path`, "a.png", it is written to that file too.
        """
        import gdcli  # the package is asked by name, for pictures are drawn on a floor above

        return gdcli.plot(self, path)

    def __getitem__(self, key: Any) -> Any:
        """The value of the parameter or the derived quantity of that name."""
        if not isinstance(key, str):
            return tuple.__getitem__(self, key)
        found = self.parameters.get(key) or self.derived.get(key)
        if found is None:
            known = listed([*self.parameters, *self.derived])
            raise UsageError(f"there is no parameter `{brief(key)}`; the parameters are {known}")
        return found.value

    def rows(self) -> list[tuple[str | float | None, ...]]:
        """The rows of a table of the parameters and of what is derived of them."""
        fitted = [(p.name, p.value, p.error, p.t, p.low, p.high) for p in self.parameters.values()]
        derived = [(d.name, d.value, d.error, None, d.low, d.high) for d in self.derived.values()]
        return [*fitted, *derived]

    def __repr__(self) -> str:
        lines = [*table_text(PARAMETER_COLUMNS, self.rows()).split("\n"), *self._facts()]
        return "\n  ".join([f"gdcli.Fit({self.status}): {self.model}", *lines])

    def _repr_html_(self) -> str:
        """The model, the table of its parameters and how the fit ended, in HTML."""
        from html import escape

        facts = "<br>".join(map(escape, self._facts()))
        table = table_html(PARAMETER_COLUMNS, self.rows())
        return f"<p><code>{escape(self.model)}</code></p>{table}<p>{facts}</p>"

    def _facts(self) -> list[str]:
        """The first things to tell of a fit beside its parameters."""
        known = {"s": self.s, "R²": self.r2, "χ²": self.chi_squared, "deviance": self.deviance}
        numbers = [f"{name} = {one:.7g}" for name, one in known.items() if one is not None]
        count = f"{self.data.rows} rows"
        return [", ".join([*numbers, count]), str(self.message)]

    @public
    def to_frame(self) -> pandas.DataFrame:
        """The table of the parameters as a DataFrame of pandas, whose index is their names.

        Raises UsageError where pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise missing_library("a DataFrame", "pandas") from None
        found = pandas.DataFrame(self.rows(), columns=[*PARAMETER_COLUMNS])
        return found.set_index(PARAMETER_COLUMNS[0])
