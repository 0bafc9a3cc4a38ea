"""`gdcli certify`, as it is typed."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

import gdcli as library
from gdcli.descent.minimize import run_descent
from gdcli.proofs.certificate import DISPROVED, INTERRUPTED, PROVED, UNRESOLVED
from gdcli.proofs.certify import CertifyRequest, run_certify

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli

ROOT = (
    "0.7390851332151606416553120876738734040134117589007574649656806357732846548836"  # of cos x = x
)
WELL = ("certify", "x^2/2 - sin(x)")  # stationary where cos x = x


def encloses(ends: list[str], number: str) -> bool:
    low, high = map(Decimal, ends)
    return low <= Decimal(number) <= high


def test_the_end_of_a_descent_is_proved_to_be_a_minimum(gdcli: Gdcli) -> None:
    said = gdcli(*WELL, "--format", "json")
    answer = said.json
    assert (said.status, said.err) == (0, "")
    assert (answer["status"], answer["certify"]) == (PROVED, "descent")
    assert answer["claims"]["unique"] is True
    [point] = answer["minimizers"]
    assert (point["kind"], point["unique"], point["face"]) == ("minimum", True, [])
    assert encloses(point["x"]["x"], ROOT)
    low, high = map(Fraction, point["x"]["x"])
    assert high - low < Fraction(1, 10**15)
    assert answer["descent"]["status"] == "converged"
    assert answer["digits"] >= 16
    assert answer["window"] is answer["lower"] is None


def test_as_many_digits_as_are_asked_for_are_right(gdcli: Gdcli) -> None:
    said = gdcli(*WELL, "--at", "0.7", "--digits", "70", "--format", "json")
    [point] = said.json["minimizers"]
    assert encloses(point["x"]["x"], ROOT)
    assert all(end[:70] == ROOT[:70] for end in point["x"]["x"])
    printed = gdcli(*WELL, "--at", "0.7", "--digits", "70", "--format", "plain").out
    assert printed.startswith(ROOT[:70])


def test_a_report_is_short_and_begins_with_what_is_proved(gdcli: Gdcli) -> None:
    lines = gdcli(*WELL).out.splitlines()
    assert lines[0].startswith("proved: exactly one stationary point lies in the box, a minimum")
    assert lines[2].split() == ["x", "kind", "unique"]
    number, _, radius, *words = lines[4].split()
    assert words == ["minimum", "yes"]
    assert abs(Decimal(number) - Decimal(ROOT)) <= Decimal(radius) < Decimal("1e-15")
    assert len(lines) <= 12


def test_a_saddle_and_a_maximum_are_proved_too(gdcli: Gdcli) -> None:
    for text, kind in (("x^2 - y^2", "saddle"), ("-x^2 - y^4/9 - y^2", "maximum")):
        said = gdcli("certify", text, "--at", "0.1,0.1", "--print", "status,minimizers.0.kind")
        assert (said.status, said.out) == (0, f"proved\t{kind}\n")


def test_a_point_that_is_none_is_status_1_with_a_lower_one(gdcli: Gdcli) -> None:
    said = gdcli("certify", "x^2 + 3x", "--at", "7", "--format", "json")
    assert (said.status, said.json["status"]) == (1, DISPROVED)
    lower = said.json["lower"]
    assert Decimal(lower["f"][1]) < Decimal(said.json["f"][0])
    assert lower["x"]["x"] == pytest.approx(-1.5)
    assert said.json["minimizers"] == []
    printed = gdcli("certify", "x^2 + 3x", "--at", "7", "--print", "status,x,kind")
    assert printed.out == "disproved\tnull\tnull\n"
    assert "at a lower point, (-1.5), f is -2.25" in gdcli("certify", "x^2+3x", "--at", "7").out


def test_a_proof_at_a_point_ends_in_time_with_what_is_proved(gdcli: Gdcli) -> None:
    at = ("--at", "0.7", "--max-time")
    said = gdcli(*WELL, *at, "1e-9")
    assert (said.status, said.out.splitlines()[0]) == (1, "not proved: the time allowed has passed")
    assert gdcli(*WELL, *at, "1h").out.splitlines()[0].startswith("proved: exactly one stationary")


@pytest.mark.parametrize("text", ["abs(x - 1) + y^2", "(x-1)^4 + y^2", "x^4 + y^4"])
def test_a_minimum_that_cannot_be_proved_is_status_1(gdcli: Gdcli, text: str) -> None:
    said = gdcli("certify", text, "--format", "json")
    assert (said.status, said.json["status"]) == (1, UNRESOLVED)
    assert said.json["message"].startswith("not proved: ")
    assert said.json["claims"]["unique"] is False


@pytest.mark.parametrize(
    ("words", "status", "word"),
    [
        (("-x^2", "--start", "1"), 4, "unbounded"),
        (("exp(-x)",), 5, "converged"),
        (("rosenbrock", "--max-time", "1e-9"), 3, "max_iterations"),
        (("log(x)", "--start", "-1"), 4, "undefined"),
    ],
)
def test_a_descent_to_no_minimum_keeps_its_status(
    gdcli: Gdcli, words: tuple[str, ...], status: int, word: str
) -> None:
    said = gdcli("certify", *words, "--format", "json")
    assert (said.status, said.json["status"]) == (status, UNRESOLVED)
    assert said.json["descent"]["status"] == word
    assert said.json["f"] == [None, None]
    table = gdcli("certify", *words)
    assert table.status == status
    assert table.out.startswith("not proved, since the descent ended at no minimum: ")


def test_csv_has_numbers_to_read(gdcli: Gdcli) -> None:
    words = ("certify", "(kind - 1)^2 + (y+2)^2 + f^2")
    [row] = csv.DictReader(gdcli(*words, "--format", "csv", "-q").out.splitlines())
    assert [*row] == [
        *("kind", "unique", "face", "x.f", "x.kind", "y", "x.f.low", "x.f.high"),
        *("x.kind.low", "x.kind.high", "y.low", "y.high", "f.low", "f.high"),
    ]
    assert (row["kind"], row["x.kind"], row["y"], row["x.f"]) == ("minimum", "1", "-2", "0")
    assert gdcli(*words, "--print", "x.kind,y.low,f.high").out.count("\t") == 2


def test_plain_is_a_point_for_another_command(gdcli: Gdcli) -> None:
    point = gdcli("certify", "rosenbrock", "--format", "plain", "-q").out
    assert gdcli("grad", "rosenbrock", "--at", point.strip(), "--format", "plain").out == "0 0\n"


def test_vectors_are_lists(gdcli: Gdcli) -> None:
    words = ("certify", "sum((x[i] - i)^2 for i in 1:2) + b^2", "--format", "json")
    [point] = gdcli(*words).json["minimizers"]
    assert point["x"] == {"x": [["1", "1"], ["2", "2"]], "b": ["0", "0"]}
    assert point["largest"] == {"x": [[None, None]] * 2, "b": [None, None]}
    assert gdcli(*words[:2], "--print", "point,x,b").out == "0 1 2\t1 2\t0\n"
    scalars = ("certify", "(f - 1)^2 + y^2", "--window", "f=0:3,y=-1:2")
    assert gdcli(*scalars, "--print", "point").out == "1 0\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "which function?"),
        (("5",), "there is nothing to certify: f has no variables, it is 5"),
        (("x^2", "--gap", "1"), "--gap goes with --window x=-5:5"),
        (("rosenbrock", "--claim", "value"), "--claim goes with --window x=-2:2,y=-1:3"),
        (("x^2", "--at", "1", "--max-boxes", "9"), "--max-boxes goes with --window x=-5:5"),
        (("x^2", "--at", "1", "--start", "1"), "--start is where a descent begins; with --at"),
        (("x^2", "--window", "x=0:1", "--start", "1"), "with --window there is none"),
        (("x^2", "--at", "1", "--at", "2"), "--at is given twice; write one point"),
        (("x^2", "--at", "@points.csv"), "--at @points.csv: certify proves one point"),
        (("x^2", "--at", "-"), "--at -: certify proves one point"),
        (("x^2", "--at", "1,2"), "--at has 2 values; it takes "),
        (("x^2", "--window"), "--window needs a value: --window NAME=LOW:HIGH"),
        (("x^2", "--window", ""), "--window takes a name and its two ends, --window x=-5:5, not"),
        (
            ("x^2", "--window", "x=0:"),
            "--window for x has no high end, and nothing is proved without",
        ),
        (("x^2", "--window", "x=-inf:1"), "--window for x has no low end, and nothing is proved"),
        (("x^2", "--window", "x=1:0"), "--window for x: the low end comes first, not 1:0"),
        (
            ("x^2", "--window", "x=-1e308:1e308"),
            "--window for x: it is wider than the largest float",
        ),
        (("x^2", "--window", "x=1:1"), "the ends differ; --set x=1 holds it at a value"),
        (("x*y", "--window", "x=0:1"), "--window has not both ends of y; write --window x=-5:5,y="),
        (("x*y", "--window", "0:1"), "--window takes a name and its two ends"),
        (("x^2", "--window", "z=0:1"), "--window: `z` is no variable; the variables are x"),
        (("x^2", "--window", "x=0:1,x=2:3"), "--window: `x` is given twice"),
        (("x^2", "--window", "x=0:a"), "--window for x: `a` is not a number"),
        (("x^2", "--window", "x=0:1", "--gap", "0"), "--gap takes a positive number"),
        (("x^2", "--window", "x=0:1", "--claim", "unique"), "--claim takes value, not `unique`"),
        (("x^2", "--window", "x=0:1", "--max-boxes", "0"), "--max-boxes takes a whole number"),
        (("x^2", "--digits", "0"), "--digits takes a number of digits from 1"),
        (("x^2", "--print", "none"), "there is no field `none`"),
        (("x^2", "--plot", "a.png"), "gdcli certify has no option --plot"),
        (("x^2", "-o", "a.png"), "it is drawn by gdcli plot"),
        (("x^2", "--maximize"), "it belongs to gdcli minimize"),
    ],
)
def test_a_mistake_is_told(gdcli: Gdcli, words: tuple[str, ...], message: str) -> None:
    said = gdcli("certify", *words)
    assert (said.status, said.out) == (2, "")
    assert message in said.err


def test_a_point_at_which_f_has_no_value_is_status_4(gdcli: Gdcli) -> None:
    said = gdcli("certify", "log(x)", "--at", "-1")
    assert (said.status, said.out) == (4, "")
    assert "log(-1)" in said.err


def test_an_interrupt_tells_what_is_proved(gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gdcli.proofs.certify.run_descent", interrupt)
    said = gdcli("certify", "x^2", "--format", "json")
    assert (said.status, said.json["status"]) == (130, INTERRUPTED)
    assert said.json["message"] == "interrupted, nothing is proved"


def test_the_library_gives_a_certificate() -> None:
    found = library.certify("x^2/2 - sin(x)", at=0.7, digits=30)
    assert found
    assert found.status == PROVED
    [point] = found.minimizers
    [(low, high)] = point.x
    assert isinstance(low, Fraction)
    assert low <= Fraction(ROOT) <= high
    assert found.variables == ("x",)
    assert repr(found).splitlines()[0] == found.message
    assert "<table" in found._repr_html_()
    assert not library.certify("x^2 + 3x", at=[7])
    assert library.certify("x^2", start="x=3").descent is not None


def test_the_end_of_a_descent_that_is_proved_to_be_a_saddle_is_status_1(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verdict in floats may be wrong: here it is made so."""

    def descent(*given: Any, **settings: Any) -> Any:
        return run_descent(*given, **settings)._replace(minimum=True)

    monkeypatch.setattr("gdcli.proofs.certify.run_descent", descent)
    said = gdcli("certify", "x^2 - y^2", "--start", "0,0", "--format", "json")
    assert (said.status, said.json["status"]) == (1, DISPROVED)
    assert said.json["minimizers"][0]["kind"] == "saddle"
    assert said.json["message"].startswith("disproved: the end of the descent is near a saddle")


