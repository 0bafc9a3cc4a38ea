"""The tape by itself: the builder, check against tapes broken by hand, run, and printing."""

from __future__ import annotations

import pytest

from gdcli.autodiff.builder import Builder
from gdcli.autodiff.tape import (
    ACCUMULATE,
    ACCUMULATOR,
    APPLY,
    BRANCH,
    CONSTANT,
    EARLIER,
    INDEX,
    LOAD,
    LOOP,
    UNFINISHED,
    Accumulator,
    Earlier,
    Element,
    Extent,
    Instruction,
    Loop,
    Region,
    Subscript,
    Tape,
    check,
    run,
)
from gdcli.language.syntax import Decimal


def load(result: int, number: int = 0) -> Instruction:
    return Instruction(LOAD, number, (), (result,))


def sine(operand: int, result: int) -> Instruction:
    return Instruction(APPLY, "sin", (operand,), (result,))


def branch(results: tuple[int, ...], holds: Region, elsewhere: Region) -> Instruction:
    return Instruction(BRANCH, "<", (0, 0), results, (holds, elsewhere))


def broken(*instructions: Instruction, outputs: tuple[int, ...], size: int = 9) -> None:
    with pytest.raises(ValueError, match=r"v-?\d+ is|a branch hands out"):
        check(Tape(("x",), Region(instructions, outputs), size))


def test_check_accepts_what_is_whole() -> None:
    inner = Region((sine(0, 1),), (1,))
    later = Region((sine(1, 3),), (3,))  # reads v1 under the same guards
    nothing = Region((), (0,))
    body = (load(0), branch((2,), inner, nothing), branch((4,), later, nothing))
    check(Tape(("x",), Region(body, (2, 4)), 5))


def test_check_finds_a_value_used_before_it_is_made() -> None:
    broken(sine(1, 0), load(1), outputs=(0,))


def test_check_finds_a_value_never_made() -> None:
    broken(load(0), outputs=(1,))
    broken(load(0), sine(3, 1), outputs=(1,))


def test_check_finds_a_value_made_twice() -> None:
    broken(load(0), sine(0, 1), sine(0, 1), outputs=(1,))


def test_check_finds_a_value_beyond_the_size() -> None:
    broken(load(0), sine(0, 5), outputs=(0,), size=2)
    broken(load(-1), outputs=(-1,))


def test_check_finds_a_branch_that_hands_out_too_few() -> None:
    one, two = Region((), (0,)), Region((), (0, 0))
    broken(load(0), branch((1, 2), one, two), outputs=(1,))
    broken(load(0), branch((1,), one, two), outputs=(1,))


def test_check_finds_a_value_used_outside_its_side() -> None:
    inner, nothing = Region((sine(0, 1),), (1,)), Region((), (0,))
    broken(load(0), branch((2,), inner, nothing), sine(1, 3), outputs=(3,))
    broken(load(0), branch((2,), inner, Region((), (1,))), outputs=(2,))
    other = Instruction(BRANCH, "<=", (0, 0), (3,), (Region((), (1,)), nothing))
    broken(load(0), branch((2,), inner, nothing), other, outputs=(3,))
    wrong_side = branch((3,), nothing, Region((), (1,)))
    broken(load(0), branch((2,), inner, nothing), wrong_side, outputs=(3,))


def test_the_builder_makes_equal_pure_instructions_one() -> None:
    builder = Builder(("x", "y"))
    x, y = builder.load(0), builder.load(1)
    assert builder.apply("+", x, y) == builder.apply("+", x, y)
    assert builder.apply("-", x, y) != builder.apply("-", y, x)
    assert builder.constant(Decimal(1, -1)) == builder.constant(Decimal(1, -1))
    assert builder.constant(Decimal(1, 0)) != builder.constant(Decimal(1, 1))
    assert builder.constant("pi") != builder.constant("e")
    assert builder.load(0) == x


def test_values_of_a_side_are_not_seen_outside_it() -> None:
    builder = Builder(("x",))
    x = builder.load(0)
    builder.branch(">", x, x)
    inner = builder.apply("sin", x)
    builder.otherwise()
    other = builder.apply("sin", x)
    builder.close([inner], [other])
    outer = builder.apply("sin", x)
    assert len({inner, other, outer}) == 3
    builder.branch(">", x, x)
    assert builder.apply("sin", x) == outer
    builder.otherwise()
    builder.close([x], [x])


