"""The objects of the formats json and jsonl: their keys, the types and the meaning of each.

The writers are annotated with these types, so that a type checker sees that they write these keys;
no command loads them. `docs/schemas.py` makes the JSON Schema files of `schemas/` and the reference
page of ANSWERS; the words in backquotes that describe a `status` become its examples. The keys of a
row of a table are its columns, those in NAMED_COLUMNS too.

JSON has no NaN and no Infinity: a number that is not finite is null. A number is a text where
fractions or many digits were asked for.
"""

# Not with `from __future__ import annotations`: schemas are made of the types, not of their texts.

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

Number = float | str | None
Component = float | str | None | list["Component"]
Double = float | None
ByVariable = dict[str, Component]
AtPoint = float | None | dict[str, float | None]  # in tangent mode by variable
Span = list[int]


class Release(TypedDict):
    """The release that wrote an object."""

    gdcli: Annotated[str, "the version of gdcli that wrote it"]
    schema: Annotated[Literal[1], "the number of this schema: within it keys are only added"]


class Head(Release):
    """The first keys of an object that answers about one expression."""

    expression: Annotated[str, "the function, as gdcli reads it"]
    variables: Annotated[Sequence[str], "the variables in their order, which is a point's"]
    held: Annotated[Mapping[str, float | str], "each name that was given a value, and the value"]


class FunctionHead(Head):
    """The first keys of an object that answers about one function."""

    labels: NotRequired[
        Annotated[
            Mapping[str, Sequence[str]],
            "the texts of a column that subscripts arrays, by the number they stand for",
        ]
    ]


class OutcomeContent(TypedDict):
    """How it ended, in a word and in a sentence."""

    status: Annotated[str, "`ok` or `undefined`; new words may appear: branch on the exit status"]
    message: Annotated[
        str | None, "why there is no finite answer; null where nothing is to be said"
    ]


class PointsOutcome(TypedDict):
    """How the answers at many points ended."""

    status: Annotated[
        str,
        "`ok`, `undefined` where a point is, or `incomplete` where points are missing after an"
        " error; new words may appear: branch on the exit status",
    ]
    message: Annotated[
        str | None, "how many points are undefined, or why there are no more; null with `ok`"
    ]


# -- minimize ------------------------------------------------------------------------------------


class IterateObject(TypedDict):
    """One iterate of a descent: a line of jsonl, an entry of the trace."""

    k: Annotated[int, "the number of the iterate, from 0"]
    x: Annotated[ByVariable, "the point x(k), by variable"]
    f: Annotated[Double, "f there"]
    gradient_norm: Annotated[
        Double, "‖∇f‖∞ there, the largest component in size; with bounds ‖x − P(x − ∇f)‖∞"
    ]
    alpha: Annotated[
        Double, "the step size that leads to x(k+1); null in the last row, and where there is none"
    ]
    radius: NotRequired[Annotated[Double, "of the trust region in which x(k+1) was found"]]
    event: NotRequired[Annotated[str, "what leads to x(k+1) instead: `escape` from a saddle"]]


class EvaluationCounts(TypedDict):
    """How often f and its derivatives were evaluated; a combined call counts in both first ones."""

    value: Annotated[int, "evaluations of f"]
    gradient: Annotated[int, "evaluations of ∇f"]
    hessian: Annotated[int, "whole Hessians"]
    product: Annotated[int, "products of a Hessian with a vector"]
    verdict: Annotated[int, "points at which the end was judged, not among those of `value`"]


class TestObject(TypedDict):
    """A stopping test at the end point."""

    name: Annotated[str, "what was tested, as `gradient`, `iterations` or a rule of the user's"]
    value: Annotated[Double, "what was measured"]
    limit: Annotated[Double, "what it was compared with"]
    met: Annotated[bool, "whether the test is met"]


class EscapeObject(TypedDict):
    """A stationary point, mostly a saddle, that a run has left."""

    k: Annotated[int, "the number of the iterate"]
    x: Annotated[ByVariable, "the point, by variable"]
    f: Annotated[Double, "f there"]


class EndPoint(TypedDict):
    """The point where a descent ended; texts where many digits were asked for."""

    x: Annotated[ByVariable, "the end point, by variable; vectors are lists"]
    f: Annotated[Number, "f at x"]
    gradient: Annotated[ByVariable, "∇f at x, by variable"]
    gradient_norm: Annotated[
        Number,
        "the number that the stopping test measures: ‖∇f‖∞ at x, with bounds ‖x − P(x − ∇f)‖∞ where"
        " P leads to the nearest point within them",
    ]


class TraceContent(TypedDict, total=False):
    """The iterates of a descent, where they were asked for."""

    trace: Annotated[list[IterateObject], "every iterate, where that was asked for"]
    trace_dropped: Annotated[int, "rows that a long trace lacks in its middle"]


