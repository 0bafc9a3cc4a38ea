from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdcli.errors import (
    ExpressionError,
    ProblemFileError,
    UnknownProblemError,
    UsageError,
    brief,
    listed,
)
from gdcli.library import lookup
from tests.problem_list import PROBLEMS
from tests.sweeps import sampled


def test_a_name_is_the_problem() -> None:
    function = lookup.function("rosenbrock")
    assert function(-1.2, 1) == pytest.approx(24.2, rel=1e-14)
    assert function.problem == lookup.problem("rosenbrock")
    assert function.problem.start == (-1.2, 1.0)


def test_a_name_may_stand_between_blanks() -> None:
    assert lookup.function(" himmelblau\n").problem is not None


@pytest.mark.parametrize("text", ["x", "x-y", "x1-x2", "x1", "a-b-c", "2x", "x_1", "3", "1e3", "α"])
def test_ordinary_short_texts_are_functions(text: str) -> None:
    function = lookup.function(text)
    assert function.problem is None
    assert function.text == text


def test_a_text_is_a_function_with_its_parameters() -> None:
    assert lookup.function("f(x) = a*x^2 + e", parameters={"a": "1/2", "e": 0})(3) == 4.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("five-wel", "no problem `five-wel`; did you mean five-well?"),
        ("Rosenbrock", "no problem `Rosenbrock`; did you mean rosenbrock or rosenbrock-n?"),
        ("five_well", "no problem `five_well`; did you mean five-well?"),
        ("Lévy", "no problem `Lévy`; did you mean levy?"),
        ("trid-5", "no problem `trid-5`; did you mean trid-4 or trid-n?"),
        ("camel", "no problem `camel`; did you mean three-hump-camel or six-hump-camel?"),
        ("xy", "no problem `xy`; `gdcli problems` lists them"),
        ("sin", "no problem `sin`; `gdcli problems` lists them"),
        ("theta", "no problem `theta`; `gdcli problems` lists them"),
    ],
)
def test_words_that_are_no_problem_are_refused(text: str, message: str) -> None:
    with pytest.raises(UnknownProblemError) as caught:
        lookup.function(text)
    assert str(caught.value) == message
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(("text", "value"), [("x²", 9.0), ("beal²", 9.0), ("x⁻¹", 1 / 3)])
def test_a_raised_name_is_no_problem(text: str, value: float) -> None:
    assert lookup.function(text)(3) == value


def test_pi_beside_a_name_is_no_problem() -> None:
    assert lookup.function("πr").variables == ("r",)


def test_an_unknown_problem() -> None:
    with pytest.raises(UnknownProblemError, match="did you mean booth"):
        lookup.problem("boot")


def test_other_mistakes_in_a_text_are_the_parsers() -> None:
    with pytest.raises(ExpressionError):
        lookup.function("x +")


def test_sizes_and_data_make_vectors() -> None:
    text = "sum((a*t[i] - x[i])^2 for i in 1:n)"
    function = lookup.function(text, data={"t": [1, 2, 3]}, parameters={"a": 2})
    assert function(1, 2, 3) == 1 + 4 + 9
    assert lookup.function(text, sizes={"n": np.int64(2)}).variables == ("a", "t", "x")


def test_data_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("t,y\n1,2\n3,5\n", encoding="utf-8")
    np.save(tmp_path / "w.npy", [1, 10])
    text = "sum(w[i]*(t[i]*a - y[i])^2 for i in 1:n)"
    sources: list[Any] = [{"w": tmp_path / "w.npy"}, tmp_path / "points.csv"]
    assert lookup.function(text, data=sources)(1) == 1 * 1 + 10 * 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sizes": {"n": 2.5}}, "the size n is a whole number, not 2.5"),
        ({"sizes": {"n": "3"}}, "the size n is a whole number, not '3'"),
        ({"sizes": {"n": True}}, "the size n is a whole number, not True"),
        ({"sizes": [("n", 2)]}, 'sizes are given by name: sizes={"n": 3}'),
        ({"parameters": [("a", 2)]}, 'parameters are given by name: parameters={"n": 3}'),
        ({"parameters": {1: 2}}, 'parameters are given by name: parameters={"n": 3}'),
        ({"data": {1: [2]}}, 'data["1"]: the expression has no such name (its names: x)'),
        ({"data": [3]}, 'data are arrays by name, data={"y": [1, 2]}, or tables'),
        ({"data": np.ones(3)}, 'data are arrays by name, data={"y": [1, 2]}, or tables'),
        ({"sizes": {"m": 3}}, 'sizes["m"]: the expression has no such size (its sizes: none)'),
        ({"data": {"A": [1]}}, 'data["A"]: the expression has no such name (its names: x)'),
        ({"backend": "fast"}, 'backend takes "auto", "python" or "native", not \'fast\''),
    ],
)
def test_what_means_nothing_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        lookup.function("x^2", **given)
    assert str(caught.value) == message


@pytest.mark.parametrize("source", ["rastrigin-n", "sum(x[i]^2 for i in 1:2)"])
def test_what_is_asked_for_holds_of_the_function_and_of_it_written_out(source: str) -> None:
    function = lookup.function(source, backend="native", as_written=True)
    for one in (function, function.unrolled):
        assert (one.backend, one.as_written) == ("native", True)
        assert one.problem is function.problem


