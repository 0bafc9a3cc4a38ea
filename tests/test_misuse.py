"""Misuse of the library: whatever is given for a parameter, a result or a GdcliError comes."""

from __future__ import annotations

import inspect
import random
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

import gdcli
from gdcli.errors import GdcliError


class Nameless:
    """An object whose repr fails."""

    def __repr__(self) -> str:
        raise RuntimeError


STRANGE: dict[str, Any] = {
    **{"None": None, "True": True, "bytes": b"x", "object": object(), "nameless": Nameless()},
    **{"empty list": [], "empty dict": {}, "empty text": "", "nan": float("nan")},
    **{"inf": float("inf"), "-1": -1, "1.5": 1.5, "10**400": 10**400, "é": "é", "a class": dict},
    **{"a set": {1, 2}, "nested": [[1, [2]], 3], "complex": 1 + 2j, "Decimal": Decimal("0.1")},
    **{"Fraction": Fraction(1, 3), "a tuple": (1, 2), "a generator": (n for n in range(2))},
    **{"texts": ["a", "b"], "named": {"x": "a"}, "numbered": {1: 2}, "deep": [[[[[[1]]]]]]},
    **{"zeros": np.zeros((0, 3)), "matrix": np.ones((2, 2)), "strings": np.array(["a", "b"])},
    **{"objects": np.array([None, 1], dtype=object), "dates": np.array(["2020"], "M8[Y]")},
    **{"booleans": np.array([True, False]), "complexes": np.ones(2) * 1j, "scalar": np.array(2.0)},
    **{"halves": np.ones(2, np.float16), "records": np.zeros(2, [("a", int)]), "int8": np.int8(3)},
    **{
        "masked": np.ma.masked,
        "a path": Path("none.toml"),
        "a function": lambda: 1,
        "a text": "x y",
    },
    **{
        "NaT": np.datetime64("NaT"),
        "NUL": "\0",
        "surrogate": "\ud800",
        "braces": "{}{0}",
        "range": range(2),
        "nameless key": {Nameless(): 1},
        "nameless value": {"x": Nameless()},
    },
}

