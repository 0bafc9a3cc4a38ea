"""`--print`: a line of fields, taken out of the JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdcli.cli.app import COMMANDS
from gdcli.report.formats import objects
from gdcli.report.formats.fields import line
from gdcli.report.view import Screen
from tests.cli.test_schemas import SAMPLES

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

TABLES = ("compare", "check", "show", "race", "fit", "certify")
VECTORS = ("sum(W[i,j]^2 for i in 1:2, j in 1:2) + b", "--at", "b=5, W=[[1,2],[3,4]]")


def printed(gdcli: Gdcli, fields: str, *words: str, status: int = 0, **how: Any) -> list[str]:
    said = gdcli(*words, "--print", fields, **how)
    assert said.status == status, said.err
    assert said.out.count("\n") == 1
    return said.out.rstrip("\n").split("\t")


def test_a_line_of_fields_and_the_outcome_on_standard_error(gdcli: Gdcli) -> None:
    said = gdcli("minimize", "(x-1)^2 + (y+2.5)^2", "--alpha", "0.5",
                 "--print", "x,y,f,status,converged")  # fmt: skip
    assert said[:2] == (0, "1\t-2.5\t0\tconverged\ttrue\n")
    assert said.err.startswith("gdcli: converged")
    assert gdcli("grad", "x^2 + x*y", "--at", "1,2", "--print", " df/dx , f ") == (0, "4\t3\n", "")


def test_columns_of_csv_are_fields(gdcli: Gdcli) -> None:
    words = ("grad", "x*y^2 + z", "--at", "1,2,3", "--along", "1,0,0", "--hessian")
    header, row = csv.reader(io.StringIO(gdcli(*words, "--format", "csv").out))
    assert printed(gdcli, ",".join(header), *words) == row
    run = ("minimize", "x^2 + y^4 + 1")
    *_, last = csv.DictReader(io.StringIO(gdcli(*run, "--format", "csv", "-q").out))
    names = ["k", "x", "y", "f", "gradient_norm"]
    assert printed(gdcli, ",".join(names), *run) == [last[name] for name in names]


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "h^2", "--at", "0.5"),
        ("compare", "x^2*y", "--at", "1,2", "--sweep-step"),
        ("check", "x^2*y", "--gradient", "y=x^2, x=2x*y"),
        ("check", "x^2*y", "--hessian", "2y, 2x; 2x, 0"),
        ("show", "x^2*y", "--stage", "expression"),
        ("show", "x^2*y", "--stage", "tape"),
        ("show", "x^2*y", "--stage", "tape", "--at", "1,2"),
        ("show", "x^2*y", "--stage", "gradient", "--at", "1,2"),
        ("show", "x^2*y", "--stage", "gradient", "--mode", "tangent", "--at", "1,2"),
        ("show", "x^2*y", "--stage", "graph", "--at", "1,2"),
        ("show", "x^2*y", "--stage", "source"),
        ("show", "sum(x[i]^2 for i in 1:3)", "--stage", "gradient"),
        ("grad", "x^2*y", "--symbolic"),
    ],
)
def test_a_column_of_a_listing_is_a_line_for_each_row(words: tuple[str, ...], gdcli: Gdcli) -> None:
    header, *rows = csv.reader(io.StringIO(gdcli(*words, "--format", "csv").out))
    kept = [place for place, name in enumerate(header) if name != "seconds"]  # another time
    said = gdcli(*words, "--print", ",".join([*(header[place] for place in kept), "status"]))
    assert said.status == 0
    found = [line.split("\t") for line in said.out.splitlines()]
    status = "right" if words[0] == "check" else "ok"
    assert [[cell.replace("null", "") for cell in line] for line in found] == [
        [*(" ".join(row[place].split("\n")) for place in kept), status]
        for row in (row or [""] for row in rows)
    ]
    noted = "gdcli: `h` is a field of the answer; the variable is x.h\n"
    assert (said.err == noted) is ("h^2" in words)


def test_an_unknown_field_is_answered_with_those_of_the_listing_that_was_asked_for(
    gdcli: Gdcli,
) -> None:
    def fields(*words: str) -> list[str]:
        said = gdcli(*words, "--print", "none of these")
        assert (said.status, said.out) == (2, "")
        return said.err.strip().partition("fields are ")[2].split(", ")

    tape = fields("show", "x^2", "--stage", "tape")
    assert tape[:3] == ["line", "text", "columns"]
    assert {"instructions.0.operation", "outputs"} <= {*tape}
    assert {"llvm", "edges.0.source", "made_by", "normal_form"}.isdisjoint(tape)
    steps = fields("compare", "x^2", "--at", "1", "--sweep-step")
    assert steps[0] == "h"
    assert {"sizes.0.variables", "methods.0.error"}.isdisjoint(steps)
    run = fields("minimize", "sum(x[i]^2 for i in 1:2) + y^2")
    assert run[:6] == ["x[1]", "x[2]", "y", "x", "point", "k"]
    assert fields("grad", "x*y", "--at", "1,2")[:5] == ["x", "y", "point", "df/dx", "df/dy"]


def test_a_name_that_is_held_is_a_field_of_held(gdcli: Gdcli) -> None:
    for words in (("minimize", "booth"), ("grad", "booth", "--at", "1")):
        said = gdcli(*words, "--set", "y=2", "--print", "x,y")
        assert (said.status, said.out) == (2, "")
        assert "there is no field `y`; did you mean held.y?" in said.err


def test_what_was_not_asked_for_is_null_and_a_note_says_which_option_asks(gdcli: Gdcli) -> None:
    grad = ("grad", "x^2*y", "--at", "1,2")
    fields = {
        **{"slope": "--along", "derivative": "--along", "along.x": "--along"},
        **{"hessian": "--hessian", "d2f/dxdy": "--hessian", "symbolic.y": "--symbolic"},
    }
    for field, option in fields.items():
        said = gdcli(*grad, "--print", f"f,{field}")
        assert said == (0, "2\tnull\n", f"gdcli: `{field}` is null without {option}\n")
        more = {"--along": ("--along", "1,1")}.get(option, (option,))
        said = gdcli(*grad, "--print", f"f,{field}", *more)
        assert said.err == ""
        assert "null" not in said.out
    run = ("minimize", "x^2", "--print", "trace.1.x")
    assert gdcli(*run).err.startswith("gdcli: `trace.1.x` is null without --trace\n")
    assert "null" not in gdcli(*run, "--trace").err
    tape = ("show", "x^2", "--stage", "tape", "--print", "f,value")
    notes = "gdcli: `f` is null without --at\ngdcli: `value` is null without --at\n"
    assert gdcli(*tape) == (0, "null\tnull\n", notes)
    assert gdcli(*tape, "--at", "3") == (0, "9\t3\n9\t2\n9\t9\n", "")
    quiet = gdcli(*grad, "--print", "slope", "--quiet")
    assert quiet == (0, "null\n", "")


def test_entries_of_vectors(gdcli: Gdcli) -> None:
    fields = {
        **{"W": "1 2 3 4", "b": "5", "W[2,1]": "3", "df/dW[1,2]": "4", "df/db": "1"},
        **{"gradient": "1 2 4 6 8", "gradient.W": "2 4 6 8", "gradient.W[2,2]": "8"},
        **{"at.W.0.1": "2", "at": "5 1 2 3 4", "point": "5 1 2 3 4", "variables": "b W"},
    }
    words = ("f(b, W) = " + VECTORS[0], *VECTORS[1:])
    assert printed(gdcli, ",".join(fields), "grad", *words) == [*fields.values()]
    assert printed(gdcli, "x,x.W[1,2]", "minimize", words[0], "--start", words[2], status=4)[0]
    for wrong in ("W[3,1]", "W[0,1]", "W[1]", "b[1]", "V", "gradient.V", "df/dV", "x"):
        said = gdcli("grad", *words, "--print", f"f,{wrong}")
        assert (said.status, said.out) == (2, "")
        assert f"no field `{wrong}`" in said.err


def test_a_name_of_ours_is_ours_and_the_variable_has_a_prefix(gdcli: Gdcli) -> None:
    words = (
        "grad",
        "f + 2*status + 3*point + k + alpha",
        "--at",
        "f=1,status=2,point=3,k=4,alpha=5",
    )
    fields = "f,x.f,status,x.status,x.point,k,alpha"
    assert printed(gdcli, fields, *words) == ["23", "1", "ok", "2", "3", "4", "5"]
    assert printed(gdcli, "point", *words) == ["5 1 4 3 2"]
    words = ("minimize", "(k-2)^2 + (f-3)^2 + (length-4)^2", "--alpha", "0.5")
    fields = "k,x.k,f,x.f,length,alpha"
    assert printed(gdcli, fields, *words) == ["1", "2", "0", "3", "4", "0.5"]
    said = gdcli("grad", "k*status", "--at", "2,3", "--print", "k,status,x.status")
    assert said == (0, "2\tok\t3\n", said.err)
    assert said.err == "gdcli: `status` is a field of the answer; the variable is x.status\n"


def test_what_is_missing_is_null(gdcli: Gdcli) -> None:
    words = ("grad", "sqrt(x) + y", "--at", "0,1")
    fields = "status,f,gradient.x,gradient.y,direction,slope,hessian,symbolic.x,step"
    row = ["undefined", "1", "null", "1", *["null"] * 5]
    assert printed(gdcli, fields, *words, status=4) == row
    assert printed(gdcli, "trace.0.f,last.alpha", "minimize", "x^2") == ["null", "null"]
    assert printed(gdcli, "trace.0.f,trace.0.k", "minimize", "x^2", "--trace") == ["0.81", "0"]
    assert printed(gdcli, "x,f,gradient", "minimize", "log(x)", "--start", "-1", status=4)


def test_a_negative_zero_is_that_of_csv_and_plain(gdcli: Gdcli) -> None:
    words = ("minimize", "x^2", "--start", "-0")
    csv_row = gdcli(*words, "--format", "csv").out.splitlines()[-1]
    plain = gdcli(*words, "--format", "plain").out
    assert [*printed(gdcli, "x", *words)] == [csv_row.split(",")[1]] == [plain.rstrip()] == ["-0"]


def test_a_text_of_many_lines_is_one_line(gdcli: Gdcli) -> None:
    words = ("show", "x^2 + log1p(x)", "--stage", "source")
    text = gdcli(*words, "--format", "json").json["value"]
    assert text.count("\n") > 1
    assert printed(gdcli, "value,stage", *words) == [text.replace("\n", " "), "source"]


def test_numbers_in_other_digits(gdcli: Gdcli) -> None:
    words = ("grad", "x^2 + x*y", "--at", "1,1/3", "--exact")
    assert printed(gdcli, "y,f,length", *words) == ["1/3", "4/3", "sqrt(58)/3"]
    assert printed(gdcli, "x", "minimize", "(x-1/3)^2", "--digits", "20") == ["0." + "3" * 20]


def test_many_points_are_a_line_each(gdcli: Gdcli) -> None:
    fields = "line,x,gradient.x,status,expression"
    said = gdcli("grad", "log(x)", "--at", "-", "--print", fields, stdin="1\n\n# none\n0\n2\n")
    assert said.status == 4
    assert said.out == (
        "1\t1\t1\tok\tlog(x)\n4\t0\tnull\tundefined\tlog(x)\n5\t2\t0.5\tok\tlog(x)\n"
    )


def test_lists_are_a_line_for_each_entry(gdcli: Gdcli) -> None:
    found = gdcli("problems", "list", "--format", "json").json
    said = gdcli("problems", "list", "--print", "name,f,minima.0.note,tags")
    assert said.out.count("\n") == len(found)
    assert said.out.splitlines()[0].split("\t")[0] == found[0]["name"]
    assert printed(gdcli, "name,start", "problems", "show", "five-well") == ["five-well", "10 10"]


@pytest.mark.parametrize("words", [("x^2",), ("x^2 + y^2", "--max-iterations", "1e9")])
def test_an_unknown_field_is_refused_before_the_work(
    words: tuple[str, ...], gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.cli.minimize.run_descent", pytest.fail)
    said = gdcli("minimize", *words, "--print", "x,statsu")
    assert (said.status, said.out) == (2, "")
    assert "no field `statsu`; did you mean status?\nthe fields are x, " in said.err
    assert "evaluations.gradient, " in said.err
    for parts in ("tests", "evaluations", "last"):
        said = gdcli("minimize", *words, "--print", parts)
        assert (said.status, said.out) == (2, "")
        assert f"`{parts}` has parts: write {parts}." in said.err


def test_it_is_not_beside_a_format(gdcli: Gdcli) -> None:
    for form in ("json", "table"):
        said = gdcli("grad", "x", "--at", "1", "--print", "f", "--format", form)
        assert (said.status, said.out) == (2, "")
        assert "--print" in said.err
    for fields in ("", ",", "x,,f"):
        assert "--print takes names" in gdcli("grad", "x", "--at", "1", "--print", fields).err


def test_it_goes_to_a_file_too(gdcli: Gdcli, tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    assert gdcli("grad", "x^2", "--at", "3", "--print", "f,x", "-o", str(path)) == (0, "", "")
    assert path.read_text(encoding="utf-8") == "9\t3\n"


@pytest.mark.parametrize("name", [n for n in objects.ANSWERS if n.split("-")[0] in COMMANDS])
@pytest.mark.usefixtures("decay")
def test_every_field_that_is_named_is_what_the_json_has(name: str, gdcli: Gdcli) -> None:
    if name.endswith("-row") or name == "predict":  # whose fields are the user's columns
        return
    words = SAMPLES[name][-1]  # of compare the quick one
    known = gdcli(*words, "--print", "none of these").err.partition("fields are ")[2]
    found = gdcli(*words, "--format", "json").json
    answers = found if isinstance(found, list) else [found]
    if name in TABLES:
        table = gdcli(*words, "--format", "jsonl").out.splitlines()
        answers = [found | {"a row": with_vectors(json.loads(row))} for row in table]
    # Seconds are others each time.
    fields = [field for field in known.strip().split(", ") if "seconds" not in field]
    rows = gdcli(*words, "--print", ",".join(fields)).out.splitlines()
    assert [row.split("\t") for row in rows] == [
        [expected(taken(answer, field.split("."))) for field in fields] for answer in answers
    ]


def with_vectors(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a table, with the vector x that it may have the entries of, and the point x."""
    entries = [number for name, number in row.items() if re.fullmatch(r"x\[\d+\]", name)]
    return {"x": entries, "point": entries, **row} if entries else row


