"""Long straight code, cut into pieces: functions without loops, each in a module of its own.

LLVM takes more than twice the time for a function of twice the length, and cannot be interrupted;
for pieces compiled one after another time is linear, and Ctrl-C is heard between them. What is
left, the spine, calls the pieces in their order. It keeps what has a loop, and the branches that
are too long for a piece, whose sides are cut in their turn. Values cross in the frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gdcli.autodiff.regions import free_values
from gdcli.autodiff.tape import BRANCH, LOOP, Instruction, Region, instructions

# Operations that no tape has. The payload of the call of a piece is its name, and its results are
# those values of the piece that the spine uses. OUTPUT stores its operand, one of the values that
# the tape hands out: the first in the frame, another in the gradient, at the payload's place.
PIECE, OUTPUT = "piece", "output"
# Of straight code that is no piece: LLVM takes up to a tenth of a second for so many, five times as
# long as for a piece, and they run up to a fifth faster.
MOST_OPTIMIZED_INSTRUCTIONS = 500
INSTRUCTIONS_PER_PIECE = 3000  # so many have the gradient of 1,000 operations, and 20 ms of LLVM
LEAST_PIECE_SHARE = 1 / 40  # of the most instructions: fewer are not worth a module

Instructions = tuple[Instruction, ...]


class Pieces:
    """Collects pieces, by name, of at most `most` instructions each."""

    def __init__(self, most: int = INSTRUCTIONS_PER_PIECE) -> None:
        self.most = most
        self.found: dict[str, Instructions] = {}

    def cut(self, code: Instructions) -> Instructions:
        """The spine of `code`, which is `code` itself where that is short."""
        shortest = min(self.most, MOST_OPTIMIZED_INSTRUCTIONS)
        if len(code) <= shortest and sum(map(_length, code)) <= shortest:
            return code
        spine = self._spine(code)
        return _with_results(spine, free_values(Region(spine, ())), self.found)

    def _spine(self, code: Iterable[Instruction]) -> Instructions:
        spine: list[Instruction] = []
        run: list[Instruction] = []
        length = 0
        for one in code:
            more = _length(one) if one.regions else 1
            stays = bool(one.regions) and (more > self.most or _has_loop(one))
            if stays or length + more > self.most:
                spine += self._called(run, length)
                run, length = [], 0
            if not stays:
                run.append(one)
                length += more
                continue
            if one.operation == BRANCH:
                regions = [Region(self._spine(r.instructions), r.outputs) for r in one.regions]
                one = one._replace(regions=tuple(regions))
            spine.append(one)
        return (*spine, *self._called(run, length))

    def _called(self, run: list[Instruction], length: int) -> list[Instruction]:
        """The run of instructions as the call of a new piece, or as it is where it is short."""
        if length <= self.most * LEAST_PIECE_SHARE:
            return run
        name = f"piece{len(self.found)}"
        self.found[name] = tuple(run)
        return [Instruction(PIECE, name, (), ())]


def _length(instruction: Instruction) -> int:
    if not instruction.regions:
        return 1
    return 1 + sum(1 for region in instruction.regions for _ in instructions(region))


def _has_loop(instruction: Instruction) -> bool:
    return instruction.operation == LOOP or any(
        one.operation == LOOP for region in instruction.regions for one in instructions(region)
    )


def made_values(code: Sequence[Instruction]) -> set[int]:
    """The values that instructions, and those inside them, make."""
    return {result for one in instructions(Region(tuple(code), ())) for result in one.results}


def _with_results(
    spine: Instructions, used: set[int], pieces: dict[str, Instructions]
) -> Instructions:
    """The spine, whose calls have as results those of their values that are `used`."""

    def one(instruction: Instruction) -> Instruction:
        if instruction.operation == PIECE:
            handed = made_values(pieces[instruction.payload]) & used
            return instruction._replace(results=tuple(sorted(handed)))
        if instruction.operation != BRANCH:
            return instruction
        regions = [Region(tuple(map(one, r.instructions)), r.outputs) for r in instruction.regions]
        return instruction._replace(regions=tuple(regions))

    return tuple(map(one, spine))