PI = "3.14159265358979323846264338327950288"


def test_every_global_minimizer_of_a_window_is_printed(gdcli: Gdcli) -> None:
    said = gdcli("certify", "cos(x)", "--window", "x=-10:10", "--format", "json")
    answer = said.json
    assert (said.status, said.err) == (0, "")
    assert (answer["status"], answer["certify"]) == (PROVED, "window")
    assert answer["claims"] == {"value": True, "enclosure": True, "unique": True}
    assert answer["asked"] == ["value", "enclosure"]
    assert answer["window"] == {"x": [-10.0, 10.0]}
    assert encloses(answer["f"], "-1")
    found = sorted(answer["minimizers"], key=lambda one: float(one["x"]["x"][0]))
    for point, times in zip(found, (-3, -1, 1, 3), strict=True):
        assert encloses(point["x"]["x"], str(times * Decimal(PI)))
        assert (point["kind"], point["unique"], point["face"]) == ("minimum", True, [])
    table = gdcli("certify", "cos(x)", "--window", "x=-10:10").out.splitlines()
    assert table[0].startswith("proved: ")
    assert table[2].split() == ["x", "kind", "unique"]
    assert sorted(float(line.split()[0]) for line in table[4:8]) == pytest.approx(
        [-9.42477796, -3.14159265, 3.14159265, 9.42477796]
    )


