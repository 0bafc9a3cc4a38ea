"""How the errors of differences depend on h, and how costs grow with variables and with depth.

Comes in: a Function and a point. Goes out: the numbers of a curve or a table, none of them a time,
so that they are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite, nan

from gdcli.autodiff.tape import Instruction, Region, Tape, Walk, run
from gdcli.derivatives import registry as methods
from gdcli.derivatives.comparison.errors import Reference, reference, relative_error
from gdcli.derivatives.comparison.families import chain, nest
from gdcli.derivatives.registry import METHODS, Method
from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.named_tuples import NamedTuple

SWEPT_STEPS = tuple(10.0**-k for k in range(1, 17))
CANDIDATE_STEPS = tuple(10.0 ** (-k / 4) for k in range(4, 65))  # for the best h
VARIABLE_COUNTS = (2, 4, 8, 16, 32)
DEPTHS = tuple(range(1, 9))
MOST_SWEEP_WORK = 100_000  # variables times steps of f of a sweep of the step: a few seconds
MOST_CHAIN_WORK = 400_000  # the same of the longest function of a sweep of the variables
MOST_FORMULA_OPERATIONS = 3_000  # operations of f beyond which SymPy would take too long


class ErrorCurve(NamedTuple):
    """The relative error of a formula at each of SWEPT_STEPS, its best h and the recommended one.

    `recommended` is the h of the first variable; each variable has its own, by its size. `fine` are
    the errors at each of CANDIDATE_STEPS; `best` is the one of `lasting_minimum`, nan where no
    error is finite.
    """

    name: str
    errors: list[float]
    best: float
    best_error: float
    recommended: float
    recommended_error: float
    fine: list[float]

    def __repr__(self) -> str:
        best, error = f"best h {self.best:.3g}", f"error {self.best_error:.3g}"
        return f"ErrorCurve({self.name}: {best} with {error}, {len(self.errors)} steps h)"


def step_curves(
    function: Function, point: Sequence[float], exact: Reference | None = None
) -> list[ErrorCurve]:
    """The ErrorCurve of each formula that takes a step; `exact` is the gradient to measure by,
    where it is known already.

    Raises UndefinedError without a gradient, UsageError where variables are too many.
    """
    n, steps = len(function.variables), function.tape.size
    if n * steps > MOST_SWEEP_WORK:
        raise UsageError(
            f"a sweep of the step takes {len(SWEPT_STEPS) + len(CANDIDATE_STEPS)} gradients by each"
            " formula, "
            f"too many for {n:,} variables times {steps:,} steps; give smaller sizes"
        )
    exact = exact or reference(function, point)
    return [_curve(*formula, function, point, exact) for formula in _formulas()]


def _refuse_much_work(swept: str, steps: int, most: int) -> None:
    if steps > most:
        raise UsageError(
            f"a sweep of the {swept} would take {steps:,} steps, more than {most:,}; take a shorter"
            " function"
        )


def _formulas() -> Iterator[tuple[str, Method, int | None]]:
    for name, method in METHODS.items():
        if "step" in method.options:
            yield name, method, None
        if name == "central-difference":
            yield f"{name} (5 points)", method, 5


def _curve(
    name: str,
    method: Method,
    points: int | None,
    function: Function,
    point: Sequence[float],
    exact: Reference,
) -> ErrorCurve:
    def error(step: float | None) -> float:
        return relative_error(method.prepare(function, step, points)(point)[1], exact)

    found = [error(step) for step in CANDIDATE_STEPS]
    best = lasting_minimum(found)
    recommended = method.prepare(function, None, points).steps(point) or [CANDIDATE_STEPS[best]]
    return ErrorCurve(
        name,
        [error(step) for step in SWEPT_STEPS],
        CANDIDATE_STEPS[best] if isfinite(found[best]) else nan,
        found[best],
        recommended[0],
        error(None),
        found,
    )


def lasting_minimum(errors: Sequence[float]) -> int:
    """The place where the error stays least: it is least together with its neighbours.

    Where rounding rules, errors scatter, and one h may hit the derivative by luck alone, so that
    the error there may be less than here. The first and the last place have one neighbour.
    """
    return min(range(len(errors)), key=lambda k: (max(errors[max(0, k - 1) : k + 2]), errors[k]))


class GradientCost(NamedTuple):
    """The cost of a gradient in n variables: evaluations of f, and operations."""

    evaluations: int
    operations: int | None  # None of a formula that takes too long to be made


class Size(NamedTuple):
    """A member of the chained family: the operations of f itself, and each method's costs."""

    variables: int
    operations: int
    costs: dict[str, GradientCost]


