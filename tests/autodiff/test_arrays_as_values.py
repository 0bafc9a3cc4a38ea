"""Arrays as values on the tape: every way to run them gives what the straight line gives."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import mpmath
import numpy as np
import pytest

from gdcli.autodiff import exact
from gdcli.autodiff.passes.infinities import check_infinities
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import (
    ACCUMULATOR,
    EARLIER,
    ELEMENT,
    LOOP,
    SUM,
    TABLE,
    Accumulator,
    Extent,
    Loop,
    Subscript,
    instructions,
)
from gdcli.errors import UndefinedError
from gdcli.execute.bindings import ArrayBinding, Bindings
from gdcli.execute.fallback import FallbackFunction
from gdcli.execute.interpret import interpret
from gdcli.execute.native import Program
from gdcli.execute.source import FLOAT_TARGET, IEEE_TARGET, compile_tape, source
from gdcli.execute.work import Work
from gdcli.functions.function import Function
from gdcli.numbers.bounded import Bounded, system_of
from gdcli.numbers.floats import FLOAT
from gdcli.numbers.precise import FRACTIONS, digits
from tests.tape_writer import TapeWriter, Trial

DATA = {"X": np.array([[0.3, -1.2], [1.1, 0.4], [-0.7, 0.9]])}
TEXTS = {
    "a row that stands before its loop": "h[i in 1:n, j in 1:2] = sin(a*x[j]); "
    "sum(h[i,j]^2*X[i,j] for i in 1:n, j in 1:2)",
    "rows of rows that stand before their loops": "h[i in 1:n, j in 1:2, k in 1:2] = "
    "exp(a*x[j]*X[i,k]); g[i in 1:n, j in 1:2, k in 1:2] = a*x[k]^2; "
    "sum(h[i,j,k]*g[i,j,k] for i in 1:n, j in 1:2, k in 1:2)",
    "a recurrence in two directions": "u[1, j in 1:3] = x[j]; u[t in 2:4, 1] = sin(a*u[t-1,1]); "
    "u[t in 2:4, j in 2:3] = u[t-1,j]*u[t,j-1] + a*u[t-1,j-1]; u[4,3]",
    "coupled recurrences": "p[1] = a; q[1] = x[1]; p[t in 2:6] = p[t-1] + 0.1*q[t-1]; "
    "q[t in 2:6] = q[t-1] - 0.1*sin(p[t])*x[2]; sum((p[t] - 1)^2 for t in 1:6) + q[6]",
    "a table of one side that two branches read": "h[j in 1:3] = x[j]^2; "
    "ifelse(a > 0, sum(h[j] for j in 1:3), h[2])*ifelse(a > 0, h[1], a)",
    "recurrences of both sides, whose adjoints are summed around them": "p[1] = x[1]; "
    "p[t in 2:3] = p[t-1]*x[t]; q[1] = p[1]; q[t in 2:3] = q[t-1]*a + p[t]; "
    "ifelse(a > 2, x[1], q[2]) + sum(q[t] + p[t] for t in 1:3)",
    "reductions of a table": "h[j in 1:3] = tanh(x[j]); max(h[j] for j in 1:3) "
    "+ prod(h[j] + a for j in 1:3) + logsumexp(2*h[j] for j in 1:3)",
    "a product and a minimum of a recurrence": "p[1] = a; p[t in 2:4] = p[t-1]*x[t]; "
    "prod(1 + p[t] for t in 1:4) + min(p[t] for t in 1:4)",
    "a product inside a recurrence": "p[1] = a; "
    "p[t in 2:4] = prod(p[t-1] + x[j] for j in 1:2)/3; p[4]*p[2]",
    "shares of sums of exponentials": "z[i in 1:n, k in 1:2] = a*X[i,1]*x[k]; "
    "sum(logsumexp(z[i,k] for k in 1:2) - z[i,2] for i in 1:n)",
}
EACH_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
TO_N = Loop((Subscript(1),), (Subscript(0, (("n", 1),)),))
SUMS_TO_N = Accumulator((Extent(TO_N.low, TO_N.high),))
FIRST = [Subscript(1)]


@EACH_TEXT
def test_loops_and_the_straight_line_agree(text: str) -> None:
    data = DATA if "X[" in text else None
    function = Function(text, data=data, backend="python", as_written=True)
    straight, draw, n = function.unrolled, Random(text), function.layout.size
    for _ in range(2):
        point, along = ([draw.uniform(0.3, 1.5) for _ in range(n)] for _ in range(2))
        found, wanted = function.evaluate_gradient(point), straight.evaluate_gradient(point)
        assert found[0] == pytest.approx(wanted[0], rel=1e-13)
        assert found[1] == pytest.approx(wanted[1], rel=1e-11, abs=1e-13)
        product, true = (one.evaluate_hessian_product(point, along) for one in (function, straight))
        assert product == pytest.approx(true, rel=1e-10, abs=1e-12)


@EACH_TEXT
def test_python_source_is_the_interpreter(text: str) -> None:
    function = Function(text, data=DATA if "X[" in text else None, as_written=True)
    n, draw, tape = function.layout.size, Random(text), reverse(function.tape)
    assert function.bindings is not None
    bindings = function.bindings._replace(length=n)
    point = [draw.uniform(0.3, 1.5) for _ in range(n)]
    wanted = interpret(tape, FLOAT, point, bindings=bindings)
    for target in (FLOAT_TARGET, IEEE_TARGET):
        value, gradient = compile_tape(tape, target, bindings)(point)
        assert [value, *gradient] == pytest.approx(wanted, rel=1e-13, abs=1e-15)


def test_the_text_of_a_table() -> None:
    function = Function("h[i in 1:n] = x[i]^2; sum(h[n+1-i]*h[i] for i in 1:n)", sizes={"n": 3})
    assert function.bindings is not None
    text = source(function.tape, FLOAT_TARGET, function.bindings).splitlines()
    assert text[3:6] == [
        "    v4 = {}",
        "    for i1 in range(1, n + 1):",
        "        v2 = x[i1]",
    ]
    assert "    v4[i1] = v2*v2" in "\n".join(text)
    assert Work(function.tape, function.bindings).kept == 3


# -- what the builder must not do ------------------------------------------------------------------


def test_an_earlier_entry_stays_in_the_loop_that_fills_its_table() -> None:
    """u[1] depends on no index of the loop, and must not be computed in front of it."""
    writer = TapeWriter((), ("x",))
    builder = writer.builder

    def step(t: int) -> int:
        builder.branch("==", t, builder.constant(exact.ONE))
        first = writer.entry("x", t)
        builder.otherwise()
        before = builder.earlier(t, 0, [Subscript(-1, (), (1,))], [t], t)
        start = builder.earlier(t, 0, FIRST, [], t)
        after = writer.apply("+", writer.times(before, writer.entry("x", t)), start)
        return builder.close([first], [after])[0]

    table = writer.loop("n", step, TABLE)
    tape = writer.tape(builder.entry(table, [Subscript(0, (("n", 1),))], []))
    (loop,) = [one for one in tape.body.instructions if one.operation == LOOP]
    assert sum(one.operation == EARLIER for one in instructions(loop.regions[0])) == 2
    trial = Trial(tape, {"n": 4}, {"x": ("n",)})
    start, *others = trial.point
    last = start
    for one in others:
        last = last * one + start
    assert trial.value(tape) == pytest.approx(last, rel=1e-14)


def test_sums_are_read_as_they_are_where_they_are_read() -> None:
    """Two reads of one entry, before and after something is added, are different values."""
    writer = TapeWriter((), ("x",))
    builder = writer.builder
    sums = builder.accumulator(SUMS_TO_N, [])
    index = builder.loop(TO_N, [])
    before = builder.earlier(sums, 0, FIRST, [], index)
    builder.add_to(sums, FIRST, [], writer.entry("x", index))
    after = builder.earlier(sums, 0, FIRST, [], index)
    (total,) = builder.close_loop([SUM], [writer.apply("-", after, before)])
    table = builder.close_accumulator()
    tape = writer.tape(writer.times(total, builder.entry(table, FIRST, [])))
    trial = Trial(tape, {"n": 3}, {"x": ("n",)})
    assert trial.value(tape) == pytest.approx(sum(trial.point) ** 2)


def test_a_loop_that_adds_stays_where_it_is_and_runs_each_time() -> None:
    writer = TapeWriter((), ("x",))
    builder = writer.builder
    sums = builder.accumulator(SUMS_TO_N, [])
    builder.loop(TO_N, [])
    inner = builder.loop(TO_N, [])  # nothing in it depends on the outer index
    builder.add_to(sums, FIRST, [], writer.entry("x", inner))
    builder.close_loop()
    builder.close_loop()
    tape = writer.tape(builder.entry(builder.close_accumulator(), FIRST, []))
    trial = Trial(tape, {"n": 3}, {"x": ("n",)})
    assert trial.value(tape) == pytest.approx(3 * sum(trial.point))


def test_reads_of_a_finished_table_are_one_and_leave_the_loop() -> None:
    writer = TapeWriter((), ("x",))
    table = writer.loop("n", lambda i: writer.square(writer.entry("x", i)), TABLE)
    second = writer.entry(table, (None, 2))
    assert writer.entry(table, (None, 2)) == second
    whole = writer.loop("n", lambda i: writer.times(writer.entry(table, (None, 1)), i))
    tape = writer.tape(writer.apply("+", whole, second))
    outside = [one for one in tape.body.instructions if one.operation == ELEMENT]
    assert len(outside) == 2
    trial = Trial(tape, {"n": 3}, {"x": ("n",)})
    assert trial.value(tape) == pytest.approx(6 * trial.point[0] ** 2 + trial.point[1] ** 2)


# -- entries that nothing reads --------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_entry_that_nothing_reads_hands_nothing_on(backend: str) -> None:
    """Its slope is infinite where JAX's gradient is nan."""
    function = Function("h[i in 1:2] = sqrt(x[i]); h[2]", backend=backend)
    assert function.evaluate_gradient([0.0, 4.0]) == (2.0, [0.0, 0.25])
    recurrent = Function(
        "u[1] = x[1]; u[t in 2:5] = sqrt(u[t-1]*x[t]); v[t in 1:5] = sqrt(x[t]); u[3] + v[2]",
        backend=backend,
    )
    value, gradient = recurrent.evaluate_gradient([1.0, 4.0, 4.0, 0.0, 0.0])
    assert value == pytest.approx(math.sqrt(8.0) + 2.0, rel=1e-15)
    root = math.sqrt(2.0)
    assert gradient == pytest.approx([root / 2, root / 8 + 0.25, root / 4, 0.0, 0.0], rel=1e-15)


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("h[i in 1:n] = sqrt(x[i]); sum(h[i] for i in 1:n)", 0),
        ("h[i in 1:n, j in 1:m] = sqrt(x[i,j]); sum(sum(h[i,j] for j in 1:m)^2 for i in 1:n)", 0),
        ("h[i in 1:2] = sqrt(x[i]); h[1]*h[2]", 0),
        ("h[i in 1:2, j in 1:2] = sqrt(x[i,j]); h[1,1]*h[2,2] + h[1,2]", 1),
        ("h[i in 1:n] = sqrt(x[i]); sum(h[i] for i in 1:n-1)", 1),
        ("h[i in 1:n] = sqrt(x[i]); max(h[i] for i in 1:n)", 1),
        ("h[i in 1:n] = sqrt(x[i]); sum(ifelse(x[i] > 1, h[i], 2) for i in 1:n)", 1),
        ("h[i in 1:n] = sqrt(x[i]); sum(h[n+1-i] for i in 1:n)", 1),
    ],
)
def test_what_is_added_is_counted_only_where_some_may_be_passed_over(
    text: str, counted: int
) -> None:
    sizes = {name: 3 for name in "nm" if f":{name}" in text}
    tape = reverse(Function(text, sizes=sizes).tape)
    sums = sum(one.operation == ACCUMULATOR for one in instructions(tape.body))
    assert sums == 1 + counted


