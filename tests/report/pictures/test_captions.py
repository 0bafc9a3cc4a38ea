from __future__ import annotations

import pytest

from gdcli.report.pictures.captions import captions
from gdcli.scenes.scene import Axis, Contour, Surface
from tests import example_scenes as scenes


@pytest.mark.parametrize("kind", [Contour, Surface])
def test_an_arrow_says_its_point_f_and_the_gradient(kind: type[Contour] | type[Surface]) -> None:
    scene = kind("bowl", scenes.grid(), scenes.ARROW, (), ())
    assert " ".join(captions(scene)) == "x = 1, y = 0.5:  f = 1.75,  ∇f = (2, 3)"
    assert captions(scene._replace(arrow=None)) == []


def test_long_names_are_cut_and_numbers_have_a_true_minus_sign() -> None:
    axes = Axis("a" * 50, -2.0, 2.0), Axis("y", -1.0, 1.5)
    arrow = scenes.ARROW._replace(gradient=(-2.0, 3.0))
    phrases = captions(Contour("bowl", scenes.grid()._replace(axes=axes), arrow, (), ()))
    assert phrases[0] == "a" * 23 + "… = 1,"
    assert phrases[-1] == "∇f = (−2, 3)"


def test_the_gradient_that_is_met_is_told_in_full() -> None:
    scene = scenes.steps()._replace(exact=(("x", 1 / 3), ("y", -1.0)))
    assert captions(scene) == ["exact: ∂f/∂x = 0.3333333333333333,", "∂f/∂y = −1"]


def test_other_scenes_have_nothing_to_tell() -> None:
    assert captions(scenes.every()["field"]) == []