# Public callables, untyped so that anything may be given, each with arguments that mean something.
library: Any = gdcli
F: Any = gdcli.function("x^2 + x*y")
VECTOR: Any = gdcli.function("sum(a*x[i]^2 for i in 1:n)", sizes={"n": 2}, parameters={"a": 2})
A = {"A": [1, 2]}
SUM = "sum(a*A[i]*x[i]^2 for i in 1:n)"
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "function": (library.function, {"source": "x^2 + x*y"}),
    "function with data": (
        library.function,
        {"source": SUM, "data": A, "parameters": {"a": 3}, "sizes": {"n": 2}},
    ),
    "function of data": (
        lambda A: library.function(SUM, data={"A": A}, parameters={"a": 1}),
        {"A": [1]},
    ),
    "function of a": (lambda a: library.function("a*x", parameters={"a": a}), {"a": 1}),
    "function of n": (
        lambda n: library.function("sum(x[i] for i in 1:n)", sizes={"n": n}),
        {"n": 2},
    ),
    "Function": (library.Function, {"text": "x^2 + x*y"}),
    "function of columns": (
        lambda it: library.function(SUM, data="none.csv", columns={"A": it}, parameters={"a": 1}),
        {"it": "A"},
    ),
    "function of columns without data": (
        lambda it: library.function("a*x", columns={"x": it}),
        {"it": "x"},
    ),
    "problem": (library.problem, {"name": "five-well"}),
    "problems": (library.problems, {}),
    "minimize": (library.minimize, {"f": F, "start": [1, 2], "max_iterations": 5}),
    "minimize a text": (
        library.minimize,
        {
            "f": SUM,
            "data": {"A": [1, 2]},
            "parameters": {"a": 3},
            "sizes": {"n": 2},
            "start": [1, 2],
        },
    ),
    "minimize a Python function": (
        library.minimize,
        {
            "f": lambda x: x @ x,
            "start": [1, 2],
            "gradient": lambda x: 2 * x,
            "hessian": lambda x: [[2, 0], [0, 2]],
            "hessian_product": lambda x, v: 2 * v,
            "max_iterations": 3,
        },
    ),
    "minimize what a Python function returns": (
        lambda f, g, h: library.minimize(
            lambda x: f, [1, 2], gradient=lambda x: g, hessian=lambda x: h, max_iterations=3
        ),
        {"f": 1, "g": [1, 2], "h": [[1, 0], [0, 1]]},
    ),
    "race": (library.race, {"f": F, "methods": ["newton"], "start": [1, 2], "max_iterations": 3}),
    "certify": (library.certify, {"f": F, "at": [0, 0], "digits": 3}),
    "certify a window": (
        lambda f, x: library.certify(f, window={"x": x, "y": x}, max_boxes=9, claim="value"),
        {"f": F, "x": (-1, 1)},
    ),
    "race of a family": (
        lambda a, text: library.race(text, vary={"a": a}, max_iterations=3),
        {"a": [1, 2], "text": "a*x^2"},
    ),
    "minimize by differences": (
        library.minimize,
        {"f": F, "start": [1, 2], "derivative": "central-difference", "max_iterations": 3},
    ),
    "minimize by alpha(k)": (
        lambda alpha: library.minimize(F, alpha=lambda k: alpha, max_iterations=3),
        {"alpha": 0.1},
    ),
    "minimize to a stop by a function": (
        lambda met: library.minimize(F, stop_when=lambda row: met, max_iterations=3),
        {"met": True},
    ),
    "minimize from a dict": (
        lambda x, y: library.minimize(F, {"x": x, "y": y}, max_iterations=3),
        {"x": 1, "y": 2},
    ),
    "minimize a text with dicts": (
        lambda a, n, A: library.minimize(
            SUM, data={"A": A}, parameters={"a": a}, sizes={"n": n}, max_iterations=3
        ),
        {"a": 3, "n": 2, "A": [1, 2]},
    ),
    "eval": (library.eval, {"f": F, "point": [1, 2]}),
    "compare": (library.compare, {"f": "x*y", "at": [1, 2]}),
    "compare sweeps": (library.compare, {"f": "x*y", "at": [1, 2], "sweep": "variables"}),
    "check": (library.check, {"f": F, "gradient": "2x + y, x", "at": [1, 2]}),
    "check a Hessian": (library.check, {"f": F, "hessian": "2, 1; 1, 0", "at": [1, 2]}),
    "check by name": (
        lambda x, at: library.check(F, {"x": x, "y": "x"}, at={"x": at, "y": 1}),
        {"x": "2x + y", "at": 1},
    ),
    "show": (library.show, {"f": F, "stage": "gradient"}),
    "plot": (library.plot, {"f": F, "path": None}),
    "plot a descent": (
        library.plot,
        {"f": F, "kind": "history", "start": [1, 2], "max_iterations": 3},
    ),
    "plot with dicts": (
        lambda window, slice, at: library.plot(
            "x*y", window={"x": window}, slice={"y": slice}, at={"x": at}
        ),
        {"window": (-1, 1), "slice": 1, "at": 0},
    ),
    "plot by method": (lambda path, kind: F.plot(path, kind=kind), {"path": None, "kind": None}),
    "save": (library.plot("x^2").save, {"path": "a.svg"}),
    "f()": (F, {"x": 1, "y": 2}),
    "f of one": (lambda point: F(point), {"point": [1, 2]}),
    "f of two": (lambda x, y: F(x, y), {"x": 1, "y": 2}),
    "gradient": (lambda point: F.gradient(point), {"point": [1, 2]}),
    "value_and_gradient": (lambda point: VECTOR.value_and_gradient(point), {"point": [1, 2]}),
    "by name": (lambda x: VECTOR(x=x), {"x": [1, 2]}),
    "in a dict": (lambda x: VECTOR({"x": x}), {"x": [1, 2]}),
    "hessian": (lambda point: F.hessian(point), {"point": [1, 2]}),
    "split": (F.split, {"point": [1, 2]}),
    "point": (F.point, {"given": [1, 2]}),
    "answer": (lambda point: F.answer(point), {"point": [1, 2]}),
    "evaluate": (
        lambda undefined: library.function("log(x)", undefined=undefined)(-1),
        {"undefined": "nan"},
    ),
}
NO_VALUES = {  # that are objects of ours, or no argument of the user's
    *("unlimited", "problem", "noun"),
}