@pytest.mark.parametrize("backend", ["python", "native"])
def test_an_undefined_entry_makes_f_undefined(backend: str) -> None:
    for text in (
        "h[i in 1:3] = sqrt(x[i]); h[2]",
        "h[i in 1:3] = sqrt(x[i]); sum(h[i] for i in 1:2)",
        "h[i in 1:3, j in 1:2] = sqrt(x[i]); h[1,1] + h[2,2]",
        "h[1] = 1; h[t in 2:4] = h[t-1] + 0*sqrt(x[t-1]); h[2]",
    ):
        function = Function(text, backend=backend)
        assert math.isfinite(function.evaluate([1.0, 4.0, 0.0])), text
        assert math.isnan(function.evaluate([1.0, 4.0, -1.0])), text
        assert math.isnan(function.evaluate_gradient([1.0, 4.0, -1.0])[0]), text
    side = Function("h[i in 1:3] = sqrt(x[i]); ifelse(x[1] > 0, h[2], 7)", backend=backend)
    assert math.isnan(side.evaluate([1.0, 4.0, -1.0]))
    assert side.evaluate([-1.0, 4.0, -1.0]) == 7.0


def test_a_kink_of_an_entry_that_nothing_reads_is_none() -> None:
    answer = Function("h[i in 1:2] = abs(x[i]); h[2]").answer([0.0, 4.0])
    assert answer.gradient == [0.0, 1.0]
    assert not answer.notes


