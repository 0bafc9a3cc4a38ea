"""A model fitted to data: read both, find a start, descend, close, judge, and tell how sure it is.

Comes in: what a person would write. Goes out: a Fit, whatever happens; only a request that means
nothing raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import compress
from math import inf, isfinite, nan, sqrt
from time import perf_counter
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.descent.stopping import Outcome
from gdcli.errors import (
    Sentence,
    Setting,
    UndefinedError,
    UsageError,
    brief,
    count_of,
    interruption,
    listed,
)
from gdcli.execute.mapped import parts
from gdcli.fitting.closing import MOST_OFFSET, Closing
from gdcli.fitting.derived_quantities import DerivedQuantity, read_derived
from gdcli.fitting.identifiability import running_off, undetermined
from gdcli.fitting.levenberg_marquardt import DEFAULT_LIMITS, FitLimits, Solution
from gdcli.fitting.losses import (
    HUBER,
    LABELS,
    NUMBERS,
    SOFTMAX,
    TWO_LABELS,
    read_loss,
    separation_message,
)
from gdcli.fitting.minimisation import closing_of, minimised
from gdcli.fitting.model import (
    RegressionModel,
    has_constant_e,
    has_scores,
    names,
    parse_sides,
    read_model,
    refuse_near_columns,
)
from gdcli.fitting.observations import (
    Observations,
    observations,
    rows_of,
    subscripting_columns,
)
from gdcli.fitting.residuals import NormalEquations, Residuals, Rows, TooManyPassesError
from gdcli.fitting.responses import rows_for
from gdcli.fitting.result import (
    ByName,
    Fit,
    FittedData,
    FittedParameter,
    FitWarning,
    Statistics,
)
from gdcli.fitting.saddles import beyond_saddles
from gdcli.fitting.settings import (
    FitRequest,
    bounded,
    given_box,
    given_penalty,
    given_start,
    refuse_start_outside,
)
from gdcli.fitting.starting_point import SEARCH_SECONDS, starting_point
from gdcli.fitting.statistics import StatisticsSettings, log_slopes, refuse_profile, statistics
from gdcli.fitting.structure import linear_parameters
from gdcli.fitting.units import units_in_model
from gdcli.functions.arguments import public, text
from gdcli.functions.data import NamedColumns
from gdcli.functions.reading_notes import reading_notes
from gdcli.functions.subscript_columns import sharing_columns
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.functions.data import DataSources
    from gdcli.functions.resolved import Parameters

NEWTON = "newton"
LEAST_RESPONSE, MOST_RESPONSE = 1e-140, 1e150  # whose squared residuals floats hold
SMALL_OFFSET = 1e-9  # what is said of an offset that is mostly rounding


class FitProblem(NamedTuple):
    """A model over the rows it is fitted to, with what is known before the search.

    `given` has the start of parameters by place, `linear` the places of those in which the model is
    linear. `classes` are the labels of the response in their order, where the loss has such.
    """

    model: RegressionModel
    observed: Observations
    residuals: Residuals
    given: Mapping[int, float]
    box: Box | None
    linear: Sequence[int]
    derived: Sequence[DerivedQuantity]
    classes: Sequence[str]
    request: FitRequest


@public
def fit(
    model: str,
    data: DataSources,
    *,
    sigma: Any = None,
    weights: Any = None,
    where: Any = (),
    columns: Mapping[str, str] | None = None,
    missing: str = "error",
    loss: str = "squared",
    l2: Any = None,
    start: Any = None,
    digits: int | None = None,
    max_evaluations: int | None = None,
    max_iterations: int | None = None,
    parameters: Parameters | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    bounds: Any = None,
    method: str = "auto",
    derive: Any = (),
    level: float = 0.95,
    intervals: str = "wald",
    max_time: float | str | None = None,
    seed: int = 0,
) -> Fit:
    """Fits a model such as "y ~ a*exp(-b*x) + c" to data, and tells how sure its parameters are.

    `data` are a DataFrame, a mapping of names to arrays of shape (m,), or the path of a table;
    names in the model that the data have are columns, all others parameters. `sigma` is a column of
    standard deviations, whose errors are absolute, `weights` one of relative weights. `where` is a
    condition such as "x > 0" on the rows that are fitted, or several; `columns` gives names to
    columns of a table, {"t": "Time (s)"}; rows where a number is `missing` are an "error", or
    "drop" leaves them out. `loss` is "squared", "absolute", "huber:1.345", "logistic", "softmax",
    "poisson" or an expression in y and f; `l2` adds λθ²/2 of parameters to it, {"a": 0.1}.

    `start` has the values at which parameters begin, {"a": 1, "b": 0.5}, for some or all; the
    others are found. `parameters` are held, {"b": 2}; `bounds` keep parameters within, {"b": (0,
    None)}. `method` is "auto", "lm" or "newton". `derive` are quantities computed of the
    parameters, {"half": "log(2)/b"}. `level` is that of the `intervals`, which are "wald" or
    "profile". How the fit ended is in `status`, `message` and `classification`; UsageError,
    PointError or ExpressionError is raised only for a request that means nothing. KeyboardInterrupt
    ends the search with the best parameters so far.
    """
    given = locals()
    settings = {name: one for name, one in given.items() if name not in ("model", "data")}
    return run_fit(model, data, FitRequest(**settings))


def run_fit(model: str, data: DataSources, request: FitRequest) -> Fit:
    """The fit of a model to data under the settings of a request."""
    began = perf_counter()
    request = request.checked()
    problem = _read(text(model, "model"), data, request)
    residuals, linear, box = problem.residuals, problem.linear, problem.box
    deadline = inf if request.max_time is None else began + float(request.max_time)
    residuals.passes.most = request.max_evaluations or inf
    given = {"iterations": request.max_iterations, "evaluations": request.max_evaluations}
    known = {name: most for name, most in given.items() if most is not None}
    limits = DEFAULT_LIMITS._replace(deadline=deadline, **known)
    begun = starting_point(residuals, linear, problem.given, box, request.seed, limits)
    start, first = begun.parameters, begun.origin or begun.parameters
    try:
        if begun.ended:
            found = Solution(start, residuals.normal_equations(start), begun.ended, 0)
        else:
            found = _descended(problem, start, limits)
    except TooManyPassesError:  # there is none left to tell the loss
        found = Solution(start, NormalEquations(nan, [], []), "evaluations", 0)
    fitted = _assembled(problem, first, found)
    limited = found.reason == "evaluations" and request.max_evaluations is not None
    if not limited and not found.is_cut_short:
        try:
            fitted = _judged(problem, fitted, found, limits)
        except TooManyPassesError:
            outcome, message = _ending(problem, found._replace(reason="evaluations"))
            fitted = fitted._replace(outcome=outcome, message=message)
        except KeyboardInterrupt as interrupt:
            message = f"{interruption(interrupt)} while the end was judged"
            fitted = fitted._replace(outcome=Outcome.INTERRUPTED, message=message)
    return fitted._replace(
        parameters=ByName(fitted.parameters),
        derived=ByName(fitted.derived),
        starts=begun.starts,
        evaluations=residuals.passes.evaluations,
        accelerations=residuals.passes.accelerations,
        seconds=perf_counter() - began,
    )


def _read(model: str, data: DataSources, request: FitRequest) -> FitProblem:
    """The model over the rows that it is fitted to. Raises GdcliError for what means nothing."""
    left, right = parse_sides(model)
    loss = read_loss(text(request.loss, "loss"))
    refuse_profile(request.intervals, loss, bool(request.l2))
    used = names(left) | names(right)
    subscripts = {name for group in sharing_columns(right, used) for name in group}
    observed = observations(
        NamedColumns(data, request.columns) if request.columns else data,
        used,
        where=request.where,
        missing=request.missing,
        sigma=request.sigma,
        weights=request.weights,
        subscripts=subscripts,
    )
    observed, numbers = subscripting_columns(observed, right)
    sizes: Any = request.sizes
    if loss.response == LABELS:
        from gdcli.fitting.softmax import class_sizes

        sizes = class_sizes(model, observed, request.weights, sizes, bool(request.l2))
    elif has_scores(model):
        message = "a score `for k in classes` is one of the softmax loss: {}"
        raise UsageError(Sentence(message, Setting("loss", SOFTMAX.name)))
    read = read_model(
        model, observed.lengths, request.parameters, sizes, observed.headings, numbers
    )
    box = given_box(request.bounds, read, request.noun("bounds"))
    given = given_start(request.start, read, request.noun("start"), request.seed)
    meant = {read.components[place].partition("[")[0] for place in given} | bounded(box, read)
    refuse_near_columns(read, [*observed.headings, *observed.columns], meant)
    refuse_start_outside(given, box, read.components)
    rows, classes = rows_for(
        loss,
        rows_of(read, observed, request.sigma, request.weights),
        observed.labels.get(read.response, ()),
    )
    penalties = given_penalty(request.l2, read, request.noun("l2"))
    # λ is that of the mean loss, Q a sum
    penalty = [one * rows.count_of_rows / loss.mean_factor for one in penalties]
    residuals = Residuals(read, rows, loss, penalty=penalty)
    if loss.response == LABELS:
        from gdcli.fitting.softmax import SoftmaxResiduals, reference_box

        residuals = SoftmaxResiduals(read, rows, len(classes), penalty=penalty)
        box = reference_box(residuals, box)
    _refuse_few_rows(residuals, len(classes))
    if loss.is_squared:
        _refuse_extreme_responses(residuals.rows)
    if request.digits is not None:
        from gdcli.fitting.more_digits import refuse_digits

        refuse_digits(residuals)
    derived = read_derived(request.derive, read) if request.derive else ()
    linear = linear_parameters(residuals.row_tape, residuals.p)
    return FitProblem(read, observed, residuals, given, box, linear, derived, classes, request)


def _refuse_few_rows(residuals: Residuals, classes: int) -> None:
    """Raise UsageError for fewer rows than parameters, unless these have a penalty.

    A row of one of three classes or more says as much as several rows.
    """
    rows, p = residuals.m, residuals.p
    if rows * max(1, classes - 1) < p and not residuals.penalty:
        message = "{} cannot determine {}; give more rows, hold parameters with {}, or penalise: {}"
        counts = count_of(rows, "row"), count_of(p, "parameter")
        raise UsageError(Sentence(message, *counts, Setting("parameters"), Setting("l2")))


def _refuse_extreme_responses(rows: Rows) -> None:
    """Raise UsageError for responses whose squares, times the weights, floats do not hold."""
    columns = [rows.response] if rows.weights is None else [rows.response, rows.weights]
    largest = 0.0
    for response, *weights in parts(columns):
        if isinstance(rows.response, list):
            roots = [sqrt(w) for w in weights[0]] if weights else [1.0] * len(response)
            sizes = [abs(y) * root for y, root in zip(response, roots, strict=True)]
            largest = max([largest, *sizes])
        else:
            sizes = abs(response) * (weights[0] ** 0.5 if weights else 1.0)
            largest = max(largest, float(sizes.max(initial=0.0)))
    if 0.0 < largest < LEAST_RESPONSE or MOST_RESPONSE < largest < inf:
        beside = "" if rows.weights is None else ", in units of its sigma or weight,"
        message = "the largest response{} is {:.3g}, and floats do not hold squares of such"
        units = "; give the left side in other units"
        raise UsageError(message.format(beside, largest) + units)


def _descended(problem: FitProblem, start: Sequence[float], limits: FitLimits) -> Solution:
    """The end of the descent from a start."""
    residuals, exact = problem.residuals, problem.request.method == NEWTON
    return minimised(residuals, start, problem.linear, limits, problem.box, exact)


def _judged(problem: FitProblem, fit: Fit, found: Solution, limits: FitLimits) -> Fit:
    """The fit closed on its minimum, with what kind of end that is, and its statistics."""
    model, residuals, request = problem.model, problem.residuals, problem.request
    if not residuals.p:
        message = "evaluated: all parameters are held"
        return fit._replace(classification="minimum", message=message, iterations=0)
    if apart := _separation(problem, found):
        names = model.components
        return fit._replace(
            outcome=Outcome.CONVERGED,
            message=separation_message(names, apart, residuals.loss),
            classification="flat",
            null_direction=dict(zip(names, apart, strict=True)),
        )
    within_limits = found.reason not in ("evaluations", "iterations")

    def closed(parameters: Sequence[float]) -> Closing:
        return closing_of(residuals, parameters, problem.box, within_limits, problem.linear)

    start = [one.start or 0.0 for one in fit.parameters.values()]
    closing = closed(found.parameters)
    if closing.descent and within_limits:
        descend = partial(_descended, problem, limits=limits.after(found.iterations))
        found, closing = beyond_saddles(residuals, found, closing, descend, closed, problem.box)
    fit = fit._replace(
        **_end(problem, fit.parameters, closing.parameters, closing.value),
        iterations=found.iterations,
        condition=closing.condition,
        offset=closing.offset,
    )
    if not closing.has_converged:
        outcome, message = _ending(problem, found)
        if found.at_rest:
            outcome = Outcome.STALLED
            message = (
                f"stalled: no step lowers the loss, at the relative offset {closing.offset:.3g}"
            )
            if kink := residuals.kink(closing.parameters):
                message = f"stalled at the kink {kink}: no step lowers the loss"
            elif far := running_off(problem.model.components, closing.parameters, start):
                message = f"stalled on the way to {far}, where the loss hardly falls any more"
        return fit._replace(outcome=outcome, message=message)
    fit = fit._replace(outcome=Outcome.CONVERGED, **_verdict(problem, closing, start))
    settings = StatisticsSettings(
        request.level,
        request.intervals,
        problem.derived,
        problem.box,
        log_slopes(problem.model.left, problem.observed.columns),
        limits,
    )
    told = statistics(residuals, closing, settings)
    if told.lower is None:
        fit = with_statistics(fit, told)
        return fit if request.digits is None else _with_digits(problem, fit, closing, limits)
    before = found.iterations
    found = _descended(problem, told.lower, limits.after(before))
    found = found._replace(iterations=before + found.iterations)
    if not found.normal.value < closing.value:
        return with_statistics(fit, told)  # it was lower by rounding errors
    fit = _judged(problem, _assembled(problem, start, found), found, limits)
    said = "a profile came upon a lower minimum, from which the fit began again"
    warning = FitWarning("lower_minimum", said)
    others = [one for one in fit.warnings if one != warning]
    return fit._replace(warnings=(*others, warning))


def _with_digits(problem: FitProblem, fit: Fit, closing: Closing, limits: FitLimits) -> Fit:
    """The fit with as many digits as are asked for; stalled where they cannot be had."""
    from gdcli.fitting.more_digits import DecimalIntervals, WrittenColumns, more_digits

    columns, sigma = problem.observed.columns, problem.request.sigma
    of_numbers = problem.residuals.loss.response == NUMBERS
    left = [columns[name] for name in problem.model.left.variables] if of_numbers else []
    if (name := problem.request.weights) is not None:  # rows of weight 0 are no rows of a fit
        left = [[*compress(column, columns[name])] for column in left]
    written = WrittenColumns(left, columns[sigma] if sigma else None)
    count = problem.request.digits or 0
    if not closing.is_minimum:
        message = Sentence("{}; so there are no more digits than floats have", fit.message)
        return fit._replace(message=message)
    try:
        found = more_digits(
            *(problem.residuals, closing, written, fit.degrees_of_freedom, count),
            DecimalIntervals(fit.level, fit.quantiles, problem.derived),
            deadline=limits.deadline,
        )
    except TimeoutError:
        sentence = "stopped after {:g} s, the limit, before there were {} digits; before that it {}"
        told = Sentence(sentence, problem.request.max_time, count, fit.message)
        return fit._replace(outcome=Outcome.MAX_ITERATIONS, message=told)
    except UndefinedError as error:
        sentence = "stalled: no {} digits, for {}; before that it {}"
        told = Sentence(sentence, count, error.message, fit.message)
        return fit._replace(outcome=Outcome.STALLED, message=told)
    return fit._replace(decimals=found)


def _separation(problem: FitProblem, found: Solution) -> list[float]:
    """The direction in which parameters grow without bound, if there is one."""
    residuals = problem.residuals
    if not residuals.loss.likelihood or residuals.penalty:
        return []
    from gdcli.fitting.separation import separation

    linear = len(problem.linear) == residuals.p
    return separation(residuals, found.parameters, problem.box, linear)


def _verdict(problem: FitProblem, closing: Closing, start: Sequence[float]) -> dict[str, Any]:
    """The classification of an end that has converged, its sentence and its null direction."""
    residuals, names = problem.residuals, problem.model.components
    if closing.level:
        direction = {name: d for name, d in zip(names, closing.level, strict=True) if d}
        told = ", ".join(f"{name}: {d:.4g}" for name, d in direction.items())
        message = f"converged, but other parameters are as good: along the direction ({told})"
        message += " the loss stays the same for a while"
        return {"classification": "flat", "message": message, "null_direction": direction}
    if closing.null_directions and residuals.loss.name == HUBER.name:
        from gdcli.fitting.spread import Spread

        sizes, [threshold] = Spread(residuals).sizes(closing.parameters), residuals.settings
        inside = sum(bool(size <= threshold) for size in sizes)
        if inside < len(closing.free):
            message = (
                f"converged, but {inside} of {count_of(residuals.m, 'row')} lie within k·s ="
                f" {threshold:.4g} of the model, which do not determine"
                f" {count_of(len(closing.free), 'parameter')}; give a larger k: {{}}"
            )
            tangent = dict(zip(names, closing.null_directions[0], strict=True))
            said = Sentence(message, Setting("loss", f"{HUBER.name}:1.345"))
            return {"classification": "flat", "message": said, "null_direction": tangent}
    if closing.null_directions:
        found = undetermined(residuals, closing, names, start)
        message = f"converged, but {'; '.join(one.sentence for one in found)}"
        first = found[0].direction
        return {"classification": "flat", "message": message, "null_direction": first}
    if closing.descent:
        message = "converged to a saddle: the loss falls on both sides; give another {}"
        return {"classification": "saddle", "message": Sentence(message, Setting("start"))}
    if closing.is_exact:
        message = "converged: the model passes through the data, to within rounding"
    else:
        limit = SMALL_OFFSET if closing.offset <= SMALL_OFFSET else MOST_OFFSET
        message = f"converged: the relative offset is at most {limit:g}"
    return {"classification": "minimum", "message": message}


def _ending(problem: FitProblem, found: Solution) -> tuple[Outcome, str]:
    """How the descent ended, in a word and in a sentence."""
    start, passes = Setting("start"), problem.residuals.evaluations
    if found.reason == "step":
        return Outcome.CONVERGED, "converged: no step changes the parameters any more"
    if found.reason == "rounding":
        return Outcome.CONVERGED, "converged to machine precision: no step lowers the loss"
    if found.reason == "stalled":
        return Outcome.STALLED, Sentence("stalled: no step lowers the loss; give another {}", start)
    if found.reason == "interrupted":
        done = count_of(found.iterations, "iteration")
        return Outcome.INTERRUPTED, f"interrupted after {done}; the best parameters are kept"
    if found.reason == "unbounded":
        reached = problem.residuals.loss.mean_factor * found.normal.value / problem.residuals.m
        message = "unbounded: the loss falls without bound; it reached {:.3g}"
        return Outcome.UNBOUNDED, message.format(reached)
    if found.reason == "undefined":
        row = problem.residuals.undefined_row(found.parameters)
        if row is not None and row.is_hopeless:
            message = "undefined in row {}, whatever the parameters are: {}; leave it out with {}"
            return Outcome.UNDEFINED, Sentence(message, row.number, row.message, Setting("where"))
        message = "undefined at the start, {}; give another {}"
        return Outcome.UNDEFINED, Sentence(message, row or "where the loss overflows", start)
    limits = {
        "iterations": (count_of(found.iterations, "iteration"), Setting("max_iterations")),
        "evaluations": (
            f"{passes} pass{'es' * (passes != 1)} over the data",
            Setting("max_evaluations"),
        ),
        "time": (f"{problem.request.max_time or SEARCH_SECONDS:g} s", Setting("max_time")),
    }
    limit, more = limits[found.reason]
    message = "stopped after {}, the limit, before it converged; give more with {}, or another {}"
    return Outcome.MAX_ITERATIONS, Sentence(message, limit, more, start)


def _assembled(problem: FitProblem, start: Sequence[float], found: Solution) -> Fit:
    """The Fit of what was found, without its statistics."""
    model, observed, residuals, _, box, linear, _, classes, request = problem
    measured = residuals.loss.response == NUMBERS
    units = units_in_model(model, measured, observed.labels)
    fitted = {}
    for place, (name, value) in enumerate(zip(model.components, found.parameters, strict=True)):
        ends = (-inf, inf) if box is None else (box.low[place], box.high[place])
        fitted[name] = FittedParameter(
            name,
            value,
            start=start[place],
            bound=None if ends == (-inf, inf) else ends,
            linear=place in linear,
            units=None if units[place].exponents is None else units[place].words,
        )
    used = dict.fromkeys([*model.left.variables, *model.columns])
    data = FittedData(
        observed.source or None, residuals.m, observed.dropped, tuple(used),
        {**(request.columns or {}), **observed.entries}, request.sigma, request.weights,
        model.subscripts,
    )  # fmt: skip
    outcome, message = _ending(problem, found)
    return Fit(
        model.text,
        model.response,
        outcome,
        message,
        None,
        loss=request.loss,
        method=NEWTON if request.method == NEWTON else "lm",
        data=data,
        iterations=found.iterations,
        evaluations=residuals.evaluations,
        held=model.right.held,
        sizes={name: size for name, size in model.sizes.items() if "." not in name},
        labels={**observed.labels, **({model.response: classes} if classes else {})},
        level=request.level,
        intervals=request.intervals,
        absolute=residuals.rows.absolute,
        warnings=(*_reading_warnings(problem), *_class_warnings(problem)),
        seed=request.seed,
        origin=(model, residuals.rows),
        **_end(problem, fitted, found.parameters, found.normal.value),
    )


def _end(
    problem: FitProblem,
    fitted: Mapping[str, FittedParameter],
    values: Sequence[float],
    objective: float,
) -> dict[str, Any]:
    """The entries of a Fit that tell of one place: its values, the loss and the sum of squares."""
    residuals = problem.residuals
    is_squared = residuals.loss.is_squared
    squares = 2.0 * residuals.without_penalty(objective, values)
    return {
        "f": residuals.loss.mean_factor * objective / residuals.m,
        "sum_of_squares": squares if is_squared and isfinite(squares) else None,
        "parameters": {
            name: one._replace(value=value, at_bound=value in (one.bound or ()))
            for (name, one), value in zip(fitted.items(), values, strict=True)
        },
    }


def _reading_warnings(problem: FitProblem) -> tuple[FitWarning, ...]:
    """The sentences on how the model and the data were read."""
    model, observed = problem.model, problem.observed
    found = [FitWarning("model", one) for one in reading_notes(model.right.resolved)]
    if has_constant_e(model):
        said = "`e` is the constant 2.71828...; a parameter has another name, or is declared: {}"
        declared = f"{model.response} ~ f({', '.join([*model.variables, 'e'])}) = ..."
        found.append(FitWarning("model", said.format(declared)))
    found += [FitWarning("data", one) for one in observed.notes]
    for name in (one for one in model.columns if one in observed.labels):
        texts = observed.labels[name]
        said = listed([f"{place} is {label}" for place, label in enumerate(texts, 1)])
        if len(texts) > 2 and name not in model.subscripts:
            said += f"; they count as numbers here, a[{brief(name)}] has a parameter for each"
        found.append(FitWarning("labels", f"texts of {name} by number: {said}"))
    if observed.dropped:
        rows = listed([str(row) for row in observed.first_dropped])
        more = ", …" if observed.dropped > len(observed.first_dropped) else ""
        said = f"{count_of(observed.dropped, 'row')} dropped, where a value is missing"
        found.append(FitWarning("dropped", f"{said}: {rows}{more}"))
    return tuple(found)


def _class_warnings(problem: FitProblem) -> list[FitWarning]:
    """The sentence on what the predictions of a model say of the classes of its response."""
    classes, residuals = problem.classes, problem.residuals
    if residuals.loss.response == TWO_LABELS:
        said = f"{brief(classes[1])}, the other label is {brief(classes[0])}"
        return [FitWarning("classes", f"the model is the log-odds of {said}")]
    if not classes:
        return []
    said = f"a score for each of {listed(classes)}"
    if not residuals.penalty:
        said += f", relative to {brief(classes[-1])}, whose score is 0"
    return [FitWarning("classes", f"the model is {said}")]


def with_statistics(fit: Fit, found: Statistics) -> Fit:
    """The fit with its statistics, those of the parameters beside their values."""
    estimated = zip(fit.parameters.items(), found.parameters, strict=True)
    return fit._replace(
        parameters={name: one._replace(**how._asdict()) for (name, one), how in estimated},
        derived={one.name: one for one in found.derived},
        warnings=(*fit.warnings, *found.warnings),
        **{
            name: getattr(found, name)
            for name in found._fields
            if name in fit._fields and name not in ("parameters", "derived", "warnings")
        },
    )