class MinimizeObject(FunctionHead, EndPoint, TraceContent):
    """A descent."""

    method: Annotated[str, "the method of descent"]
    method_used: Annotated[str, "the method that `auto` took, else `method`"]
    alpha: Annotated[
        float | str | None, "the step size: `auto`, a number, a formula in k, or a search"
    ]
    maximize: Annotated[bool, "whether a maximum was sought; all numbers are those of f itself"]
    seed: Annotated[int, "of what is drawn at random: a start, directions"]
    start: Annotated[ByVariable, "where it began, by variable"]
    status: Annotated[
        str,
        "`converged`, `stopped`, `max_iterations`, `stalled`, `unbounded`, `diverged`, `undefined`"
        " or `interrupted`; new words may appear: branch on the exit status",
    ]
    converged: Annotated[bool, "whether `status` is `converged`"]
    message: Annotated[str, "how the run ended, in a sentence"]
    iterations: Annotated[int, "steps taken"]
    evaluations: Annotated[EvaluationCounts, "what the run cost"]
    iterate: Annotated[int, "the k of x"]
    bounds: Annotated[
        Mapping[str, list[Any]],
        "[low, high] of each variable with bounds, null where there is none; of a vector a list",
    ]
    multipliers: Annotated[
        ByVariable,
        "λ of each variable that lies on a bound: ∂f/∂x on a lower one, −∂f/∂x on an upper one; of"
        " a vector a list, with 0 for entries on none",
    ]
    escapes: Annotated[list[EscapeObject], "the saddles that the run has left"]
    last: Annotated[IterateObject | None, "the last finite iterate; null where there is none"]
    tests: Annotated[list[TestObject], "the stopping tests at x"]
    classification: Annotated[
        str | None,
        "the verdict: `minimum`, `saddle`, `maximum` or `flat`; null where the run has neither"
        " converged nor stopped, or variables are too many",
    ]
    degenerate: Annotated[
        bool | None,
        "of a minimum, or of a maximum that was sought: whether an eigenvalue counts as 0;"
        " else null",
    ]
    hessian_eigenvalues: Annotated[
        list[Double] | None,
        "of the Hessian at x, the least first; with bounds in the variables that lie on none",
    ]
    condition_number: Annotated[Double, "the largest eigenvalue divided by the least, in size"]
    alpha_limit: Annotated[Double, "2/L: near x a fixed step size must be below it"]
    derivative_method: Annotated[str, "how gradients were found"]
    seconds: Annotated[Double, "how long the descent took"]


# -- grad ----------------------------------------------------------------------------------------


class DirectionObject(TypedDict):
    """A unit direction."""

    direction: Annotated[ByVariable, "its components, by variable"]
    slope: Annotated[Double, "∇f times it"]
    angle: Annotated[Double, "in degrees, of two variables; else null"]
    note: Annotated[str, "what is special about it, or an empty text"]


class GradientContent(OutcomeContent):
    """The value, the gradient and its geometry at one point."""

    at: Annotated[ByVariable, "the point, by variable"]
    gradient: Annotated[ByVariable, "∇f, by variable; a component without a finite value is null"]
    value: Annotated[Number, "f at the point, the same as `f`"]
    f: Annotated[Number, "f at the point"]
    length: Annotated[Number, "‖∇f‖, the Euclidean length"]
    direction: Annotated[ByVariable | None, "−∇f/‖∇f‖, of steepest descent; null where ∇f is 0"]
    derivative_method: Annotated[str, "how the gradient was found"]
    evaluations: NotRequired[Annotated[int, "of f, where the method is measured by them"]]
    step: NotRequired[Annotated[ByVariable | None, "h of differences, by variable"]]
    hessian: NotRequired[Annotated[list[list[Number]], "the second derivatives by rows"]]
    along: NotRequired[Annotated[ByVariable, "the direction V, by variable"]]
    slope: NotRequired[Annotated[Number, "∇f·V/‖V‖"]]
    derivative: NotRequired[Annotated[Number, "∇f·V"]]
    directions: NotRequired[Annotated[list[DirectionObject], "a sample of directions, beside V's"]]
    notes: NotRequired[Annotated[Sequence[str], "what else is to be known of the gradient"]]


class Formulas(TypedDict, total=False):
    """The formulas of the gradient, where they were asked for."""

    symbolic: Annotated[Mapping[str, str], "∂f/∂ each component as a formula"]


class GradientObject(FunctionHead, GradientContent, Formulas):
    """The gradient at one point."""


class GradientRow(GradientContent):
    """The gradient at one point of many: a line of jsonl."""

    line: Annotated[int, "the line of the file of points that it answers"]


class GradientsObject(FunctionHead, PointsOutcome):
    """The gradients at many points."""

    points: Annotated[list[GradientRow], "an object for each point"]


class FormulaRow(TypedDict):
    """A formula of the gradient, without a point."""

    derivative: Annotated[str, "the derivative, as `∂f/∂x`"]
    formula: Annotated[str, "its formula"]


class FormulasObject(FunctionHead, OutcomeContent, Formulas):
    """The formulas of the gradient, without a point."""

    style: Annotated[str, "how they are written: `text`, `unicode` or `latex`"]


# -- eval ----------------------------------------------------------------------------------------


class ValueContent(OutcomeContent):
    """The value at one point."""

    at: Annotated[ByVariable, "the point, by variable"]
    f: Annotated[Number, "f at the point"]
    notes: NotRequired[Annotated[Sequence[str], "what else is to be known of the value"]]


class ValueObject(FunctionHead, ValueContent):
    """The value at one point."""


class ValueRow(ValueContent):
    """The value at one point of many: a line of jsonl."""

    line: Annotated[int, "the line of the file of points that it answers"]


class ValuesObject(FunctionHead, PointsOutcome):
    """The values at many points."""

    points: Annotated[list[ValueRow], "an object for each point"]


# -- race ----------------------------------------------------------------------------------------


class TargetObject(TypedDict):
    """What a run took to come near the best f of its race; null where it did not."""

    target: Annotated[float, "the largest f - best f, as a part of 1 + |best f|"]
    evaluations: Annotated[int | None, "evaluations of f until then"]
    seconds: Annotated[Double, "seconds until then"]


class RaceRunObject(MinimizeObject):
    """A run of a race."""

    best_f: Annotated[Double, "the lowest f that any method has found of this function"]
    targets: Annotated[list[TargetObject], "what it took to come within 1e-2, 1e-4 and 1e-8"]
    order: Annotated[Double, "the order of convergence that is seen; null where none is"]


class RaceContent(TypedDict):
    """The runs of a race."""

    runs: Annotated[list[RaceRunObject], "an object of `minimize` for each run, and its targets"]


class RaceObject(FunctionHead, OutcomeContent, RaceContent):
    """Methods of descent side by side."""

    race: Annotated[Literal["methods", "family"], "what is run"]


