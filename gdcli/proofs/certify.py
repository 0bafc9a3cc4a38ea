"""Function, and a point or a window → Certificate: the library's `certify`.

Comes in: a function, and what is to be proved of it: that a point is the one stationary point
around it, or where its least value in a window lies; without either that a descent ends at a
minimum. Goes out: a Certificate, true where all that was asked for is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from math import inf, isinf
from time import perf_counter
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.autodiff.primitives import ARITIES
from gdcli.descent.minimize import run_descent
from gdcli.descent.stopping import Outcome, duration
from gdcli.errors import (
    GdcliError,
    PointError,
    Sentence,
    Setting,
    UsageError,
    brief,
    interruption,
    listed,
)
from gdcli.functions.arguments import choice, number, public, whole
from gdcli.functions.bounds import bounds_of
from gdcli.functions.constants import constant
from gdcli.functions.function import Function
from gdcli.functions.short_texts import MOST_SHOWN_COMPONENTS
from gdcli.language.points import name_and_value, read_constant, split_outside_brackets
from gdcli.library.lookup import as_function
from gdcli.named_tuples import NamedTuple
from gdcli.numbers import MOST_DIGITS
from gdcli.proofs.certificate import (
    DISPROVED,
    INTERRUPTED,
    PROVED,
    UNRESOLVED,
    VALUE_CLAIM,
    Certificate,
    nothing_proved,
)

if TYPE_CHECKING:
    from gdcli.descent.iterate import Iterate
    from gdcli.functions.data import DataSources
    from gdcli.functions.function import Coordinates
    from gdcli.functions.resolved import Parameters
    from gdcli.library.lookup import FunctionSource

TOLD_STATUSES = (PROVED, DISPROVED)  # that are told before the message, which tells the others
SINGLE_CLAIMS = (VALUE_CLAIM,)  # that can be asked for alone
OPEN_END_WORDS = ("", "inf", "infinity", "∞")  # of a window that has no end on that side
LIST_SIGNS = ("[", "@")  # which begin the text of a vector's end


class CertifyRequest(NamedTuple):
    """The arguments of `certify` beside the function: what to prove, and how long to try.

    `at` and `start` are points of the function, `window` is what `window_of` takes.
    """

    at: Sequence[float] | None = None
    window: Any = None
    start: Sequence[float] | None = None
    gap: float | None = None
    claim: str | None = None
    digits: int | None = None
    max_boxes: int | None = None
    max_time: Any = None


@public
def certify(
    f: Function | FunctionSource,
    at: Coordinates | str | None = None,
    window: Any = None,
    *,
    start: Coordinates | str | None = None,
    gap: float | None = None,
    claim: str | None = None,
    digits: int | None = None,
    max_boxes: int | None = None,
    max_time: float | str | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    data: DataSources | None = None,
    parameters: Parameters | None = None,
) -> Certificate:
    """A Certificate of a minimum of f, proved by interval arithmetic: `if certify(f, at=[1, 2]):`.

    With `at`, a point of shape (n,), that exactly one stationary point lies in a box around it, and
    of which kind it is. With a `window`, {"x": (-20, 20)}, a (low, high) for each variable in
    order, or a text such as "x=-20:20, y=0:pi", what the least value in it is, to within `gap` (by
    default 1e-9·max(1, |f|)), and in which boxes every global minimizer lies; with both, that the
    global minimizer is that point. With neither f is minimized first, from `start`, and the end is
    certified. `claim="value"` asks for the value alone. `digits` asks for so many digits of the
    points. The work ends without a proof after `max_boxes`, or `max_time` in seconds or as a text
    such as "2m"; KeyboardInterrupt ends it with what is proved so far. The Certificate is true
    where all that was asked for is proved; its intervals have exact ends, as Fractions. Raises
    UsageError or PointError for a request that means nothing.
    """
    function = as_function(f, sizes=sizes, data=data, parameters=parameters)
    point = None if at is None else function.point(at, "at")
    begin = None if start is None else function.point(start, "the start", 0)
    request = CertifyRequest(point, window, begin, gap, claim, digits, max_boxes, max_time)
    return run_certify(function, request)


def run_certify(
    function: Function,
    request: CertifyRequest,
    noun: str = "the window",
    watch: Callable[[Any], object] | None = None,
    on_iterate: Callable[[Iterate], object] | None = None,
) -> Certificate:
    """The Certificate of a request, whose window messages call `noun`.

    `watch` is called with the progress of a search several times a second, `on_iterate` with each
    iterate of a descent. Raises UsageError and PointError for a request that means nothing.
    """
    began = perf_counter()
    at, window, start, gap, claim, digits, max_boxes, seconds = checked(function, request)
    descent = None
    try:
        if window is not None:
            ends = window_of(window, function, noun)
            from gdcli.proofs.window import certify_window

            settings = (gap, claim, digits, max_boxes, seconds, at, watch)
            found = certify_window(function, ends, *settings)
        else:
            from gdcli.proofs.stationary import certify_point

            if at is None:
                follow: Any = {"max_time": seconds, "on_iterate": on_iterate}
                descent = run_descent(function, start, keep=0, **follow)
                at = descent.x
            if descent is not None and descent.exit_status:
                stopped = descent.outcome is Outcome.INTERRUPTED
                message = "not proved, since the descent ended at no minimum: {}"
                why = Sentence(message, descent.message)
                found = nothing_proved(why, INTERRUPTED if stopped else UNRESOLVED)
            else:
                end = "the point given" if descent is None else "the end of the descent"
                deadline = inf if seconds is None else began + seconds
                found = certify_point(function, at, digits, end, deadline)
                kind = found.minimizers[0].kind if found else "minimum"
                if descent is not None and kind != "minimum":
                    wrong = f"{end} is near a {kind}, the only stationary point in the box"
                    found = found._replace(status=DISPROVED, message=wrong)
    except KeyboardInterrupt as interrupt:
        found = nothing_proved(f"{interruption(interrupt)}, nothing is proved", INTERRUPTED)
    said = f"{found.status}: {found.message}" if found.status in TOLD_STATUSES else found.message
    notes = [*found.notes, *(float_ends(window, noun) if isinstance(window, str) else ())]
    if found and digits is not None and found.digits < digits:
        notes.insert(0, f"of the {digits:,} digits asked for {found.digits:,} are proved")
    return found._replace(
        message=said,
        variables=(*function.components,),
        notes=tuple(notes),
        seconds=perf_counter() - began,
        descent=descent,
    )


def checked(function: Function, request: CertifyRequest) -> CertifyRequest:
    """The request with its numbers checked. Raises UsageError where it means nothing."""
    at, window, start, gap, claim, digits, max_boxes, max_time = request
    if not function.components:
        value = function.evaluate([])
        raise UsageError(f"there is nothing to certify: f has no variables, it is {value:.7g}")
    for name in ("at", "window"):
        if start is not None and getattr(request, name) is not None:
            message = "{} is where a descent begins; with {} there is none"
            raise UsageError(Sentence(message, Setting("start"), Setting(name)))
    for name in ("gap", "claim", "max_boxes"):
        if window is None and getattr(request, name) is not None:
            example = Setting("window", example_window(function))
            raise UsageError(Sentence("{} goes with {}", Setting(name), example))
    if gap is not None:
        gap = number(gap, "gap", "a positive number", lambda most: most > 0.0)
    if claim is not None:
        choice(claim, "claim", SINGLE_CLAIMS)
    if digits is not None:
        digits = whole(digits, "digits", 1, MOST_DIGITS)
    if max_boxes is not None:
        max_boxes = whole(max_boxes, "max_boxes", 1)
    if max_time is not None:
        max_time = duration(max_time, "max_time")
    return CertifyRequest(at, window, start, gap, claim, digits, max_boxes, max_time)


def window_of(given: Any, function: Function, noun: str) -> list[tuple[float, float]]:
    """The (low, high) of each component that a window gives, both finite; messages call it `noun`.

    Where a text names no variables it has one stretch for each, in order.
    """
    example = Setting("window", example_window(function))
    if isinstance(given, str):
        given = _with_names(given, function, noun, example)
    try:
        low, high = bounds_of(given, function, noun)
    except GdcliError as error:
        raise type(error)(_of_a_window(error.message), error.text, error.span) from None
    for name, *ends in zip(function.components, low, high, strict=True):
        if isinf(ends[0]) or isinf(ends[1]):
            raise PointError(Sentence("{} has not both ends of {}; write {}", noun, name, example))
        if isinf(ends[1] - ends[0]):
            raise PointError(f"{noun} for {name}: it is wider than the largest float")
        if ends[0] == ends[1]:
            hold = Setting("parameters", repr(ends[0]).removesuffix(".0"), (name,))
            message = "{} for {}: the ends differ; {} holds it at a value"
            raise PointError(Sentence(message, noun, name, hold))
    return [*zip(low, high, strict=True)]


def _of_a_window(part: Any) -> Any:
    """The part of a message about bounds in the words of a window."""
    if isinstance(part, Setting) and part.name == "bounds":
        return part._replace(name="window")
    if isinstance(part, Sentence):
        return Sentence(part.template, *map(_of_a_window, part.parts))
    return part


def _with_names(text: str, function: Function, noun: str, example: Setting) -> str:
    """The text of a window with the names of the variables before its stretches."""
    pieces = split_outside_brackets(text, ",")
    named = [*map(name_and_value, pieces)]
    variables = next(
        (names for names in (function.variables, function.components) if len(names) == len(pieces)),
        (),
    )
    if variables and not any(name for name, _ in named):
        named = [(name, value) for name, (_, value) in zip(variables, named, strict=True)]
    for (name, value), piece in zip(named, pieces, strict=True):
        ends = split_outside_brackets(value, ":")
        if not name or len(ends) != 2:
            message = "{} takes a name and its two ends, {}, not `{}`"
            raise PointError(Sentence(message, noun, example, brief(piece)))
        for end, word in zip(ends, ("low", "high"), strict=True):
            if end.lstrip("+-").lower() in OPEN_END_WORDS:
                message = "{} for {} has no {} end, and nothing is proved without one; write {}"
                raise PointError(Sentence(message, noun, brief(name), word, example))
    return ",".join(f"{name}={value}" for name, value in named)


def example_window(function: Function) -> str:
    """A window as it is written: that of the function's problem, else -5:5 for each variable."""
    problem = function.problem
    if problem is None or not problem.window:
        names: Sequence[str] = function.variables
        return ",".join(f"{name}=-5:5" for name in names[:MOST_SHOWN_COMPONENTS])
    texts = [":".join(repr(end).removesuffix(".0") for end in one) for one in problem.window]
    by_variable = function.layout.split(texts)
    if all(text == texts[0] for text in texts):
        by_variable = dict.fromkeys(function.variables, texts[0])
    elif function.layout.has_arrays:
        by_variable = dict(zip(function.components, texts, strict=True))
    return ",".join(f"{name}={text}" for name, text in by_variable.items())


def float_ends(text: str, noun: str) -> tuple[str, ...]:
    """The sentence that tells which ends of a window are floats beside the numbers of the text."""
    told: dict[str, float] = {}
    for piece in split_outside_brackets(text, ","):
        for end in split_outside_brackets(name_and_value(piece)[1], ":"):
            if end[:1] not in LIST_SIGNS:
                value = constant(read_constant(end, ARITIES, noun), noun)
                if _rational(end) != value:
                    told[end] = value
    pairs = [f"{end} is {Decimal(value):.20g}" for end, value in told.items()]
    return (f"the ends of the window are floats: {listed(pairs)}",) if pairs else ()


def _rational(text: str) -> Fraction | None:
    """The number of a plain decimal or fraction, None for another text."""
    with suppress(ValueError, ZeroDivisionError):
        return Fraction(text)
    return None
