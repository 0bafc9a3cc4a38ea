"""Our NamedTuple is the one of `typing` in all but the time that it takes to be defined."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import typing
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gdcli.named_tuples import NamedTuple


class Ours(NamedTuple):
    """Two numbers and a list."""

    first: int
    second: float = 2.0
    third: Sequence[str] = []

    @property
    def total(self) -> float:
        return self.first + self.second

    @classmethod
    def of(cls, first: int) -> Ours:
        return cls(first)


class Theirs(typing.NamedTuple):
    """Two numbers and a list."""

    first: int
    second: float = 2.0
    third: Sequence[str] = []

    @property
    def total(self) -> float:
        return self.first + self.second

    @classmethod
    def of(cls, first: int) -> Theirs:
        return cls(first)


def said(action: Callable[[], object]) -> str:
    """What an action gives or raises, without the name of the class."""
    try:
        found = repr(action())
    except (AttributeError, TypeError, ValueError) as error:
        found = f"{type(error).__name__}: {error}"
    return re.sub("Ours|Theirs", "Record", found)


@pytest.mark.parametrize(
    "use",
    [
        lambda kind: kind(1),
        lambda kind: kind(1, third=["a"]),
        lambda kind: kind(first=1, second=3),
        lambda kind: kind(),
        lambda kind: kind(1, 2, 3, 4),
        lambda kind: kind(1, fourth=4),
        lambda kind: kind.of(3).total,
        lambda kind: kind(1)._replace(second=7.0),
        lambda kind: kind(1)._replace(fourth=7.0),
        lambda kind: kind(1)._asdict(),
        lambda kind: kind._make([1, 2, 3]),
        lambda kind: kind._make([1, 2]),
        lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__),
        lambda kind: (kind(1) == (1, 2.0, []), kind(1) < (2,), kind(1)[0], [*kind(1)]),
        lambda kind: hash(kind(1, 2.0, ())) == hash((1, 2.0, ())),
        lambda kind: (type(kind), issubclass(kind, tuple), kind.__doc__, kind.__module__),
        lambda kind: pickle.loads(pickle.dumps(kind(1))),
        lambda kind: copy.deepcopy(kind(1)),
        lambda kind: setattr(kind(1), "first", 2),
        lambda kind: setattr(kind(1), "fourth", 2),
        lambda kind: kind(1).fourth,
        lambda kind: typing.get_type_hints(kind),
        lambda kind: [*inspect.signature(kind, eval_str=True).parameters],
        lambda kind: type("Below", (kind,), {})(1).third,
    ],
)  # fmt: skip
def test_it_does_what_that_of_typing_does(use: Callable[[Any], object]) -> None:
    assert said(lambda: use(Ours)) == said(lambda: use(Theirs))


def test_a_field_without_a_default_behind_one_with_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match="defaults come last"):

        class _Wrong(NamedTuple):
            first: int = 1
            second: int  # type: ignore[misc]


@pytest.mark.parametrize(
    "body", ["_first: int", "first: int\n def __new__(cls): ...", "first: int\n __slots__ = ()"]
)
@pytest.mark.parametrize("kind", [NamedTuple, typing.NamedTuple])
def test_what_is_every_records_own_is_not_redefined(kind: object, body: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)):
        exec(f"class Wrong(NamedTuple):\n {body}", {"NamedTuple": kind, "__name__": __name__})


def test_the_hints_of_a_constructor_are_found_in_its_module() -> None:
    assert typing.get_type_hints(Ours.__new__)["first"] is int
