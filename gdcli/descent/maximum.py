"""The Result of a run that maximizes: that of the descent of -f, as one about f.

Comes in: a Result about -f whose rows are about f already. Goes out: the Result of the user's f.
"""

from __future__ import annotations

from gdcli.descent.result import Precise, Result
from gdcli.descent.turning import Word, turned, turned_row
from gdcli.descent.vectors import Vector


def turned_result(result: Result) -> Result:
    """A Result about -f, but for its rows, as one about f."""
    eigenvalues, precise = result.hessian_eigenvalues, result.precise
    return result._replace(
        message=turned(result.message),
        f=0.0 - result.f,
        gradient=_negated(result.gradient),
        last=None if result.last is None else turned_row(result.last),
        tests=tuple(
            test._replace(value=_minus(test.value), limit=0.0 - test.limit)
            if test.name == "unbounded"
            else test
            for test in result.tests
        ),
        classification=turned(result.classification and Word(result.classification)),
        verdict=turned(result.verdict),
        hessian_eigenvalues=None if eigenvalues is None else _negated(eigenvalues)[::-1],
        advice=tuple(map(turned, result.advice)),
        multipliers={name: 0.0 - found for name, found in result.multipliers.items()},
        precise=None if precise is None else _turned_digits(precise),
        escapes=tuple(
            one._replace(f=0.0 - one.f, kind=turned(Word(one.kind))) for one in result.escapes
        ),
        maximize=True,
    )


def _turned_digits(precise: Precise) -> Precise:
    gradient = [*map(_minus_text, precise.gradient)]
    return precise._replace(f=_minus_text(precise.f), gradient=gradient)


def _negated(values: Vector) -> Vector:
    return [0.0 - value for value in values] if isinstance(values, list) else 0.0 - values


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value


def _minus_text(number: str) -> str:
    """The text of a number's negative: of `0` and `nan` itself."""
    if number in ("0", "nan"):
        return number
    return number.removeprefix("-") if number.startswith("-") else f"-{number}"
