"""Function, formulas → Judgement: the library's `check`, which `gdcli check` prints.

Comes in: a function, and a derivation of it as texts in the language. Goes out: a Judgement, which
is true where the derivation is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.derivatives.check.claims import read_gradient, read_hessian
from gdcli.derivatives.check.judgement import Judgement, judge
from gdcli.derivatives.check.sampling import Sample, exact_decimal
from gdcli.errors import Sentence, Setting, UsageError
from gdcli.functions.arguments import public, wrong
from gdcli.functions.layout import several_points
from gdcli.library.lookup import as_function

if TYPE_CHECKING:
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates, Function
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

WANTED_FORMULAS = 'formulas: a text such as "2x, 2y", a list of texts, or a dict of them by name'
WANTED_ROWS = 'formulas row by row: a text such as "2, 0; 0, 2", or a list of rows'


@public
def check(
    f: Function | FunctionSource,
    gradient: str | Sequence[str] | Mapping[str, str] | None = None,
    *,
    hessian: str | Sequence[str | Sequence[str]] | None = None,
    at: Coordinates | Sequence[Coordinates] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Judgement:
    """Whether a derivation by hand is right: `if check("x^2*y", "2x*y, x^2"): ...`.

    `gradient` are the formulas of the partial derivatives in the order of the variables or by name,
    "y = x^2, x = 2x*y"; `hessian` those of the second derivatives, row by row. They are compared
    with the derivatives at the points `at`, one or a list of several, else at some hundred that are
    drawn, always the same. A Judgement says `right`, True, False or None, and names a
    counterexample and the likely slip. Raises UsageError for formulas that are missing or too many,
    ExpressionError for one that cannot be read.
    """
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    if gradient is None and hessian is None:
        ask = Setting("gradient", "2x, 2y")
        raise UsageError(Sentence("check needs your derivation: {} or {}", ask, Setting("hessian")))
    claims = []
    if gradient is not None:
        claims += read_gradient(_listed(gradient), function)
    if hessian is not None:
        claims += read_hessian(_rows(hessian), function)
    samples = None if at is None else _samples(function, at)
    return judge(function.unrolled, claims, samples)


def _listed(given: Any) -> str:
    """The formulas of a gradient as one text."""
    if isinstance(given, Mapping):
        with suppress(Exception):  # a class whose text fails is refused below
            given = [f"{name} = {formula}" for name, formula in given.items()]
    if isinstance(given, list | tuple) and all(isinstance(one, str) for one in given):
        given = ", ".join(given)
    if not isinstance(given, str):
        raise wrong("gradient", WANTED_FORMULAS, given)
    return given


def _rows(given: Any) -> str:
    """The formulas of a Hessian as one text."""
    if isinstance(given, list | tuple):
        rows = [", ".join(row) if _are_texts(row) else row for row in given]
        given = "; ".join(rows) if _are_texts(rows) else given
    if not isinstance(given, str):
        raise wrong("hessian", WANTED_ROWS, given)
    return given


def _are_texts(given: Any) -> bool:
    return isinstance(given, list | tuple) and all(isinstance(one, str) for one in given)


def _samples(function: Function, at: Any) -> Iterator[Sample]:
    """The points, each as exact decimals."""
    return (tuple(map(exact_decimal, function.point(one, "at"))) for one in several_points(at))