def test_a_minimizer_on_a_face_says_which(gdcli: Gdcli) -> None:
    words = ("certify", "x + (y-1)^2", "--window", "x=pi:4,y=0:2")
    [point] = gdcli(*words, "--format", "json").json["minimizers"]
    assert (point["face"], point["unique"]) == (["x"], True)
    assert [*map(float, point["x"]["x"])] == [3.141592653589793] * 2
    lines = gdcli(*words).out.splitlines()
    assert lines[2].split() == ["x", "y", "kind", "unique", "face"]
    assert lines[-1] == "the ends of the window are floats: pi is 3.1415926535897931160"
    assert "the only one in the box x = [3.1" in " ".join(lines)
    corner = gdcli("certify", "x^2", "--window", "x=0.1:0.2").out
    assert "the only one" not in corner
    assert "0.1 is 0.10000000000000000555, 0.2 is" in corner


def test_digits_of_a_window_are_those_asked_for_or_it_is_told(gdcli: Gdcli) -> None:
    words = (*WELL, "--window", "x=-1:1", "--digits", "300")
    said = gdcli(*words, "--format", "json").json
    assert said["digits"] == 300
    assert said["minimizers"][0]["x"]["x"][0].startswith(ROOT[:70])
    told = gdcli("certify", "abs(x - 1/3)", "--window", "x=-1:1", "--digits", "30")
    assert "of the 30 digits asked for 0 are proved" in told.out


