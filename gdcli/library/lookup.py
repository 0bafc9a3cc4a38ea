"""The look-up of functions: from a text, a problem's name or a file to a Function.

Comes in: a text, a problem's name, or the path of a problem file (`mine.toml`; one that holds
several problems as `mine.toml:NAME`). Goes out: a Function, which carries its Problem where it
came from one. A text is looked up only where it could be a name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Protocol, SupportsIndex, TypeGuard

from gdcli.errors import UnknownProblemError, UsageError, brief, listed
from gdcli.functions import arguments
from gdcli.functions.arguments import key_name, public
from gdcli.functions.function import Function
from gdcli.functions.resolved import mapping
from gdcli.language.lexer import BLANKS, NAME_LETTERS
from gdcli.language.suggest import closest
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from gdcli.functions.data import DataSources
    from gdcli.functions.problem import Problem
    from gdcli.functions.resolved import Parameters
    from gdcli.library.files import ProblemFile

    class SymbolicExpression(Protocol):
        """An expression of SymPy's."""

        @property
        def free_symbols(self) -> Any:
            """The symbols that are variables or parameters."""

    FunctionSource = str | PathLike[str] | SymbolicExpression  # what makes a Function

PROBLEM_SUFFIX = ".toml"
WANTED_SOURCE = (
    'the text of a function such as "x^2 + y^2", a problem\'s name or the path of a file'
)


class Given(NamedTuple):
    """What `function` is given beside a text, in the order in which a Function takes it."""

    parameters: Parameters | None
    sizes: Mapping[str, SupportsIndex] | None
    data: DataSources | None
    as_written: bool
    backend: str
    unlimited: bool
    undefined: str


@public
def function(
    source: FunctionSource,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
    backend: str = "auto",
    as_written: bool = False,
    unlimited: bool = False,
    undefined: str = "raise",
    columns: Mapping[str, str] | None = None,
) -> Function:
    """The Function of a text, of a problem's name, of a path that ends in .toml, or of SymPy's.

    An expression of SymPy's is a function of its free symbols in natural order, its numbers exact.
    `sizes` says how long sums and vectors are, `{"n": 1000}`; `data` gives arrays their numbers,
    `{"A": array}` or `{"A": "a.npy"}`, or is the path of a table, or a list of such; `columns`
    gives names to columns of tables, `{"t": "Time (s)"}`, or to a matrix of neighbouring ones,
    `{"x": "p1:p64"}`; `as_written` leaves out the accuracy rewrites; an `unlimited` function is
    evaluated where another is refused, beyond 10¹² operations or the memory there is; with
    `undefined="nan"` calls answer nan where they would raise UndefinedError. Its `problem` is the
    Problem it came from, or None. Raises UnknownProblemError for a near miss of a name and for any
    other single word, ProblemFileError for a mistake in a file, ExpressionError for a text that
    cannot be read, UsageError for sizes and data that do not fit it.
    """
    if named_columns := mapping(columns, "columns"):
        from gdcli.functions.data import NamedColumns

        headings = {
            name: arguments.text(one, f'columns["{brief(name)}"]', "the heading of a column")
            for name, one in named_columns.items()
        }
        data = NamedColumns(data, headings)
    given = Given(parameters, sizes, data, as_written, backend, unlimited, undefined)
    text = fspath(source) if isinstance(source, PathLike) else source
    if "sympy" in sys.modules:  # whoever has an expression of SymPy's has imported it
        from gdcli.functions.sympy_expressions import is_sympy, text_of

        if is_sympy(source):
            named = [one for one in (parameters, sizes, data) if isinstance(one, Mapping)]
            text = text_of(source, {key_name(name) for one in named for name in one})
    if is_callable(source):
        message = "a Python callable has no text to differentiate; write its formula, as in {}"
        raise UsageError(message.format('"x^2 + y^2"'))
    return _found(arguments.text(text, "source", WANTED_SOURCE).strip(BLANKS), given)


