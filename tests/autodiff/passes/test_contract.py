"""Contraction: a loop that fills a table becomes one with the loops that read it at their index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gdcli.autodiff import exact
from gdcli.autodiff.passes import joined_loops
from gdcli.autodiff.passes.joined_loops import contract, fuse
from gdcli.autodiff.passes.schedule import schedule
from gdcli.autodiff.reverse import reverse
from gdcli.autodiff.tape import (
    LOOP,
    MAX,
    SUM,
    TABLE,
    Instruction,
    Subscript,
    Tape,
    instructions,
)
from tests.tape_writer import TapeWriter, Trial

SHAPES = {
    **{"W": "md", "V": "pm", "X": "nd", "Y": "nm", "A": "nm", "B": "mm"},
    **{"u": "p", "v": "m", "x": "m", "y": "n", "z": "n", "c": "n"},
}
SIZES = {"n": 5, "m": 3, "d": 2, "p": 4, "k": 5}


def loops(tape: Tape) -> list[Instruction]:
    return [one for one in instructions(tape.body) if one.operation == LOOP]


def tables(tape: Tape) -> int:
    return sum(one.payload.reductions.count(TABLE) for one in loops(tape))


def holds(tape: Tape, contracted: Tape) -> None:
    """The passes leave value and gradient what they are."""
    trial = Trial(tape, SIZES, SHAPES)
    assert trial.value(contracted) == trial.value(tape)
    wanted = trial.gradient(reverse(tape))
    for gradient in (reverse(contracted), fuse(reverse(contracted), SIZES)):
        assert trial.gradient(gradient) == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def layer(
    writer: TapeWriter, weights: str, size: str, inner: str, entry: Callable[[int], int]
) -> int:
    """The row of tanh Σ weights[k, j]·entry(j)."""
    return writer.loop(
        size, lambda k: writer.apply("tanh", writer.product(weights, k, inner, entry)), TABLE
    )


def network() -> Tape:
    """A network of two layers, each of them a table of rows, and its residuals."""
    w = TapeWriter((), ("W", "V", "u"))
    h = w.loop("n", lambda i: layer(w, "W", "m", "d", lambda j: w.entry("X", i, j)), TABLE)
    g = w.loop("n", lambda i: layer(w, "V", "p", "m", lambda k: w.entry(h, i, k)), TABLE)

    def residual(i: int) -> int:
        dot = w.loop("p", lambda q: w.times(w.entry("u", q), w.entry(g, i, q)))
        return w.apply("-", dot, w.entry("y", i))

    r = w.loop("n", residual, TABLE)
    return w.tape(w.loop("n", lambda i: w.square(w.entry(r, i))))


def test_a_chain_of_layers_becomes_one_loop_with_a_row_of_the_first() -> None:
    tape = network()
    contracted = contract(tape, SIZES)
    assert len(contracted.body.instructions) == 1
    assert (tables(tape), tables(contracted)) == (5, 1)  # the second layer is read at its index
    gradient = fuse(reverse(contracted))
    assert sum(one.operation == LOOP for one in gradient.body.instructions) == 1
    holds(tape, contracted)


def test_all_readers_of_a_table_join_it() -> None:
    """Σ h² + max h, and Σ y·h: three loops and the table's own."""
    w = TapeWriter((), ("x", "W"))
    h = w.loop("n", lambda i: w.product("W", 1, "d", lambda j: w.entry("X", i, j)), TABLE)
    first = w.loop("n", lambda i: w.square(w.entry(h, i)))
    greatest = w.loop("n", lambda i: w.entry(h, i), MAX)
    last = w.loop("n", lambda i: w.times(w.entry("y", i), w.entry(h, i)))
    tape = w.tape(w.apply("+", w.apply("+", first, greatest), last))
    contracted = contract(tape, SIZES)
    assert loops(contracted)[0].payload.reductions == (SUM, MAX, SUM)
    assert sum(one.operation == LOOP for one in contracted.body.instructions) == 1
    assert tables(contracted) == 0
    holds(tape, contracted)


def test_ranges_are_compared_by_sizes() -> None:
    w = TapeWriter((), ("x", "W"))
    h = w.loop("n", lambda i: w.product("W", 1, "d", lambda j: w.entry("X", i, j)), TABLE)
    tape = w.tape(w.loop("k", lambda i: w.square(w.entry(h, i))))
    assert contract(tape, {**SIZES, "k": 3}) == tape
    contracted = contract(tape, SIZES)
    assert tables(contracted) == 0
    assert contract(tape, {**SIZES, "k": 4}) == tape
    holds(tape, contracted)


def test_a_row_of_neighbours_stays_a_table() -> None:
    """A window of the second subscript needs the row, and no more."""
    w = TapeWriter((), ("x",))
    h = w.loop(
        "n",
        lambda i: w.loop("m", lambda j: w.times(w.entry("Y", i, j), w.entry("x", j)), TABLE),
        TABLE,
    )

    def row(i: int) -> int:
        return w.loop("m", lambda j: w.times(w.entry(h, i, j), w.entry(h, i, (j, -1))), low=2)

    tape = w.tape(w.loop("n", row))
    contracted = contract(tape, SIZES)
    assert (tables(tape), tables(contracted)) == (2, 1)
    holds(tape, contracted)