_RaceColumns = TypedDict(
    "_RaceColumns",
    {
        "method": Annotated[str, "the method of descent"],
        "to 1e-2": Annotated[int | None, "evaluations until f - best f is 1e-2·(1 + |best f|)"],
        "to 1e-4": Annotated[int | None, "likewise, 1e-4"],
        "to 1e-8": Annotated[int | None, "likewise, 1e-8"],
        "f": Annotated[Double, "f at the end"],
        "order": Annotated[Double, "the order of convergence that is seen"],
        "status": Annotated[str, "how the run ended, as in `minimize`"],
        "verdict": Annotated[str | None, "the `classification` of `minimize`"],
        "seconds to 1e-2": Annotated[Double, "seconds until f - best f is so small"],
        "seconds to 1e-4": Annotated[Double, "likewise, 1e-4"],
        "seconds to 1e-8": Annotated[Double, "likewise, 1e-8"],
    },
)


class RaceRow(_RaceColumns):
    """A run of a race."""


# -- certify -------------------------------------------------------------------------------------

Enclosure = list[str | None]  # the [low, high] of a number, as decimals rounded outward
EnclosureByVariable = dict[str, list[Any]]  # of each variable; of a vector a list of them


class CertifiedObject(TypedDict):
    """A box that holds a stationary point, or global minimizers."""

    x: Annotated[EnclosureByVariable, "[low, high] of each variable; of a vector a list of them"]
    f: Annotated[Enclosure, "[low, high] of f there"]
    kind: Annotated[
        str,
        "`minimum`, `saddle`, `maximum`, or `candidate` where it is not proved that there is a"
        " minimizer",
    ]
    unique: Annotated[
        bool, "whether the box holds exactly one stationary point, or constrained minimizer"
    ]
    face: Annotated[Sequence[str], "the components that lie at an end of the window"]
    largest: Annotated[
        EnclosureByVariable | None,
        "the largest box found in which it is the only one, rounded inward, an end null where it"
        " has none; null where no box was found",
    ]


class ClaimsObject(TypedDict):
    """The claims, each proved or not; null where it was not looked at."""

    value: Annotated[bool | None, "that `f` encloses the least value"]
    enclosure: Annotated[bool | None, "that every global minimizer lies in one of `minimizers`"]
    unique: Annotated[bool | None, "that each of these holds exactly one"]


class LeftObject(TypedDict):
    """A box of which nothing could be proved."""

    box: Annotated[EnclosureByVariable | None, "[low, high] of each variable"]
    reason: Annotated[str, "why not"]


class LowerObject(TypedDict):
    """A point that is lower than the one claimed."""

    x: Annotated[ByVariable, "the point, by variable"]
    f: Annotated[Enclosure, "[low, high] of f there"]


class CertifiedDescentObject(TypedDict):
    """The descent whose end is certified."""

    status: Annotated[str, "how it ended, as in `minimize`"]
    message: Annotated[str, "the same in a sentence"]
    x: Annotated[ByVariable, "its end, by variable"]
    f: Annotated[Double, "f there"]
    classification: Annotated[str | None, "the verdict, as in `minimize`"]


class CertificateContent(TypedDict):
    """A certificate: the claims about a function, and the boxes that they speak of."""

    status: Annotated[
        str,
        "`proved`, `unresolved`, `disproved` where a lower point was found, or `interrupted`; new"
        " words may appear: branch on the exit status",
    ]
    message: Annotated[str, "what is proved, or why it is not, in a sentence"]
    f: Annotated[
        Enclosure,
        "[low, high] of the least value, or of that at the stationary point; null where unknown",
    ]
    minimizers: Annotated[list[CertifiedObject], "an object for each box"]
    claims: Annotated[ClaimsObject, "what is proved"]
    asked: Annotated[Sequence[str], "the claims that were asked for, which decide `status`"]
    boxes: Annotated[int, "how many boxes were looked at"]
    left: Annotated[list[LeftObject], "the boxes of which nothing could be proved"]
    digits: Annotated[int, "how many significant digits of every component are proved"]
    window: Annotated[
        dict[str, list[Any]] | None, "[low, high] of each variable; null without a window"
    ]
    lower: Annotated[LowerObject | None, "the lower point, where one was found; else null"]
    descent: Annotated[CertifiedDescentObject | None, "the descent that came first, or null"]
    arithmetic: Annotated[str, "what the proof was checked in"]
    seconds: Annotated[Double, "how long it took"]
    notes: Annotated[list[str], "what else is to be known"]


class CertifyObject(FunctionHead, CertificateContent):
    """A certificate of a function."""

    certify: Annotated[Literal["point", "window", "descent"], "what it is proved of"]


class CertifyRow(TypedDict):
    """A box that holds a stationary point, or global minimizers, beside its numbers by name."""

    kind: Annotated[str, "as in `minimizers`"]
    unique: Annotated[str, "`yes` or `no`"]
    face: Annotated[str, "the components that lie at an end of the window"]


# -- compare -------------------------------------------------------------------------------------


class ExactGradient(TypedDict):
    """The gradient that others are measured by."""

    gradient: Annotated[ByVariable, "its components as texts, by variable; null without a gradient"]
    rational: Annotated[bool, "whether they are fractions; else they have 50 digits"]


class MethodObject(TypedDict):
    """One way to differentiate, with its error and its cost."""

    method: Annotated[str, "its name"]
    gradient: Annotated[ByVariable, "what it finds, by variable"]
    error: Annotated[Double, "the largest relative error of a component"]
    evaluations: Annotated[int | None, "of f"]
    operations: Annotated[int | None, "primitives that all its passes apply"]
    seconds: Annotated[Double, "how long one gradient takes, the median of several batches"]
    step: Annotated[list[float] | None, "h of differences, for each component"]
    formula: Annotated[int | None, "operations of the symbolic gradient"]
    simplified: Annotated[int | None, "the same after simplification"]
    message: Annotated[str | None, "why it has no answer, or no finite one"]


class MethodsContent(TypedDict):
    """Every way to differentiate at one point."""

    exact: Annotated[ExactGradient, "the exact gradient"]
    kinks: Annotated[list[str], "the kinks that the point lies on"]
    methods: Annotated[list[MethodObject], "an object for each way"]