def cases() -> list[tuple[str, str, str]]:
    """Each callable, each of its parameters, each strange value."""
    found = []
    for name, (call, given) in CALLS.items():
        try:
            parameters = [
                one.name
                for one in inspect.signature(call).parameters.values()
                if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
            ]
        except (TypeError, ValueError):
            parameters = list(given)
        for parameter in [*dict.fromkeys([*parameters, *given])]:
            if parameter not in NO_VALUES:
                found += [(name, parameter, strange) for strange in STRANGE]
    return found


def assert_declared(name: str, given: dict[str, Any]) -> None:
    """A result comes, or a GdcliError whose text is short, on few lines, and names no option."""
    call, right = CALLS[name]
    caught: GdcliError | None = None
    try:
        call(**{**right, **given})
    except GdcliError as error:
        caught = error
    except Exception as error:
        raise AssertionError(f"{name}({', '.join(given)}): {error!r}") from error
    if caught is not None:
        text = str(caught)
        assert 0 < len(text) < 2000
        assert caught.text is not None or len(text.splitlines()) < 4
        assert not re.search(r"--[a-z]", text), text


@pytest.mark.full
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", CALLS)
def test_every_strange_value_gives_a_result_or_a_declared_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for call, parameter, strange in cases():
        if call == name:
            assert_declared(name, {parameter: STRANGE[strange]})


