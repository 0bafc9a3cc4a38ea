"""Edges of the domain: minima that lie where f is not defined any further.

Where the edge is follows from how the function is made.
"""

from __future__ import annotations

import random
from itertools import product
from math import inf

import pytest

import gdcli
from gdcli.descent.edges import Held, edges
from tests.sweeps import sampled

METHODS = ("steepest", "bfgs", "lbfgs", "newton", "trust-region", "nesterov")
ENDS = [  # functions of u, the end of u where each has its least value, and a side inside
    ("acos(u)", 1.0, -1.0),
    ("-asin(u)", 1.0, -1.0),
    ("asin(u)", -1.0, 1.0),
    ("sqrt(u)", 0.0, 1.0),
    ("u^0.3", 0.0, 1.0),
    ("u*sqrt(u)", 0.0, 1.0),
    ("acosh(u)", 1.0, 1.0),
    ("exp(sqrt(u))", 0.0, 1.0),
    ("log(1+sqrt(u))", 0.0, 1.0),
    ("atan(u^0.5)", 0.0, 1.0),
]


def at_an_edge(seed: int) -> tuple[str, list[float], float]:
    """A function of x and y with its minimum at an edge in x, a start, and where the edge is."""
    draw = random.Random(seed)
    form, end, side = ENDS[seed % len(ENDS)]
    a = draw.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])
    edge = draw.choice([-2.0, -0.75, 0.0, 0.5, 1.0, 3.0])
    u = f"({a}*x + ({end - a * edge}))"  # every number here is a double: u(edge) is the end
    q = round(draw.uniform(-2.0, 2.0), 2)
    others = ("(y-({q}))^2", "(1+exp(y))*0.5-y*0.4", "cosh(y-({q}))", "(y-({q}))^4")
    inside = edge + side * draw.uniform(0.1, 0.9) / a
    text = f"{form.replace('u', u)} + {others[seed % 4].format(q=q)}".replace("acos(", "acos(")
    return text.replace(f"acosh{u}", f"acosh({u})"), [inside, q + 1.0], edge


@pytest.mark.parametrize(("method", "seed"), sampled(product(METHODS, range(60)), 16))
def test_a_minimum_at_an_edge_is_found(method: str, seed: int) -> None:
    text, start, edge = at_an_edge(seed)
    result = gdcli.minimize(text, start, method=method)
    assert result.exit_status == 0, (text, start, result.message)
    assert result.classification == "minimum"
    assert result.x[0] == edge
    assert "at the edge of" in result.message


def test_the_report_names_the_edge() -> None:
    result = gdcli.minimize("acos(x)", [0.5])
    assert result.x[0] == 1.0
    assert result.message.startswith("converged at the edge of acos(x), x = 1:")
    assert result.verdict is not None
    assert result.verdict.startswith("a minimum at the edge of acos(x), x = 1: f is not lower")
    assert not result.degenerate
    assert result.gradient[0] == -inf  # the slope itself; what was tested has none of it
    assert result.gradient_norm == 0.0


def test_two_edges_are_held_at_once() -> None:
    result = gdcli.minimize("acos(x[1]) + (x[2] - 1)^2 + sqrt(x[3])", [0.3, 0.4, 0.5])
    assert list(result.x) == [1.0, 1.0, 0.0]
    assert result.exit_status == 0


def test_an_edge_that_f_rises_to_is_left_alone() -> None:
    result = gdcli.minimize("-sqrt(x) + x", [0.01])
    assert result.x[0] == pytest.approx(0.25)
    assert "edge" not in result.message


def test_the_end_of_a_rounded_operand_is_the_last_number_inside() -> None:
    (edge,) = edges(gdcli.function("sqrt(2 - x^2)"), [2.0**0.5 * (1 - 1e-13)])
    assert 2.0 - edge.place**2 >= 0.0
    assert edge.inside < edge.place


def test_an_edge_of_more_than_one_variable_is_none() -> None:
    assert edges(gdcli.function("sqrt(x - y)"), [1.0, 1.0]) == []


def test_a_held_coordinate_has_no_slope_and_the_others_keep_theirs() -> None:
    function = gdcli.function("sqrt(x)*y + y^2 + x*y")
    held = Held(function, edges(function, [0.0, 1.0]))
    assert held.evaluate_gradient([0.0, 1.5]) == (2.25, [0.0, 3.0])
    assert held.evaluate_hessian([0.0, 1.5]) == [[1.0, 0.0], [0.0, 2.0]]
    assert held.evaluate_hessian_product([0.0, 1.5], [3.0, 2.0]) == [3.0, 4.0]


def test_bounds_and_edges_hold_together() -> None:
    result = gdcli.minimize("sqrt(x) + (y+1)^2", [1.0, 1.0], bounds={"y": (0.0, inf)})
    assert list(result.x) == [0.0, 0.0]
    assert result.exit_status == 0
    assert set(result.multipliers) == {"y"}