def test_stretches_without_names_are_those_of_the_variables(gdcli: Gdcli) -> None:
    text = "(a-1)^2 + sum((x[i]-i)^2 for i in 1:2)"
    named = gdcli("certify", text, "--window", "a=-5:5,x=0:4", "--format", "json").json
    plain = gdcli("certify", text, "--window", "-5:5,0:4", "--format", "json").json
    assert named["window"] == plain["window"] == {"a": [-5, 5], "x": [[0, 4], [0, 4]]}
    assert named["minimizers"][0]["x"].keys() == {"a", "x"}


def test_what_is_not_proved_over_a_window_is_status_1_and_told(gdcli: Gdcli) -> None:
    said = gdcli("certify", "1/x", "--window", "x=-1:1", "--format", "json")
    assert (said.status, said.json["status"]) == (1, UNRESOLVED)
    assert said.json["f"][0] is None
    [left] = said.json["left"]
    low, high = map(Fraction, left["box"]["x"])
    assert low < 0 < high
    assert gdcli("certify", "1/x", "--window", "x=-1:1").out.startswith("not proved: ")
    assert gdcli("certify", "cos(5x)", "--window", "x=-99:99", "--max-boxes", "3").status == 1


def test_the_value_alone_may_be_asked_for(gdcli: Gdcli) -> None:
    words = ("certify", "(x^2-1)^2 + y^2/9", "--window", "x=-2:2,y=-2:2", "--gap", "1e-3")
    answer = gdcli(*words, "--claim", "value", "--format", "json").json
    assert (answer["status"], answer["asked"]) == (PROVED, ["value"])
    low, high = map(Decimal, answer["f"])
    assert low <= 0 <= high <= low + Decimal("0.001")


def test_a_point_is_the_global_minimizer_of_a_window_or_a_lower_one_is_told(gdcli: Gdcli) -> None:
    words = ("certify", "x^4 - 3x^2 + x", "--window", "x=-2:2", "--at")
    assert gdcli(*words, "-1.3008395659415772").status == 0
    said = gdcli(*words, "1.1309", "--format", "json")
    assert (said.status, said.json["status"]) == (1, DISPROVED)
    assert said.json["lower"]["x"]["x"] == pytest.approx(-1.30084, abs=1e-3)
    assert gdcli(*words, "3").status == 2


def test_an_interrupted_search_tells_the_bounds_so_far() -> None:
    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    f = library.function("cos(5x)*cos(7y)")
    found = run_certify(f, CertifyRequest(window="x=-9:9, y=-9:9"), watch=interrupt)
    assert (found.status, found.exit_status) == (INTERRUPTED, 130)
    assert found.f[1] >= -1 >= found.f[0]
    assert not found
