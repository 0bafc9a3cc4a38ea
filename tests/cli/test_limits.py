"""Whatever is typed, the answer or the error comes: requests too large end with a sentence, exit 2.

The file of each limit tests its rule; here the commands are tried, and that nothing is refused that
the documentation asks for (whose examples test_documents.py runs).
"""

from __future__ import annotations

import pytest

from gdcli.report.pictures.terminal import WIDEST_PICTURE
from tests.cli.conftest import Gdcli
from tests.sweeps import sampled

SWELLING = "; ".join(
    ["a0 = x*y + x", *(f"a{i} = sin(a{i - 1})*cos(a{i - 1})" for i in range(1, 25)), "a24"]
)
WIDE = "+".join(f"sin(x{i % 50}*{i})" for i in range(1250))
LONG = "+".join(f"sin(x*{i})" for i in range(200))
LONGEST = "+".join(f"sin(x*{i})*cos(y/{i + 1})" for i in range(3400))
DEEP = "+".join(["x"] * 3000)
LONG_SUM = ("sum(i*x*y for i in 1:n)", "--size", "n=1e15")
MATRIX = ("sum(x[i]*x[j] for i in 1:n, j in 1:n)", "--size", "n=60")
VECTOR = ("sum(x[i]^2 for i in 1:n)", "--size", "n=1e9")
FIFTY = ",".join(["0.1"] * 50)
GAMMAS = "+".join(f"gamma(x + {i})" for i in range(50))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grad", *LONG_SUM, "--at", "1,2"), "one value takes about 3e+15 operations; --yes"),
        (("minimize", *LONG_SUM), "operations; --yes evaluates it all the same"),
        (("check", *LONG_SUM, "--gradient", "x,y"), "operations; --yes"),
        (("compare", *LONG_SUM, "--at", "1,2"), "operations; --yes"),
        (("show", *LONG_SUM, "--stage", "tape"), "operations; --yes"),
        (("plot", *LONG_SUM), "operations; --yes"),
        (("plot", "sum(sin(i*x) for i in 1:n)", "--size", "n=1e10"), "this picture takes about"),
        (("show", WIDE, "--stage", "graph"), "a table of 5,049 steps is too long"),
        (("show", WIDE, "--stage", "gradient"), "a table of 5,049 steps is too long"),
        (("show", WIDE, "--stage", "tape"), "a table of 5,049 steps is too long"),
        (("show", *MATRIX, "--stage", "graph"), "a table of 7,259 steps is too long"),
        (("show", *MATRIX, "--stage", "tape", "--at", "x=1"), "take --format json"),
        (("show", DEEP, "--stage", "expression"), "takes 35,988,000 characters"),
        (("show", LONGEST, "--stage", "source"), "steps are too many to be shown"),
        (("compare", LONG, "--at", "0.1", "--sweep-variables"), "a sweep of the variables would"),
        (("compare", WIDE, "--at", FIFTY, "--sweep-step"), "a sweep of the step takes 77"),
        (("compare", WIDE, "--sweep-depth"), "a sweep of the depth would take"),
        (("grad", GAMMAS, "--at", "2.5", "--digits", "5000"), "an answer in 10,012 digits takes"),
        (("minimize", GAMMAS, "--start", "2", "--digits", "5000"), "digits takes about"),
        (("minimize", "x^2", "--digits", "1e9"), "from 1 to 10000"),
        (("grad", "x", "--at", "1", "--digits", "1e9"), "from 1 to 10000"),
        (("minimize", "x^2", "--precision", "1e9"), "from 1 to 17"),
        (("grad", "x^2", "--at", "1", "--points", "1e9"), "points"),
    ],
)
def test_a_request_too_large_ends_with_a_sentence(
    gdcli: Gdcli, words: tuple[str, ...], said: str
) -> None:
    answer = gdcli(*words)
    assert answer.status == 2
    assert said in answer.err
    assert len(answer.err) < 700


@pytest.mark.parametrize(
    "words",
    [
        ("grad", *VECTOR, "--at", "x=1"),
        ("minimize", *VECTOR),
        ("minimize", "rosenbrock-n", "--size", "n=9e8"),
        ("grad", "rosenbrock-n", "--size", "n=9e8", "--at", "x=1"),
        ("plot", *VECTOR, "--slice", "x=1"),
        ("show", *VECTOR, "--stage", "tape", "--at", "x=1"),
    ],
)
def test_a_vector_that_memory_cannot_hold_is_refused(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("gdcli.execute.limits.available_bytes", lambda: 4 * 10**9)
    answer = gdcli(*words)
    assert answer.status == 2
    assert "of memory, and 4 GB are free; --yes tries it all the same" in answer.err


def test_what_needs_no_vector_is_answered_however_long_it_is(gdcli: Gdcli) -> None:
    assert gdcli("show", *VECTOR, "--stage", "tape").status == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        *sampled(
            [
                (("grad", SWELLING, "--symbolic"), 2),
                (("grad", SWELLING, "--at", "1,2", "--derivative", "symbolic"), 2),
                (("minimize", SWELLING, "--derivative", "symbolic"), 2),
                (("plot", SWELLING, "--start", "1,1", "--derivative", "symbolic"), 2),
            ],
            1,
        ),
        (("compare", SWELLING, "--at", "1,2", "--format", "json"), 0),
    ],
)
def test_formulas_that_swell_without_bound_end_with_a_sentence(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int
) -> None:
    monkeypatch.setattr("gdcli.execute.limited_process.CPU_SECONDS", 1)
    answer = gdcli(*words)
    assert answer.status == status
    said = "SymPy takes more than 3 CPU seconds or 500 MB for the formulas of this gradient"
    assert said in answer.err + answer.out


def test_what_cannot_be_simplified_in_time_is_given_as_it_is(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gdcli.execute.limited_process.CPU_SECONDS", 1)
    slow = "(sin(x) + cos(y) + x*y)^50*exp(x/y)/(1 + x^2)"
    answer = gdcli("grad", slow, "--symbolic", "--format", "plain")
    assert (answer.status, len(answer.out.splitlines())) == (0, 2)
    assert (
        answer.err == "gdcli: not simplified: that takes SymPy more than 3 CPU seconds or 500 MB\n"
    )


@pytest.mark.parametrize("columns", ["1000000", "1" + "0" * 30, "9" * 5000])
@pytest.mark.parametrize("words", [("x^2",), ("x^2+y^2",), ("x^2+y^2", "--kind", "descent")])
def test_a_picture_is_never_wider_than_a_screen(
    gdcli: Gdcli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    answer = gdcli("plot", *words)
    assert answer.status == 0
    assert WIDEST_PICTURE / 2 < max(map(len, answer.out.splitlines())) <= WIDEST_PICTURE
