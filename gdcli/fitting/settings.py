"""Settings of a fit, as a person gives them, by component of the parameters: start and bounds.

Comes in: a text such as `a=1, b=0:` or a mapping, and the RegressionModel. Goes out: numbers by
place in the flat parameters. UsageError or PointError says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, SupportsIndex

from gdcli.autodiff.primitives import ARITIES
from gdcli.descent.box import Box
from gdcli.descent.stopping import duration
from gdcli.errors import (
    PointError,
    Sentence,
    Setting,
    SettingFormatter,
    UsageError,
    as_argument,
    brief,
    listed,
)
from gdcli.fitting.observations import MISSING
from gdcli.functions.arguments import choice, number, text, whole, wrong
from gdcli.functions.bounds import bounds_of
from gdcli.functions.constants import constant
from gdcli.functions.doubles import double, doubles
from gdcli.functions.layout import by_name
from gdcli.functions.resolved import mapping, whole_sizes
from gdcli.language.points import (
    name_and_value,
    pieces_of,
    read_constant,
    split_outside_brackets,
    within_brackets,
)
from gdcli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from gdcli.fitting.model import RegressionModel
    from gdcli.functions.resolved import Parameters

AUTO_START = "auto"
FIT_METHODS = ("auto", "lm", "newton")
INTERVALS = ("wald", "profile")


class FitRequest(NamedTuple):
    """The settings of a fit, each as `gdcli.fit` takes it.

    `where` has one condition or several. `format_setting` writes the names of settings as the
    person who gave them knows them.
    """

    sigma: Any = None
    weights: Any = None
    where: str | Sequence[str] = ()
    columns: Mapping[str, str] | None = None
    missing: str = "error"
    loss: str = "squared"
    l2: Any = None
    start: Any = None
    digits: int | None = None
    max_evaluations: int | None = None
    max_iterations: int | None = None
    parameters: Parameters | None = None
    sizes: Mapping[str, SupportsIndex] | None = None
    bounds: Any = None
    method: str = "auto"
    derive: Any = ()
    level: float = 0.95
    intervals: str = "wald"
    max_time: float | str | None = None
    seed: int = 0
    format_setting: SettingFormatter = as_argument

    def checked(self) -> FitRequest:
        """The request with numbers as Python's own. Raises UsageError for what means nothing."""
        choice(self.method, "method", FIT_METHODS)
        choice(self.intervals, "intervals", INTERVALS)
        choice(self.missing, "missing", MISSING)
        if self.sigma is not None and self.weights is not None:
            message = (
                "{} and {} exclude each other: standard deviations are absolute, weights are not"
            )
            raise UsageError(Sentence(message, Setting("sigma"), Setting("weights")))
        least = {"digits": 1, "max_evaluations": 1, "max_iterations": 0}
        counts: dict[str, Any] = {
            name: None if given is None else whole(given, name, one)
            for name, one in least.items()
            for given in [getattr(self, name)]
        }
        seconds = None if self.max_time is None else duration(self.max_time, "max_time")
        level = confidence_level(self.level)
        for name in ("sigma", "weights"):
            if getattr(self, name) is not None and not isinstance(getattr(self, name), str):
                raise wrong(
                    name, "the name of a column, which is one of the data", getattr(self, name)
                )
        columns = mapping(self.columns, "columns")
        for heading in columns.values():
            text(heading, "columns", "the heading of a column by name")
        derive = self.derive if isinstance(self.derive, Mapping) else _texts(self.derive, "derive")
        for formula in derive.values() if isinstance(derive, Mapping) else ():
            text(formula, "derive", "formulas by name")
        return self._replace(
            max_time=seconds,
            level=level,
            where=_texts(self.where, "where"),
            columns=columns or None,
            sizes=whole_sizes(self.sizes),
            derive=derive,
            seed=whole(self.seed, "seed", 0),
            **counts,
        )

    def noun(self, setting: str) -> str:
        """The name of a setting in messages."""
        return self.format_setting(Setting(setting))


def _texts(given: Any, argument: str) -> tuple[str, ...]:
    """The texts that are given, one or several. Raises UsageError for anything else."""
    several = [given] if isinstance(given, str) else given
    if not isinstance(several, list | tuple):
        raise wrong(argument, "a text, or a list of texts", given)
    return tuple(text(one, argument, "a text, or a list of texts") for one in several)


def confidence_level(given: Any) -> float:
    """The level of intervals, a number between 0 and 1. Raises UsageError."""
    return number(given, "level", "a number between 0 and 1", lambda p: 0.0 < p < 1.0)


