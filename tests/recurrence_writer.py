"""Recurrences made by chance: one to three parts of one or two subscripts that need each other.

`recurrences(seed)` is always the same text, with the sizes that it names. Each piece reads entries
of steps before, of its own row up to it, or of pieces that stand above in the same step; the
variables are a, b and x[2]. All functions are smooth and bounded in slope.
"""

from __future__ import annotations

import random

FORMULAS = ("sin({})", "({})/2", "tanh({})", "cos({})*a", "({})*b/3", "exp(-({})^2)")


class RecurrenceWriter:
    """Writes one text; `order` is that of the parts in a step."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(f"recurrences {seed}")
        self.sizes = {"n": self.random.randint(2, 4), "m": self.random.randint(2, 4)}
        self.order = ["p", "q", "r"][: self.random.randint(1, 3)]
        self.random.shuffle(self.order)
        self.rows = {name for name in self.order if self.random.random() < 0.6}

    def text(self) -> str:
        parts = [self.first(name) for name in self.random.sample(self.order, len(self.order))]
        for name in self.order:
            if name not in self.rows:
                parts.append(f"{name}[t in 2:n] = {self.formula(name, False)}")
                continue
            parts.append(f"{name}[t in 2:n, 1] = {self.formula(name, True)}")
            parts.append(f"{name}[t in 2:n, j in 2:m] = {self.formula(name, False)}")
        ends = [self.random.choice(self.ends(name)) for name in self.order]
        return "; ".join([*parts, " + ".join(ends)])

    def first(self, name: str) -> str:
        if name in self.rows:
            value = self.random.choice(["a", "x[1]*j", "b + j/3"])
            return f"{name}[1, j in 1:m] = {value}"
        return f"{name}[1] = {self.random.choice(['a', 'b*2', 'x[1]'])}"

    def ends(self, name: str) -> list[str]:
        if name in self.rows:
            return [f"{name}[n,m]^2", f"sum({name}[n,j]*j for j in 1:m)"]
        return [f"{name}[n]", f"sum({name}[t]*t for t in 1:n)"]

    def formula(self, name: str, first: bool) -> str:
        terms = []
        for _ in range(self.random.randint(1, 3)):
            other = self.random.choice(self.order)
            above = self.order.index(other) < self.order.index(name)
            terms.append(self.random.choice(self.read(name, other, above, first)))
        if self.random.random() < 0.4:
            terms.append(self.random.choice(["x[2]", "t/4", "a*b", "x[1]^2"]))
        return self.random.choice(FORMULAS).format(" + ".join(terms))

    def read(self, name: str, other: str, above: bool, first: bool) -> list[str]:
        """What a piece of `name` may read of `other`; `first` is the first column of a row."""
        if other not in self.rows:
            known = [f"{other}[t-1]", f"{other}[1]", f"sum({other}[s]/s for s in 1:t-1)"]
            return [*known, f"{other}[t]"] if above else known
        known = [f"{other}[t-1,m]", f"{other}[t-1,1]", f"sum({other}[t-1,k]*k for k in 1:m)"]
        if name not in self.rows or first:
            return [*known, f"{other}[t,m]", f"{other}[t,1]"] if above else known
        known += [f"{other}[t-1,j]", f"{other}[t-1,j-1]", f"{other}[t-1,m+1-j]"]
        if other == name:
            known += [f"{other}[t,j-1]", f"sum({other}[t,k] for k in 1:j-1)", f"{other}[t,1]"]
        return [*known, f"{other}[t,j]", f"{other}[t,j-1]"] if above else known


def recurrences(seed: int) -> tuple[str, dict[str, int]]:
    """A text without a header, and the sizes in it."""
    writer = RecurrenceWriter(seed)
    text = writer.text()
    named = writer.sizes if writer.rows else {"n": writer.sizes["n"]}
    return text, named
