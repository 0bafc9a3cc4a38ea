"""Chosen fields of an answer, a line of them, as they stand in its JSON.

A field is the name of a column of csv, or keys of the JSON with dots between them, as in
`evaluations.gradient` and `tests.0.value`. Comes in: the names. Goes out: Writers that take the
fields out of what the formats json and jsonl write. A TAB stands between fields, a blank between
the entries of a vector, and `null` for what is missing. The JSON Schema of an answer says before
the work which fields there are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdcli.errors import UsageError, brief, listed
from gdcli.report.formats import PRINTED, Writers
from gdcli.report.formats import json as whole
from gdcli.report.formats import jsonl as rows
from gdcli.report.number_format import plain
from gdcli.report.transliteration import transliterated

if TYPE_CHECKING:
    from gdcli.functions.layout import Layout
    from gdcli.report.view import GradView, Screen

# A variable with one of these names is `x.f`, as in csv; the bare name is a field of the answer.
OWN_FIELDS = (
    *("k", "f", "gradient_norm", "alpha", "length", "slope", "derivative"),
    *("gdcli", "schema", "expression", "status", "message", "point"),
)
POINT_KEYS = ("x", "at")  # of a point, in one or the other answer
COMPONENT = re.compile(r"(\w+)(?:\[(\d+(?:,\d+)*)\])?")  # a variable, or an entry of an array
LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
LISTED_DEPTH = 4  # keys and indices of a field that a message names, at most

Steps = tuple[str, ...]  # the keys and indices that lead to a field
Schema = dict[str, Any]


class Answers:
    """The answers that a schema of `schemas/` describes; `layout` is that of their points.

    `note` is told of a name that is a field of every answer and a variable's too.
    """

    def __init__(self, name: str, layout: Layout | None, note: Callable[[str], object]) -> None:
        file = Path(__file__).with_name("schemas") / f"{name}.schema.json"
        self.schema: Schema = json.loads(file.read_text(encoding="utf-8"))
        self.layout, self.note = layout, note

    def steps(self, field: str) -> Steps:
        """The way to a field. Raises UsageError where no answer has it, or where it has parts."""
        for steps in self._ways(field):
            found = self._found(steps)
            parts = dict.fromkeys(part for end in found for part in self._fields(end, field))
            if parts and [*parts] != [field]:
                raise UsageError(f"`{field}` has parts: {', '.join(parts)}")
            if found:
                if field in OWN_FIELDS and len(steps) == 1 and self._is_component(field):
                    self.note(f"`{field}` is a field of the answer; the variable is x.{field}")
                return steps
        from gdcli.language.suggest import closest

        known = dict.fromkeys(one for answer in self._lines() for one in self._fields(answer))
        near = closest(field, known)
        hint = f"; did you mean {near[0]}?" if near else ""
        pointed = any(self._found((key,)) for key in POINT_KEYS)
        names = [listed(self.layout.components), "point"] if self.layout and pointed else []
        fields = ", ".join([*names, *(one for one in known if not self._is_component(one))])
        raise UsageError(f"there is no field `{brief(field)}`{hint}\nthe fields are {fields}")

    def _ways(self, field: str) -> Iterator[Steps]:
        """The ways that a name may mean: a column of csv first, then the keys of the JSON."""
        if field == "k":
            yield ("iterate",)
        elif field in OWN_FIELDS:
            yield (field,)
        if field == "point":
            yield from ((point,) for point in POINT_KEYS)
        name = field[2:] if field.startswith("x.") and field[2:] in OWN_FIELDS else field
        if self._is_component(name):
            yield from ((point, name) for point in POINT_KEYS)
        if field.startswith("df/d") and self._is_component(field[4:]):
            yield "gradient", field[4:]
        if field.startswith("d2f/d") and self.layout is not None:
            names = [*self.layout.components]
            for row, one in enumerate(names):
                prefix = f"d2f/d{one}d"
                if field.startswith(prefix) and (other := field.removeprefix(prefix)) in names:
                    yield "hessian", str(row), str(names.index(other))
        yield tuple(field.split("."))

    def _found(self, steps: Steps) -> list[Schema]:
        """The schemas of where the steps lead in the answers, none where they lead nowhere."""
        return [end for answer in self._lines() for end in self._ends(answer, steps)]

    def _is_component(self, name: str) -> bool:
        """Whether it names a variable, or an entry of one that is an array."""
        match = COMPONENT.fullmatch(name)
        if match is None or self.layout is None or match[1] not in self.layout.variables:
            return False
        shape = self.layout.shapes.get(match[1], ())
        places = [int(place) for place in match[2].split(",")] if match[2] else shape
        return len(places) == len(shape) and all(
            1 <= place <= length for place, length in zip(places, shape, strict=True)
        )

    def _lines(self) -> Iterator[Schema]:
        """The schemas of what is printed as a line: an answer, or one of a list or of points."""
        for answer in self._options(self.schema):
            many = answer.get("items") or answer["properties"].get("points", {}).get("items")
            yield from self._options(many) if many else [answer]

    def _options(self, schema: Schema) -> Iterator[Schema]:
        """The schemas that one refers to or chooses from, itself where it does not."""
        if "$ref" in schema:
            yield from self._options(self.schema["$defs"][schema["$ref"].rpartition("/")[2]])
        elif "anyOf" in schema:
            for option in schema["anyOf"]:
                yield from self._options(option)
        else:
            yield schema

    def _ends(self, schema: Schema, steps: Sequence[str]) -> Iterator[Schema]:
        """The schemas of where the steps lead within one."""
        if not steps or not schema:
            yield schema
            return
        step, *others = steps
        inner = schema.get("properties", {}).get(step)
        if "additionalProperties" in schema:
            inner = schema["additionalProperties"]
            if inner == {"$ref": "#/$defs/Component"} and not self._is_component(step):
                return
        elif "items" in schema and step.isdecimal():
            inner = schema["items"]
        if inner is not None:
            for option in self._options(inner):
                yield from self._ends(option, others)

    def _fields(self, schema: Schema, before: str = "", depth: int = 0) -> Iterator[str]:
        """The names of the fields in an answer, without those that lie deep in it."""
        parts = schema.get("properties", {})
        if "items" in schema and any("properties" in o for o in self._options(schema["items"])):
            parts = {"0": schema["items"]}
        if not parts and schema != {"type": "null"}:
            yield before
        for key, inner in parts.items() if depth < LISTED_DEPTH else ():
            for option in self._options(inner):
                yield from self._fields(option, f"{before}.{key}" if before else key, depth + 1)


# -- out of the text -----------------------------------------------------------------------------


def writers(fields: Sequence[Steps]) -> Writers:
    """The writers of the fields, for all results that PRINTED offers."""
    return Writers(**{kind: _writer(kind, fields) for kind in PRINTED.offers})


def _writer(kind: str, fields: Sequence[Steps]) -> Callable[..., Any]:
    write = getattr(whole.WRITERS, kind)
    if isinstance(write, type):  # which joins the points of many, where jsonl has them apart
        return lambda view: FieldRows(view, getattr(rows.WRITERS, kind)(view), fields)

    def lines(*subject: Any) -> str:
        screen = getattr(subject[-1], "screen", subject[-1])
        found = [json.loads(text) for text in write(*subject).splitlines()]
        answers = found[0] if isinstance(found[0], list) else found
        return "".join(line(answer, fields, screen) for answer in answers)

    return lines


class FieldRows:
    """A writer of the fields at many points, a line each."""

    def __init__(self, view: GradView, objects: Any, fields: Sequence[Steps]) -> None:
        self._objects, self._fields, self._screen = objects, fields, view.screen
        self._head = whole.head(view)

    def row(self, number: int, answer: Any) -> str:
        found = json.loads(self._objects.row(number, answer))
        return line({**self._head, **found}, self._fields, self._screen)

    def end(self, *_: object) -> str:
        return ""


def line(answer: Any, fields: Sequence[Steps], screen: Screen) -> str:
    text = "\t".join(" ".join(_words(_value(answer, steps))) for steps in fields) + "\n"
    return transliterated(text) if screen.ascii else text


def _value(found: Any, steps: Steps) -> Any:
    """The value that the steps lead to, None where it is missing."""
    for step in steps:
        if isinstance(found, list):
            found = found[int(step)] if step.isdecimal() and int(step) < len(found) else None
        elif isinstance(found, dict) and step not in found and (array := COMPONENT.fullmatch(step)):
            found = found.get(array[1])  # an entry, as in x[2,3]
            for place in array[2].split(",") if array[2] and found is not None else ():
                found = found[int(place) - 1]
        else:
            found = found.get(step) if isinstance(found, dict) else None
    return found


def _words(value: Any) -> Iterator[str]:
    """The texts of a value, of a vector one for each entry."""
    if isinstance(value, (list, dict)):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _words(entry)
    elif isinstance(value, str):
        yield LINE_BREAKS.sub(" ", value)
    elif isinstance(value, float):
        yield plain(value)
    else:
        yield json.dumps(value)  # null, true, false or a whole number
