"""Points of vectors: the text of a point to its n numbers.

Comes in: a text such as `x=0.5,a=1` (0.5 everywhere), `x=[1,2,3]`, `x=[-1.2,1,...]` (repeated),
`x[i]=i/(n+1)`, `x=@start.npy`, `x[3]=5` after one of these, or all numbers in order; and the Layout
and the sizes of a function. With a seed `x=normal(0, 0.1)` and `x=uniform(-1, 1)` are drawn; what
is drawn for a name does not depend on other variables. Goes out: n floats, a list up to
MOST_LISTED_COMPONENTS, else a NumPy array; or n constant expressions, which are still exact.
PointError says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice, product
from math import inf, isfinite, prod
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import ExpressionError, PointError, brief, count_of, listed
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.constants import check_literals, constant
from gdcli.functions.layout import Layout
from gdcli.language.lexer import BLANKS
from gdcli.language.parser import parse
from gdcli.language.points import (
    DISTRIBUTIONS,
    distribution,
    name_and_value,
    pieces_of,
    read_constant,
    split_outside_brackets,
    within_brackets,
)
from gdcli.language.semantics.roles import Roles
from gdcli.language.semantics.spaces import extent
from gdcli.language.subscripts import affine
from gdcli.language.syntax import NAME, NUMBER, SUBSCRIPT, Decimal, Expression
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS
from gdcli.numbers.linear_algebra import as_list

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPEAT_MARK = "..."
MOST_SINGLE_ENTRIES = 100_000  # entries of a formula up to which each is computed by itself


def read_floats(
    text: str, layout: Layout, sizes: Mapping[str, int], noun: str, seed: int | None = None
) -> list[float] | NDArray[np.float64]:
    """The point that `text` writes, as n floats; raises PointError, which calls it `noun`."""
    values = _PointReader(text, layout, sizes, noun, seed=seed).values()
    if layout.size <= MOST_LISTED_COMPONENTS:
        return [number for name in layout.variables for number in values[name].floats()]
    import numpy as np

    point = np.empty(layout.size)
    for name, offset in layout.offsets.items():
        values[name].array(point[offset : offset + values[name].count])
    return point


def read_expressions(
    text: str, layout: Layout, sizes: Mapping[str, int], noun: str
) -> list[Expression]:
    """The point that `text` writes, as n constant expressions; raises PointError."""
    values = _PointReader(text, layout, sizes, noun).values()
    return [one for name in layout.variables for one in values[name].expressions()]


def read_bounds(
    text: str, layout: Layout, sizes: Mapping[str, int], noun: str
) -> dict[int, tuple[float, float]]:
    """The bounds by place in a flat point that a text such as `x=0:10, y=:5, z[3]=0:1` gives.

    The ends are written as the values of a point are; -inf and inf stand where there is none. An
    entry's own bounds count more than those of its array. Raises PointError, which calls the text
    `noun`.
    """
    found: dict[int, tuple[float, float]] = {}
    pieces = [(*name_and_value(piece), piece) for piece in split_outside_brackets(text, ",")]
    given: set[str] = set()
    for name, value, piece in sorted(pieces, key=lambda one: one[0].endswith("]")):
        low, *more = split_outside_brackets(value, ":")
        if not name or len(more) != 1 or low == more[0] == "":
            one = name or layout.variables[0]
            wanted = f"a name and its bounds, {one}=0:10, {one}=0: or {one}=:10"
            raise PointError(f"{noun} takes {wanted}, not `{brief(piece)}`")
        for end in (low, *more):
            if end.strip("+-").lower() in ("inf", "infinity", "∞"):
                raise PointError(f"{noun} for {name}: where there is no bound write {name}=0:")
        if name in given:
            raise PointError(f"{noun}: `{brief(name)}` is given twice")
        given.add(name)
        ends = [
            _PointReader(text, layout, sizes, noun, whole=False).entries(name, end) if end else {}
            for end in (low, *more)
        ]
        for place in ends[0] or ends[1]:
            found[place] = ends[0].get(place, -inf), ends[1].get(place, inf)
    return found


def read_entries(
    text: str, layout: Layout, sizes: Mapping[str, int], noun: str, seed: int | None = None
) -> dict[int, float]:
    """The numbers by place in a flat point that a text gives to some of its variables, by name.

    Raises PointError, which calls the text `noun`.
    """
    found: dict[int, float] = {}
    for piece in pieces_of(within_brackets(text)):
        name, value = name_and_value(piece)
        if not name:
            names = listed(layout.variables)
            raise PointError(f"{noun}: `{brief(piece)}` has no name; the names are {names}")
        new = _PointReader(text, layout, sizes, noun, whole=False, seed=seed).entries(name, value)
        if name in layout.variables and not new.keys().isdisjoint(found):
            raise PointError(f"{noun}: `{brief(name)}` is given twice")
        found.update(new)
    return found


def with_texts_read(
    parts: Mapping[str, Any], layout: Layout, sizes: Mapping[str, int], noun: str, seed: int
) -> dict[str, Any]:
    """A point by name in which the texts, as "normal(0, 0.1)", are numbers or lists of them.

    Raises PointError, which calls it `noun`.
    """
    found = dict(parts)
    for name, value in parts.items():
        if isinstance(value, str) and name in layout.variables:
            reader = _PointReader(value, layout, sizes, noun, whole=False, seed=seed)
            numbers = [*reader.entries(name, value.strip()).values()]
            found[name] = Layout((name,), layout.shapes).split(numbers)[name]
    return found


class _PointReader:
    """Reads the text of a point; `found` has the entries of the variables read so far.

    Only where it must be `whole` are single entries refused of which there are no others. Without a
    `seed` nothing is drawn at random.
    """

    def __init__(
        self,
        text: str,
        layout: Layout,
        sizes: Mapping[str, int],
        noun: str,
        whole: bool = True,
        seed: int | None = None,
    ) -> None:
        self.text = text
        self.layout = layout
        self.sizes = {name: size for name, size in sizes.items() if "." not in name}
        self.noun = noun
        self.is_whole = whole
        self.seed = seed
        self.found: dict[str, VariableEntries] = {}

    def entries(self, name: str, text: str) -> dict[int, float]:
        """The numbers by place in the flat point that one piece, `name=text`, gives."""
        if name.endswith("]"):
            self._entries(name, text)
        else:
            self._whole(self._new(name), text)
        [(variable, values)] = self.found.items()
        offset = self.layout.offsets[variable]
        if values.single:
            pairs = values.single.items()
            return {offset + place: constant(one, values.place) for place, one in pairs}
        many = values.count > MOST_LISTED_COMPONENTS
        return dict(enumerate(as_list(values.array() if many else values.floats()), offset))

    def values(self) -> dict[str, VariableEntries]:
        vector = len(self.layout.variables) == 1  # which may be written as a list
        pieces = pieces_of(within_brackets(self.text, "(" if vector else "(["))
        named = [name_and_value(piece) for piece in pieces]
        if not any(name for name, _ in named):
            self._in_order(pieces)
            return self.found
        for (name, value), piece in zip(named, pieces, strict=True):
            if not name:
                raise self._error(
                    f"`{brief(piece)}` has no name; the variables are {self._names()}"
                )
            if name.endswith("]"):
                self._entries(name, value)
            else:
                self._whole(self._new(name), value)
        missing = [name for name in self.layout.variables if name not in self.found]
        empty = [name for name in missing if 0 in self.layout.shapes.get(name, ())]
        for name in empty:
            self._new(name)
        if missing := [name for name in missing if name not in empty]:
            raise self._error(f"no value for {listed(missing)}; give every variable one")
        return self.found

    # -- all numbers in order ---------------------------------------------------------------

    def _in_order(self, pieces: Sequence[str]) -> None:
        """Reads all numbers in order, or a list or a file for the only variable."""
        names = self.layout.variables
        if len(pieces) == 1 and (pieces[0][:1] in ("[", "@") or distribution(pieces[0])):
            if len(names) > 1:
                what = "variable" if distribution(pieces[0]) else "vector"
                raise self._error(f"say which {what} that is: {names[0]}={brief(pieces[0])}")
            return self._whole(self._new(names[0]), pieces[0])
        if len(pieces) != self.layout.size:
            count = count_of(len(pieces), "value")
            has = f"{self.noun} has {count}" if pieces else f"{self.noun} is empty"
            fill = ", ".join(f"{name}=0.5" for name in names[:3]) + ", ..." * (len(names) > 3)
            raise PointError(
                f"{has}; it takes {self.layout.size}, in the order {self._names()}, "
                f"or by name: {fill}"
            )
        for name in names:
            values = self._new(name)
            offset = self.layout.offsets[name]
            values.pattern = [
                self._constant(piece, values.place)
                for piece in pieces[offset : offset + values.count]
            ]

    # -- by name ----------------------------------------------------------------------------

    def _new(self, name: str) -> VariableEntries:
        if name not in self.layout.offsets:
            raise self._error(f"`{brief(name)}` is no variable; the variables are {self._names()}")
        if name in self.found:
            raise self._error(f"`{name}` is given twice")
        place = f"{self.noun} for {name}"
        self.found[name] = VariableEntries(self.layout.shapes.get(name, ()), place)
        return self.found[name]

    def _whole(self, values: VariableEntries, text: str) -> None:
        """Reads what stands behind `x=`: a number for all entries, a list, or a file."""
        if text.startswith("@"):
            from gdcli.functions.data import read_array

            array = read_array(text[1:])
            flat = array.size in array.shape and len(values.shape) < 2  # a row or a column
            if array.size != values.count or not (
                flat or array.ndim == 1 or array.shape == tuple(values.shape)
            ):
                raise self._mismatch(values, f"{brief(text[1:])} holds {_by(array.shape)}")
            values.loaded = array.ravel()
        elif text.startswith("["):
            values.pattern = self._list(values, text)
        elif self.seed is not None and (drawn := distribution(text)):
            values.drawn = self._drawn(values, *drawn)
        else:
            values.pattern = [self._constant(text, values.place)]

    def _drawn(self, values: VariableEntries, kind: str, texts: Sequence[str]) -> list[float]:
        """So many numbers of a distribution as the variable has entries."""
        from zlib import crc32

        from gdcli.numbers.random_numbers import RandomStream

        wanted = DISTRIBUTIONS[kind]
        if len(texts) != len(wanted):
            example = "normal(0, 0.1)" if kind == "normal" else "uniform(-1, 1)"
            takes = f"{kind} takes {wanted[0]} and {wanted[1]}, as in {example}"
            raise PointError(f"{values.place}: {takes}")
        first, last = (constant(self._constant(one, values.place), values.place) for one in texts)
        if kind == "normal" and last < 0.0:
            what = f"a standard deviation is not negative, as {last:.7g} is"
            raise PointError(f"{values.place}: {what}")
        if kind == "uniform" and last < first:
            what = f"the lower end {first:.7g} is above the upper end {last:.7g}"
            raise PointError(f"{values.place}: {what}")
        assert self.seed is not None
        name = next(one for one, its in self.found.items() if its is values)
        stream = RandomStream(self.seed, "start of a descent", crc32(name.encode()))
        count, few = values.count, values.count <= MOST_LISTED_COMPONENTS
        if kind == "normal":
            units = (stream.normal() for _ in range(count)) if few else stream.normals(count)
            drawn = [first + last * unit for unit in units]
        elif few:
            drawn = [stream.uniform(first, last) for _ in range(count)]
        else:
            drawn = stream.uniforms(count, first, last)
        if not all(map(isfinite, drawn)):
            raise PointError(f"{values.place}: the numbers drawn are too large for floats")
        return drawn

    def _list(self, values: VariableEntries, text: str) -> list[Expression]:
        """The numbers of `[1, 2]`, `[[1, 2], [3, 4]]` or `[1, 2, ...]`."""
        rows, again = [text], False
        for depth, length in enumerate(values.shape or (1,)):
            inner: list[str] = []
            for row in rows:
                if depth and not row.startswith("["):
                    return self._counted(values, rows, again)
                if not row.endswith("]"):
                    raise self._error(f"the list `{brief(row)}` is not closed")
                within = row[1:-1].strip(BLANKS)
                pieces = split_outside_brackets(within, ",") if within else []
                if depth and len(pieces) != length:
                    raise PointError(
                        f"{values.place}: a row has {_numbers(len(pieces))}, not {length}"
                    )
                inner += pieces
            if inner and inner[-1] == REPEAT_MARK:
                again, inner = True, inner[:-1]
            rows = inner
        return self._counted(values, rows, again)

    def _counted(
        self, values: VariableEntries, pieces: Sequence[str], again: bool
    ) -> list[Expression]:
        if not (again and pieces) and len(pieces) != values.count:
            raise self._mismatch(values, f"the list has {_numbers(len(pieces))}")
        return [self._constant(piece, values.place) for piece in pieces]

    def _entries(self, left: str, text: str) -> None:
        """Reads `x[i] = ...`, a formula for all entries, or `x[3] = ...`, a number for one."""
        name = left.partition("[")[0].strip(BLANKS)
        try:
            written = parse(left, ARITIES)
        except ExpressionError as error:
            raise self._error(error.message) from None
        root = written.nodes[-1]
        shape = self.layout.shapes.get(name, ())
        if name in self.layout.offsets and len(root.arguments) != len(shape):
            plural = "" if len(shape) == 1 else "s"
            raise self._error(f"`{name}` takes {len(shape) or 'no'} subscript{plural}")
        subscripts = [affine(written, place) for place in root.arguments]
        numbers = [one and one.known(self.sizes) for one in subscripts]
        if root.kind == SUBSCRIPT and all(one and not one.terms for one in numbers):
            return self._single(name, left, [one.constant for one in numbers if one], text)
        nodes = [written.nodes[place] for place in root.arguments]
        indices = tuple(str(node.value) for node in nodes if node.kind == NAME)
        free = set(indices) - self.sizes.keys()
        if root.kind != SUBSCRIPT or len(free) < len(nodes):
            letters = ", ".join("ijkl"[: len(shape)]) if 0 < len(shape) < 5 else "i"
            one = ", ".join("3" for _ in letters.split())
            raise self._error(
                f"write `{name}[{letters}] = ...` for all entries, `{name}[{one}] = ...` for one"
            )
        values = self._new(name)
        values.indices = indices
        values.formula = self._constant(text, values.place, indices)

    def _single(self, name: str, left: str, subscripts: Sequence[int], text: str) -> None:
        if name not in self.found:
            self._new(name)  # refuses what is no variable
            if self.is_whole:
                raise self._error(
                    f"give all entries of {name} before one of them: {name}=0.5,{left}=..."
                )
        values, place = self.found[name], 0
        for subscript, length in zip(subscripts, values.shape, strict=True):
            if not 1 <= subscript <= length:
                raise self._error(f"there is no {left}: {extent(name, values.shape)}")
            place = place * length + subscript - 1
        values.single[place] = self._constant(text, f"{self.noun} for {left}")

    # -- numbers ----------------------------------------------------------------------------

    def _constant(self, text: str, place: str, indices: Sequence[str] = ()) -> Expression:
        found = read_constant(text, ARITIES, place, {*self.sizes, *indices})
        given = {name: size for name, size in self.sizes.items() if name not in indices}
        return with_numbers(found, given)

    # -- sentences --------------------------------------------------------------------------

    def _names(self) -> str:
        shapes = self.layout.shapes
        return listed(
            [
                f"{name}[{', '.join(map(str, shapes[name]))}]" if name in shapes else name
                for name in self.layout.variables
            ]
        )

    def _mismatch(self, values: VariableEntries, what: str) -> PointError:
        return PointError(f"{values.place}: {what}, not {_by(values.shape)}")

    def _error(self, message: str) -> PointError:
        return PointError(f"{self.noun}: {message}")


def _by(shape: Sequence[int]) -> str:
    return " by ".join(map(str, shape)) + (" entries" if len(shape) == 1 else "") or "1"


def _numbers(count: int) -> str:
    return count_of(count, "number")


class VariableEntries:
    """The entries that a point gives to one variable, row by row; `shape` is () for a number.

    They are `loaded` from a file, `drawn` at random, a `formula` in the `indices`, or else a
    `pattern` that is repeated; `single` has, by their places, entries that differ from these.
    `place` begins the message of a PointError, which says where a number is not finite.
    """

    def __init__(self, shape: Sequence[int], place: str) -> None:
        self.shape = shape
        self.count = prod(shape)
        self.place = place
        self.pattern: list[Expression] = []
        self.indices: tuple[str, ...] = ()
        self.formula: Expression | None = None
        self.loaded: NDArray[np.float64] | None = None
        self.drawn: list[float] | None = None
        self.single: dict[int, Expression] = {}

    def expressions(self) -> list[Expression]:
        if self.loaded is not None:
            found = [parse(repr(number), ARITIES) for number in self.loaded.tolist()]
        elif self.formula is not None:
            formula = self.formula
            found = [
                with_numbers(formula, dict(zip(self.indices, subscripts, strict=True)))
                for subscripts in self._subscripts()
            ]
        else:
            found = list(islice(cycle(self.pattern), self.count))
        for entry, value in self.single.items():
            found[entry] = value
        return found

    def floats(self) -> list[float]:
        if self.loaded is not None:
            found: list[float] = self.loaded.tolist()
        elif self.drawn is not None:
            found = [*self.drawn]
        elif self.formula is not None:
            found = self._computed()
        else:
            found = list(islice(cycle(self._numbers()), self.count))
        for entry, value in self.single.items():
            found[entry] = constant(value, self.place)
        return found

    def array(self, place: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """The entries as an array of shape (count,), which is `place` where that is given."""
        import numpy as np

        found = np.empty(self.count) if place is None else place
        if self.loaded is not None:
            found[:] = self.loaded
        elif self.drawn is not None:
            found[:] = self.drawn
        elif self.formula is None:
            numbers = np.array(self._numbers() or [0.0])
            rest = self.count % len(numbers)
            found[: self.count - rest].reshape(-1, len(numbers))[:] = numbers
            found[self.count - rest :] = numbers[:rest]
        elif self.count <= MOST_SINGLE_ENTRIES:
            found[:] = self._computed()
        else:
            found[:] = self._computed_at_once()
        for entry, value in self.single.items():
            found[entry] = constant(value, self.place)
        return found

    def _numbers(self) -> list[float]:
        return [constant(value, self.place) for value in self.pattern]

    def _subscripts(self) -> Iterator[tuple[int, ...]]:
        return product(*(range(1, length + 1) for length in self.shape))

    def _computed(self) -> list[float]:
        assert self.formula is not None
        check_literals(self.formula, self.place)
        formula = FallbackFunction(lower(self.formula, Roles(self.indices, {})))
        found = []
        for subscripts in self._subscripts():
            number = formula([float(subscript) for subscript in subscripts])[0]
            if not isfinite(number):
                self._refuse(subscripts)
            found.append(number)
        return found

    def _computed_at_once(self) -> NDArray[np.float64]:
        import numpy as np

        from gdcli.execute.grid import ARRAY_TARGET
        from gdcli.execute.source import compile_tape

        assert self.formula is not None
        check_literals(self.formula, self.place)
        formula = compile_tape(lower(self.formula, Roles(self.indices, {})), ARRAY_TARGET)
        grid = np.meshgrid(*(np.arange(1.0, n + 1) for n in self.shape), indexing="ij", sparse=True)
        with np.errstate(all="ignore"):
            found = np.broadcast_to(formula(grid)[0], self.shape).ravel()
        if not np.isfinite(found).all():
            place = np.unravel_index(int(np.isfinite(found).argmin()), tuple(self.shape))
            self._refuse([int(number) + 1 for number in place])
        return found

    def _refuse(self, subscripts: Sequence[int]) -> None:
        where = ", ".join(f"{i}={n}" for i, n in zip(self.indices, subscripts, strict=True))
        raise PointError(f"{self.place}: {self.formula} is not a finite number where {where}")


def with_numbers(expression: Expression, values: Mapping[str, int]) -> Expression:
    """The expression with the numbers of `values`, which are not negative, in place of names."""
    if not any(node.kind == NAME and node.value in values for node in expression.nodes):
        return expression
    nodes = tuple(
        node._replace(kind=NUMBER, value=_decimal(values[str(node.value)]))
        if node.kind == NAME and node.value in values
        else node
        for node in expression.nodes
    )
    return Expression(expression.text, nodes, None, expression.definitions)


def _decimal(number: int) -> Decimal:
    digits = str(number).rstrip("0")
    return Decimal(int(digits), len(str(number)) - len(digits)) if digits else Decimal(0, 0)
