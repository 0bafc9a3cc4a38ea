"""Problem files: TOML to Problems.

Comes in: a file in UTF-8 that holds one table `[name]` for each problem, or the keys of a single
problem at top level, whose name then is the file's. Goes out: a Function whose `problem` holds
what the file says of it; or ProblemFileError, which names the file, line and key of a mistake.

`expression` is required. `title`, `source` and `note` are texts, `tags` a list of texts; `sizes`
has the sizes of the function's vectors, `data` constant arrays; `start` is a point, `window` one
[low, high] for each variable, `minima` a list of {at, f, note, sizes} and `stationary` one of {at,
kind, sizes}. A point is a list of numbers in the order of the variables, or a text as on the
command line ("x=1, y=pi/3"); a number may be a text, a constant expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, SupportsIndex

from gdcli.errors import GdcliError, ProblemFileError, Sentence, brief, visible
from gdcli.execute.limits import refuse_large_memory
from gdcli.functions.doubles import read_float
from gdcli.functions.function import Function
from gdcli.functions.input_files import opened, text_encoding
from gdcli.functions.problem import Problem
from gdcli.functions.resolved import Parameters, ResolvedExpression, mapping, resolve
from gdcli.language.lexer import BLANKS
from gdcli.library import records as values
from gdcli.library.records import PROBLEM_KEYS, Mistake, check_keys, within

MAXIMUM_SIZE = 1_000_000  # bytes
LONGEST_KEY_LINE = 200  # characters of a line in which a key or a table's name is looked for
MOST_LEVELS = 100  # of keys, tables and lists inside one another
PROBLEM_BYTES = 24  # a component takes in a start and a minimum, and as either is read
# The head of a table, [name] or [[name]], and the key that a line gives a value.
TABLE_HEAD = re.compile(r"""\s*\[+\s*["']?([^\[\]"',]*?)["']?\s*\]+\s*(?:#|$)""")
LINE_KEY = re.compile(r"""\s*["']?([^=\[\]"'#]*?)["']?\s*=""")


class ProblemFile:
    """A problem file that has been read; `tables` holds the keys of each problem by its name.

    With `only`, the one problem of that name is read, ten times faster than a whole family. The
    file must then have every `[name]`, and no other bracket, at the beginning of a line.
    Raises UsageError where there is no such file, FileAccessError where it cannot be read, and
    ProblemFileError where it is no problem file.
    """

    def __init__(self, path: str | Path, only: str = "") -> None:
        import tomllib

        self.path = Path(path)
        with opened(path, brief(str(path))) as stream:
            self.text = self._decoded(stream.read(MAXIMUM_SIZE + 1))
        if not only and _has_long_key(self.text):
            self._refuse("its keys are nested too deeply")
        try:
            data = tomllib.loads(
                _table(self.text, only) if only else self.text, parse_float=read_float
            )
        except ValueError as error:
            self._refuse(self._syntax(str(error)))
        except RecursionError:
            data = None
        if data is None or _is_deep(data):
            self._refuse("its lists are nested too deeply")
        self.single = "expression" in data or not any(isinstance(v, dict) for v in data.values())
        self.tables: dict[str, dict[str, Any]] = {self.path.stem: data} if self.single else data
        for name, table in self.tables.items():
            if not isinstance(table, dict):
                self._mistake("", Mistake("it stands outside of every problem's [table]", name))

    def function(
        self,
        name: str,
        parameters: Parameters | None = None,
        sizes: Mapping[str, SupportsIndex] | None = None,
        data: Any = None,
        as_written: bool = False,
        backend: str = "auto",
        unlimited: bool = False,
        undefined: str = "raise",
    ) -> Function:
        """The Function of the problem called `name`, with what the file says of it.

        `sizes` and `data` take the place of those of the file. Where `parameters` hold a variable,
        start and window lose it, and no minima are known. Raises ProblemFileError for a
        mistake in the file, what `resolve` raises for one in what is given, and UsageError where
        its points take more memory than there is and it is not `unlimited`.
        """
        table = self.tables[name]
        try:
            check_keys(table, PROBLEM_KEYS, ("expression",))
            expression = within("expression", values.text, table["expression"]).strip(BLANKS)
            own = within("sizes", values.sizes, table.get("sizes", {}))
            arrays = within("data", values.data, table.get("data", {}))
            unset = {
                size: own[size] for size in own if size not in mapping(parameters, "parameters")
            }
            chosen = {**unset, **mapping(sizes, "sizes")}
            try:
                given = _merged_data(arrays, data)
                resolved = resolve(expression, parameters, chosen, given)
            except GdcliError:
                within("expression", lambda text: resolve(text, None, own, arrays), expression)
                raise  # it is not the file's fault
            if not unlimited:
                n = resolved.layout.size
                refuse_large_memory(f"a problem of {n:,} numbers", PROBLEM_BYTES * n)
            chosen = {size: resolved.roles.sizes[size] for size in {**own, **chosen}}
            found = _known(table, resolved, chosen, own)
        except Mistake as mistake:
            self._mistake(name, mistake)
        problem = Problem(
            name=name,
            expression=resolved.expression.plain,
            family=self.path.stem,
            path=str(self.path),
            sizes=chosen,
            data=arrays,
            **found,
        )
        return Function(
            resolved,
            as_written=as_written,
            backend=backend,
            unlimited=unlimited,
            undefined=undefined,
            problem=problem,
        )

    def problem(self, name: str, sizes: Mapping[str, int] | None = None) -> Problem:
        """What the file says of the problem called `name`, where it has these sizes."""
        problem = self.function(name, sizes=sizes).problem
        assert problem is not None
        return problem

    def _decoded(self, content: bytes) -> str:
        if len(content) > MAXIMUM_SIZE:
            self._refuse(f"it has more than {MAXIMUM_SIZE:,} bytes")
        encoding = text_encoding(content, visible(str(self.path)))
        try:
            return content.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content.count(10, 0, error.start) + 1
            self._refuse(f"line {line}: it is not {error.encoding.upper()}")

    def _refuse(self, message: str) -> NoReturn:
        raise ProblemFileError(Sentence("{}: {}", visible(str(self.path)), message))

    def _syntax(self, message: str) -> str:
        """What tomllib says, after the line and the key that the line gives a value."""
        what, _, place = message.rpartition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        number = int(found[1]) if found else self.text.rstrip().count("\n") + 1
        key = LINE_KEY.match(self.text.split("\n")[number - 1], 0, LONGEST_KEY_LINE)
        named = f", `{brief(key[1])}`" if key else ""
        if what == "Cannot overwrite a value":
            what = "it stands there twice"
        if message.startswith("Exceeds the limit"):  # of Python's int, in its own words
            message = "a whole number of thousands of digits is no finite number"
        column = f" (column {found[2]})" if found else ""
        return f"line {number}{named}: {brief(what or message)}{column}"

    def _mistake(self, name: str, mistake: Mistake) -> NoReturn:
        line = self._line("" if self.single else name, str(mistake.keys[0]))
        place = brief(mistake.place)
        self._refuse(Sentence("line {}, `{}`: {}", line, place, mistake.message))

    def _line(self, table: str, key: str) -> int:
        """The line of the key, else of the head of its table, else the first."""
        assignment = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*[.=]""")
        own_table = f"{table}.{key}" if table else key  # as in [[name.minima]]
        current, found = "", 1
        for number, line in enumerate(self.text.split("\n"), 1):
            if head := TABLE_HEAD.match(line, 0, LONGEST_KEY_LINE):
                current = head[1]
                if current == own_table:
                    return number
                found = number if current == table else found
            elif current == table and assignment.match(line):
                return number
        return found


def _table(text: str, name: str) -> str:
    """The text of one table, behind so many line ends that its lines keep their numbers."""
    start = text.index(f"[{name}]\n")
    end = text.find("\n[", start)
    return "\n" * text.count("\n", 0, start) + text[start : end if end > 0 else None]


def _has_long_key(text: str) -> bool:
    """Whether a key may have more than MOST_LEVELS parts, for which `tomllib` takes their square.

    Blanks may stand around the dots. No number, and no line of a text, has so many dots.
    """
    joined = text.replace(" ", "").replace("\t", "")
    words = re.findall(r"[^,=\n#\[\]{}]+", joined)
    return any(word.count(".") > MOST_LEVELS for word in words) or any(
        len(re.findall(r"[.][\"']", line)) > MOST_LEVELS for line in joined.split("\n")
    )


def _is_deep(data: dict[str, Any]) -> bool:
    """Whether tables and lists stand inside one another beyond MOST_LEVELS."""
    level: list[Any] = [data]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _known(
    table: Mapping[str, Any], resolved: ResolvedExpression, chosen: values.Sizes, own: values.Sizes
) -> dict[str, Any]:
    """The fields of a Problem that `values.known` finds.

    The points of a text with a header have the components of variables that are held too, those of
    another text may.
    """
    held = resolved.roles.parameters
    if not held:
        return values.known(table, resolved, chosen, own)
    if resolved.expression.header is None:
        with suppress(Mistake):
            return values.known(table, resolved, chosen, own)
    sizes = {name: size for name, size in resolved.roles.sizes.items() if "." not in name}
    whole = resolve(resolved.expression.text, None, sizes, resolved.data)
    return values.restricted(values.known(table, whole, chosen, own), whole.layout, held)


def _merged_data(arrays: dict[str, Any], given: Any) -> Any:
    """The file's data, those of them left out that are given by name, and what is given."""
    if given is None:
        return arrays
    from gdcli.functions.data import NamedColumns

    if isinstance(given, NamedColumns):
        rest = {name: array for name, array in arrays.items() if name not in given.columns}
        return NamedColumns(_merged_data(rest, [*given.sources]), given.columns)
    sources = list(given) if isinstance(given, list | tuple) else [given]
    named = {name for source in sources if isinstance(source, Mapping) for name in source}
    rest = {name: array for name, array in arrays.items() if name not in named}
    return [rest, *sources] if rest else given
