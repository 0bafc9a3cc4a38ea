from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from gdcli.functions.function import Function
from gdcli.scenes.levels import drawable, limits
from gdcli.scenes.resolution import is_unsteady, resolution_notes, summit
from gdcli.scenes.section import section

if TYPE_CHECKING:
    from gdcli.scenes.resolution import Summit
    from gdcli.scenes.scene import Array


def on_axis(text: str, low: float = -5.0, high: float = 5.0) -> tuple[Array, Summit | None]:
    part = section(Function(text), {})
    x = np.linspace(low, high, 401)
    f = part.over([x])
    return f, summit(part, (x,), f)


def on_plane(text: str, places: int = 101) -> tuple[Array, Summit | None, list[str]]:
    part = section(Function(text), {})
    x = np.linspace(-5.0, 5.0, places)
    f = part.over([x[None, :], x[:, None]])
    way = summit(part, (x, x), f)
    shown = limits(f, way is not None and way.pole)
    return f, way, resolution_notes(part, (x, x), f, shown, way)


@pytest.mark.parametrize("text", ["1/(x - 0.01)", "tan(x)", "1/(x - 0.0125)^2", "1/(x-pi)"])
def test_a_pole_has_no_top(text: str) -> None:
    f, way = on_axis(text)
    assert way is not None
    assert way.pole
    low, high = limits(f, pole=True)
    assert high < 0.5 * np.max(f[drawable(f)])
    assert np.mean((f >= low) & (f <= high)) > 0.8


@pytest.mark.parametrize("text", ["1/x", "exp(1/x)", "1/(x - 1)^2"])
def test_a_pole_on_the_grid_has_no_top(text: str) -> None:
    """It is infinite there, or nan where the infinity might stand for another number."""
    f, way = on_axis(text)
    assert limits(f, pole=way is not None and way.pole)[1] < 0.1 * np.max(f[drawable(f)])


def test_a_pole_at_the_edge() -> None:
    _, way = on_axis("1/x", 0.001)
    assert way is not None
    assert way.pole


@pytest.mark.parametrize(
    "text", ["x^2", "x^9", "exp(x^2)", "abs(x)", "sqrt(abs(x))", "x^21", "log(x+5.1)"]
)
def test_what_is_steep_is_no_pole(text: str) -> None:
    f, way = on_axis(text)
    assert way is not None
    assert not way.pole
    assert way.f[0] in (f.min(), f.max())


def test_what_rises_slowly_without_end_is_neither() -> None:
    assert on_axis("log(abs(x - 0.0123))")[1] is None


def test_a_narrow_well_has_a_bottom() -> None:
    _, way = on_axis("-exp(-3000*(x - 0.0123)^2)")
    assert way is not None
    assert not way.pole
    assert way.points[-1, 0] == pytest.approx(0.0123, abs=1e-6)
    assert way.f[-1] == pytest.approx(-1.0)


def test_a_pole_of_two_variables() -> None:
    f, way, _ = on_plane("1/(x - y - 0.001)")
    assert way is not None
    assert way.pole
    low, high = limits(f, pole=True)
    assert -10 < low < -1
    assert 1 < high < 10


@pytest.mark.parametrize("sharpness", [1e3, 1e5, 1e8])
def test_a_narrow_well_of_two_variables_is_told(sharpness: float) -> None:
    _, way, notes = on_plane(f"-1/(1 + {sharpness}*((x - 0.12345)^2 + (y - 0.3)^2))")
    assert way is not None
    assert not way.pole
    assert notes == ["f reaches -1 at x = 0.12345, y = 0.3, too narrowly to be seen here"]


@pytest.mark.parametrize(
    "text", ["x^2 + y^2", "sin(3*x)*cos(y)", "abs(x) + sqrt(abs(y))", "exp(x^2 + y)", "7 + 0*x*y"]
)
def test_of_a_quiet_function_there_is_nothing_to_tell(text: str) -> None:
    assert on_plane(text)[2] == []


def test_what_the_grid_cannot_follow_is_told() -> None:
    # a period of one place of the grid: at the places themselves f is constant in x
    _, _, notes = on_plane("sin(20*pi*x) + y/100")
    assert notes[0].startswith("f changes faster than this picture can follow")


def test_jumps_and_gaps_are_no_unsteadiness() -> None:
    part = section(Function("ifelse(x < 0.3, 0, 1) + 0*log(x + 4)"), {})
    x = np.linspace(-5.0, 5.0, 401)
    assert not is_unsteady(part, (x,), part.over([x]), (0.0, 1.0))