def _found(source: str, given: Given) -> Function:
    path, suffix, name = source.rpartition(PROBLEM_SUFFIX)
    if suffix and (not name or name.startswith(":")):
        return _from_file(path + suffix, name[1:], given)
    if _is_word(source):
        if source in _index():
            return _open(_index()[source], source).function(source, *given)
        if _is_long_name(source) or closest(source, _index()):
            raise _unknown(source)
    return Function(source, *given)


def is_callable(f: Any) -> TypeGuard[Callable[..., Any]]:
    """Whether f is a Python function, or an object like one, from which no Function is made."""
    if not callable(f) or isinstance(f, Function):
        return False
    if "sympy" not in sys.modules:
        return True
    from gdcli.functions.sympy_expressions import is_sympy

    return not is_sympy(f)


def as_function(f: Function | FunctionSource, **given: Any) -> Function:
    """The Function itself, or the one that `function` makes of a source and what is given."""
    if not isinstance(f, Function):
        return function(f, **given)
    if names := [name for name in given if given[name] is not None]:
        raise UsageError(f"a Function has its {listed(names)} already; give them with a text")
    return f


@public
def problem(name: str) -> Problem:
    """The library's problem of that name; raises UnknownProblemError."""
    if arguments.text(name, "name", 'a problem\'s name, such as "five-well"') not in _index():
        raise _unknown(name)
    return _open(_index()[name], name).problem(name)


@public
def problems() -> list[Problem]:
    """Every problem of the library, in order of family and of place in its file."""
    return [found for path in _families() for found in load(path).values()]


def load(path: str | Path) -> dict[str, Problem]:
    """The problems of a file by name, in the file's order; raises ProblemFileError."""
    file = _open(path)
    return {name: file.problem(name) for name in file.tables}


def _open(path: str | Path, only: str = "") -> ProblemFile:
    from gdcli.library.files import ProblemFile  # and with it pathlib and tomllib

    return ProblemFile(path, only)


def _from_file(path: str, name: str, given: Given) -> Function:
    file = _open(path)
    names = list(file.tables)
    chosen = name or (names[0] if len(names) == 1 else "")
    if chosen not in names:
        what = f"no problem `{brief(name)}`" if name else f"{len(names)} problems"
        known = listed([f"{path}:{known}" for known in names])
        raise UnknownProblemError(f"{what} in {brief(path)}; there are {known}")
    return file.function(chosen, *given)


def shipped(name: str) -> Path:
    """The folder of that name: within the package in a wheel, beside it in a checkout."""
    from pathlib import Path

    package = Path(__file__).resolve().parent.parent
    installed = package / name
    return installed if installed.is_dir() else package.parent / name


def _families() -> list[Path]:
    """The library's problem files."""
    return sorted(shipped("problems").glob("*" + PROBLEM_SUFFIX))


@cache
def _index() -> dict[str, Path]:
    """The file of each problem's name, found by the lines `[name]`: parsing all takes too long."""
    return {
        name: path
        for path in _families()
        for name in re.findall(r"^\[([a-z0-9-]+)\]", path.read_text("utf-8"), re.MULTILINE)
    }


def _is_word(text: str) -> bool:
    pattern = "[A-Za-z0-9_-]+" if text.isascii() else rf"[{NAME_LETTERS}0-9_₀-₉-]+"
    return re.fullmatch(pattern, text) is not None


def _is_long_name(text: str) -> bool:
    return text.isidentifier() and sum(map(str.isalpha, text)) > 1


def _unknown(name: str) -> UnknownProblemError:
    plain = name.lower().replace("_", "-")
    near = closest(plain, _index(), min(2, len(plain) // 3))  # two edits leave nothing of `foo`
    if not near and len(plain) > 3:
        near = [known for known in _index() if plain in known]
    advice = f"did you mean {' or '.join(near[:3])}?" if near else "`gdcli problems` lists them"
    return UnknownProblemError(f"no problem `{brief(name)}`; {advice}")
