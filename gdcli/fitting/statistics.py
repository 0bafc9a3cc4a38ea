"""Statistics of a fit: how sure its parameters are, and how good the model is.

Comes in: the Residuals and their Closing, the minimum with the factor of its slopes. Goes out:
Statistics. What cannot be known is None, with its reason; nothing raises.

The covariance of the parameters is C = s²·(JᵀJ)⁻¹, J being the slopes √(w·ℓ″)·∂f/∂θ: its root U,
with U·Uᵀ = C, is made of the factor of J, so that no digits are lost in JᵀJ. Only parameters inside
their bounds have errors, and p counts them.

Source: Seber and Wild, Nonlinear Regression (1989), 2.1 and 5.1; McCullagh and Nelder, Generalized
Linear Models (1989), 2.3 and 2.5; Burnham and Anderson, Model Selection and Multimodel Inference
(2002), 2.4, of AICc; McFadden (1974), of the pseudo R²; Huber, Robust Statistics (1981), 7.6, of
the covariance of the Huber loss; White (1980), of that of an expression.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from math import fsum, hypot, inf, isfinite, lgamma, log, pi, sqrt
from typing import TYPE_CHECKING, Any

from gdcli.autodiff.reverse import reverse
from gdcli.errors import Sentence, Setting, UsageError, brief, listed
from gdcli.execute.mapped import parts
from gdcli.fitting.bands import NORMAL, STUDENT_T, interval_quantile
from gdcli.fitting.closing import MOST_CONDITION, ROUNDING_FACTOR, Closing
from gdcli.fitting.factorization import (
    Matrix,
    cholesky,
    cholesky_solution,
    inner,
    inverse_of_triangle,
    singular_values,
    transposed,
    triangle_of_blocks,
    triangle_of_columns,
)
from gdcli.fitting.levenberg_marquardt import DEFAULT_LIMITS, FitLimits
from gdcli.fitting.losses import COUNTS, LABELS, SQUARED, Loss
from gdcli.fitting.residual_checks import RowChecks, row_checks, sum_of_squares, weighted_residuals
from gdcli.fitting.residuals import Residuals
from gdcli.fitting.responses import null_deviance, weighted_counts
from gdcli.fitting.result import Derived, Estimate, FitWarning, ResidualChecks, Statistics
from gdcli.fitting.spread import Spread
from gdcli.fitting.structure import dependencies
from gdcli.named_tuples import NamedTuple
from gdcli.numbers.distributions import chi_squared_tail
from gdcli.numbers.floats import EPSILON

if TYPE_CHECKING:
    from gdcli.descent.box import Box
    from gdcli.fitting.derived_quantities import DerivedQuantity
    from gdcli.functions.function import Function

WALD, PROFILE = "wald", "profile"
NEGLIGIBLE_PART = 1e-6  # the part of a parameter in an undetermined direction that is rounding
CONSTANT_RESIDUAL = 1e-8  # of the constant in the column space of J, relative to it
LEAST_VARIANCE = 1e-290  # that has the digits of a float
STRONG_CORRELATION = 0.999
ILL_CONDITION = 1e6  # of the scaled slopes, from where on a warning is given
DOUBTFUL_RUNS = 0.001  # the probability from where down residuals count as not random
DOUBTFUL_SIGMA = 1e-4  # that of χ²
MOST_CORRELATIONS = 3  # of which a warning is given
NO_FREEDOM = "there are as many parameters as rows"
NEGLIGIBLE_SCALE = 1e-13  # of residuals, beside the largest response
SCALED_ERRORS = "errors are scaled by s, the standard deviation of the residuals"
ABSOLUTE_ERRORS = "errors are absolute: sigma is the standard deviation of each row"
LARGE_SAMPLE_ERRORS = "errors hold for many rows: z = value/error is normal"
NO_ERRORS = "the loss gives no standard errors"


class StatisticsSettings(NamedTuple):
    """The settings of statistics: the level, the kind of intervals, and what is derived.

    `log_slopes` is what the function of that name gives.
    """

    level: float = 0.95
    intervals: str = WALD
    derived: Sequence[DerivedQuantity] = ()
    box: Box | None = None
    log_slopes: float | None = 0.0
    limits: FitLimits = DEFAULT_LIMITS


def statistics(residuals: Residuals, closing: Closing, settings: StatisticsSettings) -> Statistics:
    """The Statistics of the minimum that the closing found."""
    return _Fitted(residuals, closing, settings).statistics()


def refuse_profile(intervals: str, loss: Loss, has_penalty: bool) -> None:
    """Raise UsageError for intervals of the profile where the loss is no likelihood."""
    if intervals == PROFILE and (has_penalty or not loss.has_deviance):
        message = "{}: a profile needs a likelihood, and the {} is none; take {}"
        what = f"{loss.name} loss" + " with a penalty" * has_penalty
        wanted, other = (Setting("intervals", one) for one in (PROFILE, WALD))
        raise UsageError(Sentence(message, wanted, what, other))


def log_slopes(left: Function, columns: Mapping[str, Any]) -> float | None:
    """The sum over the rows of log |dg/dy|, g being the left side and y its column.

    By it log-likelihoods of g and of y differ. None where g has several columns or no slope.
    """
    if str(left.expression) in left.variables:
        return 0.0
    if len(left.variables) > 1:
        return None
    column = columns[left.variables[0]]
    if isinstance(column, list):
        evaluate = left.unrolled.evaluate_gradient
        slopes = [abs(evaluate([y])[1][0]) for y in column]
        return fsum(map(log, slopes)) if all(0.0 < slope < inf for slope in slopes) else None
    import numpy

    from gdcli.fitting.row_blocks import compiled

    slope_of, sums = compiled(left.unrolled.engine.rewritten_gradient_tape), []
    for [y] in parts([column]):
        with numpy.errstate(all="ignore"):
            logs = numpy.log(numpy.abs(numpy.broadcast_to(slope_of([y])[1][0], len(y))))
        sums.append(float(logs.sum()))
    return fsum(sums) if all(map(isfinite, sums)) else None


class _Fitted:
    """A fit at its minimum, of which statistics are computed one after the other.

    `m` is the number of rows, `free` are the places of the parameters inside
    their bounds, `reasons` says of each entry that is None why.
    """

    def __init__(
        self, residuals: Residuals, closing: Closing, settings: StatisticsSettings
    ) -> None:
        self.residuals, self.closing, self.settings = residuals, closing, settings
        self.loss, self.rows = residuals.loss, residuals.rows
        self.names = residuals.model.components
        self.parameters = closing.parameters
        self.reasons: dict[str, str] = {}
        self.warnings: list[FitWarning] = []
        self.m = residuals.m
        self.free = closing.free
        self.on_bound = {*range(residuals.p)}.difference(self.free)
        self.freedom = self.m - len(self.free)
        self.is_squared = self.loss.is_squared
        self.objective = residuals.without_penalty(closing.value, closing.parameters)
        self.sum_of_squares = 2.0 * self.objective if self.is_squared else None
        normal = self.rows.absolute or self.loss.errors != "t"
        self.distribution = NORMAL if normal else STUDENT_T
        self.root, self.undetermined = self.inverse_root(closing.factor, closing.scales)

    def statistics(self) -> Statistics:
        s, root, scaling = self.scaled_root()
        missing = self.without_error(root)
        for place, reason in missing.items():
            self.reasons[f"error of {self.names[place]}"] = reason
        self.warn_of_errors(missing, root is None)
        found: dict[str, Any] = {}
        quantile = None
        if root is not None:
            found = self.covariance(root, missing)
            quantile = interval_quantile(self.settings.level, self.distribution, self.freedom)
        covariance = found.get("covariance")
        estimates = [
            self.estimate(place, root, missing, quantile) for place in range(len(self.names))
        ]
        derived = [self.derived(one, root, missing, quantile) for one in self.settings.derived]
        checks = self.residual_checks(s)
        found |= self.criteria()
        if self.settings.intervals == PROFILE and quantile is not None and s is not None:
            found["lower"] = self.profiled(estimates, s, quantile, covariance)
        return Statistics(
            tuple(estimates),
            self.settings.level,
            self.distribution,
            scaling,
            self.freedom,
            self.sum_of_squares,
            s,
            derived=tuple(derived),
            residuals=checks,
            warnings=tuple(self.warnings),
            reasons=self.reasons,
            **found,
        )

    def warn(self, code: str, text: str) -> None:
        self.warnings.append(FitWarning(code, text))

    # -- errors ---------------------------------------------------------------------------------

    def scaled_root(self) -> tuple[float | None, Matrix | None, str]:
        """s, the root U of the covariance, None where there are no errors, and the sentence."""
        code, why = self.no_errors()
        if why:
            self.reasons["error"] = why
            self.warn(code, f"there are no standard errors: {why}")
            return None, None, NO_ERRORS
        if self.is_squared and not self.rows.absolute:
            s = sqrt(2.0 * self.objective / self.freedom)
            return s, _multiplied(self.root, s), SCALED_ERRORS
        if self.is_squared:
            return 1.0, self.root, ABSOLUTE_ERRORS
        if self.loss.likelihood:
            return 1.0, self.root, LARGE_SAMPLE_ERRORS
        if self.loss.settings:
            s, root = self.huber_root()
            return s, root, LARGE_SAMPLE_ERRORS
        return None, self.sandwich_root(), LARGE_SAMPLE_ERRORS

    def no_errors(self) -> tuple[str, str]:
        """Why no parameter has an error, behind a word for scripts; nothing where they may have."""
        if self.residuals.penalty:
            return "penalty", "a penalty shrinks the parameters"
        if not self.loss.errors:
            return "no_curvature", f"the {self.loss.name} loss has no curvature to tell them from"
        if not self.free:
            return "on_bounds", "every parameter lies on a bound"
        if self.loss.likelihood or (self.rows.absolute and self.is_squared):
            return "", ""  # the scale is known
        if self.freedom <= 0:
            return "no_degrees_of_freedom", NO_FREEDOM
        if self.closing.is_exact:
            return "exact_fit", "the model passes through the data: residuals are rounding errors"
        return "", ""

    def inverse_root(
        self, factor: Sequence[Sequence[float]], scales: Sequence[float]
    ) -> tuple[Matrix, dict[int, list[int]]]:
        """U of p rows with U·Uᵀ = (JᵀJ)⁻¹, and the parameters without an error, by place, each with
        those that the data do not tell it apart from.

        J is Q·R·diag(d), R being the `factor` and d the `scales`. U has 0 for parameters that are
        not free. A direction in which predictions change less than 1/MOST_CONDITION of what they do
        in the steepest one, all scaled, is left out.
        """
        if self.on_bound:
            factor = triangle_of_columns([[row[j] for row in factor] for j in self.free])
        values, vectors, _ = singular_values(factor)
        least = max(values, default=0.0) / MOST_CONDITION
        kept = [k for k, value in enumerate(values) if value > least]
        root = [[0.0] * len(kept) for _ in self.names]
        if len(kept) == len(values):  # then R⁻¹ itself, which has digits more than V·Σ⁻¹
            vectors, values = inverse_of_triangle(factor), [1.0] * len(kept)
        for i, place in enumerate(self.free):
            root[place] = [vectors[k][i] / values[k] / (scales[place] or 1.0) for k in kept]
        undetermined: dict[int, list[int]] = {}
        for k in {*range(len(values))}.difference(kept):
            moved = [
                place for i, place in enumerate(self.free) if abs(vectors[k][i]) > NEGLIGIBLE_PART
            ]
            for place in moved:
                others = undetermined.setdefault(place, [])
                others += [one for one in moved if one != place and one not in others]
        return root, undetermined

    def without_error(self, root: Matrix | None) -> dict[int, str]:
        """Why a parameter has no error, by its place."""
        if root is None:
            return dict.fromkeys(range(len(self.names)), self.reasons["error"])
        missing = dict.fromkeys(self.on_bound, "it lies on its bound")
        for place, others in self.undetermined.items():
            names = listed([self.names[other] for other in others])
            missing[place] = f"the data do not tell it apart from {names}"
            if not others:
                missing[place] = "no prediction depends on it"
                if not self.closing.null_directions:
                    missing[place] = "predictions do not change with it to first order"
        return missing

    def warn_of_errors(self, missing: Mapping[int, str], all_missing: bool) -> None:
        """Warns of an ill condition, and of the parameters without an error, unless the reason is
        one for all, or a bound that the user gave."""
        condition = self.closing.condition
        if ILL_CONDITION <= condition < MOST_CONDITION:
            text = f"the parameters are ill conditioned: {condition:.1g}, all scaled to one length"
            self.warn("ill_conditioned", text)
        if all_missing:
            return
        for place, reason in missing.items():
            if place not in self.on_bound:
                text = f"the uncertainty of {self.names[place]} could not be estimated: {reason}"
                self.warn("no_error", text)

    def covariance(self, root: Matrix, missing: Mapping[int, str]) -> dict[str, Any]:
        """The covariance, its root, and the correlations, with None where an error is missing."""
        p = len(root)
        known = [[i not in missing and j not in missing for j in range(p)] for i in range(p)]
        product = [[inner(a, b) for b in root] for a in root]
        errors = [self.error(row) for row in root]
        units = [[x / (error or 1.0) for x in row] for row, error in zip(root, errors, strict=True)]
        covariance = [
            [product[i][j] if known[i][j] and isfinite(product[i][j]) else None for j in range(p)]
            for i in range(p)
        ]
        correlation = [
            [
                (
                    1.0
                    if i == j
                    else product[i][j] / (errors[i] * errors[j])
                    if LEAST_VARIANCE < errors[i] * errors[j] < 1.0 / LEAST_VARIANCE
                    else inner(units[i], units[j])
                )
                if known[i][j] and errors[i] and errors[j]
                else None
                for j in range(p)
            ]
            for i in range(p)
        ]
        pairs = [
            (abs(correlation[i][j] or 0.0), self.names[i], self.names[j])
            for j in range(p)
            for i in range(j)
        ]
        for size, one, other in sorted(pairs, reverse=True)[:MOST_CORRELATIONS]:
            if size >= STRONG_CORRELATION:
                text = f"{one} and {other} are correlated by {size:.6f}: they are badly told apart"
                self.warn("correlated", text)
        return {
            "covariance": covariance,
            "correlation": correlation,
            # new rows may depend on what these data do not determine
            "covariance_root": None if self.undetermined else root,
        }

    @staticmethod
    def error(row: Sequence[float]) -> float:
        """The root of the sum of squares of a row of U, also where these are no floats."""
        variance = inner(row, row)
        return sqrt(variance) if LEAST_VARIANCE < variance < inf else hypot(*row)

    def estimate(
        self, place: int, root: Matrix | None, missing: Mapping[int, str], quantile: float | None
    ) -> Estimate:
        """How sure the parameter at the place is, with the interval of Wald."""
        if root is None or place in missing or quantile is None:
            return Estimate()
        value, error = self.parameters[place], self.error(root[place])
        width = quantile * error
        return Estimate(error, value / error if error else None, value - width, value + width)

    def huber_root(self) -> tuple[float, Matrix | None]:
        """s, and the root of the covariance of the Huber loss, H1 of Huber (1981), 7.6.

        There is none where every row is an outlier, or most have no residual.
        """
        sizes = Spread(self.squares).sizes(self.parameters)
        [limit] = self.residuals.settings
        s = limit / (self.loss.k or inf)
        count = bisect_right(sizes, limit)
        within = count / self.m
        if not within or s <= NEGLIGIBLE_SCALE * self.rows.largest_response:
            why = "most residuals are rounding errors" if within else "no residual is within k·s"
            self.reasons["error"] = why
            return s, None
        pulls = sum_of_squares(sizes[:count]) + (self.m - count) * limit * limit
        factor = 1.0 + len(self.free) / self.m * (1.0 - within) / within
        return s, _multiplied(self.squares_root, factor * sqrt(pulls / self.freedom) / within)

    def sandwich_root(self) -> Matrix | None:
        """The root of H⁻¹·B·H⁻¹·m/(m - p), H being the Hessian of Q and B the sum of squares of the
        gradients of rows."""
        hessian = self.residuals.hessian(self.parameters)
        lower = cholesky([[hessian[i][j] for j in self.free] for i in self.free])
        if lower is None:
            self.reasons["error"] = "the second derivatives of the loss are not positive definite"
            return None
        values, slopes = self.residuals.each_row(self.parameters)
        columns = [[r * row[j] for r, row in zip(values, slopes, strict=True)] for j in self.free]
        found = [[0.0] * len(self.free) for _ in self.names]
        for side, row in enumerate(triangle_of_columns(columns)):
            for place, entry in zip(self.free, cholesky_solution(lower, row), strict=True):
                found[place][side] = sqrt(self.m / self.freedom) * entry
        return found

    @cached_property
    def squares(self) -> Residuals:
        """The residuals as those of squares, where the loss says nothing of them itself."""
        if self.loss.has_deviance:
            return self.residuals
        model, backend, passes = (
            self.residuals.model, self.residuals.backend, self.residuals.passes
        )  # fmt: skip
        return Residuals(model, self.rows, SQUARED, backend, passes=passes)

    @cached_property
    def squares_root(self) -> Matrix:
        """U of the slopes of `squares`."""
        if self.squares is self.residuals:
            return self.root
        return self.inverse_root(*_slopes_factor(self.squares, self.parameters))[0]

    def derived(
        self,
        one: DerivedQuantity,
        root: Matrix | None,
        missing: Mapping[int, str],
        quantile: float | None,
    ) -> Derived:
        """The derived quantity with its error by the delta method."""
        value, gradient = one.at(self.parameters)
        reason = ""
        if not isfinite(value) or not all(map(isfinite, gradient)):
            reason = "it has no finite value or derivative at the parameters"
            self.warn("no_error", f"{one.name} = {brief(one.expression)}: {reason}")
        for place in missing:
            if gradient[place]:
                reason = reason or f"{self.names[place]} has no error: {missing[place]}"
        if reason or root is None or quantile is None:
            self.reasons[f"error of {one.name}"] = reason or self.reasons["error"]
            return Derived(one.name, one.expression, value)
        error = hypot(*[inner(gradient, side) for side in transposed(root)])
        width = quantile * error
        return Derived(one.name, one.expression, value, error, value - width, value + width)

    # -- profile --------------------------------------------------------------------------------

    def profiled(
        self,
        estimates: list[Estimate],
        s: float,
        quantile: float,
        covariance: Any,
    ) -> list[float] | None:
        """Replaces the intervals of the estimates by those of the profile.

        Returns the parameters of a lower Q where one is met.
        """
        from gdcli.fitting.profile import ProfileProblem, profile_end

        value = self.residuals.normal_equations(self.parameters).value
        length = sqrt(2.0 * self.objective) if self.is_squared else self.closing.size
        of = ProfileProblem(
            self.residuals,
            self.parameters,
            value,
            ROUNDING_FACTOR * EPSILON * self.closing.size * length,
            s,
            quantile,
            covariance,
            self.settings.box,
            self.settings.limits,
        )
        for place, estimate in enumerate(estimates):
            if estimate.error is None:
                continue
            ends = {}
            for word, where, side in (("low", "below", -1), ("high", "above", 1)):
                end = profile_end(of, place, side)
                if end.lower is not None:
                    return end.lower
                ends[word] = end.value
                if end.value is None:
                    name = self.names[place]
                    self.reasons[f"{word} of {name}"] = end.reason
                    text = f"the profile of {name} has no end {where}: {end.reason}"
                    self.warn("open_interval", text)
            estimates[place] = estimate._replace(**ends)
        return None

    # -- how good the model is ------------------------------------------------------------------

    def criteria(self) -> dict[str, float | str | None]:
        """The entries that compare the model with others, and with none."""
        found: dict[str, float | str | None] = {}
        p, m = len(self.free), self.m
        log_weights = _sum_of_logs(self.rows.weights)
        deviance, aic, k = 2.0 * self.objective, None, p
        reason = ""
        if self.residuals.penalty:
            reason = "a penalty is no part of a likelihood"
        elif self.is_squared and self.rows.absolute:
            aic = deviance + m * log(2.0 * pi) - log_weights + 2.0 * k
            found["chi_squared"] = deviance
            if self.freedom > 0:
                chance = chi_squared_tail(deviance, self.freedom)
                found["chi_squared_p"] = chance
                self.warn_of_sigma(deviance, chance)
            else:
                self.reasons["chi_squared_p"] = NO_FREEDOM
        elif self.is_squared:
            k = p + 1
            if deviance <= 0.0 or self.closing.is_exact:
                reason = "the residuals are 0 or rounding errors"
            else:
                aic = m * log(2.0 * pi * deviance / m) + m - log_weights + 2.0 * k
        elif self.loss.likelihood:
            null = null_deviance(self.loss, self.rows)
            saturated = self.saturated_log_likelihood()
            aic = deviance - 2.0 * saturated + 2.0 * k
            found |= {"deviance": deviance, "null_deviance": null}
            if null - 2.0 * saturated > 0.0:
                found["pseudo_r2"] = 1.0 - (deviance - 2.0 * saturated) / (null - 2.0 * saturated)
        else:
            reason = f"the {self.loss.name} loss is no likelihood"
        if aic is not None and self.settings.log_slopes is None:
            aic, reason = None, "the left side is no formula of one column that can be inverted"
        if aic is None:
            self.reasons["aic"] = reason
        else:
            aic -= 2.0 * (self.settings.log_slopes or 0.0)
            found |= {"aic": aic, "bic": aic - 2.0 * k + k * log(m)}
            if m > k + 1:
                found["aicc"] = aic + 2.0 * k * (k + 1) / (m - k - 1)
            else:
                self.reasons["aicc"] = f"it needs more than {k + 1} rows"
        if self.is_squared:
            found |= self.r_squared()
        return found

    def saturated_log_likelihood(self) -> float:
        """The log-likelihood of predictions that are the responses themselves."""
        if self.loss.response != COUNTS:
            return 0.0
        pairs = weighted_counts(self.rows.response, self.rows.weights)
        return fsum(w * (y * log(y) - y - lgamma(y + 1.0)) for y, w in pairs if y)

    def r_squared(self) -> dict[str, float | str | None]:
        """R², where it means something: the part of the variance that the model explains."""
        name = str(self.residuals.model.left.expression)
        total = _variation(self.rows.response, self.rows.weights)
        if self.freedom <= 0:
            reason = NO_FREEDOM
        elif self.residuals.penalty:
            reason = "a penalty shrinks the parameters"
        elif total <= 0.0:
            reason = "the response does not vary"
        elif not self.has_constant():
            reason = "the model has no constant: no change of its parameters adds one to it"
        else:
            return {"r2": 1.0 - (self.sum_of_squares or 0.0) / total, "r2_of": name}
        self.reasons["r2"] = reason
        return {"r2_of": name}

    def has_constant(self) -> bool:
        """Whether the constant lies in the column space of the slopes."""
        gradient = reverse(self.residuals.row_tape)
        reached = dependencies(gradient)
        slopes = gradient.body.outputs[1:]
        if any(self.closing.scales[j] and not reached[slopes[j]] for j in self.free):
            return True  # the slope by one of them is a constant
        if not self.residuals.is_large:
            _, rows = self.residuals.each_row(self.parameters)
            columns = [[row[j] for row in rows] for j in self.free]
            weights = self.rows.weights
            ones = [1.0] * self.residuals.m if weights is None else [sqrt(w) for w in weights]
            return _constant_is_spanned(triangle_of_columns([*columns, ones]))
        blocks = self.slopes_and_constant()
        first = triangle_of_blocks([next(blocks)])
        if not _constant_is_spanned(first):
            return False  # nor is it with more rows
        return _constant_is_spanned(triangle_of_blocks(self.slopes_and_constant()))

    def slopes_and_constant(self) -> Iterator[Any]:
        """The slopes by the free parameters and √w, block by block."""
        import numpy

        weights, first = self.rows.weights, 0
        for _, slopes in self.residuals.blocks(self.parameters):
            ones = numpy.ones(len(slopes))
            if weights is not None:
                ones = numpy.sqrt(weights[first : first + len(slopes)])
            first += len(slopes)
            yield numpy.column_stack([slopes[:, self.free], ones])

    def warn_of_sigma(self, chi_squared: float, p: float) -> None:
        """Warns of standard deviations that are wrong by a factor, as χ² and its p tell."""
        ratio = chi_squared / self.freedom
        if min(p, 1.0 - p) < DOUBTFUL_SIGMA and not 0.5 < ratio < 2.0:
            text = (
                "the errors given by {} do not fit: χ²/dof = {:.3g};"
                " use {} if only their ratios are known"
            )
            self.warn("doubtful_sigma", Sentence(text, Setting("sigma"), ratio, Setting("weights")))

    # -- residuals ------------------------------------------------------------------------------

    def residual_checks(self, s: float | None) -> ResidualChecks:
        """The checks of the residuals, with warnings of what they show."""
        if self.loss.response == LABELS:
            self.reasons["residuals"] = "a prediction of classes has no residuals"
            return ResidualChecks()
        blocks = weighted_residuals(self.squares, self.parameters, self.squares_root)
        known = self.rows.absolute or not self.is_squared
        found = row_checks(self.squares, blocks, s if known else None, self.freedom)
        if self.freedom > 0 and not self.closing.is_exact:
            self.warn_of_residuals(found)
        return found.checks

    def warn_of_residuals(self, found: RowChecks) -> None:
        """Warns of residuals that are not random, and of rows that decide their fitted value."""
        chance = found.checks.runs_p
        if chance is not None and chance < DOUBTFUL_RUNS:
            text = "the residuals are not random in the order of the rows (runs test: p = {:.2g})"
            self.warn("residuals_not_random", text.format(chance))
        if found.full:
            rows = [str(self.rows.number(place)) for place in found.full]
            text = f"the curve passes through row {listed(rows)}, whatever the response is there"
            self.warn("full_leverage", text)


# -- matrices ------------------------------------------------------------------------------------


def _slopes_factor(residuals: Residuals, parameters: Sequence[float]) -> tuple[Matrix, list[float]]:
    """R and the lengths d of the columns of J, with J = Q·R·diag(d)."""
    if residuals.is_large:
        triangle = triangle_of_blocks(slopes for _, slopes in residuals.blocks(parameters))
    else:
        triangle = triangle_of_columns(transposed(residuals.each_row(parameters)[1]))
    scales = [hypot(*column) for column in transposed(triangle)]
    scaled = [[one / (d or 1.0) for one, d in zip(row, scales, strict=True)] for row in triangle]
    return scaled, scales


def _constant_is_spanned(triangle: Matrix) -> bool:
    """Whether the last column of J is one of the space of the others, of the factor R of J."""
    last = [row[-1] for row in triangle]
    return abs(last[-1]) <= CONSTANT_RESIDUAL * hypot(*last)


def _multiplied(matrix: Matrix, factor: float) -> Matrix:
    return [[factor * entry for entry in row] for row in matrix]


def _sum_of_logs(values: Any) -> float:
    """The sum of the logarithms; 0 of None."""
    if values is None or isinstance(values, list):
        return fsum(map(log, values or ()))
    import numpy

    return fsum(float(numpy.log(part).sum()) for (part,) in parts([values]))


def _variation(values: Any, weights: Any) -> float:
    """The sum of w·(y - ȳ)² of values y with weights w, all 1 where they are None."""
    if isinstance(values, list):
        pairs = [*zip(values, weights if weights is not None else [1.0] * len(values), strict=True)]
        mean = fsum(w * y for y, w in pairs) / fsum(w for _, w in pairs)
        return fsum(w * (y - mean) * (y - mean) for y, w in pairs)
    import numpy

    columns = [values] if weights is None else [values, weights]

    def summed(term: Callable[[Any], Any]) -> float:
        """The sum of w times a term of y, a part of mapped rows after the other."""
        return fsum(float((term(y) * w[0] if w else term(y)).sum()) for y, *w in parts(columns))

    mean = summed(lambda y: y) / summed(numpy.ones_like)
    return summed(lambda y: numpy.square(y - mean))
