"""Data: arrays of numbers for the names of a text, given or read from files.

Comes in: a mapping of names to arrays or to paths, the path of a table, a DataFrame, or a list of
such, and the names that the text has. Goes out: a contiguous array of floats for each name that is
given, which nobody else can change. Of a table (`.csv`, `.tsv`, `.parquet`) and of a DataFrame (of
pandas, polars or another library) only the columns that the text names are read, and of a table
those to which NamedColumns give a name. A column whose entries stand in subscripts may have texts.
NumPy reads `.npy`, and nothing in it is ever executed. A mistake is a UsageError with the file, the
line and the column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias, cast

from gdcli.errors import Sentence, Setting, UsageError, brief, listed, visible
from gdcli.execute.mapped import mapped_file, parts
from gdcli.functions.arguments import has_length, key_name
from gdcli.functions.array_tables import (
    PARQUET_SUFFIX,
    ArrayTable,
    ParquetTable,
    frame_columns,
)
from gdcli.functions.column_store import ColumnStore
from gdcli.functions.doubles import doubles
from gdcli.functions.input_files import opened
from gdcli.functions.tables import Table, TextTable, ends_with
from gdcli.language.lexer import normalised
from gdcli.language.semantics.roles import NO_ENTRIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from gdcli.functions.tables import CellBlock, NumberBlock, Places

    Array = NDArray[np.float64]

    class DataFrame(Protocol):
        """A table of another library, such as pandas or polars."""

        @property
        def columns(self) -> Iterable[Any]:
            """The names of the columns."""

        def __getitem__(self, column: Any, /) -> Any:
            """The column, which NumPy takes as an array."""

    Source: TypeAlias = "Table | Mapping[str, ArrayLike | Table] | DataFrame | NDArray[np.void]"
    DataSources: TypeAlias = "Source | Sequence[Source] | NamedColumns"
    AnyTable: TypeAlias = "TextTable | ParquetTable | ArrayTable"
    Block: TypeAlias = "CellBlock | NumberBlock"

ARRAY_SUFFIX = ".npy"
ZIP_MAGIC = b"PK"  # the first bytes of an .npz
MOST_COPIED_BYTES = 1 << 27  # of an array in a file; a longer one is read where it is
MOST_NEAR_COLUMNS = 3  # that are named where a column is not there


class NamedColumns:
    """Data, as `arrays` takes them, with names for columns of the tables among them.

    `columns` has, by name, the heading of a column, or `first:last` for the matrix of these columns
    and those between.
    """

    def __init__(self, data: DataSources | None, columns: Mapping[str, str]) -> None:
        self.sources = [] if data is None else data_sources(data)
        self.columns = {normalised(name): heading for name, heading in columns.items()}


def arrays(
    given: DataSources,
    names: Collection[str],
    texts: dict[str, list[str]] | None = None,
    calls: Collection[str] = (),
) -> dict[str, Array]:
    """The arrays that `given` has for `names`, the names of a text, and the functions it `calls`.

    Names that are keys of `texts` may have texts in place of numbers: the entry there is then the
    list of different ones, and those of the array are their places in it, from 0. Raises UsageError
    for what is no such array, and for an array by another name (a table may have more columns);
    FileAccessError for a file that cannot be read.
    """
    sources = data_sources(given)
    for name in given.columns if isinstance(given, NamedColumns) else ():
        if name not in names:
            _refuse_name(name, names, "columns")
    asked = _asked_columns(given)
    texts = {} if texts is None else texts
    found: dict[str, Array] = {}
    for source in sources:
        if isinstance(source, Table):
            new = read_table(source, names, asked, texts, calls)
        elif not isinstance(source, Mapping):
            new = _columns(cast("DataFrame", source), names, texts)
        else:
            new = {key_name(name): _array(name, one, texts) for name, one in source.items()}
        for name, array in new.items():
            if name in found:
                raise UsageError(f"the data `{brief(name)}` are given twice")
            if name not in names and name not in calls:
                _refuse_name(name, names)
            array.flags.writeable = False  # a Function and its hash rely on it
            found[name] = array
    return found


def table_texts(path: Table) -> tuple[Sequence[str], Iterator[list[str]]]:
    """The titles of the columns of a table, and for each row below them its texts."""
    table = array_table(path) if ends_with(path, ARRAY_SUFFIX) else opened_table(path)
    return table.titles, table.texts()


def unread_columns(given: DataSources, names: Collection[str]) -> list[str]:
    """The headings of the columns of tables in `given` that none of `names` stands for."""
    asked = _asked_columns(given)
    return [
        heading
        for source in data_sources(given)
        if isinstance(source, Table)
        for table in [opened_table(source)]
        for place, heading in enumerate(table.headings)
        if table.has_header
        and table.names[place] not in names
        and not any(
            places[0] <= place <= places[-1] for one, places in asked.values() if one is source
        )
    ]


def opened_table(path: Table) -> TextTable | ParquetTable:
    """The table in a file or stream, by its ending; raises UsageError where there is none."""
    return ParquetTable(str(path)) if ends_with(path, PARQUET_SUFFIX) else TextTable(path)


def array_table(path: Table) -> ArrayTable:
    """The table in a `.npy`: its fields, or column1, column2, ... of an array (rows, columns)."""
    shown = brief(str(path))
    array: Any = load_array(str(path), shown)
    if array.dtype.names is not None and array.ndim == 1:
        return ArrayTable(_fields(array), shown)
    if array.ndim not in (1, 2):
        shape = " by ".join(map(str, array.shape)) or "no axes"
        raise UsageError(f"{shown}: a table has rows and columns, this array {shape}")
    columns = [array] if array.ndim == 1 else [*array.T]
    return ArrayTable({f"column{place}": one for place, one in enumerate(columns, 1)}, shown)


def _asked_columns(given: DataSources) -> dict[str, tuple[Table, Places]]:
    """The table of each column that NamedColumns ask for, and its place or those of a range."""
    if not isinstance(given, NamedColumns):
        return {}
    sources = [one for one in given.sources if isinstance(one, Table)]
    tables = [(one, opened_table(one)) for one in sources if not ends_with(one, ARRAY_SUFFIX)]
    asked = {}
    for name, heading in given.columns.items():
        found = [(source, places) for source, table in tables
                 if (places := places_of(table, heading))]  # fmt: skip
        if len(found) == 1:
            asked[name] = found[0]
        elif found:
            setting = column_setting(name, heading)
            raise UsageError(Sentence("{}: more than one table has such a column", setting))
        else:
            raise no_column(name, heading, [table for _, table in tables])
    return asked


def column_setting(name: str, heading: str) -> Setting:
    """What gives a name to the column with the heading."""
    return Setting("columns", brief(heading), (brief(name),))


def no_column(name: str, heading: str, tables: Sequence[AnyTable]) -> UsageError:
    """The error for a column that is in no table, with those of near headings."""
    setting = column_setting(name, heading)
    if tables:
        return UsageError(Sentence("{}: {}", setting, missing_column(heading, tables)))
    table = Setting("data", "FILE.csv")
    return UsageError(Sentence("{}: there is no table; give it: {}", setting, table))


def missing_column(heading: str, tables: Sequence[AnyTable]) -> str:
    """The sentence that no table has the column, or one of a range, with those of near names."""
    from gdcli.language.suggest import closest

    missing, colon, last = (part.strip() for part in heading.partition(":"))
    if colon and any(_places(table, missing) for table in tables):
        if any(_places(table, last) and _places(table, missing) for table in tables):
            return f"`{brief(last)}` stands before `{brief(missing)}`"
        missing = last
    missing = missing if colon else heading.strip()
    known = {title.casefold(): title for table in reversed(tables) for title in table.titles}
    word = missing.casefold()
    near = closest(word, known, min(2, len(word) // 2))
    near += [one for one in known if min(len(one), len(word)) > 1 and (word in one or one in word)]
    advice = f"the columns are {listed([*known.values()])}"
    if near:
        shown = [f"`{brief(known[one])}`" for one in dict.fromkeys(near)]
        advice = f"did you mean {' or '.join(shown[:MOST_NEAR_COLUMNS])}?"
    return f"there is no column `{brief(missing)}`; {advice}"


def read_array(path: Table) -> Array:
    """The array in a `.npy` file, or all numbers of a table.

    Its shape is that of the file's array, (rows, columns), or (rows,) where there is one column.
    """
    import numpy as np

    if ends_with(path, ARRAY_SUFFIX):
        return _checked(load_array(str(path), brief(str(path))), brief(str(path)))
    table = TextTable(path)
    columns = range(len(table.names))
    arrays = _read(table, columns)
    return arrays[0] if len(columns) == 1 else np.stack(arrays, axis=1)


def read_table(
    path: Table,
    names: Collection[str],
    asked: Mapping[str, tuple[Table, Places]] = NO_ENTRIES,
    texts: dict[str, list[str]] | None = None,
    calls: Collection[str] = (),
) -> dict[str, Array]:
    """The columns of a table that have one of `names` or `calls`, arrays of shape (rows,) by name.

    The first line names the columns, unless there is a number in it; they are then called column1,
    column2, ... The columns `asked` for, which other names stand for, are arrays of shape (rows,),
    those of a range (rows, columns). Those of the names in `texts` may have texts.
    """
    shown, texts = brief(str(path)), {} if texts is None else texts
    if ends_with(path, ARRAY_SUFFIX):
        which = Setting("data", shown, ("NAME",))
        raise UsageError(Sentence("say which array {} is: {}", shown, which))
    table = opened_table(path)
    mine = {name: places for name, (source, places) in asked.items() if source is path}
    named = {*names, *calls} - asked.keys()
    wanted = {name: place for place, name in enumerate(table.names) if name in named}
    if not wanted and not mine:
        columns, known = listed(table.names), listed(sorted(names)) or "none"
        message = "{} has the columns {}; the expression names none of them (its names: {}){}"
        whole = ""
        if names and not table.has_header:
            name = Path(shown).stem if Path(shown).stem in names else min(names)
            whole = Sentence("; as one array: {}", Setting("data", shown, (name,)))
        raise UsageError(Sentence(message, shown, columns, known, whole))
    for name in wanted:
        if table.names.count(name) > 1:
            raise UsageError(f"{shown} has more than one column {name}")
    mixed = {
        places[0]: name
        for name in texts
        if len(places := mine.get(name, (wanted[name],) if name in wanted else ())) == 1
    }
    needed = {*wanted.values()}
    for places in mine.values():
        needed.update(range(places[0], places[-1] + 1))
    order = sorted(needed - mixed.keys())
    array_of = dict(zip(order, _read(table, order) if order else [], strict=True))
    array_of.update(_read_mixed(table, mixed, texts))
    found = {name: array_of[place] for name, place in wanted.items()}
    for name, places in mine.items():
        if len(places) == 1:
            found[name] = array_of[places[0]]
        else:
            import numpy as np

            within = range(places[0], places[-1] + 1)
            found[name] = np.stack([array_of[place] for place in within], axis=1)
    return found


def places_of(table: AnyTable, heading: str) -> Places:
    """The place of the column with that heading or name, or both places of `first:last`."""
    if found := _places(table, heading):
        return found
    for colon in (place for place, one in enumerate(heading) if one == ":"):
        first, last = _places(table, heading[:colon]), _places(table, heading[colon + 1 :])
        if first and last and first <= last:
            return first + last
    return ()


def _places(table: AnyTable, heading: str) -> Places:
    """The place of the column; none where there is none. Raises UsageError for several."""
    plain = " ".join(heading.split())
    found = [place for place, title in enumerate(table.titles) if title == heading.strip()]
    found = found or [
        place
        for place, (name, title) in enumerate(zip(table.names, table.titles, strict=True))
        if normalised(plain) == name or " ".join(title.split()) == plain
    ]
    if len(found) > 1:
        table.refuse(f"there is more than one column `{brief(heading)}`")
    return tuple(found)


def _read(table: TextTable | ParquetTable, places: Sequence[int]) -> list[Array]:
    """The columns at `places`."""
    with ColumnStore(len(places), table.most_rows(), table.shown) as store:
        for block in table.blocks(places):
            store.add(block.columns(places))
        return store.columns()


def _read_mixed(
    table: AnyTable, names: Mapping[int, str], texts: dict[str, list[str]]
) -> dict[int, Array]:
    """The columns at the places of `names`, of numbers or of texts, none of them missing."""
    import numpy as np

    places = sorted(names)
    if not places:
        return {}
    table.subscripts = places
    with ColumnStore(len(places), max(table.most_rows(), 1), table.shown) as store:
        for block in table.blocks(places, mixed=True):
            columns = block.columns(places)
            for place, column in zip(places, columns, strict=True):
                missing = np.flatnonzero(np.isnan(column))
                if len(missing):
                    where = f"{block.place(int(missing[0]))}, {brief(table.titles[place])}"
                    table.refuse(f"{where}: the value is missing")
            store.add(columns)
        found = dict(zip(places, store.columns(), strict=True))
    for place, labels in table.labels.items():
        texts[names[place]] = [*labels.numbers]
    return found


def data_sources(given: DataSources) -> Sequence[Source]:
    if isinstance(given, NamedColumns):
        return given.sources
    sources: list[Any] = [*given] if isinstance(given, list | tuple) else [given]
    for place, source in enumerate(sources):
        if getattr(getattr(source, "dtype", None), "names", None):
            sources[place] = _fields(source)
            continue
        if hasattr(type(source), "collect"):  # a LazyFrame of polars, whose columns take long
            what = f"a {brief(type(source).__name__)} is no table yet"
            raise UsageError(f"{what}; give what its collect() returns")
        frame = hasattr(source, "columns") and hasattr(source, "__getitem__")
        if isinstance(source, type) or not (frame or isinstance(source, Table | Mapping)):
            example = Setting("data", "[1, 2]", ("y",))
            raise UsageError(Sentence("data are arrays by name, {}, or tables", example))
    return cast("Sequence[Source]", sources)


def _fields(array: Any) -> dict[str, Any]:
    """The fields of a structured array by name."""
    return {key_name(name): array[name] for name in array.dtype.names}


def _columns(
    frame: DataFrame, names: Collection[str], texts: dict[str, list[str]]
) -> dict[str, Array]:
    """The columns of a DataFrame that have one of `names`, arrays of shape (rows,) by name."""
    columns = frame_columns(frame)
    found = {name: _array(name, column, texts) for name, column in columns.items() if name in names}
    if not found:
        known = listed(sorted(names)) or "none"
        raise UsageError(
            f"the DataFrame has the columns {listed([*columns]) or 'none'}; the expression names"
            f" none of them (its names: {known})"
        )
    return found


def _array(name: str, values: ArrayLike | Table, texts: dict[str, list[str]]) -> Array:
    name = key_name(name)
    shown = f"the data `{brief(name)}`"
    if isinstance(values, Table):
        if name not in texts:
            return read_array(values)
        if ends_with(values, ARRAY_SUFFIX):
            return _array(name, load_array(str(values), brief(str(values))), texts)
        if len((table := opened_table(values)).titles) > 1:
            return read_array(values)
        return _read_mixed(table, {0: name}, texts)[0]
    if name in texts and _has_texts(values):
        return _read_mixed(ArrayTable({name: values}, shown), {0: name}, texts)[0]
    return _checked(values, shown)


def _has_texts(values: Any) -> bool:
    """Whether a list or an array of one axis has texts."""
    if getattr(values, "ndim", 1) != 1 or not has_length(values):
        return False
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    return kind in "UT" or (kind == "O" and any(isinstance(one, str) for one in values))


def _checked(values: ArrayLike, shown: str) -> Array:
    """The array of floats; raises UsageError where it has no dimension or no entries.

    A file of floats that is mapped and too long for a copy stays mapped.
    """
    array = _mapped(values)
    if array is None:
        array = doubles(values, shown, UsageError)
    if array.ndim == 0:
        raise UsageError(f"{shown}: it is one number, no array")
    if array.size == 0:
        raise UsageError(f"{shown}: it has no entries")
    return array


def _mapped(values: Any) -> Array | None:
    """The floats of a mapped file as they lie there; None where a copy is needed or short."""
    import numpy as np

    if not isinstance(values, np.ndarray) or values.nbytes <= MOST_COPIED_BYTES:
        return None
    flags, plain = values.flags, values.dtype == np.dtype(float)
    if not plain or not flags.c_contiguous or flags.writeable or mapped_file(values) is None:
        return None
    array = np.asarray(values)
    if not all(np.isfinite(part).all() for (part,) in parts([array.reshape(-1)])):
        return None  # `doubles` says where
    return array


def load_array(path: str | Path, shown: str, option: str = "") -> NDArray[np.generic]:
    """The array in a .npy file, read-only, its entries read when they are used.

    Nothing in the file is executed. Raises UsageError, which begins with `option`, for a file that
    is no such array, or holds less than its header says.
    """
    import warnings

    import numpy as np
    from numpy.lib import format as npy_format

    place = f"{option}: {shown}" if option else shown
    with opened(path, shown, option) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote, of shapes that overflow
        if stream.read(2) == ZIP_MAGIC:
            raise UsageError(f"{place}: it holds several arrays; save the one alone")
        stream.seek(0)
        try:
            first = npy_format.read_magic(stream) == (1, 0)
            readers = npy_format.read_array_header_1_0, npy_format.read_array_header_2_0
            shape, _, dtype = readers[0 if first else 1](stream)
            claimed = prod(shape) * dtype.itemsize
            held = -stream.tell() + stream.seek(0, SEEK_END)
            array: NDArray[Any] | None = None
            if claimed <= held:
                array = np.load(path, "r", allow_pickle=False)
        except Exception:  # a header that is none makes Python's parsers raise many things
            raise UsageError(f"{place}: it is no array that NumPy has saved") from None
    if array is None:
        said = f"its header says {claimed:,} bytes of numbers, the file has {held:,}"
        raise UsageError(f"{place}: {said}")
    return array


def _refuse_name(name: str, names: Collection[str], argument: str = "data") -> NoReturn:
    known = listed(sorted(names)) or "none"
    given = Setting(argument, "", (visible(name),))
    message = "{}: the expression has no such name (its names: {}){}"
    words = [one for one in sorted(names) if name in one and re.fullmatch("[A-Za-z]{2,3}", one)]
    product = f"; `{words[0]}` is one name: write {'*'.join(words[0])}" if words else ""
    raise UsageError(Sentence(message, given, known, product))
