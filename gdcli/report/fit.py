"""A Fit → Listing: the report of `gdcli fit`, before a format writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from gdcli.errors import count_of, formatted
from gdcli.fitting.result import PARAMETER_COLUMNS, Fit
from gdcli.report.listing import Cell, Listing
from gdcli.report.number_format import cell, full, plain
from gdcli.report.view import Screen

if TYPE_CHECKING:
    from gdcli.report.formats import objects

COARSE_COLUMNS = ("error", "t")


def fit_listing(fit: Fit, screen: Screen) -> Listing:
    """The table of the parameters, and below it what stands for all of them."""
    rows: list[tuple[Cell, ...]] = [*fit.rows()]
    return Listing(
        fit.method,
        PARAMETER_COLUMNS,
        rows,
        " ".join(_values(fit, plain)) + "\n",
        fit_content(fit, screen),
        (
            *zip(fit.parameters, _values(fit, full), strict=True),
            *((name, _text(one["value"])) for name, one in _derived(fit).items()),
        ),
        tuple(formatted(note, screen.format_setting) for note in _notes(fit)),
        COARSE_COLUMNS,
        numeric=True,
        values={
            **{name: ("derived", name, "value") for name in fit.derived},
            **{name: ("parameters", name, "value") for name in fit.parameters},
        },
    )


def _values(fit: Fit, written: Callable[[float], str]) -> list[str]:
    """The values of the parameters, with the digits that were asked for."""
    if fit.decimals is not None:
        return fit.decimals.parameters
    return [written(one.value) for one in fit.parameters.values()]


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else full(value)


def _notes(fit: Fit) -> list[str]:
    """The sentences below the table."""
    rows = count_of(fit.data.rows, "row")
    origin = f" of {fit.data.file}" if fit.data.file else ""
    counts = count_of(fit.iterations, "iteration"), count_of(fit.evaluations, "evaluation")
    return [
        fit.message,
        f"{rows}{origin}, {', '.join(counts)}{_start(fit)}",
        *_errors(fit),
        *_quality(fit),
        *(
            f"{one.name} lies on its bound {full(one.value)}"
            for one in fit.parameters.values()
            if one.at_bound
        ),
        *(one.text for one in fit.warnings),
    ]


def _start(fit: Fit) -> str:
    """How the start was found; "" where it was given."""
    tried, followed, agreeing, minima = fit.starts
    if not tried and not followed:
        return ""
    if not followed:
        return f"; no start was found: the loss is undefined at all {tried} points tried"
    several = f", of {minima} minima" if minima > 1 else ""
    found = f"the start was found among {tried} points"
    return f"; {found}: {followed} followed, {agreeing} agree on this minimum{several}"


def _errors(fit: Fit) -> list[str]:
    """The sentences that say what the standard errors and the intervals are."""
    if all(one.error is None for one in fit.parameters.values()):
        return []  # a warning says why
    freedom = f" with {fit.degrees_of_freedom} degrees of freedom" if fit.quantiles == "t" else ""
    kind = "by profiling" if fit.intervals == "profile" else f"Wald, {fit.quantiles}{freedom}"
    return [fit.scaling, f"low, high: {100 * fit.level:.10g} % confidence intervals ({kind})"]


def _quality(fit: Fit) -> list[str]:
    """The lines about how well the model fits."""
    r2 = f"R² of {fit.r2_of}" if fit.r2_of not in ("", fit.response) else "R²"
    s = None if fit.absolute or fit.deviance is not None else fit.s  # there it is 1
    total = None if fit.chi_squared is not None else fit.sum_of_squares  # the same number
    found = [("sum of squares", total), ("s", s), (r2, fit.r2)]
    found += [("χ²", fit.chi_squared), ("p", fit.chi_squared_p), ("deviance", fit.deviance)]
    found += [("null deviance", fit.null_deviance), ("McFadden's R²", fit.pseudo_r2)]
    criteria = [("AIC", fit.aic), ("AICc", fit.aicc), ("BIC", fit.bic)]
    why = fit.reasons.get("r2")
    lines = (_told(found), _told(criteria), f"there is no {r2}: {why}" if why else "")
    return [line for line in lines if line]


def _told(pairs: Sequence[tuple[str, float | None]]) -> str:
    """The numbers that there are, each after its name."""
    known = [(name, value) for name, value in pairs if value is not None and isfinite(value)]
    return ", ".join(f"{name} = {cell(value)}" for name, value in known)


def fit_content(fit: Fit, screen: Screen) -> objects.FitContent:
    """The data of a fit as JSON has them."""
    loss = fit if fit.decimals is None else fit.decimals
    return {
        "status": fit.status,
        "message": formatted(fit.message, screen.format_setting),
        "f": loss.f,
        "data": _data(fit),
        "loss": fit.loss,
        "converged": fit.converged,
        "classification": fit.classification,
        "response": fit.response,
        "parameters": _parameters(fit),
        "derived": _derived(fit),
        "order": fit.order,
        "covariance": _covariance(fit),
        "correlation": fit.correlation,
        "covariance_root": fit.covariance_root,
        "quantiles": fit.quantiles,
        "absolute": fit.absolute,
        "level": fit.level,
        "intervals": fit.intervals,
        "sum_of_squares": loss.sum_of_squares,
        "s": loss.s,
        "degrees_of_freedom": fit.degrees_of_freedom,
        "r2": fit.r2,
        "aic": fit.aic,
        "aicc": fit.aicc,
        "bic": fit.bic,
        "reasons": fit.reasons,
        "condition": fit.condition,
        "offset": fit.offset,
        "null_direction": fit.null_direction,
        "residuals": _plain(fit.residuals),
        "chi_squared": fit.chi_squared,
        "chi_squared_p": fit.chi_squared_p,
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "pseudo_r2": fit.pseudo_r2,
        "labels": fit.labels,
        "sizes": fit.sizes,
        "starts": _plain(fit.starts),
        "iterations": fit.iterations,
        "evaluations": {
            "value": fit.evaluations,
            "gradient": fit.evaluations,
            "acceleration": fit.accelerations,
        },
        "seed": fit.seed,
        "seconds": fit.seconds,
        "warnings": [
            {"code": one.code, "text": formatted(one.text, screen.format_setting)}
            for one in fit.warnings
        ],
    }


def _data(fit: Fit) -> objects.FittedDataObject:
    """What a fit keeps of its data, without what there is none of."""
    found = _plain(fit.data)
    if not found["subscripts"]:
        del found["subscripts"]
    return cast("objects.FittedDataObject", found)


def _plain(record: Any) -> Any:
    """The fields of a NamedTuple by name."""
    return record._asdict()


def _parameters(fit: Fit) -> dict[str, Any]:
    """The parameters by name, with texts of the digits that were asked for."""
    found = {name: _named(one) for name, one in fit.parameters.items()}
    if fit.decimals is not None:
        of = fit.decimals
        columns = {"value": of.parameters, "error": of.errors, "t": of.t}
        if fit.intervals == "wald":
            columns |= {"low": of.low, "high": of.high}
        for key, texts in columns.items():
            for one, text in zip(found.values(), texts or (), strict=False):
                one[key] = one[key] if one[key] is None else text
    return found


def _derived(fit: Fit) -> dict[str, Any]:
    """The derived quantities by name, with texts of the digits that were asked for."""
    found = {name: _named(one) for name, one in fit.derived.items()}
    for one, texts in zip(
        found.values(), fit.decimals.derived if fit.decimals else (), strict=False
    ):
        for key, text in zip(("value", "error", "low", "high"), texts, strict=False):
            one[key] = one[key] if one[key] is None else text
    return found


def _covariance(fit: Fit) -> Any:
    """The covariance, with texts of the digits that were asked for."""
    known = fit.decimals.covariance if fit.decimals else None
    return known if known and fit.covariance else fit.covariance


def _named(record: Any) -> Any:
    """The fields of a NamedTuple by name, without the name that leads to it."""
    return {key: value for key, value in record._asdict().items() if key != "name"}
