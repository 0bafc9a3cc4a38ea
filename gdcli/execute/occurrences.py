"""Where values and names occur in a tape with loops, and how Python can spell the names.

Comes in: the body of a Tape. Nothing here knows what an instruction computes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from keyword import iskeyword

from gdcli.autodiff.tape import (
    ACCUMULATE,
    APPLY,
    BRANCH,
    CARRY,
    ELEMENT,
    KEEP,
    LOOP,
    SIZE,
    Region,
    Subscript,
    instructions,
)

RESERVED_NAMES = {"point", "nan", "inf", "range", "max", "min", "abs", "float", "evaluate"}
GENERATED_NAME = re.compile(
    r"[a-z]\d+|g_.*|.*_|(kept|carried)[_\d]*"
)  # the text's own names and functions


def python_names(names: Iterable[str]) -> dict[str, str]:
    """Names of the language as Python can spell them, none of them twice."""
    found: dict[str, str] = {}
    taken = set(RESERVED_NAMES)
    for name in names:
        text = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name))
        while text in taken or iskeyword(text) or GENERATED_NAME.fullmatch(text):
            text = f"a_{text}".rstrip("_")
        taken.add(text)
        found[name] = text
    return found


def arrays(body: Region, operation: str) -> list[str]:
    """The arrays that are read (ELEMENT) or accumulated into (ACCUMULATE)."""
    found = (one.payload.array for one in instructions(body) if one.operation == operation)
    return list(dict.fromkeys(found))


def sizes(body: Region) -> list[str]:
    """The sizes that stand in subscripts, bounds and values."""
    found: dict[str, None] = {}
    for one in instructions(body):
        payload = one.payload
        affine: tuple[Subscript, ...]
        if one.operation == SIZE:
            affine = (payload,)
        elif one.operation == LOOP:
            affine = (*payload.low, *payload.high)
        else:
            affine = payload.subscripts if one.operation in (ELEMENT, ACCUMULATE) else ()
        found.update((name, None) for subscript in affine for name, _ in subscript.sizes)
    return list(found)


def uses(region: Region, made: dict[int, Region]) -> Iterable[int]:
    """Every use of a value; one from another region counts twice, so that it gets a name."""

    def of(values: Iterable[int]) -> Iterable[int]:
        for value in values:
            yield value
            if made[value] is not region:
                yield value

    for one in region.instructions:
        yield from of(one.operands)
        if one.operation == BRANCH or one.payload == "pow-integer":
            yield from one.operands  # written twice: once for each side, or a*a
        for inner in one.regions:
            yield from uses(inner, made)
        made.update(dict.fromkeys(one.results, region))
    yield from of(region.outputs)


def numeric(body: Region) -> set[int]:
    """The values that stand where numbers are wanted."""
    found = set(body.outputs)
    for one in instructions(body):
        for inner in one.regions:
            found.update(inner.outputs)
        if one.operation in (APPLY, BRANCH):
            found.update(one.operands)
        elif one.operation in (ACCUMULATE, KEEP):
            found.add(one.operands[-1])
        elif one.operation == LOOP and (carries := one.payload.reductions.count(CARRY)):
            found.update(one.operands[-carries:])
    return found
