"""Methods of descent side by side: what each takes to come near the best f, and how fast it ends.

Comes in: a function, or a family of functions whose parameters vary; the names of methods, one
start and the settings of a descent. Goes out: a `Race`, a `RaceRun` for each function and method in
order. Each run has a copy of the function that has evaluated nothing yet, so that no run profits
from the machine code that another has made. Targets are measured from the lowest f that any method
has found of the same function.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from math import isfinite, log, nan, prod
from time import perf_counter
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.autodiff.primitives import ARITIES
from gdcli.descent.alpha import alpha_rule, written_alpha
from gdcli.descent.foreign import refuse_foreign_method
from gdcli.descent.iterate import Iterate
from gdcli.descent.methods import DESCENT_METHODS
from gdcli.descent.minimize import array_result, run_descent
from gdcli.descent.requests import Traits
from gdcli.descent.stopping import Outcome
from gdcli.descent.vectors import vector
from gdcli.errors import GdcliError, Sentence, Setting, UsageError, brief
from gdcli.functions.arguments import choice, entries, key_name, public, wrong
from gdcli.functions.constants import constant
from gdcli.functions.function import Function
from gdcli.functions.resolved import mapping
from gdcli.functions.short_texts import table_html, table_text
from gdcli.language.points import read_constant, split_outside_brackets
from gdcli.library.lookup import as_function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.descent.result import Result
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

RACED_METHODS = ("steepest", "cg", "lbfgs", "newton")
FAMILY_METHODS = ("steepest",)
TARGETS = (1e-2, 1e-4, 1e-8)  # of f - best f, times 1 + |best f|
MOST_RACE_RUNS = 1000
TARGET_NAMES = tuple(f"{target:.0e}".replace("e-0", "e-") for target in TARGETS)
WARMING_STEPS = 2  # of each method before the race
SAME_ORDER = 0.35  # by which two orders in turn may differ
MOST_ORDER = 4.0  # a larger one is of a last step that was exact
RANGE_PRECISION = 1e-9  # of the number of steps that lead from low to high
VARY = Setting("vary")
WANTED_VALUES = "numbers, or low:high:step as in 0:1:0.1"


class TargetCost(NamedTuple):
    """The evaluations of f and the seconds until a run was near the best f; None if it never was.

    `target` is the largest f - best f, as a part of 1 + |best f|.
    """

    target: float
    evaluations: int | None
    seconds: float | None


class RaceRun(NamedTuple):
    """One method on one function, with the values of the parameters that vary.

    `best_f` is the lowest f that any method has found of the function. `order` is the order of
    convergence that is seen in the last steps, None where none is.
    """

    function: Function
    varied: Mapping[str, float | str]
    result: Result
    best_f: float
    targets: tuple[TargetCost, ...]
    order: float | None


class Race(NamedTuple):
    """The runs of a race."""

    runs: list[RaceRun]

    @property
    def exit_status(self) -> int:
        """The highest exit status of a run."""
        return max(run.result.exit_status for run in self.runs)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str | float | None, ...]]]:
        """The columns, and a row for each run: what `gdcli race` shows."""
        names = tuple(f"held.{name}" for name in self.runs[0].varied)
        counts, seconds = (
            [f"{word} {one}" for one in TARGET_NAMES] for word in ("to", "seconds to")
        )
        rows: list[tuple[str | float | None, ...]] = [
            (
                *run.varied.values(),
                run.result.method,
                *(target.evaluations for target in run.targets),
                *(run.order, run.result.status, run.result.classification, run.result.f),
                *(target.seconds for target in run.targets),
            )
            for run in self.runs
        ]
        return (*names, "method", *counts, "order", "status", "verdict", "f", *seconds), rows

    def __repr__(self) -> str:
        return table_text(*self.table())

    def _repr_html_(self) -> str:
        """The runs as a table in HTML, for a notebook."""
        return table_html(*self.table())


class Place(NamedTuple):
    """Where a run was: f and ‖∇f‖∞ of an iterate, and what it took to get there."""

    f: float
    gradient_norm: float
    evaluations: int
    seconds: float


class Course:
    """The iterates of a run, each with what it took to get there."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._spent, self._began = 1, perf_counter()
        self._seconds = 0.0

    def add(self, row: Iterate, evaluations: int) -> None:
        """Add an iterate; the next one takes `evaluations` in all, and is reached by now."""
        self.places.append(Place(row.f, row.gradient_norm, self._spent, self._seconds))
        self._spent, self._seconds = evaluations, perf_counter() - self._began

    def costs(self, best_f: float) -> tuple[TargetCost, ...]:
        return tuple(self._cost(target, best_f) for target in TARGETS)

    def _cost(self, target: float, best_f: float) -> TargetCost:
        most = best_f + target * (1.0 + abs(best_f))
        near = (place for place in self.places if place.f <= most)
        found = next(near, None)
        return TargetCost(target, *((None, None) if found is None else found[2:]))

    def order(self) -> float | None:
        """The p of ‖∇f(k+1)‖ ≈ c‖∇f(k)‖^p over the last steps, where two estimates agree.

        Only steps that make the gradient smaller count, down to its rounding.
        """
        norms = [place.gradient_norm for place in self.places]
        least = 64.0 * EPSILON * max(filter(isfinite, norms), default=0.0)
        tail: list[float] = []
        for norm in reversed([norm for norm in norms if norm > least]):
            if tail and not norm > tail[-1]:
                break
            tail.append(norm)
        if len(tail) < 4:
            return None
        last, *others = (log(tail[i + 1] / tail[i]) for i in range(3))
        later, earlier = last / others[0], others[0] / others[1]
        same = abs(later - earlier) <= SAME_ORDER and 0.5 < later < MOST_ORDER
        return 0.5 * (later + earlier) if same else None


