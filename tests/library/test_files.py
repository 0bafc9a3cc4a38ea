from __future__ import annotations

import math
from pathlib import Path

import pytest

from gdcli.errors import ProblemFileError, UsageError
from gdcli.functions.data import NamedColumns
from gdcli.functions.problem import Minimum, Problem, Stationary
from gdcli.library.files import MAXIMUM_SIZE, ProblemFile

WHOLE = """\
# two bowls
[bowl]
title = "Bowl"
expression = "f(x, y) = x^2 + (y - pi)^2"
start = "y=1/2, x=-1e-5"
window = [[-2, 2], [-2, "2*pi"]]
minima = [
  { at = [0, "pi"], f = 0, note = "the only one" },
]
stationary = [{ at = [0, "pi"], kind = "minimum" }]
tags = ["round", "plain"]
source = "nobody (2000)"
note = "nothing"

["second"]
expression = '''
r = x^2;
r + 1'''
"""


def read(tmp_path: Path, text: str | bytes, name: str = "mine.toml") -> ProblemFile:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return ProblemFile(path)


def test_every_key_is_read(tmp_path: Path) -> None:
    file = read(tmp_path, WHOLE)
    assert list(file.tables) == ["bowl", "second"]
    assert file.problem("bowl") == Problem(
        name="bowl",
        expression="f(x, y) = x^2 + (y - pi)^2",
        family="mine",
        path=str(tmp_path / "mine.toml"),
        title="Bowl",
        start=(-1e-5, 0.5),
        window=((-2.0, 2.0), (-2.0, 2 * math.pi)),
        minima=(Minimum((0.0, math.pi), 0.0, "the only one"),),
        stationary=(Stationary((0.0, math.pi), "minimum"),),
        tags=("round", "plain"),
        source="nobody (2000)",
        note="nothing",
    )
    assert file.problem("second").start == ()


def test_the_function_computes_what_the_file_says(tmp_path: Path) -> None:
    function = read(tmp_path, WHOLE).function("second")
    assert function(3) == 10
    assert function.problem is not None
    assert function.problem.expression == "r = x^2;\nr + 1"


def test_keys_at_top_level_are_one_problem_named_after_the_file(tmp_path: Path) -> None:
    file = read(tmp_path, 'expression = "a*x^2"\nstart = [1]\n', "my bowl.toml")
    assert list(file.tables) == ["my bowl"]
    assert file.function("my bowl", {"a": 3})(2) == 12


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    text = '\ufeff[bowl]\r\nexpression = """\r\nx^2\r\n  + 1"""\r\n'
    assert read(tmp_path, text).function("bowl")(2) == 5


