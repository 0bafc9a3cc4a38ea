"""The functions at the end of every text: work that goes lane by lane, and the C library.

Comes in: which functions a text calls, with lanes or without. Goes out: the definitions of the
gamma functions among them, and the declarations of those of the C library. A library function with
lanes is written in LLVM instructions by `exponentials.py`, or is a call of libmvec's variant for
each of the processor's vectors, or, where there is neither, eight calls of the scalar function.
Calls are marked as having no effect, so that equal ones are made once.
"""

from __future__ import annotations

from gdcli.execute.native.code import LANES
from gdcli.execute.native.exponentials import VECTOR_EXPONENTIALS, definition
from gdcli.execute.native.operations import LIBRARY_ARITIES
from gdcli.execute.native.tiles import STRIP_ROWS
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import GAMMA_FUNCTIONS

PURE_ATTRIBUTES = "memory(none) nounwind willreturn"
MOST_INLINED_CALLS = 12  # a function of `exponentials.py` that is called more often is not inlined


class Vectors(NamedTuple):
    """The vector variants of library functions: how many numbers each takes, and their symbols.

    `fused` says that the processor multiplies and adds in one instruction, `scales` that it
    multiplies by a power of two, as AVX-512 does; `exact` that a function with lanes is to have the
    bits of the scalar one, which is called for each lane.
    """

    width: int = 1
    symbols: frozenset[str] = frozenset()
    letter: str = ""
    fused: bool = False
    scales: bool = False
    exact: bool = False

    def symbol(self, name: str) -> str:
        """The name of a function's variant, by the vector function ABI of x86-64."""
        return f"_ZGV{self.letter}N{self.width}{'v' * LIBRARY_ARITIES[name]}_{name}"


def support(text: str, called: set[tuple[str, bool]], vectors: Vectors) -> str:
    """Definitions and declarations of the functions that a text calls."""
    own = {one for one in called if one[0].partition(".")[0] in GAMMA_FUNCTIONS}
    pieces = []
    if own:
        from gdcli.execute.native.gamma_instructions import gamma_definition

        pieces = [gamma_definition(*one, PURE_ATTRIBUTES, called) for one in sorted(own)]
    called -= own  # and there are what these call
    pieces += [_declaration(name) for name in sorted({name for name, _ in called})]
    for name, lanes in sorted(called):
        if lanes and vectors.exact:
            pieces.append(_by_numbers(name))
        elif lanes and name in VECTOR_EXPONENTIALS:
            often = text.count(f"@{name}.lanes(") > MOST_INLINED_CALLS
            head = f"{_head(name)} {'noinline' if often else 'alwaysinline'} {PURE_ATTRIBUTES}"
            pieces.append(definition(name, head, fused=vectors.fused, scales=vectors.scales))
        elif lanes and vectors.symbol(name) in vectors.symbols:
            pieces += _by_vectors(name, vectors)
        elif lanes:
            pieces.append(_by_numbers(name))
    for name, helper in LANE_FUNCTIONS.items():
        if any(f"@{name}(" in piece for piece in [text, *pieces]):
            pieces.append(helper)
    return "\n".join(pieces)


def _declaration(name: str) -> str:
    numbers = ", ".join(["double"] * LIBRARY_ARITIES[name])
    return f"declare double @{name}({numbers}) nobuiltin {PURE_ATTRIBUTES}"


def _head(name: str) -> str:
    given = ", ".join(f"<{LANES} x double> %{letter}" for letter in "ab"[: LIBRARY_ARITIES[name]])
    return f"define internal <{LANES} x double> @{name}.lanes({given})"


def _by_vectors(name: str, vectors: Vectors) -> list[str]:
    width, count = vectors.width, LIBRARY_ARITIES[name]
    part = f"<{width} x double>"
    symbol = vectors.symbol(name)
    declaration = f"declare {part} @{symbol}({', '.join([part] * count)}) {PURE_ATTRIBUTES}"
    lines, parts = [], []
    for first in range(0, LANES, width):
        order = f"<{width} x i32> <{', '.join(f'i32 {first + n}' for n in range(width))}>"
        given = []
        for letter in "ab"[:count]:
            whole = f"<{LANES} x double> %{letter}"
            lines.append(
                f"  %{letter}{first} = shufflevector {whole}, <{LANES} x double> poison, {order}"
            )
            given.append(f"{part} %{letter}{first}")
        lines.append(f"  %y{first} = call {part} @{symbol}({', '.join(given)})")
        parts.append(f"%y{first}")
    while len(parts) > 1:
        width *= 2
        half, whole = f"<{width // 2} x double>", f"<{width} x double>"
        order = f"<{width} x i32> <{', '.join(f'i32 {n}' for n in range(width))}>"
        joined = []
        for left, right in zip(parts[::2], parts[1::2], strict=True):
            lines.append(f"  {left}.{width} = shufflevector {half} {left}, {half} {right}, {order}")
            joined.append(f"{left}.{width}")
        parts = joined
    lines.append(f"  ret <{LANES} x double> {parts[0]}")
    return [declaration, f"{_head(name)} alwaysinline {PURE_ATTRIBUTES} {{", *lines, "}"]