@public
def race(
    f: Function | FunctionSource,
    methods: Sequence[str] | str | None = None,
    start: Coordinates | str | None = None,
    *,
    vary: Mapping[str, Sequence[float | str] | str] | None = None,
    alpha: str | float | Callable[[int], float] = "auto",
    tolerance: float = 1e-8,
    max_iterations: int = 10_000,
    max_evaluations: int = 50_000,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Race:
    """Several methods of descent from one start side by side, a RaceRun each.

    `methods` are names, by default steepest, cg, lbfgs and newton. `vary` gives parameters of a
    text several values each, `{"a": [1, 2]}` or `{"a": "0:1:0.1"}` with both ends; then the default
    is steepest descent on each member of the family. The other arguments are those of `minimize`.
    Raises UsageError for a request that means nothing.
    """
    named = {key_name(name): values for name, values in _varied(vary).items()}
    varied = {name: varied_values(name, values) for name, values in named.items()}
    if varied and isinstance(f, Function):
        raise UsageError(Sentence("{} is for f as a text: a Function has its parameters", VARY))
    names = raced_methods(methods, bool(varied))
    held, given = mapping(parameters, "parameters"), {"sizes": sizes, "data": data}
    with of_a_race(varied):
        family = [
            (member, as_function(f, **given, parameters={**held, **member} or None))
            for member in family_members(varied, len(names))
        ]
    point = None if start is None else family[0][1].point(start, "the start", 0)
    settings: dict[str, Any] = {"alpha": alpha, "tolerance": tolerance}
    settings |= {"max_iterations": max_iterations, "max_evaluations": max_evaluations}
    if isinstance(alpha, str):
        settings["alpha"], settings["label"] = written_alpha(alpha)
    runs = raced(family, names, point, **settings)
    return Race([run._replace(result=array_result(run.result)) for run in runs])


def _varied(given: Any) -> Mapping[Any, Any]:
    """The mapping of names to values that is given, if any; raises UsageError for anything else."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise wrong("vary", 'a dict of names and their values, such as {"a": [1, 2]}', given)
    return given


def raced_methods(given: Any, varied: bool) -> Sequence[str]:
    """The methods that are given, or else those of a race or of a family; raises UsageError."""
    if given is None:
        return FAMILY_METHODS if varied else RACED_METHODS
    names = [given] if isinstance(given, str) else entries(given)
    if not names:
        raise wrong("methods", "a list of names", given)
    for name in names:
        if isinstance(name, str) and name not in DESCENT_METHODS:
            with of_a_race():
                refuse_foreign_method(name)
        choice(name, "methods", DESCENT_METHODS)
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise UsageError(Sentence("{} names {} twice", Setting("methods"), twice))
    return names


def varied_values(name: str, given: Any) -> list[float | str]:
    """The values of a parameter that a list, or a text such as `1,2,3` or `0:1:0.1`, gives it.

    Both ends of a range are in it. Raises UsageError for a text that is neither, or gives no value.
    """
    if not isinstance(given, str):
        values = entries(given)
        if not values:
            raise wrong("vary", f"for {brief(name)} {WANTED_VALUES}", given)
        return values
    pieces: list[float | str] = []
    for piece in split_outside_brackets(given, ","):
        low, *rest = split_outside_brackets(piece, ":")
        pieces += _range(name, piece, low, *rest) if rest else [low]
    return pieces


def _range(name: str, text: str, *ends: str) -> list[float | str]:
    """The numbers of `low:high:step`, in the fewest digits that tell them apart from rounding."""
    place = f"`{brief(text)}`, the values of {brief(name)}"
    if len(ends) != 3:
        raise UsageError(f"{place}: write {WANTED_VALUES}")
    low, high, step = (constant(read_constant(end, ARITIES, place), place) for end in ends)
    steps = (high - low) / step if step else -1.0
    if steps >= MOST_RACE_RUNS:
        raise UsageError(f"{place}: more than {MOST_RACE_RUNS:,}, the most runs of a race")
    count = round(steps)
    if steps < 0.0 or abs(steps - count) > RANGE_PRECISION * max(1.0, steps):
        raise UsageError(f"{place}: the step does not lead from one end to the other")
    return [float(f"{low + (high - low) * i / max(1, count):.14g}") for i in range(count + 1)]


def family_members(
    varied: Mapping[str, Sequence[float | str]], methods: int
) -> Iterator[dict[str, float | str]]:
    """Every combination of the values, the last name's first; one without names where none vary."""
    count = methods * prod(map(len, varied.values()))
    if count > MOST_RACE_RUNS:
        raise UsageError(f"these are {count:,} runs; a race has at most {MOST_RACE_RUNS:,}")
    for values in product(*varied.values()):
        yield dict(zip(varied, values, strict=True))


def raced(
    family: Sequence[tuple[Mapping[str, object], Function]],
    methods: Sequence[str],
    start: Sequence[float] | None,
    keep: int = 0,
    **settings: Any,
) -> list[RaceRun]:
    """The runs of each method on each function of a family, with the settings of `run_descent`.

    `family` has with each function the names that vary. An interrupt ends the run, and the race.
    """
    runs: list[RaceRun] = []
    for method in methods:  # each says what it lacks
        alpha = alpha_rule(settings.get("alpha", "auto"), method)
        with of_a_race():
            DESCENT_METHODS[method].make(alpha, Traits(len(family[0][1].components)))
    for method in methods:  # imports what its steps need, before the clock runs
        few = {**settings, "max_iterations": WARMING_STEPS}
        warm = run_descent(copy.copy(family[0][1]), start, method=method, keep=0, **few)
        if warm.outcome is Outcome.INTERRUPTED:
            raise KeyboardInterrupt
    for names, function in family:
        courses: list[tuple[Result, Course]] = []
        for method in methods:
            mine = copy.copy(function)
            mine.evaluate_gradient(vector([1.0] * len(mine.components)))  # tapes are made by this
            course = Course()
            follow: dict[str, Any] = {"on_evaluations": course.add, "keep": keep}
            result = run_descent(mine, start, method=method, **follow, **settings)
            courses.append((result, course))
            if result.outcome is Outcome.INTERRUPTED:
                break
        found = [place.f for _, course in courses for place in course.places]
        best_f = min(filter(isfinite, found), default=nan)
        values = {name: function.held[name] for name in names}
        runs += [
            RaceRun(function, values, result, best_f, course.costs(best_f), course.order())
            for result, course in courses
        ]
        if courses[-1][0].outcome is Outcome.INTERRUPTED:
            break
    return runs


@contextmanager
def of_a_race(varied: Collection[str] = ()) -> Iterator[None]:
    """A context whose errors speak of the arguments of a race.

    They say `methods` for `method`, which a race has not, and `vary` for a parameter that varies.
    """
    try:
        yield
    except GdcliError as error:
        raise type(error)(_in_a_race(error.message, varied), error.text, error.span) from None


def _in_a_race(part: Any, varied: Collection[str]) -> Any:
    """The part of a message with its Settings in the words of `of_a_race`."""
    if isinstance(part, Setting):
        if part.name == "method":
            return part._replace(name="methods")
        return part._replace(name="vary") if {*varied} & {*part.entries} else part
    if isinstance(part, Sentence):
        return Sentence(part.template, *(_in_a_race(one, varied) for one in part.parts))
    return part
