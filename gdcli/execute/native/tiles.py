"""Kernels: contractions of strips, as LLVM functions that every text may call.

A strip holds rows: of each of its entries STRIP_ROWS numbers, one for each row, which stand side by
side, so that eight rows are a vector. Rows come in groups of eight, as many as `groups` says.

- `forward` makes Σ_j w[k, j]·x[j] of each entry k of a strip, or adds `more` to what it is: w is
  in memory, x is a strip. Meanwhile it fetches memory that is read soon, for each entry k and each
  group of rows what is at `ahead` + k mod 8, k div 8 and the group's number times the distances;
- `outward` adds Σ_rows a[k]·x[j] to g[k, j] for two strips a and x, g in memory;
- `pack_strip` makes a strip of rows in memory, `unpack_strip` stores one there or adds it;
- `blank_strip` sets what stands behind the last row to 0.

Each sum over j goes from the first to the last, each sum over rows by eight lanes, which are joined
as `total` does; nothing is fused. So no bit depends on the shape of a tile, the part of a result
that stays in registers, and the shape follows the processor.
"""

from __future__ import annotations

from collections.abc import Callable

from gdcli.execute.native.code import (
    LANES,
    LLVM_ZERO,
    READ_SOON,
    WRITE_SOON,
    ZEROS,
    Code,
    Operand,
    integer,
)
from gdcli.named_tuples import NamedTuple

STRIP_ROWS = 128
VECTOR = f"<{LANES} x double>"


class Tile(NamedTuple):
    """The shape of tiles: entries × groups of rows for `forward`, entries × entries of `outward`.

    Each number is a power of two; the last is that of the entries that lie side by side in memory.
    """

    entries: int
    groups: int
    rows: int
    columns: int


TILES = {8: Tile(4, 4, 2, 8), 4: Tile(4, 1, 1, 4), 2: Tile(2, 1, 1, 2), 1: Tile(2, 1, 1, 2)}


def kernels(text: str, width: int) -> str:
    """The kernels that a text calls, for a processor whose vectors hold `width` numbers."""
    found = (make(TILES[width]) for name, make in KERNELS.items() if f"@{name}(" in text)
    return "".join(f"\n\n{one}" for one in found)


def _parameter(name: str) -> Operand:
    return Operand(f"%{name}", "integer")


def _halves(most: int) -> list[int]:
    """The powers of two from the greatest one down: pieces that any count is cut into."""
    return [most >> n for n in range(most.bit_length())]


def _pieces(
    code: Code, hint: str, count: Operand, most: int, write: Callable[[Operand, int], None]
) -> None:
    """Has `write` write what is done for a range of a count, `most` at a time, then ever fewer."""
    first = integer(0)
    for size in _halves(most):
        whole = code.two("and", count, integer(-size))

        def piece(at: Operand, _: list[Operand], size: int = size) -> list[Operand]:
            write(at, size)
            return []

        code.cycle(hint, first, ("slt", whole), size, [], piece)
        first = whole


def _entry(code: Code, strip: Operand, stride: Operand, at: Operand, group: Operand) -> Operand:
    """The address of a group of rows of the entry at a place of a strip."""
    start = code.address(strip, code.two("mul", at, stride))
    return code.address(start, group, VECTOR)


