from __future__ import annotations

import pytest

from gdcli.errors import UsageError
from gdcli.functions.function import Function
from gdcli.scenes import scene
from gdcli.scenes.kinds import PICTURE_KINDS, build, default_kind, refuse_dimensions, refuse_options
from gdcli.scenes.paths import path
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.section import section

GROUPS = {"at", "secant", "window", "slice", "descent", "motion"}


def test_every_kind_is_built_into_its_scene() -> None:
    for name, kind in PICTURE_KINDS.items():
        assert set(kind.takes) <= GROUPS
        function = Function("x^2" if kind.shows == (1,) else "x^2 + y^2")
        at = (1.0,) * len(function.variables)
        from gdcli.descent.iterate import Iterate

        paths = (path(function, [Iterate(0, list(at), 2.0, 2.0, None)], 1),)
        request = PictureRequest(
            section(function, {}), at=at if "at" in kind.takes else None, paths=paths
        )
        expected = scene.DescentScene if name == "descent" else getattr(scene, name.capitalize())
        assert type(build(name, request)) is expected


@pytest.mark.parametrize(
    ("free", "given", "kind"),
    [
        (1, [], "curve"),
        (1, ["at", "secant"], "curve"),
        (1, ["descent"], "descent"),
        (2, [], "contour"),
        (2, ["at", "window"], "contour"),
        (2, ["descent", "window"], "descent"),
        (3, [], "history"),
        (3, ["descent"], "history"),
    ],
)
def test_the_default_goes_by_variables_and_by_what_is_asked(
    free: int, given: list[str], kind: str
) -> None:
    assert default_kind(free, given) == kind


def test_what_means_nothing_for_a_kind_is_refused() -> None:
    refuse_options("curve", {"a point": "at", "a secant": "secant"})
    with pytest.raises(UsageError) as caught:
        refuse_options("contour", {"a point": "at", "a secant": "secant"})
    assert caught.value.message == (
        'a secant has no place in kind="contour"; it belongs to kind="curve"'
    )
    with pytest.raises(UsageError, match='it belongs to kind="descent or history"'):
        refuse_options("curve", {"a step size": "descent"})


@pytest.mark.parametrize(
    ("kind", "text", "free", "message"),
    [
        ("surface", "x^2", [0], "a surface shows 2 variables, and the function has 1 variable (x):"
         ' take kind="curve"'),
        ("surface", "x1+x2+x3+x4+x5", range(5), "the function has 5 variables (x1, x2, x3, x4, x5):"
         ' hold the others fixed, as with slice="x3=0,x4=0,x5=0", or take kind="history"'),
        ("contour", "x+y+z", [0], "slice leaves 1 variable: leave two"),
        ("boxes", "x+y+z", range(3), "boxes show 2 variables, and the function has 3 variables"),
        ("curve", "x+y", [0, 1], 'as with slice="y=0"'),
        ("descent", "x+y+z", range(3), 'as with slice="z=0", or take kind="history"'),
        ("descent", "x+y", [0], 'leave two, or take kind="history"'),
        ("curve", "3", [], "there is nothing to draw"),
        ("history", "3", [], "there is nothing to draw"),
    ],
)  # fmt: skip
def test_too_many_and_too_few_variables(
    kind: str, text: str, free: list[int], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        refuse_dimensions(kind, Function(text), free)
    assert message in caught.value.message


def test_what_can_be_shown_passes() -> None:
    three = Function("x + y + z")
    for kind, free in (("curve", [1]), ("contour", [0, 2]), ("descent", [0, 2]), ("history", [])):
        refuse_dimensions(kind, three, free or [0, 1, 2])
    refuse_dimensions("descent", Function("x^2"), [0])
    refuse_dimensions("steps", three, [0, 1, 2])