# -- infinities ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "h[i in 1:2] = exp(x[i]); sum(1/(1 + h[i]*exp(-800)) for i in 1:2)",
        "h[i in 1:2] = exp(x[i]); sum(tanh(h[i] - exp(750)) for i in 1:2)",
        "h[i in 1:2] = exp(x[i]); max(h[i]*0.5 for i in 1:2) - h[1]",
        "h[i in 1:2] = exp(x[i]); sum(ifelse(h[i] < 1, 1, 2) for i in 1:2)",
        "p[1] = x[1]; p[t in 2:3] = exp(p[t-1])*x[2]; 1/p[3] + tanh(p[3])",
    ],
)
def test_an_infinity_in_a_table_is_checked_as_in_a_straight_line(text: str) -> None:
    function = Function(text, as_written=True)
    straight = function.unrolled
    for point in ([1.0, 2.0], [800.0, 1.0], [720.0, -800.0], [-800.0, 5.0]):
        found, wanted = function.evaluate(point), straight.evaluate(point)
        assert (found == pytest.approx(wanted, rel=1e-13)) or (found != found and wanted != wanted)


def test_a_sum_of_ones_needs_no_check() -> None:
    tape = reverse(Function("h[i in 1:2] = sqrt(x[i]); h[2]").tape)
    assert "if-finite" not in str(check_infinities(tape))