def _by_numbers(name: str) -> str:
    lines, last = [], "poison"
    for lane in range(LANES):
        given = []
        for letter in "ab"[: LIBRARY_ARITIES[name]]:
            lines.append(
                f"  %{letter}{lane} = extractelement <{LANES} x double> %{letter}, i64 {lane}"
            )
            given.append(f"double %{letter}{lane}")
        lines.append(f"  %y{lane} = call double @{name}({', '.join(given)}) nobuiltin")
        lines.append(
            f"  %r{lane} = insertelement <{LANES} x double> {last}, double %y{lane}, i64 {lane}"
        )
        last = f"%r{lane}"
    lines.append(f"  ret <{LANES} x double> {last}")
    return "\n".join([f"{_head(name)} noinline {PURE_ATTRIBUTES} {{", *lines, "}"])


def _loads(name: str, given: str, address: str) -> str:
    lines, last = [], "poison"
    for lane in range(LANES):
        lines += [line.replace("LANE", str(lane)) for line in address.splitlines()]
        lines.append(f"  %x{lane} = load double, ptr %p{lane}, align 8")
        lines.append(
            f"  %r{lane} = insertelement <{LANES} x double> {last}, double %x{lane}, i64 {lane}"
        )
        last = f"%r{lane}"
    lines.append(f"  ret <{LANES} x double> {last}")
    head = (
        f"define internal <{LANES} x double> @{name}(ptr %base, {given}) alwaysinline nounwind {{"
    )
    return "\n".join([head, *lines, "}"])


LOAD_APART = _loads(
    "load_apart",
    "i64 %apart",
    "  %iLANE = mul i64 %apart, LANE\n"
    "  %pLANE = getelementptr inbounds double, ptr %base, i64 %iLANE",
)
GATHER = _loads(
    "gather",
    "<8 x i64> %places",
    "  %iLANE = extractelement <8 x i64> %places, i64 LANE\n"
    "  %pLANE = getelementptr inbounds double, ptr %base, i64 %iLANE",
)


def _folded(name: str, operation: str) -> str:
    lines, width, source = [], LANES, "%a"
    while width > 1:
        half = width // 2
        whole = f"<{width} x double>"
        for letter, first in (("l", 0), ("h", half)):
            order = ", ".join(f"i32 {first + n}" for n in range(half))
            lines.append(
                f"  %{letter}{half} = shufflevector {whole} {source}, {whole} poison, "
                f"<{half} x i32> <{order}>"
            )
        lines.append(f"  %s{half} = {operation} <{half} x double> %l{half}, %h{half}")
        source, width = f"%s{half}", half
    lines.append(f"  %y = extractelement <1 x double> {source}, i64 0")
    lines.append("  ret double %y")
    head = (
        f"define internal double @{name}(<{LANES} x double> %a) alwaysinline {PURE_ATTRIBUTES} {{"
    )
    return "\n".join([head, *lines, "}"])