def filled(w: TapeWriter) -> int:
    """The table of x_1·y_i³."""
    return w.loop(
        "n",
        lambda i: w.times(
            w.entry("x", (None, 1)), w.times(w.entry("y", i), w.square(w.entry("y", i)))
        ),
        TABLE,
    )


def reads_the_one_before(w: TapeWriter) -> int:
    h = filled(w)
    return w.loop("n", lambda i: w.times(w.entry(h, i), w.entry(h, (i, -1))), low=2)


def reads_the_first_too(w: TapeWriter) -> int:
    h = filled(w)
    return w.loop("n", lambda i: w.times(w.entry(h, i), w.entry(h, (None, 1))))


def reads_an_entry_outside(w: TapeWriter) -> int:
    h = filled(w)
    return w.apply("+", w.loop("n", lambda i: w.entry(h, i)), w.entry(h, (None, 2)))


def reads_all_in_each_iteration(w: TapeWriter) -> int:
    h = filled(w)
    return w.loop("n", lambda i: w.square(w.loop("n", lambda j: w.apply("/", w.entry(h, j), i))))


def needs_the_mean_first(w: TapeWriter, table: int | None = None) -> int:
    h = filled(w) if table is None else table
    total = w.loop("n", lambda i: w.entry(h, i))
    return w.loop("n", lambda i: w.square(w.apply("-", w.entry(h, i), total)))


def needs_another_result(w: TapeWriter) -> int:
    x = w.entry("x", (None, 1))
    h, total = w.loops(
        "n",
        lambda i: [w.times(x, w.square(w.entry("y", i))), w.square(w.entry("y", i))],
        [TABLE, SUM],
    )
    return w.loop("n", lambda i: w.times(w.apply("sin", w.entry(h, i)), total))


def reads_on_a_side_alone(w: TapeWriter) -> int:
    """The adjoint of an entry that no iteration reads must not be computed."""
    h = filled(w)

    def term(i: int) -> int:
        w.builder.branch(">", w.entry("c", i), w.builder.constant(exact.ZERO))
        inside = w.square(w.entry(h, i))
        w.builder.otherwise()
        return w.builder.close([inside], [w.builder.constant(exact.ONE)])[0]

    return w.loop("n", term)


def is_read_while_it_is_filled(w: TapeWriter) -> int:
    """p_1 = x_1, p_t = sin p_{t-1} + y_t; Σ p_t²."""

    def following(t: int) -> int:
        w.builder.branch("==", t, w.builder.constant(exact.ONE))
        first = w.entry("x", (None, 1))
        w.builder.otherwise()
        before = w.builder.earlier(t, 0, [Subscript(-1, (), (1,))], [t], t)
        after = w.apply("+", w.apply("sin", before), w.entry("y", t))
        return w.builder.close([first], [after])[0]

    p = w.loop("n", following, TABLE)
    return w.loop("n", lambda i: w.square(w.entry(p, i)))


def has_another_range(w: TapeWriter) -> int:
    h = filled(w)
    return w.loop("n", lambda i: w.square(w.entry(h, i)), low=2)


@pytest.mark.parametrize(
    "write",
    [
        reads_the_one_before,
        reads_the_first_too,
        reads_an_entry_outside,
        reads_all_in_each_iteration,
        needs_the_mean_first,
        needs_another_result,
        reads_on_a_side_alone,
        is_read_while_it_is_filled,
        has_another_range,
    ],
    ids=lambda write: write.__name__,
)
def test_a_table_stays_where_its_reader(write: Callable[[TapeWriter], int]) -> None:
    w = TapeWriter((), ("x",))
    tape = w.tape(write(w))
    contracted = contract(tape, SIZES)
    assert tables(contracted) == 1
    holds(tape, contracted)


def standardized(w: TapeWriter) -> int:
    """Σ (h - Σ h)²·g with g = tanh of the row before the sum: two loops that cannot be one."""
    g = w.loop("n", lambda i: layer(w, "W", "m", "d", lambda j: w.entry("X", i, j)), TABLE)
    h = w.loop(
        "n", lambda i: w.loop("m", lambda k: w.times(w.entry("v", k), w.entry(g, i, k))), TABLE
    )
    return needs_the_mean_first(w, h)


def test_a_table_too_long_to_be_stored_is_found_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean of all rows comes first: each of the two loops has the network for itself."""
    w = TapeWriter((), ("W", "v"))
    tape = w.tape(standardized(w))
    for most in (5, 4):
        monkeypatch.setattr(joined_loops, "MOST_STORED_NUMBERS", most)
        contracted = contract(tape, SIZES)
        over_rows = [one for one in contracted.body.instructions if one.operation == LOOP]
        assert len(over_rows) == (3 if most == 5 else 2)
        assert sum(TABLE in one.payload.reductions for one in over_rows) == (most == 5)
        holds(tape, contracted)
        gradient = schedule(reverse(contracted), SIZES)
        trial = Trial(tape, SIZES, SHAPES)
        wanted = trial.gradient(reverse(tape))
        assert trial.gradient(gradient) == pytest.approx(wanted, rel=1e-12, abs=1e-12)