def variable_costs(function: Function, point: Sequence[float]) -> list[Size]:
    """The costs for f(x1, x2) + f(x2, x3) + ... of 2, 4, 8, ... variables.

    The point repeats: with (0.5, -0.5) it is (0.5, -0.5, 0.5, -0.5, ...).
    """
    from gdcli.derivatives.symbolic_gradient import formula_sizes

    fewest = len(function.variables)
    counts = [fewest, *(n for n in VARIABLE_COUNTS if n > fewest)]
    work = counts[-1] * (counts[-1] - fewest + 1) * function.tape.size
    _refuse_much_work("variables", work, MOST_CHAIN_WORK)
    family = [chain(function, n) for n in counts]
    formulas = formula_sizes([one.tape for one in family])
    return [
        _size(one, [*point] * n, size)
        for n, one, size in zip(counts, family, formulas, strict=True)
    ]


def _size(function: Function, repeated: Sequence[float], formula: int | None) -> Size:
    n = len(function.variables)
    point = repeated[:n]
    costs = {}
    for name, method in METHODS.items():
        if name == "symbolic":
            costs[name] = GradientCost(0, formula)
        else:
            ready = method.prepare(function)
            costs[name] = GradientCost(ready.evaluations, ready.operations(point))
    return Size(n, methods.operations(function.tape, point), costs)


class Depth(NamedTuple):
    """The operations of a function that is nested `depth` times in itself.

    They are those of its tape, of its gradient tape, of f as one formula, and of SymPy's gradient,
    None where that has become too long to be made.
    """

    depth: int
    tape: int
    gradient_tape: int
    formula: int
    symbolic: int | None


def depth_costs(function: Function) -> list[Depth]:
    """The operations of f, f(f), f(f(f)), ... in the first variable; they depend on no point.

    Source: Baydin, Pearlmutter, Radul and Siskind, Automatic differentiation in machine learning:
    a survey, JMLR 18 (2018) 153, table 1, with the logistic map 4x(1 - x).
    """
    from gdcli.derivatives.symbolic_gradient import formula_sizes

    _refuse_much_work("depth", function.tape.size * sum(DEPTHS), MOST_SWEEP_WORK)
    nested = [nest(function, depth) for depth in DEPTHS]
    written = [formula_size(one.tape) for one in nested]
    made = [
        one.tape
        for one, size in zip(nested, written, strict=True)
        if size <= MOST_FORMULA_OPERATIONS
    ]
    symbolic = formula_sizes(made)
    symbolic += [None] * (len(nested) - len(symbolic))
    return [
        Depth(depth, count_steps(one.tape.body), count_steps(one.gradient_tape.body), size, formula)
        for depth, one, size, formula in zip(DEPTHS, nested, written, symbolic, strict=True)
    ]


def count_steps(region: Region) -> int:
    """How many primitives and branches stand in a region, on all sides of the branches."""
    inner = sum(count_steps(one) for step in region.instructions for one in step.regions)
    return inner + sum(1 for step in region.instructions if step.operands)


def formula_size(tape: Tape) -> int:
    """How many operations the output has when it is written as one formula, nothing shared."""

    def apply(_: Instruction, operands: list[int]) -> int:
        return 1 + sum(operands)

    def branch(_: Instruction, operands: list[int], walk: Walk) -> list[int]:
        sides = zip(*(walk(region) for region in _.regions), strict=True)
        return [1 + sum(operands) + sum(side) for side in sides]

    size: int = run(tape, lambda _: 0, apply, branch)[0]
    return size