def test_one_table_alone_is_read_as_among_all(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[first]\nexpression = 'x'\n\n[bowl]\nexpression = 'x^2'\nstart = [1, 2]\n")
    with pytest.raises(ProblemFileError, match="line 6, `start`"):
        ProblemFile(path, "bowl").problem("bowl")
    assert list(ProblemFile(path, "first").tables) == ["first"]


HELD = """
start = [1, 2, 3]
window = [[-1, 1], [-2, 2], [-3, 3]]
minima = [{ at = [0, 0, 0], f = 0 }]
stationary = [{ at = [0, 0, 0], kind = "minimum" }]
title = "three"
"""


@pytest.mark.parametrize("text", ["f(z, y, x) = x^2 + y^2 + z^2", "z + x^2 + y^2"])
@pytest.mark.parametrize("held", ["x", "y", "z"])
def test_a_problem_with_a_variable_held_has_the_rest_of_its_points_and_no_minima(
    tmp_path: Path, text: str, held: str
) -> None:
    order = [name for name in ("z", "y", "x") if name in text]
    order = order if "f(" in text else sorted(order)
    file = read(tmp_path, f"expression = '{text}'\n{HELD}")
    problem = file.function("mine", {held: "1/2"}).problem
    kept = [place for place, name in enumerate(order) if name != held]
    assert problem is not None
    assert problem.start == tuple((1, 2, 3)[place] for place in kept)
    assert problem.window == tuple((-place - 1, place + 1) for place in kept)
    assert (problem.minima, problem.stationary) == ((), ())
    assert (problem.title, len(file.problem("mine").minima)) == ("three", 1)


def test_a_long_problem_with_a_variable_held(tmp_path: Path) -> None:
    text = "f(b, x[n], c) = (b - c)^2 + sum(x[i]^2 for i in 1:n)"
    file = read(tmp_path, f'expression = "{text}"\nsizes.n = 300\nstart = "b=1,x[i]=i,c=2"\n')
    function = file.function("mine", {"b": 1, "n": 500})
    assert function.problem is not None
    assert [*function.problem.start] == [*range(1, 501), 2]


GOOD = '[bowl]\nexpression = "f(x, y) = x^2 + y^2"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, `expression`: it is missing"),
        ("[bowl]\ntitle = 'x'\n", "line 1, `expression`: it is missing"),
        ("\n\n[bowl]\n", "line 3, `expression`: it is missing"),
        (GOOD + "minimum = []", "line 3, `minimum`: an unknown key; did you mean minima?"),
        (GOOD + "colour = 1", "line 3, `colour`: an unknown key; there are expression, title"),
        ("expresion = 'x'", "line 1, `expresion`: an unknown key; did you mean expression?"),
        ("title = 'x'\n" + GOOD, "line 1, `title`: it stands outside"),
        ("[bowl]\nexpression = 3", "line 2, `expression`: it is no text"),
        ("[bowl]\nexpression = 'x +'", "line 2, `expression`: "),
        ("[bowl]\nexpression = ''", "line 2, `expression`: "),
        (GOOD + "title = 3", "line 3, `title`: it is no text"),
        (GOOD + "tags = 'round'", "line 3, `tags`: it is no list"),
        (GOOD + "tags = ['round', 3]", "line 3, `tags[2]`: it is no text"),
        (GOOD + "start = [1]", "line 3, `start`: it has 1 where 2 are needed, in the order x, y"),
        (GOOD + "start = 1", "line 3, `start`: it is no list"),
        (GOOD + "start = '1'", "line 3, `start`: it has 1 value; it takes 2 values"),
        (GOOD + "start = 'x=1, z=2'", "line 3, `start`: it: `z` is no variable"),
        (GOOD + "start = [1, true]", "line 3, `start[2]`: True is no number"),
        (GOOD + "start = [1, inf]", "line 3, `start[2]`: it is no finite number"),
        (GOOD + "start = [nan, 1]", "line 3, `start[1]`: it is no finite number"),
        (GOOD + f"start = [1, 1{'0' * 400}]", "line 3, `start[2]`: it is no finite number"),
        (GOOD + f"start = [1, {'9' * 5000}]", "a whole number of thousands of digits is no finite"),
        (GOOD + f"start = [1, 0x1{'0' * 9000}]", "line 3, `start[2]`: it is no finite number"),
        (GOOD + "start = [1, 1e-999]", "`start[2]`: it: `1e-999` is not 0, but too small"),
        (GOOD + "start = [0x20000000000001, 1]", "`start[1]`: it: `9007199254740993` is a whole"),
        (GOOD + "start = [1, '9007199254740993']", "`start[2]`: it: `9007199254740993` is a whole"),
        (GOOD + "minima = [{ at = [0, 0], f = -1e-400 }]", "`minima[1].f`: it: `-1e-400` is not 0"),
        (
            GOOD + "data = { c = [[1], [9007199254740993]] }",
            "`data.c[2][1]`: it: `9007199254740993`",
        ),
        (GOOD + "start = [1, 'x']", "line 3, `start[2]`: it: `x` is not a number"),
        (GOOD + "start = [1, '1/0']", "line 3, `start[2]`: it: 1/0 is not a finite number"),
        (GOOD + "start = [1, 2026-01-01]", "line 3, `start[2]`: datetime.date"),
        (GOOD + "window = [[0, 1]]", "line 3, `window`: it has 1 where 2 are needed"),
        (GOOD + "window = [[0, 1], [1, 1]]", "line 3, `window[2]`: it is no interval"),
        (GOOD + "window = [[0, 1], [1]]", "line 3, `window[2]`: it is no interval"),
        (GOOD + "window = [0, 1]", "line 3, `window[1]`: it is no list"),
        (GOOD + "minima = { at = [0, 0] }", "line 3, `minima`: it is no list"),
        (GOOD + "minima = [[0, 0]]", "line 3, `minima[1]`: it is no table"),
        (GOOD + "minima = [{ at = [0, 0] }]", "line 3, `minima[1].f`: it is missing"),
        (GOOD + "minima = [{ at = [0], f = 0 }]", "line 3, `minima[1].at`: it has 1 where 2"),
        (GOOD + "minima = [{ at = [0, 0], f = [] }]", "line 3, `minima[1].f`: [] is no number"),
        (GOOD + "minima = [{ at = [0, 0], f = 0, kind = '' }]", "`minima[1].kind`: an unknown key"),
        (GOOD + "\n[[bowl.minima]]\nat = [0]\nf = 0", "line 4, `minima[1].at`: it has 1 where 2"),
        (GOOD + "stationary = [{ at = [0, 0], kind = 'hill' }]", "`stationary[1].kind`: it is one"),
        (
            GOOD + "start = 1 2",
            "line 3, `start`: Expected newline or end of document after",
        ),
        (GOOD + "start = [1, 2", "line 3, `start`: Unclosed array"),
        (GOOD + "start = [1, 2]\n\nstart = [1, 2]\n", "line 5, `start`: it stands there twice"),
        (GOOD + GOOD, "line 3: Cannot declare ('bowl',) twice (column 6)"),
        (GOOD + "x = " + "[" * 5000, "its lists are nested too deeply"),
        (GOOD + "start = " + "[" * 110 + "1" + "]" * 110, "its lists are nested too deeply"),
        (GOOD + "data." + ".".join("a" * 20_000) + " = 1", "its keys are nested too deeply"),
        (GOOD + "data" + ' . "a,b"' * 20_000 + " = 1", "its keys are nested too deeply"),
        (
            GOOD + "[" + ".".join("a" * 99) + "]\n" + ".".join("b" * 99) + " = 1",
            "nested too deeply",
        ),
        (b"[bowl]\nexpression = '\xff'", "line 2: it is not UTF-8"),
        ("#" * (MAXIMUM_SIZE + 1), "it has more than 1,000,000 bytes"),
    ],
    ids=lambda _: "",  # one of the texts has a million characters
)
def test_a_mistake_is_named_by_file_line_and_key(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(ProblemFileError) as caught:
        [file.problem(name) for file in [read(tmp_path, text)] for name in file.tables]
    assert str(caught.value).startswith(f"{tmp_path / 'mine.toml'}: ")
    assert message in str(caught.value)


def test_a_mistake_in_the_expression_shows_its_place(tmp_path: Path) -> None:
    with pytest.raises(ProblemFileError) as caught:
        read(tmp_path, "[bowl]\nexpression = 'x $ y'").problem("bowl")
    assert str(caught.value).endswith("\n  x $ y\n    ^")


def test_the_line_is_that_of_the_key_in_its_own_table(tmp_path: Path) -> None:
    text = GOOD + 'start = [1, 2]\n[other]\n"expression" = "x"\n\n# start\n  start = [1, 2]\n'
    with pytest.raises(ProblemFileError, match="line 8, `start`"):
        read(tmp_path, text).problem("other")


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        ProblemFile(tmp_path / "none.toml")
    with pytest.raises(UsageError, match=r"no file can be called \S*<U\+0000>"):
        ProblemFile("a\0.toml")
    with pytest.raises(UsageError, match="is a folder"):
        ProblemFile(tmp_path)


def test_columns_take_the_place_of_data_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Time (s),y\n1,10\n2,20\n", encoding="utf-8")
    text = 'expression = "sum(a*t[i]*y[i] for i in 1:n)"\ndata = { t = [5, 6], y = [1, 1] }\n'
    file = read(tmp_path, text)
    assert file.function("mine")(1) == 11
    columns = NamedColumns(tmp_path / "t.csv", {"t": "Time (s)", "y": "y"})
    assert file.function("mine", data=columns)(1) == 50
