"""Texts with array parts written out as texts of scalars: `u[2]` becomes the name u_2.

Nothing of the language is used for it but its spelling, so that array parts and recurrences are
held to formulas that have no arrays, loops or subscripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

ENTRY = re.compile(r"([A-Za-z]\w*)\[([^\[\]]*)\]")
BODY = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*?"
SUM = re.compile(rf"sum\(({BODY}) for (\w+) in ([^:()]+):([^()]+?)\)")


def scalar_text(text: str, sizes: Mapping[str, int], variables: str) -> str:
    """The same function of scalars, which `variables`, such as `x_1, x_2, a`, lists in order.

    `text` has no header. Its parts have ranges, bodies of sums two levels of brackets.
    """
    *parts, body = text.split(";")
    known = dict(sizes)
    entries: dict[str, str] = {}
    for part in parts:
        left, right = part.split("=", 1)
        name, subscripts = left.strip().rstrip("]").split("[")
        ranges = [indices(one, known) for one in subscripts.split(",")]
        for chosen in product(*(numbers for _, numbers in ranges)):
            values = {index: number for (index, _), number in zip(ranges, chosen, strict=True)}
            entry = "_".join(map(str, (name, *chosen)))
            assert entry not in entries
            entries[entry] = formula(right, {**known, **values})
    last = formula(body, known)
    written: list[str] = []
    for name in needed(entries, last):
        written.append(f"{name} = {entries[name]}; ")
    return f"f({variables}) = {''.join(written)}{last}"


def indices(subscript: str, known: Mapping[str, int]) -> tuple[str, range]:
    """The index of a subscript on a left side, and the numbers it takes."""
    if " in " not in subscript:
        number = int(eval(subscript, {}, dict(known)))
        return "", range(number, number + 1)
    index, ends = subscript.split(" in ")
    low, high = (int(eval(end, {}, dict(known))) for end in ends.split(":"))
    return index.strip(), range(low, high + 1)


def formula(text: str, known: Mapping[str, int]) -> str:
    """A formula without sums, subscripts and indices."""
    while match := SUM.search(text):
        body, index, low, high = match.groups()
        low, high = (int(eval(end, {}, dict(known))) for end in (low, high))
        terms = [f"({replaced(body, {index: number})})" for number in range(low, high + 1)]
        text = f"{text[: match.start()]}({'+'.join(terms) or '0'}){text[match.end() :]}"
    text = ENTRY.sub(lambda match: named(match, known), text)
    return replaced(text, known).strip()


def replaced(text: str, values: Mapping[str, int]) -> str:
    for name, number in values.items():
        text = re.sub(rf"\b{name}\b", str(number), text) if name else text
    return text


def named(match: re.Match[str], known: Mapping[str, int]) -> str:
    numbers = (str(eval(one, {}, dict(known))) for one in match[2].split(","))
    return "_".join((match[1], *numbers))


def needed(entries: Mapping[str, str], body: str) -> Iterator[str]:
    """The entries that a formula needs, each after those it needs itself."""
    done: set[str] = set()
    pending = [(name, False) for name in re.findall(r"\w+", body)[::-1]]
    while pending:
        name, ready = pending.pop()
        if ready:
            yield name
        elif name in entries and name not in done:
            done.add(name)
            pending.append((name, True))
            pending += [(other, False) for other in re.findall(r"\w+", entries[name])]
