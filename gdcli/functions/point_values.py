"""What a point gives to one variable: its entries, as numbers or as constant expressions.

Comes in: the lengths of the variable, and a pattern, a formula in the subscripts or an array. Goes
out: as many entries as it has, row by row. PointError says where a number is not finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice, product
from math import isfinite, prod
from typing import TYPE_CHECKING

from gdcli.autodiff.lower import lower
from gdcli.autodiff.primitives import ARITIES
from gdcli.errors import PointError
from gdcli.execute.fallback import FallbackFunction
from gdcli.functions.constants import constant
from gdcli.language.parser import parse
from gdcli.language.semantics.roles import Roles
from gdcli.language.syntax import NAME, NUMBER, Decimal, Expression

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_SINGLE_ENTRIES = 100_000  # entries of a formula up to which each is computed by itself


class VariableEntries:
    """The entries of one variable, row by row; `shape` is () for a number.

    They are a `pattern` that is repeated, a `formula` in the `indices`, or were `loaded`; `single`
    entries, by their places, differ.
    """

    def __init__(self, shape: Sequence[int], place: str) -> None:
        self.shape = shape
        self.count = prod(shape)
        self.place = place
        self.pattern: list[Expression] = []
        self.indices: tuple[str, ...] = ()
        self.formula: Expression | None = None
        self.loaded: NDArray[np.float64] | None = None
        self.single: dict[int, Expression] = {}

    def expressions(self) -> list[Expression]:
        """All entries, as constant expressions."""
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
        """All entries, as numbers."""
        if self.loaded is not None:
            found: list[float] = self.loaded.tolist()
        elif self.formula is not None:
            found = self._computed()
        else:
            found = list(islice(cycle(self._numbers()), self.count))
        for entry, value in self.single.items():
            found[entry] = constant(value, self.place)
        return found

    def array(self) -> NDArray[np.float64]:
        """All entries, as an array of shape (count,)."""
        import numpy as np

        if self.loaded is not None:
            found = self.loaded.copy()
        elif self.formula is None:
            numbers = np.array(self._numbers())
            found = np.tile(numbers, -(-self.count // (len(numbers) or 1)))[: self.count]
        elif self.count <= MOST_SINGLE_ENTRIES:
            found = np.array(self._computed())
        else:
            found = self._computed_at_once()
        for entry, value in self.single.items():
            found[entry] = constant(value, self.place)
        return found

    def _numbers(self) -> list[float]:
        return [constant(value, self.place) for value in self.pattern]

    def _subscripts(self) -> Iterator[tuple[int, ...]]:
        return product(*(range(1, length + 1) for length in self.shape))

    def _computed(self) -> list[float]:
        assert self.formula is not None
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
        formula = compile_tape(lower(self.formula, Roles(self.indices, {})), ARRAY_TARGET)
        grid = np.meshgrid(*(np.arange(1.0, n + 1) for n in self.shape), indexing="ij", sparse=True)
        with np.errstate(all="ignore"):
            found = np.broadcast_to(formula(grid)[0], self.shape).ravel().copy()
        if not np.isfinite(found).all():
            place = np.unravel_index(int(np.isfinite(found).argmin()), tuple(self.shape))
            self._refuse([int(number) + 1 for number in place])
        return found

    def _refuse(self, subscripts: Sequence[int]) -> None:
        where = ", ".join(f"{i}={n}" for i, n in zip(self.indices, subscripts, strict=True))
        raise PointError(f"{self.place}: {self.formula} is not a finite number where {where}")


def with_numbers(expression: Expression, values: Mapping[str, int]) -> Expression:
    """The expression with numbers, none of them negative, in place of names."""
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
