from __future__ import annotations

import pytest

from gdcli.errors import UndefinedError
from gdcli.functions.function import Function


@pytest.mark.parametrize(
    ("text", "point", "message", "place"),
    [
        ("log(x-y)", [1, 1], "log(x - y) at x=1, y=1: log(0)", "log(x-y)"),
        ("y + 2*log(x-y)", [1, 1], "log(x - y) at x=1, y=1: log(0)", "log(x-y)"),
        ("exp(-1/x^2)", [0], "-1/x^2 at x=0: (-1)/0", "-1/x^2"),
        ("1 + (x-2)/(y-x)", [3, 3], "(x - 2)/(y - x) at x=3, y=3: 1/0", "(x-2)/(y-x)"),
        ("sqrt(x) + y", [-4, 1], "sqrt(x) at x=-4: sqrt(-4)", "sqrt(x)"),
        ("sqrt(x) + y", [0, 1], "the derivative of sqrt(x) at x=0: 1/0", "sqrt(x)"),
        ("exp(x^2)*y", [100, 1], "exp(x^2) at x=100: exp(10000)", "exp(x^2)"),
        ("(x-3)^0.5", [1], "(x - 3)^0.5 at x=1: (-2)^0.5", "(x-3)^0.5"),
        ("atan2(y, x)", [0, 0], "atan2(y, x) at x=0, y=0: atan2(0, 0)", "atan2(y, x)"),
        ("r = x - y; 1/r", [1, 1], "1/r at x=1, y=1: 1/0", "1/r"),
        ("asin(x)/3", [1.5], "asin(x) at x=1.5: asin(1.5)", "asin(x)"),
    ],
)
def test_the_innermost_failure_its_numbers_and_its_place(
    text: str, point: list[float], message: str, place: str
) -> None:
    header = "f(x, y) = " if "y" in text else "f(x) = "
    with pytest.raises(UndefinedError) as caught:
        Function(header + text).value_and_gradient(point)
    first, shown, caret = str(caught.value).splitlines()
    assert first == f"undefined: {message}"
    assert shown == f"  {header}{text}"
    start = shown.index(place, len(header))
    assert caret == " " * start + "^" * len(place)
    assert caught.value.exit_status == 4


def test_a_failure_that_only_the_second_derivative_has() -> None:
    with pytest.raises(UndefinedError, match="undefined: "):
        Function("f(x) = x^1.5").hessian(0)


@pytest.mark.parametrize(
    ("text", "point", "named"),
    [
        ("abs(x) + y", [0, 5], ["abs(x) at x = 0"]),
        ("max(x, y, 3)", [3, 2], ["max(x, y, 3) at x = 3, y = 2"]),
        ("max(x, x) + y", [3, 2], []),
        ("ifelse(x < y, x, 2*y)", [1, 1], ["ifelse(x < y, x, 2*y) at x = 1, y = 1"]),
        ("atan2(y, x)", [-1, 0], ["atan2(y, x) at x = -1, y = 0"]),
        ("atan2(y, x)", [1, 0], []),
        ("x^2 + y", [0, 0], []),
    ],
)
def test_kinks_are_named(text: str, point: list[float], named: list[str]) -> None:
    assert Function(f"f(x, y) = {text}").kinks(point, 0.0) == named
