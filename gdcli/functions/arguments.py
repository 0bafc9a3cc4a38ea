"""Arguments: the numbers, texts, choices and flags that a person gives the library, each checked.

Comes in: any object, and the name of the argument it was given for. Goes out: a value of Python's
own type; or a UsageError with the argument, what it takes, and what was given. NumPy's numbers are
numbers as Python's are; True and False are none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial, wraps
from math import inf, isfinite
from typing import Any, ParamSpec, TypeVar

from gdcli.errors import PointError, Sentence, Setting, UsageError, brief, count_of, listed
from gdcli.functions.doubles import double
from gdcli.language.lexer import normalised

Given = ParamSpec("Given")
Returned = TypeVar("Returned")
Made = TypeVar("Made")

# What other libraries call our arguments.
FOREIGN_ARGUMENTS = {
    **dict.fromkeys(("x0", "x", "p0", "guess", "point", "initial", "init"), "start"),
    **dict.fromkeys(("lr", "learning_rate", "step_size", "gamma", "eta"), "alpha"),
    **dict.fromkeys(("tol", "gtol", "eps", "epsilon"), "tolerance"),
    **dict.fromkeys(("maxiter", "max_iter", "iterations", "steps"), "max_iterations"),
    **dict.fromkeys(("maxfev", "maxfun", "max_eval"), "max_evaluations"),
    **dict.fromkeys(("timeout", "time_limit", "max_seconds", "maxtime"), "max_time"),
    **dict.fromkeys(("random_state", "random_seed", "rng"), "seed"),
    **dict.fromkeys(("ftol", "xtol", "stop", "stopval", "target"), "stop_when"),
    **dict.fromkeys(("optimizer", "solver", "algorithm"), "method"),
    **{"maximise": "maximize", "bound": "bounds", "box": "bounds"},
    **{"jac": "gradient", "grad": "gradient", "hess": "hessian", "hessp": "hessian_product"},
    **{"callback": "on_iterate", "params": "parameters", "args": "parameters", "h": "step"},
}
CO_VARKEYWORDS = 8  # of `inspect`, which takes long to import: the function has `**settings`
BOOLEAN_TYPES = ("bool", "bool_")  # by name, for NumPy's is not imported here


def wrong(argument: str, wanted: str, given: object) -> UsageError:
    """The error for a value that the argument does not take, with what it takes."""
    return UsageError(Sentence("{} takes {}, not {}", Setting(argument), wanted, shown(given)))


def shown(value: object) -> str:
    """The value as a message shows it, on one line; its type where it has no short text."""
    try:
        return brief(repr(value))
    except Exception:  # a number of thousands of digits, or a class whose repr fails
        return f"an object of the type {brief(type(value).__name__)}"


def key_name(key: object) -> str:
    """The name that a key of a dict or the heading of a column stands for."""
    try:
        return normalised(str(key))
    except Exception:  # of a class whose text fails
        return shown(key)


def is_boolean(value: object) -> bool:
    """Whether the value is True or False, Python's or NumPy's."""
    return type(value).__name__ in BOOLEAN_TYPES


def has_length(value: Any) -> bool:
    """Whether the value has a length: a class and an array without axes have none."""
    try:
        len(value)
    except TypeError:
        return False
    return True


def entries(value: Any) -> list[Any]:
    """The values that the value can be iterated over; none of a class or an array without axes."""
    try:
        iterator = iter(value)
    except TypeError:
        return []
    return [*iterator]


def flag(value: Any, argument: str) -> bool:
    """True or False."""
    if not is_boolean(value):
        raise wrong(argument, "True or False", value)
    return bool(value)


def number(
    value: Any,
    argument: str,
    wanted: str = "a finite number",
    fits: Callable[[float], bool] = isfinite,
) -> float:
    """The finite float that `fits`; `wanted` says in a message what does."""
    if not is_boolean(value):
        with suppress(PointError):
            found = double(value, argument)
            if isfinite(found) and fits(found):
                return found
    raise wrong(argument, wanted, value)


def whole(value: Any, argument: str, least: int, most: float = inf) -> int:
    """The whole number from `least` to `most`; a float such as 1e4 may stand for one."""
    limits = f"of at least {least}" if most == inf else f"from {least} to {most:,}"
    fits: Callable[[float], bool] = lambda n: least <= n <= most and n.is_integer()  # noqa: E731
    return int(number(value, argument, f"a whole number {limits}", fits))


def text(value: Any, argument: str, wanted: str = "a text") -> str:
    """The text."""
    if not isinstance(value, str):
        raise wrong(argument, wanted, value)
    return value


def choice(value: Any, argument: str, allowed: Collection[str]) -> str:
    """The one of the `allowed` texts that is given."""
    if not isinstance(value, str) or value not in allowed:
        raise wrong(argument, either([f'"{one}"' for one in allowed]), value)
    return value


def public(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """The function, which raises UsageError where it is called with arguments it does not have."""
    return _refusing(function, partial(_wrong_call, function))


def made_by(maker: str) -> Callable[[type[Made]], type[Made]]:
    """The decorator of a class that users meet and do not call: a wrong call names the `maker`."""

    def decorate(kind: type[Made]) -> type[Made]:
        message = f"a {kind.__name__} is not made by hand; {maker} returns one"
        name = "__init__" if "__init__" in vars(kind) else "__new__"  # which a NamedTuple has
        setattr(kind, name, _refusing(getattr(kind, name), lambda *_: message))
        return kind

    return decorate


def _refusing(
    function: Callable[Given, Returned], wrong_call: Callable[[TypeError, int, Any], str]
) -> Callable[Given, Returned]:
    """The function, which raises UsageError with the sentence where the call of it is wrong."""

    @wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if _happened_within(error):
                raise
            raise UsageError(wrong_call(error, len(args), kwargs)) from None

    return call


def called(function: Callable[..., Any], argument: str, *given: Any) -> Any:
    """What a function of the user's answers; raises UsageError where it does not take `given`."""
    try:
        return function(*given)
    except TypeError as error:
        if _happened_within(error):
            raise
        takes = f"a function that can be called with {listed([shown(one) for one in given])}"
        raise wrong(argument, takes, function) from None


def _happened_within(error: TypeError) -> bool:
    """Whether the function had begun to run, so that the call itself was right."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is not None


def _wrong_call(
    function: Callable[..., Any], error: TypeError, count: int, given: Collection[str]
) -> str:
    from gdcli.language.suggest import closest

    code: Any = getattr(function, "__code__", None)
    name = function.__qualname__.removesuffix(".__init__")
    places = code.co_varnames[: code.co_argcount]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    names = listed([one for one in known if one != "self"])
    there = f"there are {names}" if names else "it takes none"
    if count > len(places):
        bound = places[:1] == ("self",)
        most = count_of(len(places) - bound, "argument")
        return f"{name} takes at most {most} by position, not {count - bound}; {there}"
    unknown = next((argument for argument in given if argument not in known), None)
    if unknown is None or code.co_flags & CO_VARKEYWORDS:
        return f"{name}: {str(error).partition('() ')[2]}"
    edits = min(2, len(unknown) // 3)
    near = [FOREIGN_ARGUMENTS.get(unknown, ""), *closest(unknown, known, most=edits)]
    advice = next((f"did you mean {one}?" for one in near if one in known), "")
    return f"{name} has no argument {brief(unknown)}; {advice or there}"


def either(names: Sequence[str]) -> str:
    """The names as a choice: `"auto", "python" or "native"`."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