@pytest.mark.filterwarnings("default")
def test_strange_values_give_a_result_or_a_declared_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sample of the whole family; of some calls several values are strange at once."""
    monkeypatch.chdir(tmp_path)
    draws = random.Random(11)
    light = [case for case in cases() if not case[0].startswith(("plot", "compare"))]
    for name, parameter, strange in draws.sample(light, 250):
        assert_declared(name, {parameter: STRANGE[strange]})
    for _ in range(40):
        name = draws.choice(light)[0]
        picked = draws.sample([case for case in light if case[0] == name], 3)
        assert_declared(name, {parameter: STRANGE[value] for _, parameter, value in picked})


class Unknown:
    """An object of no use to anybody."""


def public_callables() -> dict[str, Callable[..., Any]]:
    """What a user can call: the names of the library, and the methods of what they return."""
    found = {name: getattr(library, name) for name in library.__all__}
    result, problem = library.minimize(F, max_iterations=1), library.problem("five-well")
    for one in (F, result, problem, library.plot("x^2")):
        names = [name for name in dir(one) if name[0] != "_" and not hasattr(tuple, name)]
        found |= {f"{type(one).__name__}.{name}": getattr(one, name) for name in names}
    return {
        name: one
        for name, one in found.items()
        if callable(one) and not (isinstance(one, type) and issubclass(one, Exception))
    }


def test_a_call_with_other_arguments_is_a_declared_error() -> None:
    """Too many arguments, one of another name, and none: for every public callable."""
    callables = public_callables()
    assert len(callables) > 20
    for name, call in callables.items():
        for given, named in [([Unknown()] * 50, {}), ([], {"unheard_of": 1}), ([], {})]:
            try:
                call(*given, **named)
            except GdcliError:
                continue
            except Exception as error:
                raise AssertionError(f"{name}: {error!r}") from error
            assert not given, name
            assert not named, name


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: library.function(None), "source takes the text of a function"),
        (lambda: library.function(lambda x: x), "a Python callable has no text"),
        (lambda: library.minimize(None), "source takes the text of a function"),
        (lambda: library.minimize(F, tol=1e-3), "no argument tol; did you mean tolerance?"),
        (lambda: library.minimize(F, maxiter=3), "did you mean max_iterations?"),
        (lambda: library.minimize(F, max_iteration=3), "did you mean max_iterations?"),
        (
            lambda: library.minimize(F, max_iterations="5"),
            "max_iterations takes a whole number of at least 0, not '5'",
        ),
        (lambda: library.minimize(F, alpha=None), 'alpha takes "auto", a positive number'),
        (lambda: library.minimize(F, alpha=lambda: 1), "alpha takes a function that can be called"),
        (lambda: library.minimize(), "minimize: missing 1 required positional argument: 'f'"),
        (lambda: library.minimize(F, [1, 2], data={"A": [1]}), "a Function has its data already"),
        (lambda: library.function("x", sizes={"n": 1.5}), "the size n is a whole number, not 1.5"),
        (lambda: library.problem(3), "name takes a problem's name"),
        (lambda: F.gradient(), "has 2 values"),
        (lambda: F(1, 2, 3), "has 2 values"),
        (lambda: F({"x": 1}), "a value for each of x, y, not for x"),
        (lambda: F.split(), "split"),
        (lambda: F.point(), "point"),
        (lambda: library.Function(), "Function"),
        (lambda: library.Problem("x"), "not made by hand; gdcli.problem returns one"),
        (lambda: library.Result(x=[1]), "not made by hand; gdcli.minimize returns one"),
        (lambda: library.Picture(), "not made by hand; gdcli.plot returns one"),
        (lambda: F.to_sympy(1), "Function.to_sympy takes at most 0 arguments by position, not 1"),
        (lambda: F.plot(1, 2), "Function.plot takes at most 1 argument by position, not 2"),
        (lambda: F.plot(size=3), "plot has no argument size; did you mean sizes?"),
        (lambda: library.plot("x^2").save(), "missing 1 required positional argument: 'path'"),
        (lambda: library.minimize(F, [1], 3), "at most 2 arguments by position, not 3; there are"),
        (
            lambda: library.function("x", columns={"x": 1}),
            'columns["x"] takes the heading of a column, not 1',
        ),
        (lambda: library.function("x", columns={1: "x"}), 'columns={"n": "Time"}'),
        (
            lambda: library.function(SUM, data=polars.LazyFrame({"A": [1, 2]})),
            "a LazyFrame is no table yet; give what its collect() returns",
        ),
        (lambda: library.check(F), "check needs your derivation"),
        (lambda: library.compare(F), "compare needs the point"),
        (lambda: library.minimize(F, bounds=np.array(2.0)), "bounds takes bounds such as"),
        (lambda: library.minimize(F, bounds=dict), "for each variable, not <class 'dict'>"),
        (lambda: library.minimize(F, bounds=[dict, dict]), "(low, high) is wanted"),
        (lambda: library.minimize(VECTOR, bounds={"x": {(0, 1), (0, 2)}}), "(low, high) is wanted"),
        (lambda: library.minimize(F, bounds=[[10**400, 1], [1, 2]]), "bounds for x"),
        (lambda: library.race(F, np.ones((2, 2))), "methods takes "),
        (lambda: library.race(F, np.array("newton")), "methods takes a list of names, not array("),
        (lambda: library.race(F, ["newton", "newton"]), "methods names newton twice"),
        (lambda: library.race("a*x^2", vary={"a": np.array(2.0)}), "vary takes for a numbers"),
        (lambda: library.race("a*x^2", vary={Nameless(): []}), "an object of the type Nameless"),
        (
            lambda: library.minimize(len, [1], gradient=np.zeros(0)),
            "the gradient of a Python function is no function: array([], dtype=float64)",
        ),
        (lambda: library.minimize(len, [1], gradient=False), "function is missing; give gradient"),
        (
            lambda: library.minimize(len, [1], gradient=len, derivative=np.zeros(0)),
            "derivative is for f as a text",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_write(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(GdcliError, match=re.escape(message)):
        call()
