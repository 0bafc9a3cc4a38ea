from __future__ import annotations

import math
from random import Random

import pytest

from gdcli.functions.function import Function
from gdcli.nonsmooth.bounded_pass import Tapes
from gdcli.nonsmooth.bounded_samples import SampledPoint, StepBudget, settled_slopes
from gdcli.nonsmooth.sampler import GradientSampler, Slopes
from tests.sweeps import sampled


def around(text: str, *point: float) -> Slopes:
    function = Function(text)
    tapes = Tapes(function.tape, function.gradient_tape)
    place = SampledPoint(tapes, point, constants_are_floats=False)
    return settled_slopes(GradientSampler, place, function.evaluate(point), StepBudget())


def gradient(text: str, *point: float) -> list[float | None]:
    return [None if slope is None else float(slope) for slope in around(text, *point).gradient]


@pytest.mark.parametrize("seed", sampled(range(12), 4))
def test_a_maximum_of_planes_has_the_nearest_point_of_their_normals(seed: int) -> None:
    # max of two planes through the origin: the nearest point of a segment, by hand
    random = Random(seed)
    a, b = ([random.uniform(-2.0, 2.0) for _ in range(3)] for _ in range(2))
    planes = [" + ".join(f"({c!r})*{v}" for c, v in zip(p, "xyz", strict=True)) for p in (a, b)]
    found = gradient(f"f(x, y, z) = max({planes[0]}, {planes[1]})", 0.0, 0.0, 0.0)
    edge = [q - p for p, q in zip(a, b, strict=True)]
    share = -sum(p * e for p, e in zip(a, edge, strict=True)) / sum(e * e for e in edge)
    share = min(max(share, 0.0), 1.0)
    want = [p + share * e for p, e in zip(a, edge, strict=True)]
    assert found == pytest.approx(want, abs=1e-9)


@pytest.mark.parametrize("seed", sampled(range(6), 3))
def test_a_cone_on_a_slope_has_the_nearest_point_of_a_ball(seed: int) -> None:
    random = Random(seed)
    slope = [random.uniform(-3.0, 3.0) for _ in range(2)]
    radius = random.choice([1.0, -1.0, 0.5])
    text = f"f(x, y) = ({radius})*sqrt(x^2 + y^2) + ({slope[0]!r})*x + ({slope[1]!r})*y"
    size = math.hypot(*slope)
    want = [c * max(0.0, 1.0 - abs(radius) / size) for c in slope]
    assert gradient(text, 0.0, 0.0) == pytest.approx(want, abs=1e-9)


def test_all_kinks_of_many_variables_are_seen() -> None:
    names = [f"x{i}" for i in range(1, 9)]
    largest = f"f({', '.join(names)}) = max({', '.join(names)})"
    assert gradient(largest, *[1.0] * 8) == pytest.approx([0.125] * 8, abs=1e-9)
    total = f"f({', '.join(names)}) = " + " + ".join(f"abs({name})" for name in names)
    assert gradient(total, *[0.0] * 8) == [0.0] * 8


def test_a_component_that_does_not_settle_leaves_the_others_alone() -> None:
    assert gradient("f(x, y) = sqrt(x) + abs(y) + 3*y", 0.0, 0.0) == [None, 2.0]
    assert gradient("f(x, y) = cbrt(x) + y", 0.0, 0.0) == [None, 1.0]


def test_the_kinks_beside_the_point_stay_out_of_sight() -> None:
    assert gradient("f(x, y) = abs(x) + abs(y)", 1e-300, 0.0) == [1.0, 0.0]


def test_a_jump_is_told() -> None:
    assert around("f(x) = sign(x)", 0.0).jumps
    assert not around("f(x) = abs(x)", 0.0).jumps
    assert around("f(x) = ifelse(x == 0, 0, 1/x)", 0.0) == Slopes([None], jumps=True)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        # -3y in a cell of 18 degrees alone, and on no side of it opposite
        ("min(-3*x, max(-3*y, y - 2*x))", [-1.2, -0.6]),
        # four planes, two of them in cells of half a degree; between (1.01, 0) and (0.99, 2)
        ("abs(abs(y) - abs(y - 0.01*x)) + x + 2*y", [4.04 / 4.0004, 0.0404 / 4.0004]),
        ("relu(relu(y - 0.02*x) - relu(3*y - 0.07*x)) + x - y", [0.98, 0.0]),
    ],
)
def test_thin_cells_are_sampled_too(text: str, nearest: list[float]) -> None:
    assert gradient(text, 0.0, 0.0) == pytest.approx(nearest)