class CurveObject(TypedDict):
    """The error of a difference formula against its step h."""

    name: Annotated[str, "the formula"]
    errors: Annotated[list[Double], "the relative error at each of `steps`"]
    best: Annotated[Double, "the h of the least error, together with its neighbours"]
    best_error: Annotated[Double, "the error there"]
    recommended: Annotated[Double, "the h that is taken, of the first variable"]
    recommended_error: Annotated[Double, "the error with the recommended steps"]
    fine: Annotated[list[Double], "the errors at a finer row of steps"]


class StepsContent(TypedDict):
    """The error of difference formulas against their step h."""

    steps: Annotated[Sequence[float], "the steps h"]
    formulas: Annotated[list[CurveObject], "an object for each formula"]


class CostObject(TypedDict):
    """The cost of a way to differentiate."""

    evaluations: Annotated[int | None, "of f"]
    operations: Annotated[int | None, "primitives that all its passes apply"]


class SizeObject(TypedDict):
    """The costs of a function of so many variables."""

    variables: Annotated[int, "how many variables"]
    operations: Annotated[int, "primitives that f itself applies"]
    methods: Annotated[dict[str, CostObject], "the costs, by way to differentiate"]


class SizesContent(TypedDict):
    """The costs against the number of variables."""

    sizes: Annotated[list[SizeObject], "an object for each number of variables"]


class DepthObject(TypedDict):
    """The sizes of a function nested so deep."""

    depth: Annotated[int, "3 is f(f(f(x)))"]
    tape: Annotated[int, "operations of the tape"]
    gradient_tape: Annotated[int, "operations of the gradient tape"]
    formula: Annotated[int | None, "operations of f as one formula"]
    symbolic: Annotated[int | None, "operations of the symbolic gradient"]


class DepthsContent(TypedDict):
    """The sizes of tapes and formulas against the depth of nesting."""

    depths: Annotated[list[DepthObject], "an object for each depth"]


class PointContent(TypedDict):
    """The point, and f there."""

    at: Annotated[ByVariable, "the point, by variable"]
    f: Annotated[Double, "f at the point"]


class MethodsObject(FunctionHead, OutcomeContent, PointContent, MethodsContent):
    """Every way to differentiate at one point."""

    comparison: Annotated[Literal["methods"], "what is compared"]


class StepsObject(FunctionHead, OutcomeContent, PointContent, StepsContent):
    """The error of difference formulas against their step h."""

    comparison: Annotated[Literal["steps"], "what is compared"]


class SizesObject(FunctionHead, OutcomeContent, PointContent, SizesContent):
    """The costs against the number of variables."""

    comparison: Annotated[Literal["variables"], "what is compared"]


class DepthsObject(FunctionHead, OutcomeContent, DepthsContent):
    """The sizes of tapes and formulas against the depth of nesting."""

    comparison: Annotated[Literal["depths"], "what is compared"]


_MethodColumns = TypedDict(
    "_MethodColumns",
    {
        "method": Annotated[str, "the name of the way to differentiate"],
        "relative error": Annotated[Double, "that of the worst component"],
        "evaluations of f": Annotated[int | None, "those that one gradient takes"],
        "operations": Annotated[int | None, "primitives that all its passes apply"],
        "seconds": Annotated[Double, "how long one gradient takes"],
        "h": Annotated[Double, "the step of differences, in the first variable"],
        "formula": Annotated[int | None, "operations of the symbolic gradient"],
        "simplified": Annotated[int | None, "its operations after simplification"],
    },
)
_StepColumns = TypedDict(
    "_StepColumns",
    {
        "h": Annotated[float, "the step"],
        "forward-difference": Annotated[Double, "the relative error with it"],
        "central-difference": Annotated[Double, "the relative error with it"],
        "central-difference (5 points)": Annotated[Double, "the relative error with it"],
        "complex-step": Annotated[Double, "the relative error with it"],
    },
)
_DepthColumns = TypedDict(
    "_DepthColumns",
    {
        "depth": Annotated[int, "3 is f(f(f(x)))"],
        "operations of the tape": Annotated[int, "how many it has"],
        "of the gradient tape": Annotated[int, "how many operations"],
        "of f as one formula": Annotated[int, "how many operations"],
        "of the symbolic gradient": Annotated[
            int | None, "how many operations; null where it is not made"
        ],
    },
)


class MethodTableRow(_MethodColumns):
    """A way to differentiate."""


class StepRow(_StepColumns):
    """The errors of difference formulas with one step h."""


class CostRow(TypedDict):
    """A cost of a way to differentiate, against the number of variables."""

    method: Annotated[str, "its name, or `f itself`"]
    count: Annotated[str, "what is counted"]


class DepthRow(_DepthColumns):
    """The sizes of a function nested so deep."""


# -- check ---------------------------------------------------------------------------------------


class CounterexampleObject(TypedDict):
    """A point where a formula is wrong."""

    at: Annotated[ByVariable, "the point, by component"]
    yours: Annotated[Double, "the formula's value there"]
    derivative: Annotated[Double, "the derivative there"]


class FindingObject(TypedDict):
    """The finding about one formula."""

    by: Annotated[list[str], "the variables that it is the derivative by: one, or two"]
    formula: Annotated[str, "the formula"]
    right: Annotated[bool | None, "whether it is right; null where nothing could be compared"]
    compared: Annotated[int, "points where it was compared"]
    skipped: Annotated[int, "points where it could not be"]
    undefined_in_yours: Annotated[int, "of these, points where the formula alone has no value"]
    counterexample: Annotated[CounterexampleObject | None, "the first point where it is wrong"]
    hint: Annotated[str | None, "what may have gone wrong"]


class JudgementContent(TypedDict):
    """Whether a derivation is right."""

    message: Annotated[str, "the judgement, in a sentence"]
    points: Annotated[int, "points at which every formula was compared"]
    counterexample: Annotated[CounterexampleObject | None, "the first point where one is wrong"]
    findings: Annotated[list[FindingObject], "an object for each formula"]


class JudgementObject(FunctionHead, JudgementContent):
    """Whether a derivation is right."""

    status: Annotated[str, "`right`, `wrong` or `undefined`"]


