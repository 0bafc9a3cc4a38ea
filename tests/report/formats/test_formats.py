"""Each format writes each kind of result that its row in FORMATS offers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.derivatives.value import evaluating
from gdcli.descent.minimize import minimize
from gdcli.functions.function import Function
from gdcli.library.lookup import problem
from gdcli.library.verification import verify
from gdcli.report.formats import FORMATS, Format, Writers, not_offered
from gdcli.report.listing import Cell, Listing
from gdcli.report.predictions import PredictedRow
from gdcli.report.stages.graph import graph
from gdcli.report.view import GradView, ListingView, MinimizeView, PredictionView, Screen

F = Function("(x - 1/3)^2/2 + y^2")
RUN = minimize(F, [1.0, 0.0], alpha=1.0)
ANSWER = answering(F, GradientRequest())([2 / 3, 0.0])
VALUE = evaluating(F)([1 / 3 + 1 / 3, 1 / 3])
MINIMIZE_VIEW, GRAD_VIEW = MinimizeView(F.text, F.variables), GradView(F.text, F.variables)
LINES: list[tuple[Cell, ...]] = [("v0 = x", 1 / 3, "x", "1-1"), ("v1", None, "", "")]
ROWS = Listing("tape", ("line", "value", "text", "columns"), LINES, "0.3333333\n", {})
ROWS = ROWS._replace(content={"instructions": [], "outputs": []})
LISTING_VIEW = ListingView(F.text, F.variables, at=[1 / 3, 0.0])
PREDICTION_VIEW = PredictionView("y ~ a*x", ("a", "x"), ("x",), ("y_predicted",))


def iterates(writers: Writers) -> str:
    lines = writers.iterates(MINIMIZE_VIEW)
    return "".join(map(lines.row, RUN.trace)) + lines.end()


def gradients(writers: Writers) -> str:
    lines = writers.gradients(GRAD_VIEW)
    return lines.row(1, ANSWER) + lines.row(2, ANSWER) + lines.end()


def point_values(writers: Writers) -> str:
    lines = writers.values(GRAD_VIEW)
    return lines.row(1, VALUE) + lines.row(2, VALUE) + lines.end()


def predicted(writers: Writers) -> str:
    lines = writers.predictions(PREDICTION_VIEW)
    return lines.row(1, PredictedRow(["1"], [1 / 3])) + lines.end()


# Of each kind of result: what writes one, and what stands in its text whatever the format.
SAMPLES: dict[str, tuple[Callable[[Writers], str], str]] = {
    "minimize": (lambda writers: "".join(writers.minimize(RUN, MINIMIZE_VIEW)), "0.33333333333333"),
    "iterates": (iterates, "0.33333333333333"),
    "grad": (lambda writers: "".join(writers.grad(ANSWER, GRAD_VIEW)), "0.33333333333333"),
    "gradients": (gradients, "0.3333333"),
    "value": (lambda writers: "".join(writers.value(VALUE, GRAD_VIEW)), "0.16666666666666"),
    "values": (point_values, "0.16666"),
    "predictions": (predicted, "0.33333333333333"),
    "listing": (lambda writers: writers.listing(ROWS, LISTING_VIEW), "0.33333"),
    "graph": (lambda writers: writers.graph(graph(F, [2 / 3, 0.0]), Screen()), "0.33333"),
    "problems": (lambda writers: writers.problems([problem("booth")], Screen()), "booth"),
    "problems_in_full": (
        lambda writers: writers.problems_in_full([problem("booth"), problem("beale")], Screen()),
        "beale",
    ),
    "verify": (lambda writers: writers.verify(verify(problem("booth")), Screen()), "booth"),
    "tags": (lambda writers: writers.tags({"lecture": 2}, Screen()), "lecture"),
    "functions": (lambda writers: writers.functions([LANGUAGE_FUNCTIONS["ln"]], Screen()), "log"),
    "completion": (lambda writers: writers.completion("complete -F _gdcli\n"), "_gdcli"),
}


def test_there_is_a_sample_of_each_kind_of_result() -> None:
    assert tuple(SAMPLES) == Writers._fields


@pytest.mark.parametrize(
    ("form", "result"), [(name, result) for name, row in FORMATS.items() for result in row.offers]
)
def test_each_format_writes_each_result_that_it_offers(form: str, result: str) -> None:
    write, content = SAMPLES[result]
    text = write(FORMATS[form].writers())
    assert content in text
    assert text.endswith("\n")
    assert text == write(FORMATS[form].writers())


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_a_row_offers_what_its_module_writes(form: Format) -> None:
    written = form.writers()._asdict().items()
    assert {name for name, writer in written if writer is not not_offered} == {*form.offers}
    assert {*form.bare} <= {*form.offers}
    assert not {"minimize", "iterates"} <= {*form.offers}
    if "grad" in form.offers:  # what the command writes of many points, and of formulas alone
        assert {"gradients", "listing"} <= {*form.offers}
