"""A user's program against the library: `mypy --strict` of this house checks its types.

`assert_type` is read by the type checker; at run time the program must do what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas
import pytest
import sympy
from numpy.typing import NDArray

import gdcli
from gdcli.derivatives.check.judgement import Judgement
from gdcli.derivatives.comparison.table import Table
from gdcli.derivatives.value import FunctionValue
from gdcli.report.listing import Listing

FloatArray = NDArray[np.float64]


def test_functions_are_typed() -> None:
    f = gdcli.function("x^2 + x*y")
    assert_type(f, gdcli.Function)
    assert_type(f(1, 2), float)
    assert_type(f({"x": 1, "y": 2}), float)
    assert_type(f(x=1, y=2), float)
    assert_type(f.gradient([1, 2]), FloatArray)
    assert_type(f.value_and_gradient(np.array([1.0, 2.0])), tuple[float, FloatArray])
    assert_type(f.hessian((1, 2)), FloatArray)
    assert_type(f.variables, tuple[str, ...])
    assert_type(f.split([1, 2]), dict[str, Any])
    assert_type(f.point({"x": 1, "y": 2}), Sequence[float])
    assert_type(f.components, Sequence[str])
    assert_type(f.held, dict[str, float | str])
    assert_type(f.answer(1, 2).gradient, list[float | None])
    formula: sympy.Expr = f.to_sympy()  # Any to mypy, for SymPy has no types of its own
    assert str(formula) == "x**2 + x*y"
    assert_type(f._repr_latex_(), str | None)
    assert_type(f == gdcli.function("x"), bool)
    g = gdcli.function(
        "sum(A[i]*x^2 for i in 1:n)",
        sizes={"n": np.int64(2)},
        data={"A": [1, 2]},
        parameters={},
        backend="python",
        undefined="nan",
    )
    assert g(3) == 27
    assert gdcli.function(sympy.Symbol("x") ** 2)(3) == 9


def test_results_are_typed() -> None:
    result = gdcli.minimize("x^2 + y^2", start={"x": 1, "y": 2}, tolerance=1e-9)
    assert_type(result, gdcli.Result)
    assert_type(result.f, float)
    assert_type(result.fun, float)
    assert_type(result.status, str)
    assert_type(result.success, bool)
    assert_type(result.nit, int)
    assert_type(result.nfev, int)
    assert_type(result.njev, int)
    assert_type(result.jac, FloatArray)
    assert_type(result.message, str)
    assert_type(result.classification, str | None)
    assert_type(result.x, FloatArray)
    assert_type(result.start, FloatArray)
    assert_type(result.gradient, FloatArray)
    ks = [row.k for row in result.trace]
    assert_type(ks, list[int])
    assert_type(result.trace[0].x, Sequence[float])
    assert result.last is not None
    assert_type(result.last.x, Sequence[float])
    assert_type(result.last.alpha, float | None)
    assert_type(result.variables, Sequence[str])
    assert_type(result.evaluations.gradient, int)
    assert_type(result.tests[0].met, bool)
    assert_type(result.hessian_eigenvalues, list[float] | None)
    frame: pandas.DataFrame = result.to_frame()  # Any to mypy, for pandas has no types of its own
    assert len(frame) == len(ks)
    assert result.x.tolist() == [0.0, 0.0]
    assert (result.nit, result.nfev, result.njev) == (result.iterations, 2, 2)
    assert (result.fun, result.success) == (result.f, result.converged)
    assert result.jac is result.gradient
    rows: list[float] = []
    gdcli.minimize("x^4", on_iterate=lambda row: rows.append(row.f), alpha=lambda k: 0.1 / (k + 1))
    assert rows


def test_answers_are_typed(tmp_path: Path) -> None:
    value = gdcli.eval("x^2", 3)
    assert_type(value, FunctionValue)
    assert_type(value.f, float | str | None)
    assert_type(value.at, Sequence[float | str])
    table = gdcli.compare("sin(x)", [1])
    assert_type(table, Table)
    assert_type([row.method for row in table.rows], list[str])
    assert_type(table.rows[0].gradient, list[float])
    judgement = gdcli.check("x^2*y", ["2*x*y", "x^2"])
    assert_type(judgement, Judgement)
    assert_type(judgement.right, bool | None)
    assert_type(gdcli.show("x*y", "tape"), Listing)
    problem = gdcli.problem("five-well")
    assert_type(problem, gdcli.Problem)
    assert_type(problem.minima[0].at, Sequence[float])
    assert_type(gdcli.problems(), list[gdcli.Problem])
    picture = gdcli.function("x^2").plot(tmp_path / "a.svg")
    assert_type(picture, gdcli.Picture)
    assert (tmp_path / "a.svg").stat().st_size > 1000


def test_mistakes_are_value_errors() -> None:
    with pytest.raises(ValueError, match="takes") as caught:
        gdcli.minimize("x^2", alpha=-1)
    assert isinstance(caught.value, gdcli.GdcliError)
    with pytest.raises(gdcli.UndefinedError) as undefined:
        gdcli.function("log(x)")(-1)
    assert isinstance(undefined.value, ArithmeticError | ValueError)


def test_the_module_lists_its_names() -> None:
    assert dir(gdcli) == sorted(gdcli.__all__)
    for name in gdcli.__all__:
        assert getattr(gdcli, name) is not None
        documented = getattr(gdcli, name).__doc__
        assert name == "__version__" or documented
