from __future__ import annotations

import pytest

from gdcli.autodiff.passes.kink_distance import kink_distance
from gdcli.autodiff.primitives import SILENT_KINKS
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import interpret
from gdcli.functions.function import Function
from gdcli.numbers.floats import IEEE


@pytest.mark.parametrize(
    ("text", "point", "distance"),
    [
        ("abs(x - y)", [1.0, 3.0], 2.0),
        ("abs(x - y)", [3.0, 3.0], 0.0),
        ("abs(x) + abs(y - 1)", [4.0, 1.5], 0.5),
        ("max(x, y, 2)", [2.0, 1.0], 0.0),
        ("max(x, y, 2)", [2.0, 3.0], 1.0),
        ("max(x, x) + y", [2.0, 3.0], 1.0),
        ("ifelse(x < y, abs(x), y)", [-0.5, 3.0], 0.5),
        ("ifelse(x < y, abs(x), y)", [3.0, 0.0], 1.0),
        ("ifelse(x < y, abs(x), y)", [3.0, 3.0], 0.0),
        ("relu(x)*sign(y)", [0.0, 1.0], 0.0),
        ("hypot(x, y)", [0.0, 0.0], 0.0),
        ("(x^2 + y^2)^1.2", [0.0, 0.0], 0.0),
        ("atan2(x, y)", [0.0, -2.0], 0.0),
        ("atan2(x, y)", [0.0, 2.0], 1.0),
    ],
)
def test_the_distance_is_0_on_a_kink_alone(text: str, point: list[float], distance: float) -> None:
    tape = kink_distance(Function(f"f(x, y) = {text}").tape)
    assert tape is not None
    found = interpret(tape, IEEE, point)[0]
    assert min(found, 1.0) == min(distance, 1.0) or found == pytest.approx(distance)


@pytest.mark.parametrize("text", ["x^2 + y", "exp(x)/y", "sqrt(x) + tanh(y)"])
def test_smooth_tapes_have_none(text: str) -> None:
    assert kink_distance(Function(text).tape) is None


def test_what_is_left_out_raises_in_floats() -> None:
    for name in ("sqrt", "cbrt"):
        assert name not in SILENT_KINKS
        with pytest.raises(ZeroDivisionError):
            FallbackFunction(Function(f"{name}(x)").gradient_tape).run([0.0])
