from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest

from gdcli.errors import UndefinedError
from gdcli.functions.function import Function
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.scene import Steps
from gdcli.scenes.section import section
from gdcli.scenes.steps import steps


def drawn(text: str, *at: float) -> Steps:
    return steps(PictureRequest(section(Function(text), {}), at=at))


def test_each_formula_has_its_errors_over_h() -> None:
    scene = drawn("sin(x)", 1.0)
    lines = {line.label: line for line in scene.lines}
    assert set(lines) == {
        "forward-difference", "central-difference", "central-difference (5 points)", "complex-step"
    }  # fmt: skip
    forward = lines["forward-difference"]
    for h, error in zip(forward.x, forward.y, strict=True):
        found = (sin(1.0 + h) - sin(1.0)) / h
        # relative rounding: what the two sines' last places make of the quotient
        assert error == pytest.approx(abs(found / cos(1.0) - 1.0), abs=4e-16 / h + 1e-15)
    assert dict(scene.exact) == {"x": pytest.approx(cos(1.0))}
    assert scene.title == "sin(x) at x = 1"


def test_where_the_gradient_is_0_the_error_is_absolute() -> None:
    assert drawn("sin(x)", 1.0).measure == "relative error"
    scene = drawn("x^2", 0.0)
    assert scene.measure == "absolute error"
    forward = next(line for line in scene.lines if line.label == "forward-difference")
    assert forward.y == pytest.approx(forward.x)  # ((0 + h)^2 - 0)/h is h


def test_the_entries_of_a_vector_are_variables() -> None:
    f = Function("sum(i*x[i]^2 for i in 1:n)", sizes={"n": 2})
    scene = steps(PictureRequest(section(f, {}), at=(1.0, 2.0)))
    assert scene.exact == (("x[1]", 2.0), ("x[2]", 8.0))


def test_the_best_h_lies_on_its_line() -> None:
    scene = drawn("sin(x)", 1.0)
    assert len(scene.best) == len(scene.lines)
    for mark, line in zip(scene.best, scene.lines, strict=True):
        place = int(np.flatnonzero(line.x == mark.x)[0])
        assert line.y[place] == mark.y == mark.f
        assert mark.label.startswith(line.label)
    assert 1e-9 < scene.best[0].x < 1e-6  # sqrt of the rounding unit


def test_a_lucky_h_is_not_marked_and_that_is_told() -> None:
    scene = drawn("sin(x)", pi / 3)
    marks = {mark.label.partition(":")[0]: mark for mark in scene.best}
    lines = {line.label: line for line in scene.lines}
    central = lines["central-difference"]
    place = int(np.flatnonzero(central.x == marks["central-difference"].x)[0])
    worst = [max(central.y[k - 1 : k + 2]) for k in range(1, central.y.size - 1)]
    assert max(central.y[place - 1 : place + 2]) == min(worst)
    assert central.y.min() < marks["central-difference"].y
    assert any("least together with its neighbours'" in note for note in scene.notes)
    assert "luck" not in " ".join(drawn("x^2", 0.0).notes)


def test_the_end_of_a_line_may_be_its_best() -> None:
    scene = drawn("x^2", 0.0)
    marks = {mark.label.partition(":")[0]: mark for mark in scene.best}
    assert marks["forward-difference"].x == marks["forward-difference"].y == 1e-16  # ((h)^2)/h


def test_errors_of_0_have_a_floor_and_are_told() -> None:
    scene = drawn("x^2 + y", 1.0, 2.0)
    assert min(line.y.min() for line in scene.lines) == scene.floor
    assert any("errors of 0 are drawn at 1e-17" in note for note in scene.notes)
    assert [name for name, _ in scene.exact] == ["x", "y"]


def test_where_a_formula_has_no_number_nothing_is_drawn() -> None:
    scene = drawn("log(x)", 1e-3)
    assert any(np.isnan(line.y).any() for line in scene.lines)
    assert any("nothing is drawn" in note for note in scene.notes)


def test_without_a_gradient_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(UndefinedError):
        drawn("log(x)", -1.0)