class FindingRow(TypedDict):
    """The finding about one formula."""

    derivative: Annotated[str, "the derivative, as `∂f/∂x`"]
    yours: Annotated[str, "the formula"]
    right: Annotated[Literal["yes", "no", "unknown"], "whether it is the derivative"]
    compared: Annotated[int, "points where it was compared"]
    skipped: Annotated[int, "points where it could not be"]


# -- fit and predict ------------------------------------------------------------------------------


class FittedDataObject(TypedDict):
    """The data of a fit, without their rows."""

    file: Annotated[str | None, "the name of the file, without folders; null where there is none"]
    rows: Annotated[int, "rows that were fitted"]
    dropped: Annotated[int, "rows left out since a number is missing"]
    columns: Annotated[Sequence[str], "the columns that the model names"]
    headings: Annotated[
        Mapping[str, str], "the column of the file that a name stands for, if another"
    ]
    sigma: Annotated[str | None, "the column of standard deviations, where one was given"]
    weights: Annotated[str | None, "the column of weights, where one was given"]
    subscripts: NotRequired[
        Annotated[
            Mapping[str, Sequence[int]],
            "the least and the greatest number of a column that stands in subscripts",
        ]
    ]


class FittedParameterObject(TypedDict):
    """A fitted parameter."""

    value: Annotated[Number, "its value"]
    error: Annotated[Number, "its standard error; null where there is none"]
    t: Annotated[Number, "value/error"]
    low: Annotated[Number, "the low end of its confidence interval; null where it is open"]
    high: Annotated[Number, "the high end"]
    start: Annotated[Double, "where it began"]
    bound: Annotated[
        list[Double] | None, "[low, high] of its bound, null for no end; null without one"
    ]
    at_bound: Annotated[bool, "whether it lies on an end of its bound"]
    linear: Annotated[bool, "whether the model is linear in it"]
    units: Annotated[
        str | None, "its units, in those of the columns; null where they are not known"
    ]


class DerivedObject(TypedDict):
    """A quantity computed of the parameters."""

    expression: Annotated[str, "its formula"]
    value: Annotated[Number, "its value"]
    error: Annotated[Number, "its standard error, by the delta method"]
    low: Annotated[Number, "the low end of its confidence interval"]
    high: Annotated[Number, "the high end"]


class LargeResidualObject(TypedDict):
    """A residual among the largest."""

    row: Annotated[int, "the number of the row in the data, from 1 below the names"]
    value: Annotated[Double, "response minus prediction"]
    studentized: Annotated[Double, "in its own standard deviations, which leave the row out"]


class ResidualsObject(TypedDict):
    """What the residuals say about the model."""

    runs_p: Annotated[Double, "the p of a runs test: small where neighbours have the same sign"]
    durbin_watson: Annotated[Double, "the Durbin-Watson number, 2 where neighbours are unrelated"]
    largest: Annotated[list[LargeResidualObject], "the largest, at most ten"]


class StartsObject(TypedDict):
    """How the start was found; all 0 where it was given."""

    tried: Annotated[int, "points at which the loss was computed"]
    followed: Annotated[int, "points from which a descent began"]
    agreeing: Annotated[int, "ends that agree with the best"]
    minima: Annotated[int, "different minima among the ends"]


class FitEvaluations(TypedDict):
    """Passes over the data; one for the residuals and their slopes counts in both first ones."""

    value: Annotated[int, "passes for the residuals"]
    gradient: Annotated[int, "passes for their slopes"]
    acceleration: Annotated[int, "passes for second derivatives"]


class WarningObject(TypedDict):
    """A sentence that a reader must know."""

    code: Annotated[str, "a word for scripts"]
    text: Annotated[str, "the sentence"]


class FitContent(TypedDict):
    """A model fitted to data: its JSON is the model, which `predict` reads."""

    status: Annotated[
        str,
        "`converged`, `max_iterations` at a limit, `stalled`, `unbounded`, `diverged`, `undefined`"
        " or `interrupted`; new words may appear: branch on the exit status",
    ]
    message: Annotated[str, "how it ended, in a sentence"]
    f: Annotated[Number, "the loss: of squares the mean of w·r²"]
    data: Annotated[FittedDataObject, "the data, without their rows"]
    loss: Annotated[str, "the loss, as it was given"]
    converged: Annotated[bool, "whether it converged"]
    classification: Annotated[
        str | None,
        "`minimum`, or `flat` where a parameter is not determined; null where it did not converge",
    ]
    response: Annotated[str, "the name of what is predicted: the left column, or `response`"]
    parameters: Annotated[Mapping[str, FittedParameterObject], "the fitted parameters"]
    derived: Annotated[Mapping[str, DerivedObject], "the quantities that were asked for"]
    order: Annotated[Sequence[str], "the parameters in the order of the matrices"]
    covariance: Annotated[Sequence[Sequence[Number]] | None, "of the parameters"]
    correlation: Annotated[Sequence[Sequence[Double]] | None, "of the parameters"]
    covariance_root: Annotated[
        Sequence[Sequence[float]] | None, "a matrix U with U·Uᵀ = covariance, of more digits"
    ]
    quantiles: Annotated[str, "the distribution of the intervals, `t` or `normal`"]
    absolute: Annotated[bool, "whether errors are those of the given deviations, not scaled by s"]
    level: Annotated[float, "the confidence level of the intervals"]
    intervals: Annotated[str, "`wald` or `profile`"]
    sum_of_squares: Annotated[Number, "S, the sum of w·r²"]
    s: Annotated[Number, "the residual standard error, √(S/degrees of freedom)"]
    degrees_of_freedom: Annotated[int | None, "rows less parameters"]
    r2: Annotated[Double, "R²; null where the model contains no constant"]
    aic: Annotated[Double, "Akaike's information criterion"]
    aicc: Annotated[Double, "the same, corrected for few rows"]
    bic: Annotated[Double, "the Bayesian information criterion"]
    reasons: Annotated[Mapping[str, str], "why a number is null, by its name, such as `r2`"]
    condition: Annotated[Double, "the condition number of the scaled slopes"]
    offset: Annotated[Double, "Bates and Watts' relative offset, the test of convergence"]
    null_direction: Annotated[
        Mapping[str, float] | None, "how the parameters may change together without any effect"
    ]
    residuals: Annotated[ResidualsObject, "what the residuals say"]
    chi_squared: Annotated[Double, "χ², where standard deviations were given"]
    chi_squared_p: Annotated[Double, "the probability of a larger one"]
    deviance: Annotated[Double, "of a logistic, Poisson or softmax loss"]
    null_deviance: Annotated[Double, "the deviance of a constant alone"]
    pseudo_r2: Annotated[Double, "McFadden's R²"]
    labels: Annotated[
        Mapping[str, Sequence[str]], "the texts of a column, by the number they are read as"
    ]
    sizes: Annotated[Mapping[str, int], "how long vectors and sums are"]
    starts: Annotated[StartsObject, "how the start was found"]
    iterations: Annotated[int, "iterations"]
    evaluations: Annotated[
        FitEvaluations, "passes over the data, beside those of the points of `starts`"
    ]
    seed: Annotated[int, "of the search for a start"]
    seconds: Annotated[Double, "how long it took"]
    warnings: Annotated[list[WarningObject], "sentences that a reader must know"]


