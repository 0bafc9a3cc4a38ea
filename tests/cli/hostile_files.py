"""Files that nobody would write: seeded mutations of good ones, by their ending."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

NUMBER_WORDS = (
    *("0", "-1", "1e999", "1e-999", "nan", "inf", "9007199254740993", "9" * 400, "9" * 5000),
    *("0x1F", "1_0", "1,5", "5%", "1/3", "true", "null", "\uff11", "1\0", '"1"', "'1'", "[1]"),
)
SIGNS = (
    *(",", ";", "\t", " ", "\n", "\r", "\r\n", '"', "'", "#", "=", ".", ":", "[", "]", "{", "}"),
    *("\\", "\\u", "'''", "\0", "\x0b", "\x1b[31m", "\u2028", "\ufeff", "\u202e", "\U0001f600"),
)
RUNS = (
    *("[" * 300, "[" * 20_000, "]" * 50, "{" * 300, "{a=" * 500, "(" * 9000, "a." * 20_000),
    *("1," * 60_000, "1" * 200_000, '"' * 999, "\n" * 5000, " " * 99_999, "-" * 5000),
    *("x" * 200_000, "1e" * 400),
)
SHAPES = (
    *("()", "(1, 2)", "(2, 1)", "(0,)", "(-2,)", "(-1, -2)", "(2.0,)", "(True,)", "(2L,)", "2"),
    *("(10**18,)", f"({10**18},)", f"({10**30},)", f"({2**32}, {2**32})", f"(0, {10**22})"),
    *("(" + "1," * 40 + ")", "(" + "1," * 70 + ")", "(" * 150 + ")" * 150, "-" * 5000 + "2"),
    *("None", "'2'", "[2]", "(2,) * 9", "__import__('os')", "(" * 9000, "\n  1\n 2"),
)
TYPES = (
    *("<f8", ">f8", "<f4", "<f2", "<i8", "<u8", "|b1", "<c16", "|O", "|S8", "<U2", "<M8[s]"),
    *("|V8", "<f9", "O", "8", "", "<U999999999", "<f8,<f8", "(2,)f8", "<f16", "none"),
)
HEADERS = (b"", b"{}", b"{1, 2}", b"{'descr", b"(" * 30_000, bytes(range(256)))


def npy(source: random.Random) -> bytes:
    """A file of NumPy's of which one or two parts claim anything, or which is cut or changed."""
    amiss = source.choices(("shape", "kind", "order", "header", "version", "length", "", ""), k=2)

    def part(name: str, good: Any, others: Sequence[Any]) -> Any:
        return source.choice(others) if name in amiss else good

    shape, kind = part("shape", "(2,)", SHAPES), part("kind", "<f8", TYPES)
    order = part("order", "False", ("True", "3", "None"))
    header = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    header = part("header", header, HEADERS)
    version = part("version", (1, 0), ((2, 0), (3, 0), (9, 9), (0, 0)))
    length = part("length", len(header), (0, 5, 60_000, 2**32 - 1))
    size = struct.pack("<H", length % 2**16) if version == (1, 0) else struct.pack("<I", length)
    numbers = source.choice(((1.0, 2.0), (1.0, 2.0), (0.0, float("nan")), (2.0**60, -1e-320)))
    start = source.choice((b"\x93NUMPY",) * 9 + (b"\x93NUMPX", b"PK\3\4", b"\x80\4K\1."))
    content = start + bytes(version) + size + header + struct.pack("<2d", *numbers)
    return changed(source, content) if source.random() < 0.2 else content


def changed(source: random.Random, content: bytes) -> bytes:
    """The content, in a third of all cases cut, in a third with some bytes changed."""
    if source.random() < 1 / 3:
        return content[: source.randrange(len(content) + 1)]
    found = bytearray(content)
    for _ in range(source.choice((0, 0, 1, 2, 5)) if found else 0):
        found[source.randrange(len(found))] = source.randrange(256)
    return bytes(found)


def text_mutator(good: str) -> Callable[[random.Random], bytes]:
    """A maker of texts like a good one, with words of it taken out, doubled, and others put in."""

    def make(source: random.Random) -> bytes:
        text = good
        for _ in range(source.randint(1, 3)):
            place = source.randrange(len(text) + 1)
            end = min(len(text), place + source.choice((0, 0, 1, 3, 12)))
            words = source.choice(
                (NUMBER_WORDS, SIGNS, SIGNS, RUNS, (text[place : place + 30], ""))
            )
            text = text[:place] + source.choice(words) + text[end:]
        encoding = source.choice(("utf-8",) * 12 + ("utf-16", "utf-16-le", "utf-32", "utf-8-sig"))
        return (
            changed(source, text.encode(encoding))
            if source.random() < 0.2
            else text.encode(encoding)
        )

    return make


GOOD_TABLE = "t,y,note\n1,2,a\n3,4.5e-1,b\n-5,6,c\n"
GOOD_NUMBERS = "x\n1\n2.5e-3\n-4\n"
GOOD_POINTS = 'name,x,y\n"a, b",1,2\nc,3.5,4e1\n'
GOOD_PROBLEM = """title = "a bowl"
expression = "sum(c[i]*(x[i] - b)^2 for i in 1:n)"
sizes = { n = 2 }
data = { c = [1, 2.5] }
start = "b=1,x=0.5"
window = [[-1, 1], [-1e0, 1]]
tags = ["round"]
[[minima]]
at = [0, 0, 0]
f = 0.0
"""
ROW = '{"k": %d, "x": {"x": %s, "y": [1, 2]}, "f": 3.5, "gradient_norm": 1e-3, "alpha": 0.1}\n'
GOOD_TRACE = ROW % (0, "1") + ROW % (1, "0.5") + ROW % (2, "1e-5")

# The makers of files by ending; and the commands that read FILE, each with its ending.
MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "npy": npy,
    "csv": text_mutator(GOOD_TABLE),
    "tsv": text_mutator(GOOD_NUMBERS),
    "points.csv": text_mutator(GOOD_POINTS),
    "toml": text_mutator(GOOD_PROBLEM),
    "jsonl": text_mutator(GOOD_TRACE),
}
FIT = "sum(a + y[i]/8 for i in 1:n)"
COMMANDS = (
    ("npy", ("grad", FIT, "--data", "y=FILE", "--at", "1")),
    ("npy", ("grad", "x/8 + y/8", "--at", "@FILE")),
    ("npy", ("grad", "sum(x[i]/8 for i in 1:2)", "--at", "x=@FILE")),
    ("csv", ("grad", FIT, "--data", "FILE", "--at", "1")),
    ("tsv", ("grad", FIT, "--data", "y=FILE", "--at", "1")),
    ("tsv", ("grad", "sum(x[i]/8 for i in 1:3)", "--at", "x=@FILE")),
    ("points.csv", ("grad", "x/8 + y/8", "--at", "@FILE")),
    ("toml", ("show", "FILE", "--stage", "expression")),
    ("jsonl", ("plot", "--from", "FILE")),
)
