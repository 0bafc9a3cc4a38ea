"""Problem files: TOML to Problems.

Comes in: a file in UTF-8 that holds one table `[name]` for each problem, or the keys of a single
problem at top level, whose name then is the file's. Goes out: a Function whose `problem` holds
what the file says of it; or ProblemFileError, which names file, line and key of a mistake.

`expression` is required. `title`, `source` and `note` are texts, `tags` a list of texts; `start`
is a point, `window` one [low, high] for each variable, `minima` a list of {at, f, note} and
`stationary` one of {at, kind}. A point is a list of numbers in the order of the variables, or a
text as on the command line ("x=1, y=pi/3"); a number may be a text, a constant expression.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import (
    FileAccessError,
    GdcliError,
    ProblemFileError,
    UsageError,
    brief,
    listed,
    visible,
)
from gdcli.language.points import read_constant
from gdcli.language.suggest import closest
from gdcli.problem_data import KINDS, Minimum, Problem, Stationary
from gdcli.scalar_function import Function, constant

KEYS = tuple(field for field in Problem._fields if field not in ("name", "family", "path"))
MAXIMUM_SIZE = 1_000_000  # bytes
HEAD = re.compile(r"""\s*\[+\s*["']?([^\[\]"',]*?)["']?\s*\]+\s*(?:#|$)""")  # [name] or [[name]]
KEY = re.compile(r"""\s*["']?([^=\[\]"'#]*?)["']?\s*=""")  # of a line

Parameters = Mapping[str, float | str]
Reader = Callable[[Any], Any]


class ProblemFile:
    """An open problem file; `tables` holds the keys of each problem by its name.

    With `only`, the one problem of that name is read, ten times faster than a whole family. The
    file must then have every `[name]`, and no other bracket, at the beginning of a line.
    """

    def __init__(self, path: str | Path, only: str = "") -> None:
        import tomllib

        self.path = Path(path)
        self.text = self._decoded(_content(self.path))
        try:
            data = tomllib.loads(_table(self.text, only) if only else self.text)
        except ValueError as error:
            self._refuse(self._syntax(str(error)))
        except RecursionError:
            self._refuse("its lists are nested too deeply")
        self.single = "expression" in data or not any(isinstance(v, dict) for v in data.values())
        self.tables: dict[str, dict[str, Any]] = {self.path.stem: data} if self.single else data
        for name, table in self.tables.items():
            if not isinstance(table, dict):
                self._mistake("", _Mistake("it stands outside of every problem's [table]", name))

    def function(self, name: str, parameters: Parameters | None = None) -> Function:
        """The Function of the problem called `name`, its `problem` set."""
        table = self.tables[name]
        try:
            _check_keys(table, KEYS, ("expression",))
            expression = _within("expression", _text, table["expression"]).strip()
            function: Function = _within(
                "expression", lambda text: Function(text, parameters), expression
            )
            found = _record(table, _readers(function))
        except _Mistake as mistake:
            self._mistake(name, mistake)
        found["expression"] = expression
        function.problem = Problem(name=name, family=self.path.stem, path=str(self.path), **found)
        return function

    def problem(self, name: str) -> Problem:
        """What the file says of the problem called `name`."""
        problem = self.function(name).problem
        assert problem is not None
        return problem

    def _decoded(self, content: bytes) -> str:
        if len(content) > MAXIMUM_SIZE:
            self._refuse(f"it has more than {MAXIMUM_SIZE:,} bytes")
        try:
            return content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            self._refuse(f"line {content.count(10, 0, error.start) + 1}: it is not UTF-8")

    def _refuse(self, message: str) -> NoReturn:
        raise ProblemFileError(f"{visible(str(self.path))}: {message}")

    def _syntax(self, message: str) -> str:
        """What tomllib says, its line first, and the key that the line gives a value."""
        what, _, place = message.rpartition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        number = int(found[1]) if found else self.text.rstrip().count("\n") + 1
        key = KEY.match((self.text.split("\n"))[number - 1])
        named = f", `{brief(key[1])}`" if key else ""
        if what == "Cannot overwrite a value":
            what = "it stands there twice"
        column = f" (column {found[2]})" if found else ""
        return f"line {number}{named}: {brief(what or message)}{column}"

    def _mistake(self, name: str, mistake: _Mistake) -> NoReturn:
        line = self._line("" if self.single else name, str(mistake.keys[0]))
        self._refuse(f"line {line}, `{brief(mistake.place)}`: {mistake.message}")

    def _line(self, table: str, key: str) -> int:
        """The line of the key, else of the head of its table, else the first."""
        assignment = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
        own_table = f"{table}.{key}" if table else key  # as in [[name.minima]]
        current, found = "", 1
        for number, line in enumerate(self.text.split("\n"), 1):
            if head := HEAD.match(line):
                current = head[1]
                if current == own_table:
                    return number
                found = number if current == table else found
            elif current == table and assignment.match(line):
                return number
        return found


def _table(text: str, name: str) -> str:
    """The text of one table, after as many line ends as in the file, so that lines stay right."""
    start = text.index(f"[{name}]\n")
    end = text.find("\n[", start)
    return "\n" * text.count("\n", 0, start) + text[start : end if end > 0 else None]


def _content(path: Path) -> bytes:
    shown = brief(str(path))
    try:
        with path.open("rb") as stream:
            return stream.read(MAXIMUM_SIZE + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}") from None
    except OSError as error:
        raise FileAccessError(f"cannot read {shown}: {error.strerror}") from None
    except ValueError:  # a NUL, or a lone surrogate
        raise UsageError(f"no file can be called {shown}") from None


class _Mistake(Exception):
    """What is wrong with a value; `keys` lead to it, the innermost last."""

    def __init__(self, message: str, *keys: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.keys = keys

    @property
    def place(self) -> str:
        """The keys as one would write them: minima[2].at."""
        texts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return "".join(texts).removeprefix(".")


def _within(key: str | int, read: Reader, value: Any) -> Any:
    """What `read` makes of the value that stands under `key`."""
    try:
        return read(value)
    except _Mistake as mistake:
        raise _Mistake(mistake.message, key, *mistake.keys) from None
    except GdcliError as error:
        raise _Mistake(str(error), key) from None


# -- what may stand under a key ----------------------------------------------------------------


def _readers(function: Function) -> dict[str, Reader]:
    """How the value of each key is read, given the variables."""
    count, names = len(function.variables), listed(function.variables)

    def complete(values: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(values) != count:
            raise _Mistake(f"it has {len(values)} where {count} are needed, in the order {names}")
        return values

    def point(value: Any) -> tuple[float, ...]:
        if isinstance(value, str):
            return tuple(function.point(value, "it"))
        return complete(_list(value, _number))

    def minimum(value: Any) -> Minimum:
        return Minimum(**_record(value, {"at": point, "f": _number, "note": _text}, ("at", "f")))

    def stationary(value: Any) -> Stationary:
        return Stationary(**_record(value, {"at": point, "kind": _kind}, ("at", "kind")))

    return {
        **dict.fromkeys(("expression", "title", "source", "note"), _text),
        "tags": lambda value: _list(value, _text),
        "start": point,
        "window": lambda value: complete(_list(value, _interval)),
        "minima": lambda value: _list(value, minimum),
        "stationary": lambda value: _list(value, stationary),
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Mistake(f"it is no text: write it in quotation marks, not {_shown(value)}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, str):
        return constant(read_constant(value, ARITIES, "it"), "it")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Mistake(f"{_shown(value)} is no number")
    if not abs(value) <= sys.float_info.max:
        raise _Mistake("it is no finite number")
    return float(value)


def _interval(value: Any) -> tuple[float, float]:
    ends = _list(value, _number)
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise _Mistake("it is no interval: write [low, high], low < high")
    return ends[0], ends[1]


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise _Mistake(f"it is one of {', '.join(KINDS)}, not {_shown(value)}")
    return str(value)


def _list(value: Any, read: Reader) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _Mistake(f"it is no list: write it in brackets, not {_shown(value)}")
    return tuple(_within(number, read, item) for number, item in enumerate(value, 1))


def _record(
    value: Any, readers: Mapping[str, Reader], required: Sequence[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Mistake(f"it is no table: write {{ {', '.join(required)} }}, not {_shown(value)}")
    _check_keys(value, tuple(readers), required)
    return {key: _within(key, readers[key], item) for key, item in value.items()}


def _check_keys(table: dict[str, Any], keys: Sequence[str], required: Sequence[str]) -> None:
    for key in table:
        if key not in keys:
            near = closest(key, keys)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"
            raise _Mistake(f"an unknown key; {advice}", key)
    for key in required:
        if key not in table:
            raise _Mistake("it is missing", key)


def _shown(value: Any) -> str:
    """A value of the file, in short."""
    text = visible(repr(value))
    return text if len(text) <= 40 else text[:37] + "..."