def given_start(start: Any, model: RegressionModel, noun: str, seed: int) -> dict[int, float]:
    """The numbers at which parameters begin, by place; none where `start` is None or `auto`.

    A start by name may leave parameters out; one in order has a number for each. Raises PointError,
    which calls a text `noun`.
    """
    if start is None or (isinstance(start, str) and start.strip() == AUTO_START):
        return {}
    if isinstance(start, str):
        from gdcli.functions.points import read_entries, read_floats

        pieces = [name_and_value(piece)[0] for piece in pieces_of(within_brackets(start))]
        about = (start, model.layout, model.sizes, noun, seed)
        if not any(pieces):
            return dict(enumerate(read_floats(*about)))
        _refuse_unknown([name for name in pieces if name], model, "start")
        return _finite(read_entries(*about), model)
    named = by_name(start)
    if not named:
        numbers = doubles(start, noun).ravel().tolist()
        if len(numbers) != len(model.components):
            message = "{} has {} numbers; the parameters are {}"
            raise PointError(
                Sentence(message, Setting("start"), len(numbers), listed(model.components))
            )
        return _finite(dict(enumerate(numbers)), model)
    _refuse_unknown([*named], model, "start")
    if any(isinstance(one, str) for one in named.values()):
        from gdcli.functions.points import with_texts_read

        named = with_texts_read(named, model.layout, model.sizes, noun, seed)
    found: dict[int, float] = {}
    for name, value in named.items():
        if name in model.layout.shapes:
            part = doubles(value, f"{noun} for {name}").ravel().tolist()
            count = sum(one.partition("[")[0] == name for one in model.components)
            if len(part) != count:
                message = "{} for {} has {} numbers, not {}"
                raise PointError(Sentence(message, Setting("start"), name, len(part), count))
            found.update(enumerate(part, model.layout.offsets[name]))
        else:
            found[model.components.index(name)] = double(value, f"{noun} for {name}")
    return _finite(found, model)


def given_box(bounds: Any, model: RegressionModel, noun: str) -> Box | None:
    """The bounds of the parameters, None where none are given; raises PointError, which calls them
    `noun`.
    """
    if bounds is None:
        return None
    if isinstance(bounds, str):
        pieces = [name_and_value(piece)[0] for piece in split_outside_brackets(bounds, ",")]
        _refuse_unknown([name for name in pieces if name], model, "bounds")
    elif named := by_name(bounds):
        _refuse_unknown([*named], model, "bounds")
    low, high = bounds_of(bounds, model, noun)
    return Box(low, high)


def bounded(box: Box | None, model: RegressionModel) -> set[str]:
    """The names of the parameters that have a bound."""
    if box is None:
        return set()
    ends = zip(model.components, box.low, box.high, strict=True)
    return {name.partition("[")[0] for name, low, high in ends if (low, high) != (-inf, inf)}


def refuse_start_outside(start: Mapping[int, float], box: Box | None, names: Sequence[str]) -> None:
    """Raise PointError for a start that lies outside the bounds."""
    ends = (-inf, inf)
    for place, value in start.items():
        low, high = ends if box is None else (box.low[place], box.high[place])
        if not low <= value <= high:
            message = "{}: {} = {:.7g} lies outside its bound {:.7g}:{:.7g}"
            raise PointError(Sentence(message, Setting("start"), names[place], value, low, high))


def _refuse_unknown(names: Sequence[str], model: RegressionModel, argument: str) -> None:
    """Raise PointError for a name that is no parameter of the model."""
    for name in names:
        if name not in model.components and name.partition("[")[0] not in model.variables:
            held = name in model.right.held
            column = name in (*model.columns, *model.left.variables)
            what = "is held" if held else "is a column" if column else "is no parameter"
            message = "{}: `{}` {}; the parameters are {}"
            parts = Setting(argument), brief(name), what, listed(model.components)
            raise PointError(Sentence(message, *parts))


def _finite(found: dict[int, float], model: RegressionModel) -> dict[int, float]:
    for place, value in found.items():
        if not isfinite(value):
            message = "{}: {} is no finite number"
            raise PointError(Sentence(message, Setting("start"), model.components[place]))
    return found


def given_penalty(l2: Any, model: RegressionModel, noun: str) -> list[float]:
    """The λ of each of the p parameters, by which λθ²/2 is added to the mean loss; [] if none is.

    A λ of a vector is that of each of its entries. Raises UsageError, which calls them `noun`.
    """
    named = by_name(l2)
    if l2 is not None and not named:
        example = Setting("l2", "0.1", (model.components[0],))
        raise UsageError(Sentence("{} is given by the names of parameters: {}", noun, example))
    _refuse_unknown([*named], model, "l2")
    found = [0.0] * model.layout.size
    for name, value in named.items():
        place = f"{noun} of {name}"
        text = isinstance(value, str)
        weight = (
            constant(read_constant(value, ARITIES, place), place) if text else double(value, place)
        )
        if not 0.0 <= weight < inf:
            raise UsageError(Sentence("{}: a penalty is positive or 0, not {:.7g}", place, weight))
        for entry, component in enumerate(model.components):
            if name in (component, component.partition("[")[0]):
                found[entry] += weight
    return found if any(found) else []
