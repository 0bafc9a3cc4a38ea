"""`NamedTuple`: what `typing.NamedTuple` makes, in a tenth of its time.

The one of `typing` compiles each annotation and each constructor, which for the records of a short
run is an eighth of the whole process. Here annotations stay text, and records of as many fields
share the code of their constructor.
"""

from __future__ import annotations

import sys
from collections import _tuplegetter  # type: ignore[attr-defined]
from functools import cache
from types import CellType, CodeType, FunctionType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
    from typing import Self


class TupleOfFields(tuple[Any, ...]):
    """The methods of every NamedTuple."""

    __slots__ = ()
    _fields = cast("tuple[str, ...]", ())  # an annotation would be one of every record

    @classmethod
    def _make(cls, values: Any) -> Self:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changed: Any) -> Self:
        made = self._make(map(changed.pop, self._fields, self))
        if changed:
            error = TypeError if sys.version_info >= (3, 13) else ValueError
            raise error(f"Got unexpected field names: {[*changed]!r}")
        return made

    def _asdict(self) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self))  # noqa: B905 - as a tuple shows what it has
        return f"{type(self).__name__}({fields})"

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    __replace__ = _replace  # copy.replace of Python 3.13


class NamedTupleType(type):
    """The type of `NamedTuple` itself, whose subclasses are made tuples of fields."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        fields = tuple(namespace.get("__annotations__", ()))
        given = {field: namespace[field] for field in fields if field in namespace}
        if bases != (NamedTuple,) or [*given] != [*fields[len(fields) - len(given) :]]:
            raise TypeError(f"{name}: NamedTuple is the one base, fields with defaults come last")
        code = _constructor(len(fields)).replace(co_varnames=("_cls", *fields))
        module = sys._getframe(1).f_globals  # in which the names of the annotations are looked up
        defaults, closure = tuple(given.values()), (CellType(tuple.__new__),)
        new = FunctionType(code, module, "__new__", defaults, closure)
        new.__qualname__ = f"{name}.__new__"
        new.__module__ = namespace["__module__"]
        new.__annotations__ = namespace.get("__annotations__", {})
        getters = {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
        own = {
            "__slots__": (),
            "__match_args__": fields,
            "__new__": new,
            "_fields": fields,
            "_field_defaults": given,
        }
        if own.keys() & namespace.keys() or any(field[0] == "_" for field in fields):
            raise TypeError(
                f"{name}: these are made here: {', '.join(own)}; no field begins with _"
            )
        return type(name, (TupleOfFields,), namespace | getters | own)


@cache
def _constructor(count: int) -> CodeType:
    """The code of `__new__` of a tuple of so many fields, whose names are to be replaced."""
    fields = "".join(f"field{place}, " for place in range(count))
    maker = eval(f"lambda new: lambda cls, {fields}: new(cls, ({fields}))")
    function: FunctionType = maker(tuple.__new__)
    return function.__code__


if not TYPE_CHECKING:
    NamedTuple = type.__new__(NamedTupleType, "NamedTuple", (), {})