class FitObject(Head, FitContent):
    """A model fitted to data."""

    method: Annotated[str, "`lm` or `newton`"]


class ParameterRow(TypedDict):
    """A parameter, or a quantity computed of them."""

    parameter: Annotated[str, "its name"]
    value: Annotated[Number, "its value"]
    error: Annotated[Number, "its standard error"]
    t: Annotated[Number, "value/error"]
    low: Annotated[Number, "the low end of its confidence interval"]
    high: Annotated[Number, "the high end"]


class PredictionsObject(Head):
    """The predictions of a model for new rows."""

    rows: Annotated[
        list[dict[str, float | str | None]],
        "an object for each row: its columns, and behind them the predictions",
    ]
    status: Annotated[
        str,
        "`ok`, `undefined` where a prediction is no finite number, or `incomplete` after an error;"
        " new words may appear: branch on the exit status",
    ]
    message: Annotated[str | None, "how many rows are undefined; null with `ok`"]


# -- show ----------------------------------------------------------------------------------------


class PlaceObject(TypedDict):
    """A place in the text of the function; null where the text has none."""

    text: Annotated[str | None, "the text there"]
    span: Annotated[Span | None, "from and to, counted in characters from 0, the end excluded"]


class RewriteObject(PlaceObject):
    """An accuracy rewrite."""

    rewrite: Annotated[str, "its name"]


class NodeObject(PlaceObject):
    """A node of the tree."""

    position: Annotated[int, "its number"]
    kind: Annotated[str, "what kind of node it is"]
    value: Annotated[str, "the name, number or operation"]
    arguments: Annotated[Sequence[int], "the numbers of its operands"]


class PartObject(TypedDict):
    """A named part of the text."""

    name: Annotated[str, "its name"]
    root: Annotated[int, "the number of its node"]
    subscripts: NotRequired[Annotated[list[str], "those of its left side, of a piece of an array"]]


class ExpressionContent(TypedDict):
    """The tree of the text."""

    nodes: Annotated[list[NodeObject], "its nodes, operands first"]
    parts: Annotated[list[PartObject], "its named parts"]
    normal_form: Annotated[str, "the text in its plain form"]
    entries: NotRequired[Annotated[str, "it by entries, where it has formulas of whole arrays"]]


class RegionObject(TypedDict):
    """Instructions inside another one."""

    instructions: Annotated[list["InstructionObject"], "in their order"]
    outputs: Annotated[Sequence[int], "the numbers of the values that it gives"]


class InstructionObject(TypedDict):
    """An instruction of a tape; which keys it has depends on its operation."""

    operation: Annotated[str, "what kind of instruction it is"]
    result: NotRequired[Annotated[int, "the number of its value"]]
    results: NotRequired[Annotated[Sequence[int], "the numbers of its values"]]
    primitive: NotRequired[Annotated[str, "the function that is applied"]]
    operands: NotRequired[Annotated[Sequence[int], "the numbers of the values it takes"]]
    formula: NotRequired[Annotated[str, "the step as a formula"]]
    constant: NotRequired[Annotated[str, "the constant, as it was written"]]
    variable: NotRequired[Annotated[str, "the variable that is loaded"]]
    comparison: NotRequired[Annotated[str, "of a branch: how its operands are compared"]]
    regions: NotRequired[Annotated[list[RegionObject], "of a branch: its two sides"]]
    low: NotRequired[Annotated[list[str], "of a loop: it begins at the largest of these"]]
    high: NotRequired[Annotated[list[str], "of a loop: it ends at the least of these"]]
    descending: NotRequired[Annotated[bool, "of a loop: whether it runs backwards"]]
    reductions: NotRequired[Annotated[Sequence[str], "of a loop: what becomes of its values"]]
    extents: NotRequired[Annotated[list[str], "of an accumulator: its range in each dimension"]]
    body: NotRequired[Annotated[RegionObject, "of a loop or accumulator: its instructions"]]
    element: NotRequired[Annotated[str, "the element of an array or table"]]
    size: NotRequired[Annotated[str, "the size, as a formula of sizes"]]
    number: NotRequired[Annotated[int, "the number of what is carried or kept"]]
    text: NotRequired[Annotated[str | None, "the text that it comes from"]]
    span: NotRequired[Annotated[Span | None, "from and to, as of a place"]]
    value: NotRequired[Annotated[AtPoint, "its value at the point"]]
    values: NotRequired[Annotated[list[AtPoint], "the values at the point"]]


class TapeContent(TypedDict):
    """The instructions of a tape."""

    instructions: Annotated[list[InstructionObject], "in their order"]
    outputs: Annotated[Sequence[int], "the numbers of f and of its derivatives"]
    sizes: NotRequired[Annotated[Mapping[str, int], "the sizes, of a function with loops"]]


