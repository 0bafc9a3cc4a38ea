"""Every answer that a test makes gdcli write as json or jsonl is held against its JSON Schema.

`hold_answers` sees to it in this process; a new process does so where `in_new_processes` is in its
environment. The files in the package leave room for new keys: here they are closed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gdcli
from gdcli.report import formats

FOLDER = Path(gdcli.__file__).parent / "report" / "formats" / "schemas"
KINDS = {  # of results, and the schema each has
    "minimize": "minimize", "iterates": "minimize", "grad": "grad", "gradients": "grad",
    "value": "eval", "values": "eval", "predictions": "predict", "problems": "problems-list",
    "problems_in_full": "problems-show", "verify": "problems-verify", "tags": "problems-tags",
    "functions": "functions",
}  # fmt: skip
LISTINGS = {
    "stage": "show",
    "comparison": "compare",
    "race": "race",
    "certify": "certify",
    "status": "check",
    "method": "fit",
    "style": "grad",
}  # by key
SEEN: set[str] = set()  # the schemas that an answer was held against in this process
written = formats.Format.writers


class WrongAnswer(BaseException):
    """Raised where an answer is not what its schema says; no command catches it."""


def hold_answers() -> None:
    formats.Format.writers = held_writers  # type: ignore[method-assign, assignment]


def in_new_processes() -> dict[str, str]:
    """An environment in which new processes hold their answers too."""
    folders = [str(Path(__file__).parent / "every_process"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}


def held_writers(form: formats.Format) -> formats.Writers:
    found = written(form)
    if form.name not in ("json", "jsonl"):
        return found
    kinds = {kind: held(getattr(found, kind), kind, form.name) for kind in form.offers}
    return found._replace(**kinds)


def held(write: Callable[..., Any], kind: str, form: str) -> Callable[..., Any]:
    """The writer, whose text is held against the schema."""

    def writing(*subject: Any) -> Any:
        row = "-row" if form == "jsonl" else ""
        name = (LISTINGS[subject[-1].key] if kind == "listing" else KINDS.get(kind, kind)) + row
        answer = write(*subject)
        if isinstance(answer, Iterator):  # a long one, in pieces
            answer = "".join(answer)
        if isinstance(answer, str):
            hold_text(name, answer)
        else:
            hold_rows(name, answer, whole=not row)
        return answer

    return writing


def hold_text(name: str, text: str) -> None:
    """Hold each line of a text against the schema."""
    for line in text.splitlines():
        hold(name, loaded(line))


def hold_rows(name: str, writer: Any, whole: bool) -> None:
    """Hold each row of a writer against the schema, or all of its rows together."""
    write_end = writer.end
    rows: list[str] = []

    def holding(write: Callable[..., Any]) -> Callable[..., Any]:
        def row(*subject: Any) -> Any:
            found = write(*subject)
            text = "".join(found)  # the text of a point, or those of many
            rows.append(text) if whole else hold_text(name, text)
            return found

        return row

    def end(*subject: Any) -> str:
        text: str = write_end(*subject)
        if whole:
            hold(name, loaded("".join([*rows, text])))
        return text

    writer.row, writer.end = holding(writer.row), end
    if hasattr(writer, "rows"):  # of many points at once
        writer.rows = holding(writer.rows)


def hold(name: str, answer: object) -> None:
    """Hold one answer against the schema of that name. Raises WrongAnswer."""
    from fastjsonschema import JsonSchemaValueException

    SEEN.add(name)
    try:
        validator(name)(answer)
    except JsonSchemaValueException as error:
        raise WrongAnswer(f"{name}: {error.message}: {json.dumps(answer)[:2000]}") from None


@cache
def validator(name: str) -> Callable[[object], object]:
    from fastjsonschema import compile

    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    for definition in schema["$defs"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    made: Callable[[object], object] = compile(schema)
    return made


def loaded(text: str) -> object:
    """The answer that a text holds. Raises WrongAnswer where it is no JSON, which has no NaN."""
    try:
        return json.loads(text, parse_constant=int)  # which no constant is
    except ValueError as error:
        raise WrongAnswer(f"{error}: {text[:2000]}") from None