def test_each_backend_computes() -> None:
    for backend in ("auto", "python", "native"):
        assert lookup.function("x^2", backend=backend)(3) == 9


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('expression = "a*x^2"\nstart = [3]\n')
    function = lookup.function(str(path), parameters={"a": 2})
    assert function(3) == 18
    assert function.problem is not None
    assert (function.problem.name, function.problem.start) == ("mine", (3.0,))


def test_a_file_of_several_problems(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[one]\nexpression = "x"\n[two]\nexpression = "x + 2"\n')
    assert lookup.function(f"{path}:two")(1) == 3
    for source, what in ((f"{path}", "2 problems in"), (f"{path}:three", "no problem `three` in")):
        with pytest.raises(UnknownProblemError) as caught:
            lookup.function(source)
        names = listed([f"{path}:one", f"{path}:two"])
        assert str(caught.value) == f"{what} {brief(str(path))}; there are {names}"
    assert list(lookup.load(path)) == ["one", "two"]


def test_a_mistake_in_a_file_is_not_read_as_a_function(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("expression = 3")
    with pytest.raises(ProblemFileError, match="line 1, `expression`"):
        lookup.function(str(path))
    with pytest.raises(UsageError, match="there is no file"):
        lookup.function("none.toml")


def test_nothing_is_imported_that_a_plain_function_does_not_need() -> None:
    code = (
        "import sys; from gdcli.library.lookup import function; function('x^2 + y^2')(1, 2);"
        "print({'tomllib', 'pathlib', 'difflib', 'numpy', 'sympy'} & set(sys.modules))"
    )
    # -S: what the environment's site files import is not ours.
    search = f"import sys; sys.path[:] = {sys.path!r};"
    done = subprocess.run(
        [sys.executable, "-S", "-c", search + code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


SCALAR_PROBLEMS = [one.name for one in PROBLEMS if "[" not in one.expression]


@pytest.mark.parametrize("name", sampled(SCALAR_PROBLEMS, 8))
def test_a_variable_held_is_the_problem_at_its_value(name: str) -> None:
    whole, problem = lookup.function(name), lookup.problem(name)
    start = problem.start or [0.5] * len(whole.variables)
    at = {one: x + 0.013 * x for one, x in zip(whole.variables, start, strict=True)}  # off a kink
    value, gradient = whole.value_and_gradient(**at)
    for place, held in enumerate(whole.variables):
        rest = {one: number for one, number in at.items() if one != held}
        function = lookup.function(name, parameters={held: at[held]})
        assert function.variables == (*rest,)
        assert function.held == {held: at[held]}
        found, slopes = function.value_and_gradient(**rest)
        scale = np.abs(gradient).max()
        assert found == pytest.approx(value, rel=1e-13, abs=1e-13 * scale)
        assert slopes == pytest.approx(np.delete(gradient, place), rel=1e-10, abs=1e-13 * scale)
        assert function.problem is not None
        assert [*function.problem.start] == [*np.delete(problem.start, place)] * bool(problem.start)
        assert (function.problem.minima, function.problem.stationary) == ((), ())


@pytest.mark.parametrize(
    "character", "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2028\u2029\u3000"
)
def test_only_blanks_are_taken_off_the_ends_of_a_text(character: str) -> None:
    for text in (f"{character}x^2", f"x^2{character}", f"five-well{character}", character):
        with pytest.raises(ExpressionError, match=f"^U\\+{ord(character):04X} is not a character"):
            lookup.function(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xπ", "an operator is missing between `x` and `pi`; write x\\*π"),
        ("Aᵀ", "`'` is a transpose; the shape of `A` is not known here"),
        ("xⁿ", r"U\+207F is not a character of the language; type \^n"),
        ("xₙ", r"U\+2099 is not .*; type \[n\] for an entry, or _n in a name"),
        ("xᵢⱼ", r"U\+1D62 is not .*; type \[i,j\] for an entry, or _ij in a name"),
        ("xₘₐₓ", r"U\+2098 is not .*; type _max"),
        ("xꞈ2", r"U\+A788 is not a character of the language"),
        ("хуz", r"U\+0445 is not a character of the language; type x"),
        ("ｘｙ", r"U\+FF58 is not a character of the language; type x"),
        ("日本", r"U\+65E5 is not a character of the language"),
    ],
)
def test_a_single_word_with_a_foreign_character_is_no_problem(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=f"^{message}"):
        lookup.function(text)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Sin[x]", "write sin(x)"),
        ("2*Exp[-x]", "write exp(-x)"),
        ("Sqrt[x+1]", "write sqrt(x+1)"),
        ("Power[x,2]", "write x^2"),
        ("ArcTan[x]", "write arctan(x)"),
        ("Log[2, x]", "write log(x)/log(2)"),
    ],
)
def test_a_call_in_brackets_is_answered_with_parentheses(text: str, advice: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        lookup.function(text)
    assert str(caught.value.message).endswith(advice)


def test_a_vector_may_be_called_as_a_function_of_another_language() -> None:
    assert lookup.function("f(Sin[2]) = Sin[1]*Sin[2]").variables
    assert lookup.function("sum(Exp[i]^2 for i in 1:3)").variables
    with pytest.raises(ExpressionError, match="is no subscript"):
        lookup.function("f(Max[5]) = Max[q^2]")