def _forward(tile: Tile) -> str:
    code = Code()
    w, x, out = Operand("%w"), Operand("%x"), Operand("%out")
    across, along, apart, out_apart = map(_parameter, ("across", "along", "apart", "out_apart"))
    entries, terms, groups = map(_parameter, ("entries", "terms", "groups"))
    ahead = Operand("%ahead")
    lane_apart, eight_apart, group_apart = map(
        _parameter, ("lane_apart", "eight_apart", "group_apart")
    )

    def some(k: Operand, height: int) -> None:
        rows = [code.two("add", k, integer(n)) for n in range(height)]
        starts = [code.address(w, code.two("mul", row, across)) for row in rows]
        later = []
        for row in rows:
            eight = code.set(f"lshr {row.typed}, 3", "integer")
            lane = code.two("mul", code.two("and", row, integer(LANES - 1)), lane_apart)
            line = code.two("add", lane, code.two("mul", eight, eight_apart))
            later.append(code.address(ahead, line))

        def part(group: Operand, _: list[Operand]) -> list[Operand]:
            places = [
                [
                    code.address(_entry(code, out, out_apart, row, group), n, VECTOR)
                    for n in range(tile.groups)
                ]
                for row in rows
            ]
            for line in later:
                for n in range(tile.groups):
                    number = code.two("mul", code.two("add", group, integer(n)), group_apart)
                    code.fetch(code.address(line, number), READ_SOON)
            there = [code.load(place, True) for row in places for place in row]
            begun = [code.select(Operand("%more", "truth"), one, ZEROS) for one in there]

            def term(j: Operand, sums: list[Operand]) -> list[Operand]:
                start = _entry(code, x, apart, j, group)
                given = [
                    code.load(code.address(start, n, VECTOR), True) for n in range(tile.groups)
                ]
                step, added = code.two("mul", j, along), []
                for n, first in enumerate(starts):
                    factor = code.broadcast(code.load(code.address(first, step)))
                    for one, total in zip(given, sums[n * tile.groups :], strict=False):
                        added.append(code.two("fadd", total, code.two("fmul", factor, one)))
                return added

            made = code.cycle("j", integer(0), ("slt", terms), 1, begun, term)
            for value, place in zip(made, [place for row in places for place in row], strict=True):
                code.store(value, place)
            return []

        code.cycle("group", integer(0), ("slt", groups), tile.groups, [], part)

    _pieces(code, "k", entries, tile.entries, some)
    code.line("ret void")
    return code.text(
        "define internal void @forward(ptr noalias %w, i64 %across, i64 %along, ptr noalias %x, "
        "i64 %apart, ptr noalias %out, i64 %out_apart, i64 %entries, i64 %terms, i64 %groups, "
        "i1 %more, ptr %ahead, i64 %lane_apart, i64 %eight_apart, i64 %group_apart) "
        "noinline nounwind"
    )


def _shuffled(code: Code, left: Operand, right: Operand, order: list[int], width: int) -> Operand:
    """The numbers of two vectors of that width in an order."""
    half = f"<{width} x double>"
    places = ", ".join(f"i32 {place}" for place in order)
    text = f"shufflevector {half} {left.text}, {half} {right.text}, <{len(order)} x i32> <{places}>"
    return code.set(text)


def _totals(code: Code, sums: list[Operand]) -> Operand:
    """One vector of what `total` makes of each of a power of two of vectors with lanes."""
    vectors, length = sums, LANES
    for apart in (4, 2, 1):
        # each vector holds parts of 2*apart numbers, whose halves are added
        if len(vectors) == 1:
            pairs, width = [(vectors[0], vectors[0])], length
            count = length
        else:
            pairs, width = list(zip(vectors[::2], vectors[1::2], strict=True)), length
            count = 2 * length
        low = [place for place in range(count) if place % (2 * apart) < apart]
        high = [place + apart for place in low]
        vectors = []
        for left, right in pairs:
            one, other = (_shuffled(code, left, right, order, width) for order in (low, high))
            vectors.append(code.set(f"fadd <{count // 2} x double> {one.text}, {other.text}"))
        length = count // 2
    return vectors[0]


