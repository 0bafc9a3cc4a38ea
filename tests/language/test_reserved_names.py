"""The name of a function that came after 0.1 is one only before `(`, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS
from gdcli.errors import ExpressionError, PointError
from gdcli.language.parser import Arity, parse
from gdcli.language.points import read_constant
from gdcli.language.semantics.roles import GivenShapes, Roles, assign
from gdcli.language.syntax import APPLY_NODE, Expression

OF_0_1 = (
    "exp expm1 log ln log1p log2 log10 sqrt cbrt sin cos tan asin arcsin acos arccos atan arctan "
    "atan2 sinh cosh tanh asinh acosh atanh abs sign min max hypot erf logcosh sigmoid softplus "
    "relu logaddexp"
)
FUNCTIONS = {
    "sin": Arity(1, 1),
    "max": Arity(1, None),
    "gamma": Arity(1, 1, reserved=False),
    "beta": Arity(2, 2, reserved=False),
}


def read(text: str, parameters: dict[str, str] | None = None, **given: Any) -> Roles:
    constants = {name: parse(value, FUNCTIONS) for name, value in (parameters or {}).items()}
    return assign(parse(text, FUNCTIONS), FUNCTIONS, constants, GivenShapes(**given))


def calls(expression: Expression) -> list[str]:
    nodes = [node for node in expression.nodes if node.kind == APPLY_NODE]
    return [str(node.value) for node in nodes if node.value in FUNCTIONS]


def test_no_name_is_reserved_that_was_not_in_0_1() -> None:
    reserved = {name for name, row in LANGUAGE_FUNCTIONS.items() if row.since == "0.1"}
    assert reserved == set(OF_0_1.split()), "a new row says since which release its name is known"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("gamma*x^2", ("gamma", "x")),
        ("2gamma + x", ("gamma", "x")),
        ("(x)gamma", ("gamma", "x")),
        ("gamma^2", ("gamma",)),
        ("f(gamma) = gamma^2", ("gamma",)),
        ("f(x, gamma[3]) = x*gamma[2]", ("x", "gamma")),
        ("gamma = x^2; gamma + y", ("x", "y")),
        ("gamma(x) = x^2", ("x",)),
        ("sum(gamma[i]*x for i in 1:3)", ("gamma", "x")),
        ("sum(gamma*x for gamma in 1:3)", ("x",)),
        ("norm(gamma) + gamma[2]", ("gamma",)),
        ("max(gamma, x)", ("gamma", "x")),
        ("gammax*x", ("gammax", "x")),
    ],
)
def test_without_a_parenthesis_it_is_a_name_like_any_other(
    text: str, variables: tuple[str, ...]
) -> None:
    assert calls(parse(text, FUNCTIONS)) in ([], ["max"])
    assert read(text).variables == variables


def test_it_may_be_set_be_a_size_and_be_data() -> None:
    assert read("gamma*x^2", {"gamma": "2"}).variables == ("x",)
    assert read("sum(x[i] for i in 1:gamma)", sizes={"gamma": 3}).sizes == {"gamma": 3}
    assert read("f(x[gamma]) = x[1]", sizes={"gamma": 3}).sizes == {"gamma": 3}
    given = {"gamma": (4,)}
    assert read("sum((x - gamma[i])^2 for i in 1:n)", data=given).variables == ("x",)


@pytest.mark.parametrize("text", ["gamma(x)", "2gamma(x)", "f(x) = gamma (x)", "sin(gamma(x))"])
def test_before_a_parenthesis_it_is_the_function(text: str) -> None:
    assert "gamma" in calls(parse(text, FUNCTIONS))
    assert read(text).variables == ("x",)


TWO_WAYS = "write gamma*(x) for the product, or rename it to use the function gamma"


@pytest.mark.parametrize(
    ("text", "parameters", "given", "role"),
    [
        ("gamma(x) + gamma", {}, {}, "a variable"),
        ("f(x, gamma) = gamma(x)", {}, {}, "a variable"),
        ("gamma = 2; gamma(x)", {}, {}, "a part"),
        ("gamma(x)", {"gamma": "2"}, {}, "set to a value"),
        ("gamma(x)", {}, {"data": {"gamma": (3,)}}, "an array of data"),
        ("gamma(x)", {}, {"sizes": {"gamma": 3}}, "a size"),
        ("f(x, y[gamma]) = gamma(x)", {}, {}, "a size"),
        ("sum(gamma(x) for gamma in 1:3)", {}, {}, "a variable"),
        ("gamma[1] + gamma(x)", {}, {}, "a variable"),
    ],
)
def test_declared_and_called_it_is_refused_with_both_readings(
    text: str, parameters: dict[str, str], given: dict[str, Any], role: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text, parameters, **given)
    assert caught.value.message == f"`gamma(x)`: gamma is {role} here; {TWO_WAYS}"
    span = caught.value.span
    assert span is not None
    assert text[span.start : span.end] == "gamma(x)"


@pytest.mark.parametrize("text", ["gamma(x) = gamma(x) + 1", "beta*x + beta(x, 2)"])
def test_what_can_be_no_product_is_to_be_renamed(text: str) -> None:
    with pytest.raises(
        ExpressionError, match=r"here; rename it to use the function (gamma|beta)\n"
    ):
        read(text)


def test_in_a_point_it_is_the_function_unless_a_size_has_its_name() -> None:
    assert calls(read_constant("gamma(5)", FUNCTIONS, "--at")) == ["gamma"]
    with pytest.raises(PointError, match="gamma is a number here; rename it to use the function"):
        read_constant("gamma(5)", FUNCTIONS, "--at", {"gamma"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gamma x", "an operator is missing between `gamma` and `x`; write gamma*x"),
        ("gamma()", "nothing stands between the parentheses"),
        ("gamma(x, y)", "gamma takes 1 argument, not 2"),
        ("gama(x)", "`gama` is not a function; did you mean gamma?"),
    ],
)
def test_mistakes_are_answered_as_ever(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, FUNCTIONS)
    assert caught.value.message == message
