"""Problems of functions of any size: what is stated for which sizes, and mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdcli.errors import ProblemFileError, UsageError
from gdcli.functions.problem import Minimum
from gdcli.library.files import ProblemFile
from gdcli.library.verification import verify
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

# By hand: w = (1, 2) pulls to 0, the others to their own number; f at the minimum is 0.
CHAIN = """\
[chain]
expression = "f(x, a) = sum(w[i]*x[i]^2 for i in 1:2) + sum((x[i] - i)^2 for i in 3:n) + a^2"
data.w = [1, "4/2"]
sizes = { n = 4 }
start = "x[i]=i/n, a=2"
window = [[-1, 9], [-2, 2]]
minima = [
  { at = [0, 0, 3, 4, 0], f = 0 },
  { at = [0, 0, 3, 0], f = 0, sizes = { n = 3 }, note = "the smallest" },
]
stationary = [
  { at = [0, 0, 3, 4, 5, 0], kind = "minimum", sizes = { n = 5 } },
]
"""


def read(tmp_path: Path, text: str) -> ProblemFile:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return ProblemFile(path)


def test_the_sizes_of_the_file(tmp_path: Path) -> None:
    problem = read(tmp_path, CHAIN).problem("chain")
    assert problem.sizes == {"n": 4}
    assert problem.data == {"w": [1.0, 2.0]}
    assert problem.start == (0.25, 0.5, 0.75, 1.0, 2.0)
    assert problem.window == ((-1.0, 9.0),) * 4 + ((-2.0, 2.0),)
    assert problem.minima == (Minimum((0.0, 0.0, 3.0, 4.0, 0.0), 0.0),)
    assert problem.stationary == ()
    assert problem.elsewhere == ({"n": 3}, {"n": 5})


def test_other_sizes_have_what_is_stated_for_them(tmp_path: Path) -> None:
    file = read(tmp_path, CHAIN)
    three = file.problem("chain", {"n": 3})
    assert three.minima == (Minimum((0.0, 0.0, 3.0, 0.0), 0.0, "the smallest"),)
    assert three.start == pytest.approx((1 / 3, 2 / 3, 1, 2))
    six = file.problem("chain", {"n": 6})
    assert (six.minima, six.stationary) == ((), ())
    assert len(six.start) == len(six.window) == 7
    assert six.elsewhere == ({"n": 4}, {"n": 3}, {"n": 5})


def test_a_size_may_be_set_as_a_parameter(tmp_path: Path) -> None:
    function = read(tmp_path, CHAIN).function("chain", {"n": 3})
    assert function.problem == read(tmp_path, CHAIN).problem("chain", {"n": 3})


def test_a_start_that_is_a_list_is_one_of_the_files_sizes(tmp_path: Path) -> None:
    text = CHAIN.replace('start = "x[i]=i/n, a=2"', "start = [1, 1, 1, 1, 1]")
    file = read(tmp_path, text)
    assert file.problem("chain").start == (1.0,) * 5
    assert file.problem("chain", {"n": 7}).start == ()


def test_every_stated_point_is_verified_and_named_by_its_sizes(tmp_path: Path) -> None:
    text = CHAIN.replace("[0, 0, 3, 0], f = 0", "[0, 0, 3, 0], f = 0.5")
    checks = verify(read(tmp_path, text).problem("chain"))
    assert [(check.problem, check.kind, check.holds) for check in checks] == [
        ("chain", "minimum", True),
        ("chain, n = 3", "minimum", False),
        ("chain, n = 5", "minimum", True),
    ]


def test_data_may_be_a_matrix_and_may_be_replaced(tmp_path: Path) -> None:
    text = """
expression = "f(x) = sum((sum(A[i,j]*x[j] for j in 1:2) - b[i])^2 for i in 1:m)"
[data]
A = [[1, 2], [3, 4], [5, 6]]
b = [1, 2, 3]
"""
    file = read(tmp_path, text)
    assert file.function("mine")([1, 1]) == (3 - 1) ** 2 + (7 - 2) ** 2 + (11 - 3) ** 2
    assert file.function("mine", data={"b": [3, 7, 11]})([1, 1]) == 0


def test_what_is_given_beside_the_file_is_not_the_files_fault(tmp_path: Path) -> None:
    file = read(tmp_path, CHAIN)
    with pytest.raises(UsageError) as caught:
        file.function("chain", sizes={"m": 3})
    assert not isinstance(caught.value, ProblemFileError)
    with pytest.raises(ProblemFileError, match="line 2, `expression`"):
        read(tmp_path, CHAIN.replace("x[i]^2", "x[i^2]")).function("chain", sizes={"n": 5})


def test_points_of_many_components_are_arrays_and_have_no_window(tmp_path: Path) -> None:
    problem = read(tmp_path, CHAIN).problem("chain", {"n": MOST_LISTED_COMPONENTS})
    assert problem.window == ()
    assert len(problem.start) == MOST_LISTED_COMPONENTS + 1
    assert problem.start[MOST_LISTED_COMPONENTS - 1] == 1.0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{ n = 4 }", "4", "line 4, `sizes`: it is no table: write { n = 10 }, not 4"),
        ("{ n = 4 }", "{ n = 0 }", "line 4, `sizes.n`: 0 is no size: write a whole number"),
        ("{ n = 4 }", "{ n = true }", "line 4, `sizes.n`: True is no size"),
        ("{ n = 4 }", "{ n = 4.0 }", "line 4, `sizes.n`: 4.0 is no size"),
        ("sizes = { n = 3 }", "sizes = { k = 3 }", "`minima[2].sizes.k`: the function has no such"),
        ("sizes = { n = 3 }", "size = { n = 3 }", "`minima[2].size`: an unknown key; did you mean"),
        ("at = [0, 0, 3, 4, 0]", "at = [0, 0]", "`minima[1].at`: it has 2 where 5 are needed, in"),
        ("[-1, 9], ", "", "line 6, `window`: it has 1 where 2 are needed, in the order x, a"),
        ('[1, "4/2"]', "3", "line 3, `data.w`: it is no list"),
        ('[1, "4/2"]', "[]", "line 3, `data.w`: it has no numbers"),
        ('[1, "4/2"]', "[1, 'x']", "line 3, `data.w[2]`: it: `x` is not a number"),
        ('[1, "4/2"]', "[[1], [2, 3]]", "line 3, `data.w`: its rows have different lengths: 1, 2"),
        ('[1, "4/2"]', "[[1], 2]", "line 3, `data.w[2]`: it is no list"),
        ("data.w", "data", "line 3, `data`: it is no table: write { y = [1, 2] }"),
    ],
)
def test_mistakes(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert CHAIN.count(old) == 1
    with pytest.raises(ProblemFileError) as caught:
        read(tmp_path, CHAIN.replace(old, new)).problem("chain")
    assert message in str(caught.value)
