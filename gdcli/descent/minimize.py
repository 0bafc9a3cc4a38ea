"""The minimization of a function by descent: choose the rules, run them, judge the end point.

Comes in: an objective, a start, an α. Goes out: a `Result`, whatever happens; each iterate is
passed to `on_iterate` once, in order, as it happens. Only a request that means nothing raises.
`run_descent` takes any Objective and gives lists; `minimize`, the library's own name, takes what a
person would write and gives arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf, isfinite
from time import perf_counter
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

from gdcli.derivatives import DERIVATIVES
from gdcli.descent.advice import advice
from gdcli.descent.alpha import Alpha, alpha_rule, written_alpha
from gdcli.descent.box import Box
from gdcli.descent.iterate import KEPT_ROWS, Iterate, Trace, kept_rows
from gdcli.descent.loop import Descent
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.objective import Evaluation, Evaluations, Objective
from gdcli.descent.overshooting import OvershootWatch, alternates
from gdcli.descent.poles import CrossingWatch, poles
from gdcli.descent.requests import DescentMethod, Traits
from gdcli.descent.result import Result, left_points
from gdcli.descent.step_size import Fixed
from gdcli.descent.stopping import (
    BoxLimits,
    Limits,
    Outcome,
    StoppingTest,
    duration,
    interrupted,
    interrupted_late,
)
from gdcli.descent.subgradient import kink_names
from gdcli.descent.turning import said, turned, turned_row
from gdcli.descent.vectors import Vector, arithmetic, finite, largest, step, vector
from gdcli.descent.verdict import Verdict
from gdcli.errors import PointError, Sentence, Setting, UsageError, listed
from gdcli.execute.limits import NUMBER_BYTES
from gdcli.functions.arguments import called, choice, flag, number, public, whole, wrong
from gdcli.functions.doubles import doubles
from gdcli.functions.layout import by_name
from gdcli.library.lookup import as_function, is_callable
from gdcli.numbers import MOST_DIGITS
from gdcli.numbers.floats import MOST_LISTED_COMPONENTS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gdcli.descent.result import ArrayResult, FloatArray
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates, Function
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

DEFAULT_START = (0.9, 0.8, 0.7, 0.6, 0.5)  # repeated; at (1, 1) too many functions are stationary
DESCENT_BYTES = 180  # a component takes in all vectors of the loop together
NOT_LOOKED_AT = said(
    "whether it is a {minimum} was not looked at: that is done up to {} variables; no direction in "
    "which f {falls} was met",
    MOST_LISTED_COMPONENTS,
)
MOST_ESCAPES = 5  # of a run, where that is not given
MOST_POLISHED_VARIABLES = 100  # up to which a minimum gets many digits within a minute


@public
def minimize(
    f: Function | FunctionSource | Callable[[FloatArray], Any],
    start: Coordinates | str | None = None,
    *,
    gradient: Callable[[FloatArray], Any] | bool | None = None,
    hessian: Callable[[FloatArray], Any] | None = None,
    hessian_product: Callable[[FloatArray, FloatArray], Any] | None = None,
    method: str = "steepest",
    alpha: Alpha = "auto",
    tolerance: float = 1e-8,
    max_iterations: int = 10_000,
    max_evaluations: int = 50_000,
    maximize: bool = False,
    stop_when: str | Callable[[Iterate], object] | None = None,
    max_time: float | str | None = None,
    escape: str | int = "auto",
    seed: int = 0,
    derivative: str = "reverse",
    step: float | None = None,
    points: int | None = None,
    digits: int | None = None,
    on_iterate: Callable[[Iterate], object] | None = None,
    keep: int = KEPT_ROWS,
    bounds: Any = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> ArrayResult:
    """Descends from `start`, shape (n,), towards a minimum; the Result says how that went.

    `f` is a Function, or what `function` makes one of, with its `sizes`, `data` and `parameters`;
    start, x and gradient of the Result are arrays of shape (n,). `start` is a point as in a call of
    f: [1, 2], {"x": 1, "y": 2}, or a text such as "x=1, y=pi/3"; what it is drawn at random from
    is a text, "normal(0, 0.1)" or "uniform(-1, 1)". Without a start it is the problem's own, else
    0.9, 0.8, 0.7, 0.6, 0.5 repeating.

    `f` may be a Python function too, f(x) of an array of shape (n,), with its `gradient`, a
    function that returns n numbers, or True where f returns its value and them; the start is
    required. Second derivatives are differences of the gradient, unless `hessian` returns n rows,
    an array or a sparse matrix, or `hessian_product(x, v)` returns H·v. What these raise is passed
    on.

    `alpha` is "auto" (the method's own), a fixed step size, a function of k = 0, 1, 2, …, which may
    be written as an expression in k, or the name of a search. A run ends where every partial
    derivative is <= `tolerance`, or at a limit, of which `max_time` is one in seconds, or a text
    such as "2m". With `maximize` it seeks a maximum of f instead. `stop_when` is a comparison such
    as "abs(df) < 1e-9" of f, df, dx, gradient_norm, k and seconds, or a function of a row of the
    trace; where it becomes true the run is `stopped`. A run that has converged to a saddle is led
    off it, at most `escape` times: "auto" is 5, for methods that adapt their steps, and "no" is 0.
    `seed` is that of a start drawn at random, and of the directions in which the verdict looks.
    `derivative` names the way to find gradients, a difference with its `step` h and number of
    `points`; `digits` asks for a minimum of more digits than a float has. `bounds` keep the run
    within a box: {"x": (0, 10)}, None for no bound, a pair for each variable in order, or a text
    such as "x=0:10, y=:5". `on_iterate` is called with each row of the trace, of which the Result
    keeps at most `keep`. How a run ended is in `status`, `message` and `classification`; UsageError
    or PointError is raised only for a request that means nothing. An error that `on_iterate` or
    `alpha` raises is passed on; KeyboardInterrupt, as by Ctrl-C, ends the run with its best point.
    """
    given = {"sizes": sizes, "data": data, "parameters": parameters}
    derivatives = {"gradient": gradient, "hessian": hessian, "hessian_product": hessian_product}
    objective: Any
    point: Vector | None = None
    if is_callable(f):
        from gdcli.descent.callable_objective import callable_objective

        _refuse_settings({**given, "step": step, "points": points, "digits": digits}, "a text")
        if not isinstance(derivative, str) or derivative != "reverse":
            _refuse_settings({"derivative": derivative}, "a text")
        if isinstance(bounds, str):
            raise wrong("bounds", "(low, high) for each variable of a Python function", bounds)
        objective, point = callable_objective(f, start, **derivatives)
    else:
        _refuse_settings(derivatives, "a Python function")
        objective = as_function(cast("FunctionSource", f), **given)
        if isinstance(start, str):
            point = objective.point(start, "start", whole(seed, "seed", 0))
        elif named := by_name(start):
            point = objective.layout.join(_with_texts_read(objective, named, seed), "the start")
        elif start is not None:
            point = doubles(cast("ArrayLike", start), "the start").ravel().tolist()
    label = None
    if isinstance(alpha, str):
        alpha, label = written_alpha(alpha)
    result = run_descent(
        objective,
        point,
        method=method,
        alpha=alpha,
        tolerance=tolerance,
        max_iterations=max_iterations,
        max_evaluations=max_evaluations,
        maximize=maximize,
        stop_when=stop_when,
        max_time=max_time,
        escape=escape,
        seed=seed,
        on_iterate=on_iterate,
        keep=keep,
        label=label,
        derivative=derivative,
        step=step,
        points=points,
        digits=digits,
        bounds=bounds,
    )
    return array_result(result)


def _with_texts_read(f: Function, named: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
    """The start by name with numbers for the texts in it, as "normal(0, 0.1)"."""
    if not any(isinstance(one, str) for one in named.values()):
        return named
    from gdcli.functions.points import with_texts_read

    return with_texts_read(named, f.layout, f.sizes, "the start", whole(seed, "seed", 0))


def array_result(result: Result) -> ArrayResult:
    """The Result with arrays in place of lists."""
    import numpy

    arrays: dict[str, Any] = {
        name: numpy.array(getattr(result, name)) for name in ("start", "x", "gradient")
    }
    return cast("ArrayResult", result._replace(**arrays))


def run_descent(
    objective: Objective,
    start: Sequence[float] | None = None,
    *,
    method: str = "steepest",
    alpha: Alpha = "auto",
    tolerance: float = 1e-8,
    max_iterations: int = 10_000,
    max_evaluations: int = 50_000,
    maximize: bool = False,
    stop_when: str | Callable[[Iterate], object] | None = None,
    max_time: float | str | None = None,
    escape: str | int = "auto",
    seed: int = 0,
    on_iterate: Callable[[Iterate], object] | None = None,
    on_note: Callable[[Sentence], None] | None = None,
    on_evaluations: Callable[[Iterate, int], object] | None = None,
    keep: int = KEPT_ROWS,
    label: str | None = None,
    derivative: str = "reverse",
    step: float | None = None,
    points: int | None = None,
    digits: int | None = None,
    bounds: Any = None,
    bounds_noun: str = "bounds",
) -> Result:
    """Descends from `start`, n numbers, until ‖∇f‖∞ <= tolerance or a limit is met.

    `alpha` is "auto", a fixed step size, or a function of k = 0, 1, 2, … that gives one; `label` is
    what the result shows for it. Without a start it is the problem's own, else 0.9, 0.8, 0.7, 0.6,
    0.5 repeating. At most `keep` rows of the trace are kept. `on_note` is told after a few rows
    that a fixed α is too long, if there are rows. `on_evaluations` is called with each row and the
    number of evaluations of f that the next point took. `derivative` names the method of
    `derivatives.registry` that finds gradients, with its `step` and `points`; `digits` asks for a
    minimum of more digits than a float has. Ctrl-C ends the run with its best point. Raises
    UsageError and PointError for a request that means nothing.
    """
    began = perf_counter()
    longest = None if max_time is None else duration(max_time, "max_time")
    limits = Limits(tolerance, max_iterations, max_evaluations, longest).check()
    maximize, seed = flag(maximize, "maximize"), whole(seed, "seed", 0)
    stopping = None
    if stop_when is not None:
        from gdcli.descent.stop_rule import stop_rule

        stopping = stop_rule(stop_when, maximize)
    if isinstance(method, str) and method not in DESCENT_METHODS:
        from gdcli.descent.foreign import refuse_foreign_method

        refuse_foreign_method(method)
    choice(method, "method", DESCENT_METHODS)
    choice(derivative, "derivative", DERIVATIVES)
    keep = whole(keep, "keep", 0)
    if not (on_iterate is None or callable(on_iterate)):
        raise wrong("on_iterate", "a function of a row of the trace", on_iterate)
    if not objective.components:
        value = objective.evaluate([])
        what = "maximize" if maximize else "minimize"
        raise UsageError(f"there is nothing to {what}: f has no variables, it is {value:.7g}")
    if maximize:
        objective = cast("Any", objective).negated
    _refuse_large_memory(objective, method, keep)
    if digits is not None:
        digits = whole(digits, "digits", 1, MOST_DIGITS)
    rule = alpha_rule(alpha, method)
    function = objective  # whose arrays bounds are given by
    unrolled = None if digits is None else _unrolled(objective)
    if hasattr(objective, "for_run"):
        objective = objective.for_run()
    if derivative != "reverse" or step is not None or points is not None:
        objective = _differentiated(objective, derivative, step, points)
    point = _start(objective, start)
    box = None if bounds is None else _box(function, bounds, bounds_noun)
    if box is not None:
        limits = BoxLimits(*limits)
        point = _within(box, point, objective.components, None if start is None else on_note)
        if hasattr(objective, "box"):  # which it keeps to in differences of its own
            objective.box = box
    made = DESCENT_METHODS[method].make(rule, _traits(objective, box, limits))
    most_escapes = _most_escapes(escape, method, made)
    run = Descent(objective, point, made, limits, box, most_escapes, stopping, seed)
    run.began = began
    trace = Trace(keep, len(point))
    run.wants_rows = keep > 0 or bool(on_iterate or on_evaluations)
    if maximize and on_note is not None:
        on_note = partial(_tell_turned, on_note)
    with arithmetic(point):
        watch = _watch(run, on_note)
        crossing = _crossing(run, on_note)
        _send_all(run, trace, on_iterate, watch, crossing, maximize, on_evaluations)
    fixed = rule.step_size.alpha if isinstance(rule.step_size, Fixed) else alpha
    shown = label or ("schedule" if callable(fixed) else fixed)
    result = _result(run, trace, method, shown, start is None, began, watch)
    result = result._replace(derivative=derivative, seed=seed)
    if digits is not None:
        result = _polished(unrolled, result, digits, began)
    if not maximize:
        return result
    from gdcli.descent.maximum import turned_result

    return turned_result(result)


def _most_escapes(escape: object, method: str, made: DescentMethod) -> int:
    """How many saddles a run may leave. Raises UsageError where its steps are taken as they are."""
    adapts = made.adaptive and DESCENT_METHODS[method].escapes
    if isinstance(escape, str) and escape in ("auto", "no"):
        return MOST_ESCAPES if escape == "auto" and adapts else 0
    wanted = '"auto", "no" or a whole number of at least 0'
    most = int(number(escape, "escape", wanted, lambda n: n >= 0 and n.is_integer()))
    if most and not adapts:
        message = "{} has no place beside a method or a step size that takes its steps as they are"
        raise UsageError(Sentence(message, Setting("escape", str(most))))
    return most


def _tell_turned(on_note: Callable[[Sentence], None], note: Sentence) -> None:
    on_note(turned(note))


def _refuse_settings(given: Mapping[str, object], source: str) -> None:
    """Raises UsageError for an argument that is given, though it belongs to another `source`."""
    for name, value in given.items():
        if value is not None:
            raise UsageError(Sentence("{} is for f as {}", Setting(name), source))


def _traits(objective: Any, box: Box | None, limits: Limits) -> Traits:
    return Traits(
        len(objective.components),
        kinks=getattr(objective, "has_kinks", False),
        product=getattr(objective, "gives_products", True),
        hessian_cost=getattr(objective, "hessian_cost", 1.0),
        box=box,
        tolerance=limits.tolerance,
    )


def _refuse_large_memory(objective: Any, method: str, keep: int) -> None:
    engine = getattr(objective, "engine", None)
    if engine is not None:
        n = len(objective.components)
        numbers = DESCENT_METHODS[method].vectors + kept_rows(keep, n)
        engine.refuse(f"a descent over {n:,} numbers", (DESCENT_BYTES + NUMBER_BYTES * numbers) * n)


def _watch(run: Descent, on_note: Callable[[Sentence], None] | None) -> OvershootWatch | None:
    alpha = None if run.box is not None else run.burst_alpha
    return None if on_note is None or alpha is None else OvershootWatch(alpha, on_note)


def _crossing(run: Descent, on_note: Callable[[Sentence], None] | None) -> CrossingWatch | None:
    if on_note is None or run.method.adaptive:
        return None
    objective = run.objective.objective
    watched = poles(objective)
    return None if watched is None else CrossingWatch(watched, objective, on_note)


def _send_all(
    run: Descent,
    trace: Trace,
    on_iterate: Callable[[Iterate], object] | None,
    watch: OvershootWatch | None,
    crossing: CrossingWatch | None,
    maximize: bool,
    on_evaluations: Callable[[Iterate, int], object] | None,
) -> None:
    """Sends every row once, to the end of the run or to Ctrl-C."""

    def send(row: Iterate) -> None:
        if watch is not None:
            watch.add(row)
        if crossing is not None:
            crossing.add(row)
        if maximize:
            row = turned_row(row)
        if row.k >= trace.count + run.skipped_rows:
            trace.add(row)
        if on_iterate is not None:
            called(on_iterate, "on_iterate", row)
        if on_evaluations is not None:
            ahead = max(0, run.k - row.k - 1)  # steps of a burst, an evaluation each
            on_evaluations(row, run.objective.evaluations.value - ahead)

    try:
        for row in run.iterates():
            send(row)
    except RuntimeError as error:
        if isinstance(error.__cause__, StopIteration):  # as no generator lets it pass
            raise error.__cause__ from None
        raise
    except KeyboardInterrupt as interrupt:
        run.termination = interrupted(interrupt, run.k)
        last = [] if run.last_row is None else [run.last_row]
        following = trace.count + run.skipped_rows
        if getattr(on_iterate, "takes_again", False):
            following -= 1  # it may be in the trace, and have gone no further
        for row in [*run.burst_rows, *last, run.row(None)]:  # those that are not sent yet
            if row.k >= following:
                following = row.k + 1
                send(row)


def _differentiated(
    objective: Any, derivative: str, step: float | None, points: int | None
) -> Objective:
    from gdcli.descent.differentiated import Differentiated

    return Differentiated(objective, derivative, step, points)


def _unrolled(objective: Any) -> Any:
    """The function as Newton's method takes it. Raises UsageError for too many variables."""
    if len(objective.components) > MOST_POLISHED_VARIABLES:
        limit = "{} is for at most {} variables: Newton's method takes n³"
        raise UsageError(Sentence(limit, Setting("digits"), MOST_POLISHED_VARIABLES))
    return objective.unrolled


def _polished(unrolled: Any, result: Result, digits: int, began: float) -> Result:
    from gdcli.descent.polish import polished

    return polished(unrolled, result, digits)._replace(seconds=perf_counter() - began)


def _result(
    run: Descent,
    trace: Trace,
    method: str,
    alpha: str | float,
    default_start: bool,
    began: float,
    watch: OvershootWatch | None,
) -> Result:
    """Judges the end point and gathers what is known of the run."""
    here = run.answer.at
    assert run.termination is not None
    outcome, message, manner = run.termination
    alternate = False
    try:
        if outcome is not Outcome.INTERRUPTED and not run.judged:
            run.judge()
        alternate = outcome is Outcome.MAX_ITERATIONS and _alternates(run)
    except KeyboardInterrupt as interrupt:
        outcome, message, _ = interrupted_late(interrupt, "the end was judged", message)
    local, judged = run.curvature, run.verdict
    names, escapes = run.objective.objective.components, tuple(run.escapes)
    of_method = getattr(run.method, "method_used", None)
    method_used, change = of_method(run.state) if of_method else (method, "")
    if run.successor:
        method_used, change = run.successor, f"{run.successor} went on where f has a kink"
    left = Sentence("; it had {}", left_points(names, escapes)) if escapes else ""
    changed = f"; {change}" if change else ""
    if mistake := getattr(run.objective.objective, "hessian_mistake", ""):
        changed = f"{changed}; {mistake}"
    if alternate and watch is not None:
        watch.tell_alternation()
    judgeable = outcome in (Outcome.CONVERGED, Outcome.STOPPED)
    many = judgeable and len(here.x) > MOST_LISTED_COMPONENTS
    unjudged = NOT_LOOKED_AT if many else None
    limit = local.alpha_limit if local is not None else None
    burst_alpha = run.burst_alpha
    above = burst_alpha is not None and limit is not None and burst_alpha >= limit
    fixed = alpha if burst_alpha is None else burst_alpha
    return Result(
        variables=names,
        method=method,
        alpha=alpha,
        start=run.start.x,
        default_start=default_start,
        outcome=outcome,
        message=Sentence("{}{}{}{}", message, _remark(run, judged, alternate), left, changed),
        iterations=run.k,
        evaluations=_evaluations(run),
        x=here.x,
        f=here.f,
        gradient=run.gradient,
        gradient_norm=here.gradient_norm,
        iterate=run.answer.k,
        last=run.row(None) if run.here.finite else None,
        tests=_tests(run),
        classification=judged.classification if judged is not None else None,
        degenerate=judged is not None and judged.degenerate,
        minimum=judged.minimum if judged is not None else None,
        verdict=judged.sentence if judged is not None else unjudged,
        hessian_eigenvalues=local.eigenvalues if local is not None else None,
        condition_number=local.condition_number if local is not None else None,
        alpha_limit=limit,
        safe_alpha=0.5 * limit if above and limit is not None else None,
        advice=advice(outcome, fixed, run.limits, local, judged, method),
        trace=trace.rows(),
        dropped=run.k + 1 - len(trace.rows()),
        seconds=perf_counter() - began,
        manner=manner,
        bounds=run.given_box,
        multipliers=_multipliers(run.given_box, here, run.objective.objective.components),
        method_used=method_used,
        method_change=change,
        escapes=escapes,
    )


def _multipliers(box: Box | None, here: Evaluation, names: Sequence[str]) -> dict[str, float]:
    """The multiplier of each active bound, by the name of its component."""
    if box is None or not here.finite:
        return {}
    return {names[i]: found for i, found in box.multipliers(here.x, here.gradient).items()}


def _evaluations(run: Descent) -> Evaluations:
    """The counts of a run; what else has called a callable counts as judging."""
    counts = run.objective.evaluations
    calls: Evaluations | None = getattr(run.objective.objective, "evaluations", None)
    if calls is None:
        return counts
    return calls._replace(
        value=counts.value, gradient=counts.gradient, verdict=max(0, calls.value - counts.value)
    )


def _remark(run: Descent, judged: Verdict | None, alternate: bool) -> str:
    """The text added to the sentence of the termination: no proper minimum, or a kink."""
    if judged is not None:
        return "" if judged.plain else Sentence("; {}", judged.sentence)
    here = run.answer.at
    at_limit = run.termination is not None and run.termination.outcome is Outcome.MAX_ITERATIONS
    kink_name = kink_names(run.objective.objective, here.x) if at_limit and here.finite else ""
    remark = f"; the best point lies at the kink {kink_name}" if kink_name else ""
    return remark + "; the iterates alternate between two points" * alternate


def _box(objective: Objective, bounds: Any, noun: str) -> Box | None:
    """The box that the bounds stand for; None where no variable has one."""
    from gdcli.functions.bounds import bounds_of

    low, high = bounds_of(bounds, objective, noun)
    return Box(vector(low), vector(high)) if max(low) > -inf or min(high) < inf else None


def _within(
    box: Box, point: Vector, names: Sequence[str], on_note: Callable[[Sentence], None] | None
) -> Vector:
    """The nearest point of the box, of which a note is made where it is another."""
    found = box.project(point)
    moved = [i for i, (c, d) in enumerate(zip(point, found, strict=True)) if c != d]
    if moved and on_note is not None:
        first = f"{names[moved[0]]} = {found[moved[0]]:.7g}"
        more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
        message = "the {} lies outside of the bounds; it is moved to {}{}"
        on_note(Sentence(message, Setting("start"), first, more))
    return found


def _alternates(run: Descent) -> bool:
    """Whether two more steps with the fixed α lead back to the last iterate."""
    alpha, first = run.burst_alpha, run.here
    if alpha is None or run.box is not None:
        return False
    with arithmetic(first.x):
        second = step(first.x, -alpha, first.gradient)
        f, gradient = run.objective.objective.evaluate_gradient(second)
        there = Evaluation(second, f, gradient, largest(gradient))
        return alternates(first.x, second, step(second, -alpha, there.gradient))


def _tests(run: Descent) -> tuple[StoppingTest, ...]:
    tests = run.limits.tests(
        run.answer.at.gradient_norm, run.k, run.objective.evaluations, run.seconds
    )
    if run.rule_test is not None:
        tests += (run.rule_test,)
    if run.here.finite:
        tests += run.bounds.tests(run.here)
    if run.decrease is not None:
        predicted, rounding = run.decrease
        measured = predicted if isfinite(predicted) else None
        tests += (StoppingTest("machine precision", measured, rounding, run.decrease.lost),)
    return tests


def _start(objective: Objective, start: Sequence[float] | None) -> Vector:
    """The start, checked, or the default one."""
    names = objective.components
    if start is None:
        problem = getattr(objective, "problem", None)
        if problem is not None and len(problem.start):
            return vector(problem.start)
        if len(names) > MOST_LISTED_COMPONENTS:
            import numpy

            return numpy.tile(DEFAULT_START, -(-len(names) // len(DEFAULT_START)))[: len(names)]
        return [DEFAULT_START[i % len(DEFAULT_START)] for i in range(len(names))]
    point = vector(start)
    if len(point) != len(names):
        raise PointError(f"the start has {len(point)} numbers, not {len(names)}: {listed(names)}")
    if not finite(point):
        raise PointError(f"the start must be finite numbers, in the order {listed(names)}")
    return point
