"""Comparisons → Listings: the tables of `gdcli compare`, before a format writes them.

The rows show gradients of few components only; the content has every component. The bare text of a
row is numbers after a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, isnan
from typing import TYPE_CHECKING, cast

from gdcli.derivatives.comparison.sweeps import SWEPT_STEPS, Depth, ErrorCurve, Size
from gdcli.report.listing import Cell, Listing, bare
from gdcli.report.number_format import cell
from gdcli.report.stages.origins import rewrite_notes

if TYPE_CHECKING:
    from fractions import Fraction

    from gdcli.derivatives.comparison.errors import Reference
    from gdcli.derivatives.comparison.table import MethodRow, Table
    from gdcli.functions.function import Function
    from gdcli.functions.layout import Layout
    from gdcli.report.formats import objects

MOST_ROW_COMPONENTS = 4  # components of a gradient that stand in a row
NO_EXACT_GRADIENT = "there is no exact gradient here, and so no error"
ERROR_DIGITS = 3  # digits of an error or a time: more would mean nothing


def methods_listing(function: Function, table: Table, layout: Layout | None = None) -> Listing:
    """The table of every method at one point; `layout` says which variables belong to arrays."""
    split = (layout or function.layout).split
    variables = function.variables
    names = variables if len(variables) <= MOST_ROW_COMPONENTS else ()
    columns = (
        *("method", *(f"∂f/∂{name}" for name in names), "relative error"),
        *("evaluations of f", "operations", "seconds", "h", "formula", "simplified"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            row.method,
            *(row.gradient if names else ()),
            *(row.error, row.evaluations, row.operations, row.seconds),
            row.step[0] if row.step else None,
            *(row.formula, row.simplified),
        )
        for row in table.rows
    ]
    exact: list[str | None] = [*exact_texts(table.exact)] or [None] * len(variables)
    content: objects.MethodsContent = {
        "exact": {"gradient": split(exact), "rational": table.exact.rational},
        "kinks": table.kinks,
        "methods": cast(
            "list[objects.MethodObject]",
            [
                {**row._asdict(), "gradient": split(row.gradient), "message": _message(row)}
                for row in table.rows
            ],
        ),
    }
    coarse = ("relative error", "seconds", "h")
    return Listing(
        "methods", columns, rows, bare(rows), content, (), _notes(function, table), coarse
    )


def _message(row: MethodRow) -> str | None:
    """Why a method has no answer, or no finite one."""
    return row.message or (
        None if all(map(isfinite, row.gradient)) else "it finds no finite number"
    )


def _notes(function: Function, table: Table) -> tuple[str, ...]:
    shown = exact_texts(table.exact)[:MOST_ROW_COMPONENTS]
    more = ", ..." if len(table.exact.gradient) > MOST_ROW_COMPONENTS else ""
    how = "as fractions" if table.exact.rational else "to 50 digits"
    return (
        f"exact {how}: ({', '.join(shown)}{more})" if shown else NO_EXACT_GRADIENT,
        "relative error: of the worst component; operations: primitives that all passes apply; "
        "formula, simplified: operations of the symbolic gradient before and after simplification,"
        " which is not tried on a long one",
        *(f"{row.method}: {row.message}" for row in table.rows if row.message),
        *map(at_kink, table.kinks),
        *(f"reverse and tangent mode: {note}" for note in rewrite_notes(function)),
    )


def at_kink(kink: str) -> str:
    """A sentence that says why the methods may disagree at a kink."""
    return (
        f"the point lies on the kink {kink}: the slope is one by the local rule, another by each "
        "other method; gdcli grad takes the least of those around"
    )


def exact_texts(exact: Reference) -> list[str]:
    """The exact components as texts: `-17/18` where the gradient is rational, else 50 digits."""
    return [str(one) if exact.rational else decimal(one) for one in exact.gradient]


def decimal(number: Fraction) -> str:
    """The 50 digits that a fraction was read from."""
    from decimal import Context, Decimal

    return str(Context(prec=50).divide(Decimal(number.numerator), Decimal(number.denominator)))


def steps_listing(curves: Sequence[ErrorCurve]) -> Listing:
    """The table of each formula's error against h; notes name the best and the recommended h."""
    rows: list[tuple[Cell, ...]] = [
        (step, *(None if isnan(error) else error for error in errors))
        for step, *errors in zip(SWEPT_STEPS, *(curve.errors for curve in curves), strict=True)
    ]
    content: objects.StepsContent = {
        "steps": SWEPT_STEPS,
        "formulas": cast("list[objects.CurveObject]", [curve._asdict() for curve in curves]),
    }
    notes = (
        *map(_best, curves),
        "relative error of the gradient: with smaller h it falls as h^p, p the formula's order,"
        " until cancellation lifts it as 1/h; the best h is least together with its neighbours,"
        " since one h may be right by luck",
    )
    columns = ("h", *(curve.name for curve in curves))
    return Listing("steps", columns, rows, bare(rows), content, (), notes, columns)


def _best(curve: ErrorCurve) -> str:
    if not isfinite(curve.best):
        return f"{curve.name}: no h has a finite error"
    best, recommended = cell(curve.best, ERROR_DIGITS), cell(curve.recommended, ERROR_DIGITS)
    errors = cell(curve.best_error, ERROR_DIGITS), cell(curve.recommended_error, ERROR_DIGITS)
    return (
        f"{curve.name}: best h found {best} with error {errors[0]},"
        f" recommended {recommended} with error {errors[1]}"
    )


def variables_listing(sizes: Sequence[Size]) -> Listing:
    """The table of each method's cost, a column for each number of variables: evaluations of f, and
    operations as multiples of those of f itself.
    """
    names = list(sizes[0].costs)
    columns = ("method", "count", *(f"n={size.variables}" for size in sizes))
    rows: list[tuple[Cell, ...]] = [
        ("f itself", "operations", *(size.operations for size in sizes))
    ]
    for name in names:
        evaluations = (size.costs[name].evaluations for size in sizes)
        rows.append((name, "evaluations of f", *evaluations))
    for name in names:
        ratios = (_ratio(size.costs[name].operations, size.operations) for size in sizes)
        rows.append((name, "operations / f's", *ratios))
    content: objects.SizesContent = {
        "sizes": [
            {
                "variables": size.variables,
                "operations": size.operations,
                "methods": {
                    name: {"evaluations": cost.evaluations, "operations": cost.operations}
                    for name, cost in size.costs.items()
                },
            }
            for size in sizes
        ]
    }
    notes = ("the family: f(x1, ..., xk) + f(x2, ..., xk+1) + ..., in n variables",)
    return Listing("variables", columns, rows, bare(rows), content, (), notes, columns)


def _ratio(operations: int | None, unit: int) -> float | None:
    return None if operations is None else operations / max(1, unit)


def depths_listing(depths: Sequence[Depth]) -> Listing:
    """The table of the sizes of tapes and formulas of f(f(...f(x)...)), a row for each depth."""
    columns = (
        *("depth", "operations of the tape", "of the gradient tape"),
        *("of f as one formula", "of the symbolic gradient"),
    )
    rows: list[tuple[Cell, ...]] = [tuple(depth) for depth in depths]
    content: objects.DepthsContent = {
        "depths": cast("list[objects.DepthObject]", [depth._asdict() for depth in depths])
    }
    notes = (
        "depth 3 is f(f(f(x))), in the first variable; the symbolic gradient is not simplified,"
        " and not made where f has become too long",
    )
    return Listing("depths", columns, rows, bare(rows), content, notes=notes)
