"""Chosen fields of an answer, a line of them, as they stand in its JSON.

A field is the name of a column of csv, or keys of the JSON with dots between them, as in
`evaluations.gradient` and `tests.0.value`. Comes in: the names. Goes out: Writers that take the
fields out of what the formats json and jsonl write. A TAB stands between fields, a blank between
the entries of a vector, and `null` for what is missing. The JSON Schema of an answer says before
the work which fields there are; only the columns of a listing are known when it is made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, UsageError, brief, listed
from gdcli.language.semantics.roles import NO_ENTRIES
from gdcli.report.formats import PRINTED, PointWriter, Writers
from gdcli.report.formats import json as whole
from gdcli.report.formats import jsonl as rows
from gdcli.report.number_format import is_array, plain
from gdcli.report.transliteration import transliterated

if TYPE_CHECKING:
    from gdcli.functions.function import Function
    from gdcli.report.formats import Text
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, Screen

# A variable with one of these names is `x.f`, as in csv; the bare name is a field of the answer.
OWN_FIELDS = (
    *("k", "f", "gradient_norm", "alpha", "length", "slope", "derivative"),
    *("gdcli", "schema", "expression", "status", "message", "point"),
)
POINT_KEYS = ("x", "at")  # of a point, in one or the other answer
# The setting that asks for what an answer has only where it is asked for, by its first key.
ASKING_SETTINGS = {
    **dict.fromkeys(("along", "slope", "derivative", "directions"), Setting("along")),
    **{"hessian": Setting("hessian"), "symbolic": Setting("symbolic")},
    **dict.fromkeys(("trace", "trace_dropped"), Setting("keep")),
    **dict.fromkeys(("at", "f", "value"), Setting("at")),
}
ROW = ""  # the key that leads to the row of a listing, whose keys are its columns
COMPONENT = re.compile(r"(\w+)(?:\[(\d+(?:,\d+)*)\])?")  # a variable, or an entry of an array
LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
# The objects of the answers that may hold arrays, which are not read back from their text.
ANSWER_OBJECTS: Mapping[str, Callable[..., object]] = {
    "minimize": whole.minimize_object,
    "grad": whole.gradient_object,
    "value": whole.value_object,
}
LISTED_DEPTH = 4  # keys and indices of a field that a message names, at most

Steps = tuple[str, ...]  # the keys and indices that lead to a field
Schema = dict[str, Any]


class Answers:
    """The answers that a schema of `schemas/` describes, about a function.

    `columns` are those of a listing, and `keys` those of its answer. `asked` has what was given for
    the settings that ask for more. `note` is told of a name that is a field of every answer and a
    variable's too, and of what was not asked for. `values` leads to the numbers that have a name of
    their own in an answer, as the parameters of a fit have.
    """

    def __init__(
        self,
        name: str,
        function: Function | None,
        note: Callable[[str], object],
        asked: Mapping[str, object],
        columns: Sequence[str] = (),
        keys: Collection[str] | None = None,
        values: Mapping[str, Steps] = NO_ENTRIES,
    ) -> None:
        file = Path(__file__).with_name("schemas") / f"{name}.schema.json"
        self.schema: Schema = json.loads(file.read_text(encoding="utf-8"))
        self.layout = function.layout if function else None
        self.held = function.held if function else {}
        self.note, self.asked, self.values = note, asked, values
        self.keys = None if keys is None else {*keys}
        self.columns = {one: one for one in columns} | {transliterated(one): one for one in columns}
        self.own_fields = {*OWN_FIELDS, *self.columns}

    def steps(self, field: str) -> Steps:
        """The way to a field. Raises UsageError where no answer has it, or where it has parts."""
        if field in self.columns:
            self._tell_of(field, (ROW, self.columns[field]))
            return ROW, self.columns[field]
        for steps in self._ways(field):
            found = self._found(steps)
            parts = dict.fromkeys(part for end in found for part in self._fields(end, field))
            if parts and [*parts] != [field]:
                raise UsageError(f"`{field}` has parts: write {','.join(parts)}")
            if found:
                self._tell_of(field, steps)
                return steps
        if parts := dict.fromkeys(one for one in self.values if one.startswith(f"{field}[")):
            raise UsageError(f"`{field}` has parts: write {','.join(parts)}")
        raise self._unknown(field)

    def _tell_of(self, field: str, steps: Steps) -> None:
        """Note that the field is not what else has its name, or that it was not asked for."""
        if steps[:-1] in ((), (ROW,)) and field in self.own_fields and self._is_component(field):
            self.note(f"`{field}` is a field of the answer; the variable is x.{field}")
        if field in self.values and steps != self.values[field]:
            value = ".".join(self.values[field])
            self.note(f"`{field}` is a field of the answer; the other is {value}")
        setting = ASKING_SETTINGS.get(steps[0])
        if setting is None or steps[0] in (self.keys or ()):
            return
        if self.asked.get(setting.name, True) in (None, False):
            self.note(Sentence("`{}` is null without {}", brief(field), setting))

    def _unknown(self, field: str) -> UsageError:
        """The error for a field that no answer has, with those that this one has."""
        from gdcli.language.suggest import closest

        answers = [
            one for one in self._lines() if self.keys is None or {*one["required"]} <= self.keys
        ]
        has = {key for answer in answers for key in answer["properties"]}
        keys = dict.fromkeys(one for answer in answers for one in self._fields(answer))
        names = [*self.values, *self.columns.values()]
        known = [*names, *(one for one in keys if not self._is_component(one))]
        if self.layout and not has.isdisjoint(POINT_KEYS):
            arrays = [name for name in self.layout.variables if name in self.layout.shapes]
            names += [listed(self.layout.components), *arrays, "point"]
        if self.layout and "length" in has:
            names.append(listed([f"df/d{name}" for name in self.layout.components]))
        near = [f"held.{field}"] if field in self.held and "held" in has else closest(field, known)
        hint = f"; did you mean {near[0]}?" if near else ""
        fields = ", ".join(dict.fromkeys([*names, *["k"] * ("iterate" in has), *known]))
        return UsageError(f"there is no field `{brief(field)}`{hint}\nthe fields are {fields}")

    def _ways(self, field: str) -> Iterator[Steps]:
        """The ways that a name may mean: a column of csv first, then the keys of the JSON."""
        if field == "k":
            yield ("iterate",)
        elif field in self.own_fields:
            yield (field,)
        if field == "point":
            yield from ((point,) for point in POINT_KEYS)
        name = field[2:] if field.startswith("x.") and field[2:] in self.own_fields else field
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
        if field in self.values:
            yield self.values[field]

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


def of_listing(
    name: str,
    function: Function,
    note: Callable[[str], object],
    asked: Mapping[str, object],
    found: Listing,
    view: ListingView,
) -> Answers:
    """The Answers that a listing is among: the fields of a row are those of its table too."""
    keys = whole.listing_object(found, view)
    columns = (*found.columns, *_vectors(dict.fromkeys(found.columns), view))
    return Answers(name, function, note, asked, columns, keys, found.values)


def _vectors(row: Mapping[str, Any], view: ListingView) -> dict[str, Any]:
    """The `point` and the arrays of a row that has a column for each component, else none."""
    layout = view.layout
    names = (
        [] if layout is None else [one if one in row else f"x.{one}" for one in layout.components]
    )
    if layout is None or not names or not row.keys() >= {*names}:
        return {}
    numbers = [row[one] for one in names]
    arrays = {name: part for name, part in layout.split(numbers).items() if name in layout.shapes}
    return {"point": numbers, **arrays}


def _writer(kind: str, fields: Sequence[Steps]) -> Callable[..., Any]:
    if kind == "listing" and any(steps[0] == ROW for steps in fields):
        return lambda found, view: _table(found, view, fields)
    write = getattr(whole.WRITERS, kind)
    if isinstance(write, type):  # which joins the points of many, where jsonl has them apart
        return lambda view: FieldRows(view, getattr(rows.WRITERS, kind)(view), fields)

    def lines(*subject: Any) -> Text:
        screen = getattr(subject[-1], "screen", subject[-1])
        if kind in ANSWER_OBJECTS:
            return _pieces(whole.plainly(ANSWER_OBJECTS[kind](*subject)), fields, screen)
        found = [json.loads(text) for text in write(*subject).splitlines()]
        answers = found[0] if isinstance(found[0], list) else found
        return "".join(line(answer, fields, screen) for answer in answers)

    return lines


def _table(found: Listing, view: ListingView, fields: Sequence[Steps]) -> str:
    """A line for each row of the listing, one with `null` where there is none.

    The fields of the whole answer are the same in each.
    """
    answer = json.loads(whole.listing(found, view))
    table = [*map(json.loads, rows.listing(found, view).splitlines())] or [{}]
    answers = ({**answer, ROW: {**_vectors(row, view), **row}} for row in table)
    return "".join(line(one, fields, view.screen) for one in answers)


class FieldRows(PointWriter):
    """A writer of the fields at many points, a line each."""

    def __init__(self, view: GradView, objects: Any, fields: Sequence[Steps]) -> None:
        super().__init__(view)
        self._objects, self._fields, self._screen = objects, fields, view.screen
        self._head = whole.head(view)

    def line(self, number: int, answer: Any) -> str:
        found = json.loads(self._objects.row(number, answer))
        return line({**self._head, **found}, self._fields, self._screen)


def line(answer: Any, fields: Sequence[Steps], screen: Screen) -> str:
    return "".join(_pieces(answer, fields, screen))


def _pieces(answer: Any, fields: Sequence[Steps], screen: Screen) -> Iterator[str]:
    """The line of the fields, word by word; of an array many words at once."""
    for place, steps in enumerate(fields):
        yield "\t" * bool(place)
        before = ""
        for word in _words(_value(answer, steps)):
            yield before + (transliterated(word) if screen.ascii else word)
            before = " "
    yield "\n"


def _value(found: Any, steps: Steps) -> Any:
    """The value that the steps lead to, None where it is missing."""
    for step in steps:
        if isinstance(found, list) or is_array(found):
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
    elif is_array(value):
        from gdcli.report.long_numbers import blocks

        yield from blocks(value, " ", lambda one: plain(one) if isfinite(one) else "null")
    elif isinstance(value, str):
        yield LINE_BREAKS.sub(" ", value)
    elif isinstance(value, float):
        yield plain(value)
    else:
        yield json.dumps(value)  # null, true, false or a whole number
