"""Makes the JSON Schema files of gdcli's answers, and the tables of docs/json.md, of their types.

The types are those of gdcli/report/formats/objects.py, a file for each of its ANSWERS. The files
leave room for keys that are added later; the tests close them. `python docs/render.py` writes both.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

from gdcli.report.formats import objects

FOLDER = Path(objects.__file__).with_name("schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number", NoneType: "null"}
ALIASES = {name: getattr(objects, name) for name in ("ByVariable", "Component")}
WORDS = {
    **{"string": "text", "boolean": "true or false", "integer": "whole number"},
    **{"ByVariable": "object by variable", "Component": "number, text, null or list"},
}

Schema = dict[str, Any]


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    return {
        f"{name}.schema.json": laid_out(schema(name, answer)) + "\n"
        for name, answer in objects.ANSWERS.items()
    }


def laid_out(value: Any, key: str = "$defs", indent: str = "") -> str:
    """The value as JSON, a line for each key of each object that it describes."""
    if not isinstance(value, dict) or not (key in ("$defs", "properties") or "properties" in value):
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + " "
    entries = (
        f"{deeper}{json.dumps(name)}: {laid_out(one, name, deeper)}" for name, one in value.items()
    )
    return "{\n" + ",\n".join(entries) + f"\n{indent}}}"


def schema(name: str, answer: Any) -> Schema:
    """The schema of an answer by its name, with the definitions that it needs."""
    definitions: dict[str, Schema] = {}
    root = described(answer, definitions)
    about = {"$schema": DIALECT, "$id": f"/gdcli/{name}.schema.json"}
    return {**about, **root, "$defs": dict(sorted(definitions.items()))}


def described(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of a type; objects with keys and types with a name become definitions."""
    if isinstance(kind, str):  # within a type that holds itself
        kind = getattr(objects, kind)
    if kind is Any:
        return {}
    if kind in SCALARS:
        return {"type": SCALARS[kind]}
    name = kind.__name__ if is_typeddict(kind) else alias(kind)
    if name is not None:
        if name not in definitions:
            definitions[name] = {}  # a type may hold itself
            make = with_keys if is_typeddict(kind) else structure
            definitions[name] = make(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    return structure(kind, definitions)


def alias(kind: Any) -> str | None:
    return next((name for name, known in ALIASES.items() if kind == known), None)


def structure(kind: Any, definitions: dict[str, Schema]) -> Schema:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return {"description": arguments[1], **described(arguments[0], definitions)}
    if origin is Literal:
        values = list(arguments)
        return {"const": values[0]} if len(values) == 1 else {"enum": values}
    if origin in (Union, UnionType):
        options = [described(option, definitions) for option in arguments]
        simple = [option["type"] for option in options if [*option] == ["type"]]
        others = [option for option in options if [*option] != ["type"]]
        joined: Schema = {"type": simple[0] if len(simple) == 1 else simple}
        if not others:
            return joined
        return {"anyOf": [*([joined] if simple else []), *others]}
    if issubclass(origin, dict) or "Mapping" in origin.__name__:
        return {"type": "object", "additionalProperties": described(arguments[1], definitions)}
    return {"type": "array", "items": described(arguments[0], definitions)}


def with_keys(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of a TypedDict."""
    properties = {key: described(value, definitions) for key, value in annotations(kind).items()}
    if "status" in properties:
        words = re.findall(r"`(\w+)`", properties["status"]["description"])
        properties["status"] = {**properties["status"], "examples": words}
    found = {
        "description": (kind.__doc__ or "").split("\n")[0],
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key in kind.__required_keys__],
    }
    if kind.__name__ in objects.NAMED_COLUMNS:
        beginning, column = objects.NAMED_COLUMNS[kind.__name__]
        found["patternProperties"] = {f"^{beginning}": described(column, definitions)}
    return found


def annotations(kind: Any) -> dict[str, Any]:
    """The types of a TypedDict's keys, without the mark of those that may be missing."""
    return {
        key: get_args(value)[0] if get_origin(value) in (NotRequired, Required) else value
        for key, value in kind.__annotations__.items()
    }


def write_files() -> None:
    """Write the files anew, and remove those of answers that are no more."""
    FOLDER.mkdir(exist_ok=True)
    made = files()
    for path in FOLDER.iterdir():
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# -- the tables of the page ----------------------------------------------------------------------


def page() -> str:
    """The keys of every answer, and after them those of the objects within the answers."""
    definitions: dict[str, Schema] = {}
    envelope = [described(kind, definitions) for kind in (objects.Head, objects.OutcomeContent)]
    shared = {
        key: one
        for reference in envelope
        for key, one in definitions[name_of(reference["$ref"])]["properties"].items()
    }
    every = {"properties": shared, "required": [*shared]}
    texts = ["", "## In every object about one expression", "", *rows(every)]
    parts: list[str] = []
    for name, answer in objects.ANSWERS.items():
        command, _, kind = name.partition("-")
        root = described(answer, definitions)
        gather(root, definitions, parts)
        if kind == "row":
            texts += ["", f"A line of jsonl: {words(root)}."]
            continue
        texts += ["", f"## gdcli {command} {kind}".rstrip()]
        texts += ["", "A list, with an object for each:"] if "items" in root else []
        for option in root.get("anyOf", [root.get("items", root)]):
            found = definitions[name_of(option["$ref"])]
            keys = found["properties"].items()
            own = {
                k: one
                for k, one in keys
                if "gdcli" not in found["properties"] or one != shared.get(k)
            }
            texts += ["", found["description"], "", *rows({**found, "properties": own})]
    texts += ["", "## Objects within them"]
    for part in parts:
        if "gdcli" not in definitions[part]["properties"]:
            found = definitions[part]
            texts += ["", f"### {title(part)}", "", found["description"], "", *rows(found)]
    return "\n".join(texts) + "\n"


def gather(found: Schema, definitions: dict[str, Schema], parts: list[str]) -> None:
    """Add the names of the objects within one, in the order in which they are met."""
    if isinstance(found, dict):
        name = name_of(found.get("$ref", ""))
        if "properties" in definitions.get(name, {}) and name not in parts:
            parts.append(name)
            gather(definitions[name], definitions, parts)
    for inner in found.values() if isinstance(found, dict) else found:
        if isinstance(inner, dict | list):
            gather(inner, definitions, parts)


def rows(found: Schema) -> list[str]:
    """The table of an object's keys."""
    lines = ["| key | type | what it is |", "|---|---|---|"]
    for key, one in found["properties"].items():
        missing = "" if key in found["required"] else "; not always there"
        lines.append(f"| `{key}` | {words(one)} | {one['description']}{missing} |")
    for pattern, one in found.get("patternProperties", {}).items():
        lines.append(f"| `{pattern[1:]}…` | {words(one)} | {one['description']} |")
    return lines


def words(one: Schema) -> str:
    """A type in words."""
    if "$ref" in one:
        name = name_of(one["$ref"])
        return WORDS.get(name) or f"[{title(name)}](#{title(name).replace(' ', '-')})"
    if "anyOf" in one:
        return " or ".join(sorted(map(words, one["anyOf"]), key=lambda text: text == "null"))
    if "const" in one:
        return f"`{json.dumps(one['const'])}`"
    if "enum" in one:
        return " or ".join(f"`{json.dumps(value)}`" for value in one["enum"])
    if "items" in one:
        return f"list of {grouped(one['items'])}"
    if "additionalProperties" in one:
        return f"object by name of {grouped(one['additionalProperties'])}"
    kinds = one.get("type", "any value")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(WORDS.get(kind, kind) for kind in kinds)


def grouped(one: Schema) -> str:
    text = words(one)
    return f"({text})" if " or " in text else text


def name_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def title(name: str) -> str:
    """The name of an object for a reader: `graph node` for GraphNodeObject."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name.removesuffix("Object")).lower()
