"""What a function of the language needs: its row, and its name in each of these tables."""

from __future__ import annotations

from collections.abc import Collection

from gdcli.autodiff.primitives import ROWS
from gdcli.execute.grid import ARRAYS
from gdcli.execute.native.operations import ARITHMETIC, COMPOSED_PRIMITIVES, LIBRARY_ARITIES
from gdcli.functions.sympy_expressions import symbolic_numbers
from gdcli.nonsmooth.error_bound import ERROR_FORMULAS, RELATIVE_ERROR_FORMULAS
from gdcli.numbers.complexes import COMPLEX
from gdcli.numbers.error_propagation import ERROR_RULES
from gdcli.numbers.floats import FLOAT, GAMMA_FUNCTIONS, IEEE
from gdcli.numbers.interval_ends import interval_ends
from gdcli.numbers.interval_lanes import ENDS_RULES
from gdcli.numbers.precise import digits
from tests import expressions, mathematics
from tests.numbers import test_intervals

# A place, the names in it, and whether the `definition` of the function's row may stand for one.
TABLES: dict[str, tuple[Collection[str], bool]] = {
    "numbers/floats.py FLOAT_OPERATIONS": (FLOAT.operations.keys() & IEEE.operations.keys(), False),
    "numbers/error_propagation.py ERROR_RULES": (ERROR_RULES, False),
    "nonsmooth/error_bound.py ERROR_FORMULAS or RELATIVE_ERROR_FORMULAS": (
        {*ERROR_FORMULAS, *RELATIVE_ERROR_FORMULAS, "min", "max", "logsumexp"},
        False,
    ),
    "numbers/complexes.py CONTINUATIONS": (COMPLEX.operations, True),
    "numbers/precise.py digits": (digits(20).operations, True),
    "derivatives/symbolic.py symbolic_numbers": (symbolic_numbers().operations, True),
    "execute/grid.py ARRAY_OPERATIONS": (ARRAYS.operations, False),
    "numbers/interval_lanes.py ENDS_RULES": (ENDS_RULES, False),
    "numbers/interval_ends.py operations": (interval_ends(64).numbers.operations, False),
    "execute/native/operations.py LIBRARY_ARITIES or COMPOSED_PRIMITIVES": (
        {*ARITHMETIC, *LIBRARY_ARITIES, *COMPOSED_PRIMITIVES, *GAMMA_FUNCTIONS},
        False,
    ),
    "tests/numbers/test_intervals.py FUNCTIONS": (test_intervals.FUNCTIONS, False),
    "tests/mathematics.py FUNCTIONS": (mathematics.FUNCTIONS, False),
    "tests/expressions.py FUNCTIONS": (
        {*expressions.FUNCTIONS, "unary-minus", "pow-integer", "pow-general", "logcosh"},
        False,
    ),
}


def test_a_function_stands_in_every_table() -> None:
    missing = [
        f"{row.name}: {place}"
        for row in ROWS
        if row.name not in mathematics.OF_THE_ENGINE
        for place, (names, a_definition_serves) in TABLES.items()
        if row.name not in names and not (a_definition_serves and row.definition)
    ]
    assert not missing