def _pack_four(name: str, between: int) -> str:
    """The function that copies four places of eight rows, `apart` numbers from one another.

    The eight numbers of a place are stored `between` eights behind those of the place before.
    """
    lines = []
    for lane in range(LANES):
        lines += [
            f"  %i{lane} = mul i64 %apart, {lane}",
            f"  %p{lane} = getelementptr inbounds double, ptr %from, i64 %i{lane}",
            f"  %r{lane} = load <4 x double>, ptr %p{lane}, align 8",
        ]

    def shuffle(name: str, left: str, right: str, order: tuple[int, ...], width: int) -> None:
        half = f"<{width} x double>"
        places = ", ".join(f"i32 {place}" for place in order)
        chosen = f"<{len(order)} x i32> <{places}>"
        lines.append(f"  {name} = shufflevector {half} {left}, {half} {right}, {chosen}")

    for first in range(0, LANES, 2):
        shuffle(f"%e{first}", f"%r{first}", f"%r{first + 1}", (0, 4, 2, 6), 4)
        shuffle(f"%o{first}", f"%r{first}", f"%r{first + 1}", (1, 5, 3, 7), 4)
    for place in range(4):
        half = "eo"[place % 2]
        order = (0, 1, 4, 5) if place < 2 else (2, 3, 6, 7)
        for first in (0, 4):
            shuffle(f"%q{place}.{first}", f"%{half}{first}", f"%{half}{first + 2}", order, 4)
        shuffle(f"%w{place}", f"%q{place}.0", f"%q{place}.4", tuple(range(8)), 4)
        lines += [
            f"  %t{place} = getelementptr inbounds <8 x double>, ptr %to, i64 {place * between}",
            f"  store <8 x double> %w{place}, ptr %t{place}, align 8",
        ]
    head = f"define internal void @{name}(ptr %from, i64 %apart, ptr %to) alwaysinline nounwind"
    return "\n".join([head + " {", *lines, "  ret void", "}"])


PACK_FOUR = _pack_four("pack_four", 1)
TRANSPOSE_FOUR = _pack_four("transpose_four", STRIP_ROWS // LANES)
PACK_ONE = """\
define internal void @pack_one(ptr %from, i64 %apart, ptr %to) nounwind {
  %y = call <8 x double> @load_apart(ptr %from, i64 %apart)
  store <8 x double> %y, ptr %to, align 8
  ret void
}"""


def _scatter(name: str, *, masked: bool) -> str:
    """A function that adds eight numbers, one after the other; `masked`, those of some lanes."""
    lines = []
    for lane in range(LANES):
        if masked:
            lines += [
                f"  %m{lane} = extractelement <{LANES} x i1> %mask, i64 {lane}",
                f"  br i1 %m{lane}, label %add{lane}, label %on{lane}",
                f"add{lane}:",
            ]
        lines += [
            f"  %i{lane} = extractelement <{LANES} x i64> %places, i64 {lane}",
            f"  %x{lane} = extractelement <{LANES} x double> %a, i64 {lane}",
            f"  %p{lane} = getelementptr inbounds double, ptr %base, i64 %i{lane}",
            f"  %t{lane} = load double, ptr %p{lane}, align 8",
            f"  %s{lane} = fadd double %t{lane}, %x{lane}",
            f"  store double %s{lane}, ptr %p{lane}, align 8",
        ]
        lines += [f"  br label %on{lane}", f"on{lane}:"] if masked else []
    given = f"ptr %base, <{LANES} x i64> %places, <{LANES} x double> %a"
    given += f", <{LANES} x i1> %mask" if masked else ""
    mark = "" if masked else "alwaysinline "
    head = f"define internal void @{name}({given}) {mark}nounwind {{"
    return "\n".join([head, *lines, "  ret void", "}"])


def _store_apart() -> str:
    lines = []
    for lane in range(LANES):
        lines += [
            f"  %i{lane} = mul i64 %apart, {lane}",
            f"  %p{lane} = getelementptr inbounds double, ptr %base, i64 %i{lane}",
            f"  %x{lane} = extractelement <{LANES} x double> %a, i64 {lane}",
            f"  store double %x{lane}, ptr %p{lane}, align 8",
        ]
    given = f"ptr %base, i64 %apart, <{LANES} x double> %a"
    head = f"define internal void @store_apart({given}) alwaysinline nounwind {{"
    return "\n".join([head, *lines, "  ret void", "}"])


# Lanes that take no part read element 0 of their array, which exists, and write nothing.
GATHER_SOME = """\
define internal <8 x double> @gather_some(ptr %base, <8 x i64> %places, <8 x i1> %mask) nounwind {
  %safe = select <8 x i1> %mask, <8 x i64> %places, <8 x i64> zeroinitializer
  %y = call <8 x double> @gather(ptr %base, <8 x i64> %safe)
  ret <8 x double> %y
}"""
LANE_FUNCTIONS = {  # by name; each may call those after it
    "pack_four": PACK_FOUR,
    "transpose_four": TRANSPOSE_FOUR,
    "pack_one": PACK_ONE,
    "gather_some": GATHER_SOME,
    "gather": GATHER,
    "load_apart": LOAD_APART,
    "store_apart": _store_apart(),
    "scatter": _scatter("scatter", masked=True),
    "scatter_all": _scatter("scatter_all", masked=False),
    "total": _folded("total", "fadd"),
    "whole": _folded("whole", "fmul"),
}