# A key named `is` cannot stand in a class.
DerivativeText = TypedDict(
    "DerivativeText",
    {"is": Annotated[str | None, "the derivative, a formula; null where it would be long"]},
)


class DerivativeObject(DerivativeText):
    """The derivative that belongs to a forward value."""

    of: Annotated[int, "the number of the forward value"]
    value: NotRequired[Annotated[AtPoint, "its value at the point"]]


class GradientStageContent(TypedDict):
    """A derivative program."""

    mode: Annotated[str, "`reverse` or `tangent`"]
    instructions: Annotated[list[InstructionObject], "in their order"]
    outputs: Annotated[Sequence[int], "the numbers of f and of its derivatives"]
    made_by: Annotated[dict[str, int], "by instruction, the forward value whose rule made it"]
    derivatives: Annotated[list[DerivativeObject], "an object for each forward value"]


class SourceContent(TypedDict):
    """Python source."""

    value: Annotated[str, "the source of f"]
    gradient: Annotated[str, "the source of f with its gradient"]


class LlvmContent(TypedDict):
    """Machine code, before it is assembled."""

    llvm: Annotated[str, "the LLVM IR of f with its gradient"]


class ParameterUnitsObject(TypedDict):
    """What a parameter of a model is measured in."""

    linear: Annotated[
        bool, "whether the model is linear in it, together with the other linear ones"
    ]
    units: Annotated[str | None, "as `y/x^2`, or `none`; null where they are not known"]
    reason: Annotated[str | None, "why they are not known"]


class UnitsContent(TypedDict):
    """The units of the parameters of a model."""

    parameters: Annotated[dict[str, ParameterUnitsObject], "by parameter"]


class GraphNodeObject(TypedDict):
    """A node of the computational graph."""

    number: Annotated[int, "its number"]
    kind: Annotated[str, "`input`, `step` or `output`"]
    label: Annotated[str, "what it computes"]
    derivative: Annotated[str, "the name of its adjoint, as `∂f/∂x`"]
    value: Annotated[Double, "its value at the point"]
    adjoint: Annotated[Double, "its adjoint at the point"]


class EdgeObject(TypedDict):
    """An edge of the computational graph, from an operand to a result."""

    source: Annotated[int, "the operand's number"]
    target: Annotated[int, "the result's number"]
    partial: Annotated[str, "the partial derivative, a formula"]
    value: Annotated[Double, "its value at the point"]
    runs: Annotated[bool, "false on a side of an `ifelse` that the point does not take"]


class GraphContent(TypedDict):
    """The computational graph."""

    nodes: Annotated[list[GraphNodeObject], "in the order in which they are computed"]
    edges: Annotated[list[EdgeObject], "from operands to results"]


class StageObject(FunctionHead, OutcomeContent):
    """A stage between the text and its gradient."""

    at: NotRequired[Annotated[ByVariable, "the point, by variable"]]
    f: NotRequired[Annotated[Double, "f at the point"]]
    rewrites: NotRequired[Annotated[list[RewriteObject], "the accuracy rewrites that are in it"]]


class ExpressionObject(StageObject, ExpressionContent):
    """The tree of the text."""

    stage: Annotated[Literal["expression"], "which stage it is"]


class TapeObject(StageObject, TapeContent):
    """The tape, or the gradient tape of a function with loops."""

    stage: Annotated[Literal["tape", "gradient"], "which stage it is"]


class GradientStageObject(StageObject, GradientStageContent):
    """The adjoint program, or the tangent program."""

    stage: Annotated[Literal["gradient"], "which stage it is"]


class SourceObject(StageObject, SourceContent):
    """The Python source."""

    stage: Annotated[Literal["source"], "which stage it is"]


class LlvmObject(StageObject, LlvmContent):
    """The LLVM IR."""

    stage: Annotated[Literal["llvm"], "which stage it is"]


class GraphObject(StageObject, GraphContent):
    """The computational graph."""

    stage: Annotated[Literal["graph"], "which stage it is"]


class UnitsObject(StageObject, UnitsContent):
    """The units of the parameters of a model."""

    stage: Annotated[Literal["units"], "which stage it is"]


class UnitsRow(TypedDict):
    """A parameter of a model."""

    parameter: Annotated[str, "its name"]
    linear: Annotated[str, "`yes` or `no`"]
    units: Annotated[str, "as `y/x^2`, `none`, or `unknown: ` and why"]


class TreeRow(TypedDict):
    """A node of the tree."""

    tree: Annotated[str, "the node, below what it is an operand of"]
    text: Annotated[str, "the text there"]
    columns: Annotated[str, "the characters of the text, counted from 1, as `3-7`"]


class TapeRow(TypedDict):
    """A line of a tape."""

    line: Annotated[str, "the line"]
    value: NotRequired[Annotated[Double, "its value at the point"]]
    text: Annotated[str, "the text that it comes from"]
    columns: Annotated[str, "the characters of the text, counted from 1, as `3-7`"]


_AdjointColumns = TypedDict(
    "_AdjointColumns",
    {
        "forward line": Annotated[str, "the line of the tape"],
        "value": NotRequired[Annotated[Double, "its value at the point"]],
        "adjoint program": Annotated[str, "the line of the adjoint program"],
        "adjoint": NotRequired[Annotated[Double, "its value at the point"]],
        "text": Annotated[str, "the text that they come from"],
    },
)
_TangentColumns = TypedDict(
    "_TangentColumns",
    {
        "forward line": Annotated[str, "the line of the tape"],
        "value": NotRequired[Annotated[Double, "its value at the point"]],
        "tangent program": Annotated[str, "the line of the tangent program"],
        "text": Annotated[str, "the text that they come from"],
    },
)
_EdgeColumns = TypedDict(
    "_EdgeColumns",
    {
        "from": Annotated[str, "the operand"],
        "to": Annotated[str, "the result"],
        "partial": Annotated[str, "the partial derivative, a formula"],
        "value of from": NotRequired[Annotated[Double, "the operand's value at the point"]],
        "its value": NotRequired[Annotated[Double, "the value of the partial derivative"]],
        "adjoint of to": NotRequired[Annotated[Double, "the adjoint of the result"]],
        "share of adjoint": NotRequired[Annotated[Double, "the product of the two"]],
    },
)