# -- logsumexp -------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["python", "native"])
@pytest.mark.parametrize("terms", ["c + x[1], c + x[2]", "c + x[i] for i in 1:2"])
def test_slopes_of_logsumexp_keep_their_digits_where_its_terms_are_large(
    backend: str, terms: str
) -> None:
    x = [0.0, math.log(3)]
    for c in (0.0, -1e3, 2.0**40, 1e15, 1e17):
        function = Function(f"f(c, x[2]) = logsumexp({terms})", backend=backend)
        near = [(c + one) - c for one in x]  # what the terms differ by, once rounded
        share = 1 / (1 + math.exp(near[1] - near[0]))
        slopes = function.evaluate_gradient([c, *x])[1]
        assert slopes == pytest.approx([1, share, 1 - share], rel=1e-14)
        product = function.evaluate_hessian_product([c, *x], [0.0, 1.0, 0.0])
        bend = share * (1 - share)
        assert product == pytest.approx([0, bend, -bend], rel=1e-13, abs=1e-15)


# scipy.special.logsumexp of SciPy 1.17.1; of the last five the sum of exponentials in 50 digits
SUMS_OF_EXPONENTIALS = [
    ([1000.0, 1001.0], 1001.3132616875182),
    ([-1000.0, -1001.0, -999.0], -998.5923940355556),
    ([1e308, 1e308], 1e308),
    ([math.inf, 1.0], math.inf),
    ([-math.inf, -math.inf], -math.inf),
    ([-math.inf, 2.0], 2.0),
    ([math.nan, 2.0], math.nan),
    ([2.0, math.inf, math.nan], math.nan),
    ([], -math.inf),
    ([3.5], 3.5),
    ([0.0, 0.0, 0.0], 1.0986122886681097),
    ([0.0, -40.0], 4.248354255291589e-18),
    ([-40.0, 0.0, -41.0], 5.8112364446265777e-18),
    ([-745.0] * 17, -742.16678665594378),
    ([*range(-30, 3, 3)], 0.051069180942696928),
]