def test_values_are_seen_again_under_the_same_guards_only() -> None:
    builder = Builder(("x", "y"))
    x, y = builder.load(0), builder.load(1)
    seen = []
    for left, right in ((x, y), (x, y), (y, x)):
        builder.branch(">", left, right)
        seen.append(builder.apply("sin", x))
        builder.otherwise()
        seen.append(builder.apply("sin", x))
        builder.close(seen[-2:-1], seen[-1:])
    first, otherwise, again, otherwise_again, other, otherwise_other = seen
    assert (first, otherwise) == (again, otherwise_again)
    assert len({first, otherwise, other, otherwise_other}) == 4


def test_leaves_stand_outside_every_branch() -> None:
    builder = Builder(("x",))
    x = builder.load(0)
    builder.branch(">", x, x)
    number = builder.constant("pi")
    builder.otherwise()
    result = builder.close([number], [x])
    tape = builder.tape([*result, builder.constant("pi")])
    assert [i.operation for i in tape.body.instructions] == [LOAD, CONSTANT, BRANCH]


def test_what_no_output_needs_is_left_out() -> None:
    builder = Builder(("x", "y"))
    x, y = builder.load(0), builder.load(1)
    builder.apply("exp", y)
    builder.branch(">", x, x)
    kept, dropped = builder.apply("sin", x), builder.apply("cos", x)
    builder.otherwise()
    results = builder.close([kept, dropped], [x, x])
    builder.branch(">", x, x)
    again = builder.apply("cos", kept)
    builder.otherwise()
    last = builder.close([again], [x])
    assert str(builder.tape([results[0]])) == "\n".join(
        [
            "v0 = load 0",
            "v2 = branch v0 > v0 {",
            "  v1 = apply sin v0",
            "  yield v1",
            "} else {",
            "  yield v0",
            "}",
            "return v2",
        ]
    )
    without_result = builder.tape(last)
    assert [len(i.results) for i in without_result.body.instructions] == [1, 0, 1]


def test_run_walks_each_instruction_once_and_the_sides_it_is_asked_to() -> None:
    builder = Builder(("x",))
    x = builder.load(0)
    builder.branch(">", x, builder.constant(Decimal(1, 0)))
    inner = builder.apply("sin", x)
    builder.otherwise()
    tape = builder.tape(builder.close([inner], [x]))
    seen: list[str] = []

    def leaf(instruction: Instruction) -> str:
        seen.append(instruction.operation)
        return str(instruction.payload)

    def apply(instruction: Instruction, operands: list[str]) -> str:
        seen.append(instruction.payload)
        return f"{instruction.payload}({', '.join(operands)})"

    both = run(tape, leaf, apply, lambda i, o, walk: ["|".join(walk(r)[0] for r in i.regions)])
    assert both == ["sin(0)|0"]
    assert seen == [LOAD, CONSTANT, "sin"]
    one = run(tape, leaf, apply, lambda i, o, walk: walk(i.regions[1]))
    assert one == ["0"]


def test_extending_a_tape_by_itself_adds_nothing() -> None:
    builder = Builder(("x", "y"))
    x, y = builder.load(0), builder.load(1)
    builder.branch("<", x, y)
    inner = builder.apply("*", x, y)
    builder.otherwise()
    [result] = builder.close([inner], [x])
    tape = builder.tape([builder.apply("+", result, y)])
    again = Builder(("x", "y"))
    numbers = again.extend(tape)
    assert str(again.tape([numbers[output] for output in tape.body.outputs])) == str(tape)


def test_check_finds_a_table_read_where_nothing_fills_it() -> None:
    over = Loop((Subscript(1),), (Subscript(3),), ("table",))
    index = Instruction(INDEX, None, (), (0,))
    before = Instruction(EARLIER, Earlier(0, (Subscript(-1, (), (1,)),)), (0, 0, 0), (1,))
    loop = Instruction(LOOP, over, (), (2,), (Region((index, before), (1,)),))
    check(Tape((), Region((loop,), ()), 3))
    summing = loop._replace(payload=over._replace(reductions=("sum",)))
    with pytest.raises(ValueError, match="v0 fills no table 0 there"):
        check(Tape((), Region((summing,), ()), 3))


def test_check_finds_what_is_added_to_sums_that_are_finished() -> None:
    extents = Accumulator((Extent((Subscript(1),), (Subscript(3),)),))
    opening = Instruction(UNFINISHED, None, (), (1,))
    adding = Instruction(ACCUMULATE, Element("", (Subscript(2),)), (1, 0), ())
    sums = Instruction(ACCUMULATOR, extents, (), (2,), (Region((opening, adding), ()),))
    check(Tape(("x",), Region((load(0), sums), (0,)), 3))
    early = sums._replace(regions=(Region((opening,), ()),))
    with pytest.raises(ValueError, match="v1 fills no table 0 there"):
        check(Tape(("x",), Region((load(0), early, adding), (0,)), 3))