class AdjointRow(_AdjointColumns):
    """A line of the adjoint program, beside the line that it belongs to."""


class TangentRow(_TangentColumns):
    """A line of the tangent program, beside the line that it belongs to."""


class SourceRow(TypedDict):
    """A line of the Python source."""

    source: Annotated[str, "the line"]


class LlvmRow(TypedDict):
    """A line of the LLVM IR."""

    llvm: Annotated[str, "the line"]


class EdgeRow(_EdgeColumns):
    """An edge of the computational graph."""


# -- problems, functions -------------------------------------------------------------------------


class MinimumObject(TypedDict):
    """A local minimum."""

    at: Annotated[list[float], "the point"]
    f: Annotated[float, "f there"]
    note: Annotated[str, "for a reader"]


class StationaryObject(TypedDict):
    """A point where the gradient is 0."""

    at: Annotated[list[float], "the point"]
    kind: Annotated[str, "`minimum`, `saddle`, `maximum` or `flat`"]


class ProblemContent(TypedDict):
    """A named function and what is known of it."""

    name: Annotated[str, "its name"]
    expression: Annotated[str, "the function"]
    family: Annotated[str, "the stem of its file's name"]
    title: Annotated[str, "what it is"]
    sizes: Annotated[dict[str, int], "the sizes of its vectors"]
    data: Annotated[dict[str, Any], "the arrays of its data"]
    start: Annotated[list[float], "where one begins; empty where it is not stated"]
    window: Annotated[list[list[float]], "the low and the high end of each component, or empty"]
    minima: Annotated[list[MinimumObject], "its known minima"]
    stationary: Annotated[list[StationaryObject], "other points where the gradient is 0"]
    tags: Annotated[list[str], "its tags"]
    source: Annotated[str, "where it was published"]
    note: Annotated[str, "for a reader"]
    elsewhere: Annotated[list[dict[str, int]], "other sizes for which points are stated"]
    f: Annotated[Double, "the least f of its minima; null where none is known"]


class ProblemObject(Release, OutcomeContent, ProblemContent):
    """A named function."""


class StatedProofObject(TypedDict):
    """The proof that a stated point is what it is said to be."""

    status: Annotated[str, "as of `certify`: `proved`, `unresolved` or `disproved`"]
    message: Annotated[str, "what is missing or wrong, or an empty text"]


class CheckObject(TypedDict):
    """A stated point of a problem, and what was found there."""

    problem: Annotated[str, "the problem's name, with the sizes where they are not its own"]
    kind: Annotated[
        str, "what the point is said to be; `lowest in window` of the lowest minimum in the window"
    ]
    at: Annotated[list[float], "the point"]
    stated: Annotated[Double, "the f that is stated"]
    f: Annotated[Double, "f there"]
    gradient_norm: Annotated[Double, "‖∇f‖∞ there"]
    holds: Annotated[bool, "whether the point is what it is said to be"]
    reason: Annotated[str, "why not, or an empty text"]
    proof: NotRequired[Annotated[StatedProofObject, "its proof, where one was asked for"]]


class TagObject(TypedDict):
    """A tag of problems."""

    tag: Annotated[str, "the tag"]
    problems: Annotated[int, "how many problems have it"]


class FunctionRow(TypedDict):
    """A function of the language."""

    name: Annotated[str, "its name"]
    aliases: Annotated[list[str], "its other names"]
    arguments: Annotated[list[str], "its arguments"]
    variadic: Annotated[bool, "whether it takes any number of them"]
    partials: Annotated[list[str], "∂ by each argument, a formula"]
    singular: Annotated[str, "what is answered at kinks and edges"]
    definition: Annotated[str, "the function in others, or an empty text"]


# The columns of a row that variables give names, or numbers of them: how their names begin.
NAMED_COLUMNS: dict[str, tuple[str, Any]] = {
    "MethodTableRow": ("∂f/∂", Annotated[Double, "the component, of at most 4 variables"]),
    "RaceRow": (r"held\.", Annotated[float | str, "the value of a parameter that varies"]),
    "CertifyRow": (
        "",
        Annotated[str | None, "a variable in the box; `.low` and `.high` of it, and of `f`"],
    ),
    "CostRow": ("n=", Annotated[Double, "the cost of so many variables"]),
    "TangentRow": ("∂/∂", Annotated[Double, "the line's value at the point, by the variable"]),
}
# What is written, by the name of its schema: by a command as json, or as a line of its jsonl.
ANSWERS: dict[str, Any] = {
    "minimize": MinimizeObject,
    "minimize-row": IterateObject,
    "race": RaceObject,
    "race-row": RaceRow,
    "certify": CertifyObject,
    "certify-row": CertifyRow,
    "eval": ValueObject | ValuesObject,
    "eval-row": ValueRow,
    "grad": GradientObject | GradientsObject | FormulasObject,
    "grad-row": GradientRow | FormulaRow,
    "compare": MethodsObject | StepsObject | SizesObject | DepthsObject,
    "compare-row": MethodTableRow | StepRow | CostRow | DepthRow,
    "fit": FitObject,
    "fit-row": ParameterRow,
    "predict": PredictionsObject,
    "predict-row": dict[str, float | str | None],
    "check": JudgementObject,
    "check-row": FindingRow,
    "show": ExpressionObject
    | TapeObject
    | GradientStageObject
    | SourceObject
    | LlvmObject
    | GraphObject
    | UnitsObject,
    "show-row": UnitsRow
    | TreeRow
    | TapeRow
    | AdjointRow
    | TangentRow
    | SourceRow
    | LlvmRow
    | EdgeRow,
    "problems-list": list[ProblemContent],
    "problems-show": ProblemObject,
    "problems-verify": list[CheckObject],
    "problems-tags": list[TagObject],
    "functions": list[FunctionRow],
}
