from __future__ import annotations

from gdcli.derivatives.gradient import GradientRequest, answering
from gdcli.functions.function import Function
from gdcli.report.formats.gradients import GradientColumns, directions, gradient
from gdcli.report.text_document import TextDocument
from gdcli.report.view import GradView, Screen

F = Function("x^2*y")


def test_columns_have_one_width_whatever_comes() -> None:
    columns = GradientColumns(GradView(F.text, F.variables))
    answer = answering(F, GradientRequest())
    texts = [columns.row(1, answer(point)) for point in ([1.0, 2.0], [-1e-200, 1e-99], [0.0, 0.0])]
    lines = "".join(texts).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert set(lines[1]) == {"─"}
    assert lines[2].split() == ["1", "2", "2", "4", "1", "4.123106"]


def test_a_cell_longer_than_its_column_is_not_cut() -> None:
    answer = answering(F, GradientRequest(digits=30))([1 / 3, 2.0])
    text = GradientColumns(GradView(F.text, F.variables)).row(1, answer)
    assert str(answer.value) in text


def test_a_stationary_point_is_named_in_all_numbers() -> None:
    for request in (GradientRequest(), GradientRequest(exact=True), GradientRequest(digits=9)):
        document = TextDocument(Screen())
        gradient(document, answering(F, request)([0.0, 0.0]))
        assert "a stationary point" in document.text()


def test_directions_of_one_variable_have_no_angle() -> None:
    document = TextDocument(Screen())
    answer = answering(Function("x^2"), GradientRequest(along=[2.0], sample=True))([3.0])
    directions(document, answer)
    assert document.text().splitlines()[1].split() == ["x", "slope"]
    assert "°" not in document.text()
