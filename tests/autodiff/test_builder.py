"""The builder: where instructions stand, and which become one."""

from __future__ import annotations

import pytest

from gdcli.autodiff import exact
from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import LOOP, PRODUCT, SUM, Element, Loop, Subscript, Tape, check

N = Subscript(0, (("n", 1),))
ONE_TO_N = Loop((Subscript(1),), (N,))
HERE = Element("x", (Subscript(0, (), (1,)),))


def built(text: str, builder: Builder, *outputs: int) -> Tape:
    tape = builder.tape(outputs)
    assert str(tape) == text.strip()
    return tape


def test_what_does_not_change_in_a_loop_stands_before_it() -> None:
    builder = Builder(("a",), ("x",))
    a = builder.load(0)
    index = builder.loop(ONE_TO_N, ())
    factor = builder.apply("sin", a)
    term = builder.apply("*", factor, builder.element(HERE, [index]))
    (total,) = builder.close_loop([SUM], [term])
    built(
        """
v0 = load 0
v1 = apply sin v0
v5 = loop 1 : n {
  v2 = index
  v3 = element x[v2]
  v4 = apply * v1, v3
  yield v4 by sum
}
return v5""",
        builder,
        total,
    )


def test_an_inner_loop_that_does_not_change_stands_before_the_outer_one() -> None:
    builder = Builder((), ("x",))
    outer = builder.loop(ONE_TO_N, ())
    inner = builder.loop(ONE_TO_N, ())
    (length,) = builder.close_loop([SUM], [builder.element(HERE, [inner])])
    term = builder.apply("*", length, builder.element(HERE, [outer]))
    (total,) = builder.close_loop([SUM], [term])
    tape = builder.tape([total])
    assert [one.operation for one in tape.body.instructions] == [LOOP, LOOP]
    assert tape.body.instructions[0].results[0] in tape.body.instructions[1].regions[0][0][2][2]


def test_nothing_leaves_a_branch() -> None:
    builder = Builder(("a",))
    a = builder.load(0)
    index = builder.loop(ONE_TO_N, ())
    builder.branch("<", index, a)
    inside = builder.apply("log", a)
    builder.otherwise()
    (chosen,) = builder.close([inside], [a])
    (total,) = builder.close_loop([SUM], [chosen])
    built(
        """
v0 = load 0
v4 = loop 1 : n {
  v1 = index
  v3 = branch v1 < v0 {
    v2 = apply log v0
    yield v2
  } else {
    yield v0
  }
  yield v3 by sum
}
return v4""",
        builder,
        total,
    )


def test_equal_loops_are_one() -> None:
    builder = Builder((), ("x",))

    def total(kind: str) -> int:
        index = builder.loop(ONE_TO_N, ())
        return builder.close_loop([kind], [builder.element(HERE, [index])])[0]

    assert total(SUM) == total(SUM)
    assert total(PRODUCT) != total(SUM)


def test_loops_with_effects_stay_where_they_are_and_are_never_one() -> None:
    builder = Builder((), ("x",))
    for _ in range(2):
        index = builder.loop(ONE_TO_N, ())
        builder.accumulate(HERE, [index], builder.constant(exact.ONE))
        builder.close_loop()
    tape = builder.tape([builder.constant(exact.ZERO)])
    assert sum(one.operation == LOOP for one in tape.body.instructions) == 2


def test_a_copy_of_a_tape_is_an_equal_tape() -> None:
    builder = Builder(("a",), ("x",))
    index = builder.loop(ONE_TO_N, ())
    factor = builder.apply("+", builder.element(HERE, [index]), builder.load(0))
    (total,) = builder.close_loop([PRODUCT], [factor])
    tape = builder.tape([total])
    other = Builder(("a",), ("x",))
    numbers = other.extend(tape)
    copied = other.tape([numbers[output] for output in tape.body.outputs])
    assert str(copied) == str(tape)


def test_a_value_of_a_loop_is_not_seen_outside_it() -> None:
    builder = Builder((), ("x",))
    index = builder.loop(ONE_TO_N, ())
    inside = builder.element(HERE, [index])
    builder.close_loop([SUM], [inside])
    with pytest.raises(ValueError, match="has no value"):
        check(builder.whole()._replace(body=builder.whole().body._replace(outputs=(inside,))))