@pytest.mark.parametrize(("terms", "value"), SUMS_OF_EXPONENTIALS)
def test_a_sum_of_exponentials_never_overflows(terms: list[float], value: float) -> None:
    writer = TapeWriter((), ("x",))
    tape = writer.tape(writer.loop("n", lambda i: writer.entry("x", i), "logsumexp"))
    point = list(map(float, terms))
    bindings = Bindings({"n": len(terms)}, (), {"x": ArrayBinding((len(terms),), 0)})
    ways = [
        interpret(tape, FLOAT, point, bindings=bindings)[0],
        FallbackFunction(tape, bindings)(point)[0],
        Program(tape, bindings)(point)[0],
    ]
    if len(terms) > 1:
        straight = Function(f"logsumexp({', '.join(f'x{k}' for k in range(len(terms)))})")
        ways.append(straight.evaluate(point))
    assert ways == pytest.approx([value] * len(ways), rel=4e-16, abs=0, nan_ok=True)


@pytest.mark.parametrize("backend", ["python", "native"])
def test_a_sum_of_exponentials_is_smooth_where_terms_tie(backend: str) -> None:
    function = Function("sum(logsumexp(a*x[k] for k in 1:9)^2 for i in 1:2)", backend=backend)
    point = [2.0, *[0.5] * 9]
    y, share = 1.0 + math.log(9.0), 1.0 / 9.0
    value, gradient = function.evaluate_gradient(point)
    assert value == pytest.approx(2 * y * y, rel=1e-15)
    assert gradient == pytest.approx([4 * y * 0.5, *[4 * y * 2.0 * share] * 9], rel=1e-14)
    answer = Function("logsumexp(x[k] for k in 1:3)").answer([0.5] * 3)
    assert answer.gradient == pytest.approx([1 / 3] * 3, rel=1e-15)
    assert not answer.notes
    # d²/dx_i dx_j of log Σ exp is p_i δ_ij - p_i p_j
    product = Function("logsumexp(x[k] for k in 1:3)", backend=backend).evaluate_hessian_product(
        [0.5] * 3, [1.0, 0.0, 0.0]
    )
    assert product == pytest.approx([2 / 9, -1 / 9, -1 / 9], rel=1e-14)


def test_a_sum_of_exponentials_in_any_number_system() -> None:
    function = Function("logsumexp(x, y, z)")
    with mpmath.workdps(60):
        point = [mpmath.mpf(one) for one in ("-30", "1e-3", "-2.5")]
        true = mpmath.log(mpmath.fsum(map(mpmath.exp, point)))
        found = interpret(function.tape, digits(50), point)[0]
        assert abs(found - true) <= mpmath.mpf(10) ** -49 * abs(true)
        tiny = interpret(function.tape, digits(50), [mpmath.mpf(one) for one in (0, -300, -301)])
        true = mpmath.log1p(mpmath.exp(-300) + mpmath.exp(-301))
    assert abs(tiny[0] - true) <= 1e-49 * true
    inside = system_of(None)
    bounded = interpret(function.tape, inside, [Bounded(one, 1e-9) for one in (1.0, 2.0, 3.0)])[0]
    assert bounded.value == pytest.approx(3.40760596444438, rel=1e-15)
    assert 1e-9 <= bounded.error <= 1.001e-9
    with pytest.raises(UndefinedError, match="rational"):
        interpret(function.tape, FRACTIONS, [Fraction(1)] * 3)
