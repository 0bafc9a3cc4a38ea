"""Losses: how far a prediction f is from a response y, row by row.

A Loss is data: its value, its slope by f and its curvature by f, as formulas of the language in
f, y, the weight w of a row and what the loss is set with. A fit minimises the sum of weight times
value over the rows. An expression of the user's in f and y is a Loss too, whose slope and curvature
are derived from its tape.

Source: McCullagh and Nelder, Generalized Linear Models (1989), of logistic and Poisson; Huber,
Robust Estimation of a Location Parameter (1964).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any

from gdcli.autodiff import exact
from gdcli.autodiff import tape as opcode
from gdcli.autodiff.builder import Builder, Copy
from gdcli.autodiff.forward import tangent
from gdcli.autodiff.lower import lower_formula
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import Instruction, Tape
from gdcli.errors import ExpressionError, Sentence, Setting, UsageError, brief, listed
from gdcli.named_tuples import NamedTuple

NUMBERS, TWO_LABELS, LABELS, COUNTS = "numbers", "two labels", "labels", "counts"  # of a response
THRESHOLD = "threshold"  # the name of what is set in formulas of the Huber loss
DEFAULT_HUBER = 1.345  # in standard deviations: 95 % efficient where errors are normal


class Loss(NamedTuple):
    """A loss of one row: formulas of its value, its slope ∂/∂f and its curvature ∂²/∂f².

    `curvature` is "1" where it is constant; without a `slope` both are derived from the value.
    `mean_factor` times the value is what a report calls the loss: the squared loss has the value
    r²/2, and its mean is reported as that of r². `prediction` is the formula in f of the predicted
    response. `response` says what the responses must be. `errors` are `t` where the scale of the
    residuals is estimated, `z` where it is known or the errors hold for many rows, and "" where
    there are none. A `likelihood` is half a deviance: 0 where f predicts y best. `settings` has the
    name of the number in the formulas that a fit sets, to `k`, the user's own number, times the
    scale of the residuals. `residual_power` is the power of residuals that the loss grows with,
    where standard deviations of these may be given: their weight is 1/σ to that power.
    """

    name: str
    value: str
    slope: str = ""
    curvature: str = ""
    mean_factor: float = 1.0
    prediction: str = "f"
    response: str = NUMBERS
    errors: str = "z"
    likelihood: bool = False
    settings: tuple[str, ...] = ()
    k: float | None = None
    residual_power: int = 0

    @property
    def is_squared(self) -> bool:
        """Whether it is half the square of the residual: its curvature is 1."""
        return self.curvature == "1"

    @property
    def has_curvature(self) -> bool:
        """Whether there is a curvature: of |r| there is none to make steps with."""
        return self.curvature != "0"

    @property
    def has_deviance(self) -> bool:
        """Whether it is half of a deviance, as half of a sum of squares is."""
        return self.is_squared or self.likelihood

    def predicted(self, values: Any) -> Any:
        """The predicted responses for what the right side is, in a list or an array as it is."""
        if self.prediction == "f":
            return values
        from gdcli.functions.function import Function

        link = Function(self.prediction)
        if isinstance(values, list):
            return [link.evaluate([value]) for value in values]
        return link.evaluate_grid([values])

    def terms(self, builder: Builder, known: Mapping[str, int]) -> list[int]:
        """The value, the slope and the curvature, built of the values that are `known`: f, y, w
        and the settings.

        The curvature of an expression, where it is negative, is replaced by |slope/(f - y)|, so
        that no matrix of a step has it.
        """
        if self.slope:
            formulas = (self.value, self.slope, self.curvature)
            return [lower_formula(builder, one, known) for one in formulas]
        value, slope, curvature = (
            _FormulaCopy(builder, tape, known).region(tape.body)[-1]
            for tape in derivatives(self.value)
        )
        bent = lower_formula(builder, POSITIVE_CURVATURE, {**known, "s": slope, "c": curvature})
        return [value, slope, bent]


POSITIVE_CURVATURE = "ifelse(c > 0, c, ifelse(f == y, abs(c), abs(s/(f - y))))"
# d = f - log(y) keeps the digits where exp(f) is near y.
POISSON_VALUE = "ifelse(y > 0, y*(expm1(f - log(y)) - (f - log(y))), exp(f))"
POISSON_SLOPE = "ifelse(y > 0, y*expm1(f - log(y)), exp(f))"
# With weights the threshold is one of √w·r, the residual in standard deviations.
HUBER_VALUE = (
    f"ifelse(sqrt(w)*abs(f - y) <= {THRESHOLD}, (f - y)^2/2,"
    f" {THRESHOLD}/sqrt(w)*(abs(f - y) - {THRESHOLD}/sqrt(w)/2))"
)
HUBER_SLOPE = f"ifelse(sqrt(w)*abs(f - y) <= {THRESHOLD}, f - y, {THRESHOLD}/sqrt(w)*sign(f - y))"
HUBER_CURVATURE = f"ifelse(sqrt(w)*abs(f - y) <= {THRESHOLD}, 1, 0)"

SQUARED = Loss("squared", "(f - y)*(f - y)/2", "f - y", "1", 2.0, errors="t", residual_power=2)
ABSOLUTE = Loss("absolute", "abs(f - y)", "sign(f - y)", "0", errors="", residual_power=1)
HUBER = Loss(
    *("huber", HUBER_VALUE, HUBER_SLOPE, HUBER_CURVATURE),
    settings=(THRESHOLD,),
    k=DEFAULT_HUBER,
    residual_power=2,
)
LOGISTIC = Loss(  # y is 0 or 1: -log of the probability of y, of which f is the log-odds of 1
    "logistic",
    "softplus((1 - 2*y)*f)",
    "(1 - 2*y)*sigmoid((1 - 2*y)*f)",
    "sigmoid(f)*sigmoid(-f)",
    prediction="sigmoid(f)",
    response=TWO_LABELS,
    likelihood=True,
)
POISSON = Loss(  # f is the log of the rate
    *("poisson", POISSON_VALUE, POISSON_SLOPE, "exp(f)"),
    prediction="exp(f)",
    response=COUNTS,
    likelihood=True,
)
# Of the scores of all classes: its formulas are those of `softmax.py`.
SOFTMAX = Loss("softmax", "", response=LABELS, likelihood=True)
LOSSES = {one.name: one for one in (SQUARED, ABSOLUTE, HUBER, LOGISTIC, SOFTMAX, POISSON)}


def read_loss(text: str) -> Loss:
    """The Loss that a text such as `huber:1.5`, `logistic` or `log(cosh(f - y))` names or writes.

    Raises UsageError for one that means nothing.
    """
    name, colon, setting = (part.strip() for part in text.partition(":"))
    if colon and name == HUBER.name:
        try:
            k = float(setting)
        except ValueError:
            k = 0.0
        if not k > 0.0 or not isfinite(k) or "_" in setting:
            message = "{}: the number behind huber: is positive, such as 1.345"
            raise UsageError(Sentence(message, Setting("loss", brief(text))))
        return HUBER._replace(k=k)
    if text.strip() in LOSSES:
        return LOSSES[text.strip()]
    return _read_expression(text)


def _read_expression(text: str) -> Loss:
    from gdcli.language.lexer import NAME_TOKEN, tokens
    from gdcli.language.suggest import closest

    setting = Setting("loss", brief(text))
    known = f"{listed([*LOSSES])}, or an expression in f, the prediction, and y"
    try:
        used = {one.text for one in tokens(text) if one.kind == NAME_TOKEN}
        if len(used) == 1 and text.strip() in used | {f"{one}:" for one in used}:
            near = closest(text.strip(), [*LOSSES])
            advice = f"; did you mean {listed(near)}?" if near else ""
            raise UsageError(Sentence("{} is no loss{} ({})", setting, advice, known))
        variables = expression_variables(text)
    except ExpressionError as error:
        raise UsageError(Sentence("{} is no loss ({}):\n{}", setting, known, error.whole)) from None
    if "f" not in variables or not {*variables} <= {"f", "y"}:
        message = "{}: a loss is an expression in f, the prediction, and y, the response; {}"
        others = [one for one in variables if one not in ("f", "y")]
        why = f"it has {listed(others)}" if others else "it has no f"
        raise UsageError(Sentence(message, setting, why))
    return Loss("expression", text)


def separation_message(names: Sequence[str], direction: Sequence[float], loss: Loss) -> str:
    """`b grows without bound: the classes are separated`."""
    moving = [name for name, one in zip(names, direction, strict=True) if one]
    grows = "grow" if len(moving) > 1 else "grows"
    why = "the classes are separated"
    if loss.response == COUNTS:
        why = "the rows that tell of it have the count 0"
    return f"{listed(moving)} {grows} without bound: {why}"


def expression_variables(text: str) -> tuple[str, ...]:
    """The names of the variables of a text."""
    from gdcli.functions.resolved import resolve

    return resolve(text).roles.variables


@cache
def derivatives(text: str) -> tuple[Tape, Tape, Tape]:
    """The Tapes of an expression in f and y, of its slope by f, and of its curvature.

    The inputs are f, y and the direction of f, which is 1. The last output is the one.
    """
    from gdcli.functions.function import Function

    function = Function(text)
    value = function.unrolled.engine.rewritten.tape
    place = value.inputs.index("f")
    gradient = reverse(value)
    slope = _with_output(gradient, 1 + place)
    return value, slope, tangent(slope)


def _with_output(tape: Tape, number: int) -> Tape:
    """The Tape of one of the outputs alone."""
    builder = Builder(tape.inputs, tape.arrays)
    numbers = builder.extend(tape)
    return builder.tape([numbers[tape.body.outputs[number]]])


class _FormulaCopy(Copy):
    """A copy of a Tape in f, y and directions, of which that of f is 1."""

    def __init__(self, builder: Builder, tape: Tape, known: Mapping[str, int]) -> None:
        super().__init__(builder, [0] * tape.size)
        one, zero = builder.constant(exact.ONE), builder.constant(exact.ZERO)
        given = {**known, "d_f": one, "d_y": zero}
        self.inputs = [given[name] for name in tape.inputs]

    def instruction(self, instruction: Instruction, operands: list[int]) -> Sequence[int]:
        if instruction.operation == opcode.LOAD:
            return [self.inputs[instruction.payload]]
        return super().instruction(instruction, operands)