def taken(answer: Any, steps: list[str]) -> Any:
    row = answer.get("a row", {})
    if (column := ".".join(steps)) in row or (column := steps[0]) in row:
        return row[column]
    if steps[0] in answer.get("order", ()):  # a parameter of a fit
        return answer["parameters"][steps[0]]["value"]
    if steps == ["k"]:
        return answer["iterate"]
    if steps[0].startswith("df/d"):
        return answer.get("gradient", {}).get(steps[0][4:])
    points = [answer[key] for key in ("x", "at") if isinstance(answer.get(key), dict)]
    if steps == ["point"]:
        return points[0] if points else None
    if len(steps) == 1 and points and steps[0] in points[0]:
        return points[0][steps[0]]
    for step in steps:
        whole = isinstance(answer, list)
        if answer is None or (len(answer) <= int(step) if whole else step not in answer):
            return None
        answer = answer[int(step)] if whole else answer[step]
    return answer


def expected(value: Any) -> str:
    """The value as jq writes it, a list or an object as its scalars; integers without `.0`."""
    if isinstance(value, list | dict):
        return " ".join(map(expected, value.values() if isinstance(value, dict) else value))
    text = value if isinstance(value, str) else json.dumps(value).removesuffix(".0")
    return text.replace("\n", " ")


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.text())
def test_numbers_read_back_and_texts_stay_in_their_field(
    real: float, whole: int, text: str
) -> None:
    answer = {"f": real, "many": [real, [whole]], "text": text}
    row = line(answer, [("f",), ("many",), ("many", "1", "0"), ("text",), ("no", "x")], Screen())
    f, many, one, said, no = row.removesuffix("\n").split("\t")
    assert float(f).hex() == real.hex()
    assert [float(f), whole] == [float(many.split(" ")[0]), int(many.split(" ")[1])]
    assert (int(one), no) == (whole, "null")
    assert (len(said), len(row.splitlines())) == (len(text), 1)


def test_plain_ascii_where_that_is_asked_for(gdcli: Gdcli) -> None:
    assert printed(gdcli, "variables,λ", "grad", "λ^2", "--at", "3", "--ascii")[0].isascii()