def _outward(tile: Tile) -> str:
    code = Code()
    a, x, g = Operand("%a"), Operand("%x"), Operand("%g")
    a_apart, x_apart, across = map(_parameter, ("a_apart", "x_apart", "across"))
    rows, columns, groups = map(_parameter, ("rows", "columns", "groups"))

    def some(j: Operand, breadth: int) -> None:
        right = [
            code.address(x, code.two("mul", code.two("add", j, integer(n)), x_apart))
            for n in range(breadth)
        ]

        def part(k: Operand, height: int) -> None:
            lines = [code.two("add", k, integer(n)) for n in range(height)]
            left = [code.address(a, code.two("mul", one, a_apart)) for one in lines]
            there = [
                code.address(code.address(g, code.two("mul", one, across)), j) for one in lines
            ]
            for place in there:
                code.fetch(place, WRITE_SOON)

            def term(group: Operand, sums: list[Operand]) -> list[Operand]:
                given = [code.load(code.address(one, group, VECTOR), True) for one in right]
                added = []
                for n, one in enumerate(left):
                    factor = code.load(code.address(one, group, VECTOR), True)
                    for other, total in zip(given, sums[n * breadth :], strict=False):
                        added.append(code.two("fadd", total, code.two("fmul", factor, other)))
                return added

            begun = [ZEROS] * (height * breadth)
            made = code.cycle("group", integer(0), ("slt", groups), 1, begun, term)
            kind = f"<{breadth} x double>"
            for n, place in enumerate(there):
                total = _totals(code, made[n * breadth : (n + 1) * breadth])
                before = code.read(f"load {kind}, ptr {place.text}, align 8")
                after = code.set(f"fadd {kind} {before.text}, {total.text}")
                code.line(f"store {kind} {after.text}, ptr {place.text}, align 8")

        _pieces(code, "k", rows, tile.rows, part)

    _pieces(code, "j", columns, tile.columns, some)
    code.line("ret void")
    return code.text(
        "define internal void @outward(ptr noalias %a, i64 %a_apart, ptr noalias %x, i64 %x_apart, "
        "ptr noalias %g, i64 %across, i64 %rows, i64 %columns, i64 %groups) noinline nounwind"
    )


def _clamped(code: Code, row: Operand, rows: Operand) -> Operand:
    """The row, or the last one where it is behind that."""
    last = code.two("sub", rows, integer(1))
    return code.select(code.compare("slt", row, last), row, last)


def _pack(_: Tile) -> str:
    code = Code()
    rows_at, strip = Operand("%from"), Operand("%to")
    apart, unit, entries, rows, groups = map(
        _parameter, ("apart", "unit", "entries", "rows", "groups")
    )
    whole = code.set(f"lshr {rows.typed}, 3", "integer")

    def group(number: Operand, _: list[Operand]) -> list[Operand]:
        row = code.two("mul", number, integer(LANES))
        start = code.address(rows_at, code.two("mul", row, apart))
        target = code.address(strip, row)

        def each(size: int) -> Callable[[Operand, list[Operand]], list[Operand]]:
            def some(entry: Operand, _: list[Operand]) -> list[Operand]:
                source = code.address(start, code.two("mul", entry, unit))
                place = code.address(target, code.two("mul", entry, integer(STRIP_ROWS)))
                given = f"{source.pointer}, i64 {apart.text}, {place.pointer}"
                if size == 4:
                    code.line(f"call void @transpose_four({given})")
                    return []
                value = code.read(
                    f"call {VECTOR} @load_apart({source.pointer}, i64 {apart.text})", lanes=True
                )
                code.store(value, place)
                return []

            return some

        beside = code.compare("eq", unit, integer(1))
        fours = code.select(beside, code.two("and", entries, integer(-4)), integer(0))
        code.cycle("four", integer(0), ("slt", fours), 4, [], each(4))
        code.cycle("one", fours, ("slt", entries), 1, [], each(1))
        return []

    def side_by_side(number: Operand, _: list[Operand]) -> list[Operand]:
        source = code.address(rows_at, code.two("mul", number, unit))
        place = code.address(strip, code.two("mul", number, integer(STRIP_ROWS)))

        def eight(group: Operand, _: list[Operand]) -> list[Operand]:
            value = code.load(code.address(source, group, VECTOR), True)
            code.store(value, code.address(place, group, VECTOR))
            return []

        code.cycle("eight", integer(0), ("slt", whole), 1, [], eight)
        return []

    def rest(row: Operand, _: list[Operand]) -> list[Operand]:
        start = code.address(rows_at, code.two("mul", _clamped(code, row, rows), apart))

        def one(entry: Operand, _: list[Operand]) -> list[Operand]:
            value = code.load(code.address(start, code.two("mul", entry, unit)))
            place = code.two("add", code.two("mul", entry, integer(STRIP_ROWS)), row)
            code.store(value, code.address(strip, place))
            return []

        code.cycle("entry", integer(0), ("slt", entries), 1, [], one)
        return []

    code.split(code.compare("eq", apart, integer(1)), "beside", "by_rows")
    code.start("beside")
    code.cycle("entry", integer(0), ("slt", entries), 1, [], side_by_side)
    code.jump("rest")
    code.start("by_rows")
    code.cycle("row", integer(0), ("slt", whole), 1, [], group)
    code.jump("rest")
    code.start("rest")
    first = code.two("mul", whole, integer(LANES))
    end = code.two("mul", groups, integer(LANES))
    code.cycle("padded", first, ("slt", end), 1, [], rest)
    code.line("ret void")
    return code.text(
        "define internal void @pack_strip(ptr noalias %from, i64 %apart, i64 %unit, "
        "ptr noalias %to, i64 %entries, i64 %rows, i64 %groups) noinline nounwind"
    )


