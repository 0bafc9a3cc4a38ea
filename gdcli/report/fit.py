"""A Fit → Listing: the report of `gdcli fit`, before a format writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    text = " ".join(plain(one.value) for one in fit.parameters.values()) + "\n"
    content = fit_content(fit, screen)
    summary = [(one.name, full(one.value)) for one in fit.parameters.values()]
    summary += [(one.name, full(one.value)) for one in fit.derived.values()]
    notes = tuple(formatted(note, screen.format_setting) for note in _notes(fit))
    return Listing(
        fit.method, PARAMETER_COLUMNS, rows, text, content, tuple(summary), notes, COARSE_COLUMNS
    )


def _notes(fit: Fit) -> list[str]:
    """The sentences below the table."""
    return [
        *_errors(fit),
        *_quality(fit),
        *_start(fit),
        fit.message,
        *(one.text for one in fit.warnings),
    ]


def _errors(fit: Fit) -> list[str]:
    """The sentence that says what the standard errors and the intervals are."""
    if all(one.error is None for one in fit.parameters.values()):
        return []
    kind = "profile" if fit.intervals == "profile" else f"Wald, {fit.quantiles}"
    ends = f"low, high: intervals of {100 * fit.level:.10g} % ({kind})"
    return [f"{fit.scaling}; {ends}" if fit.scaling else ends]


def _quality(fit: Fit) -> list[str]:
    """The lines about how well the model fits."""
    r2 = f"R² of {fit.r2_of}" if fit.r2_of else "R²"
    found = [("s", fit.s), (r2, fit.r2), ("χ²", fit.chi_squared), ("p", fit.chi_squared_p)]
    found += [("deviance", fit.deviance), ("null deviance", fit.null_deviance)]
    found += [("McFadden's R²", fit.pseudo_r2)]
    numbers = [f"{name} = {cell(value)}" for name, value in found if value is not None]
    if fit.degrees_of_freedom is not None:
        degrees = f"{fit.degrees_of_freedom} degree{'s' * (fit.degrees_of_freedom != 1)} of freedom"
        numbers.append(degrees)
    if not numbers and fit.sum_of_squares is not None:
        numbers.append(f"sum of squares {cell(fit.sum_of_squares)}")
    rows = count_of(fit.data.rows, "row")
    dropped = f", {fit.data.dropped} dropped" if fit.data.dropped else ""
    lines = [", ".join([*numbers, rows + dropped])]
    criteria = [("AIC", fit.aic), ("AICc", fit.aicc), ("BIC", fit.bic)]
    if told := [f"{name} = {cell(value)}" for name, value in criteria if value is not None]:
        lines.append(", ".join(told))
    return lines


def _start(fit: Fit) -> list[str]:
    """The line about how the start was found."""
    tried, followed, agreeing, minima = fit.starts
    if not tried and not followed:
        return []
    more = f", {count_of(minima, 'minimum').replace('minimums', 'minima')}" if minima else ""
    return [
        f"the start was found: {tried} points tried, {followed} followed, {agreeing} agree on this"
        f" minimum{more}"
    ]


def fit_content(fit: Fit, screen: Screen) -> objects.FitContent:
    """The data of a fit as JSON has them."""
    return {
        "status": fit.status,
        "message": formatted(fit.message, screen.format_setting),
        "f": fit.f,
        "data": _plain(fit.data),
        "loss": fit.loss,
        "converged": fit.converged,
        "classification": fit.classification,
        "response": fit.response,
        "parameters": {name: _named(one) for name, one in fit.parameters.items()},
        "derived": {name: _named(one) for name, one in fit.derived.items()},
        "order": fit.order,
        "covariance": fit.covariance,
        "correlation": fit.correlation,
        "covariance_root": fit.covariance_root,
        "quantiles": fit.quantiles,
        "absolute": fit.absolute,
        "level": fit.level,
        "intervals": fit.intervals,
        "sum_of_squares": fit.sum_of_squares,
        "s": fit.s,
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


def _plain(record: Any) -> Any:
    """The fields of a NamedTuple by name."""
    return record._asdict()


def _named(record: Any) -> Any:
    """The fields of a NamedTuple by name, without the name that leads to it."""
    return {key: value for key, value in record._asdict().items() if key != "name"}