def _unpack(_: Tile) -> str:
    code = Code()
    strip, target = Operand("%from"), Operand("%to")
    apart, unit, entries, rows = map(_parameter, ("apart", "unit", "entries", "rows"))
    beside = code.compare("eq", apart, integer(1))
    eights = code.select(beside, code.two("and", rows, integer(-LANES)), integer(0))

    def entry(number: Operand, _: list[Operand]) -> list[Operand]:
        source = code.address(strip, code.two("mul", number, integer(STRIP_ROWS)))
        start = code.address(target, code.two("mul", number, unit))

        def some(lanes: bool) -> Callable[[Operand, list[Operand]], list[Operand]]:
            def add(row: Operand, _: list[Operand]) -> list[Operand]:
                there = code.address(start, row if lanes else code.two("mul", row, apart))
                made = code.load(code.address(source, row), lanes)
                adds = Operand("%adds", "truth")
                sum_ = code.two("fadd", code.load(there, lanes), made)
                code.store(code.select(adds, sum_, made), there)
                return []

            return add

        code.cycle("eight", integer(0), ("slt", eights), LANES, [], some(True))
        code.cycle("one", eights, ("slt", rows), 1, [], some(False))
        return []

    code.cycle("entry", integer(0), ("slt", entries), 1, [], entry)
    code.line("ret void")
    return code.text(
        "define internal void @unpack_strip(ptr noalias %from, ptr noalias %to, i64 %apart, "
        "i64 %unit, i64 %entries, i64 %rows, i1 %adds) noinline nounwind"
    )


def _blank(_: Tile) -> str:
    code = Code()
    strip, end = Operand("%strip"), code.two("mul", _parameter("groups"), integer(LANES))

    def entry(number: Operand, _: list[Operand]) -> list[Operand]:
        start = code.address(strip, code.two("mul", number, _parameter("apart")))

        def row(place: Operand, _: list[Operand]) -> list[Operand]:
            code.store(LLVM_ZERO, code.address(start, place))
            return []

        code.cycle("row", _parameter("rows"), ("slt", end), 1, [], row)
        return []

    code.cycle("entry", integer(0), ("slt", _parameter("entries")), 1, [], entry)
    code.line("ret void")
    return code.text(
        "define internal void @blank_strip(ptr %strip, i64 %apart, i64 %entries, i64 %rows, "
        "i64 %groups) noinline nounwind"
    )


KERNELS: dict[str, Callable[[Tile], str]] = {
    "forward": _forward,
    "outward": _outward,
    "pack_strip": _pack,
    "unpack_strip": _unpack,
    "blank_strip": _blank,
}
