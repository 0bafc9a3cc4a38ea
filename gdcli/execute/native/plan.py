"""How each outermost loop is run: in which chunks, and how they share the derivatives.

Comes in: a Context. Goes out: a `LoopPlan` for each outermost loop. All is decided by the tape and
the sizes, never by the number of threads, so that any number of them gives the same bits.

Chunks run in any order and at the same time, and each fills its own entries of a table. What they
add to the derivatives by an array, or to an accumulator, is kept apart in one of these ways, or the
loop is one chunk:
- a window: iteration i adds to entries i + constant only, a few apart. The entries that a chunk
  begins with are its own; what belongs to the next chunk is put aside and added afterwards;
- private: an array that is small, or small to the work, has a copy for each chunk; they are added
  up in order;
- by turns: iteration i adds near stride·i, so that only neighbouring chunks touch the same
  entries; the even chunks run first, then the odd ones.
"""

from __future__ import annotations

from gdcli.autodiff.tape import ACCUMULATE, LOOP, Instruction, Region, index_of, instructions
from gdcli.execute.native.code import LANES
from gdcli.execute.native.context import Context, Position, Storage, opened
from gdcli.execute.native.reductions import Reduction
from gdcli.execute.native.strips import StripPlan, strip_plan
from gdcli.execute.native.tiles import STRIP_ROWS
from gdcli.execute.work import Range
from gdcli.named_tuples import NamedTuple

OPERATIONS_PER_CHUNK = 1 << 17  # operations that are worth a chunk
MOST_CHUNKS = 64
MOST_PRIVATE_ENTRIES = 8192  # entries of an array that each chunk may have a copy of: 64 kB
STRIP_OPERATIONS_PER_CHUNK = 1 << 22
OPERATIONS_PER_WIDE_ENTRY = 256  # of a chunk with a copy of more entries: its cost is little
OPERATIONS_PER_JOINED_ENTRY = 4096  # the same of a chunk of strips
MOST_COPIED_ENTRIES = 1 << 23  # of the copies of all chunks: 64 MB


class SlidingWindow(NamedTuple):
    """The entries of a storage that an iteration adds to: its index plus each of the offsets.

    `first` says that nothing was added to them before. `aside` is the place in the frame of what
    chunks put aside.
    """

    storage: Storage
    offsets: tuple[int, ...]
    first: bool
    aside: int

    @property
    def spread(self) -> int:
        """How far apart the first and last offset are."""
        return self.offsets[-1] - self.offsets[0]


class LoopPlan(NamedTuple):
    """How an outermost loop is run: its range, its chunks, and what it does about derivatives.

    `ends` is None where the range is not known; all chunks but the last have `size` iterations.
    `private` has, by storage, the place in the frame of the first chunk's copy; `partial` is the
    place of the first chunk's results, `width` how many each chunk has.
    """

    number: int
    instruction: Instruction
    ends: Range | None
    chunks: int
    size: int
    windows: tuple[SlidingWindow, ...]
    private: dict[Storage, int]
    by_turns: bool
    partial: int
    width: int
    strips: StripPlan | None

    @property
    def turns(self) -> int:
        """In how many turns the chunks run."""
        return 2 if self.by_turns else 1

    @property
    def index_value(self) -> int:
        """The number of the loop's index among the values of the tape."""
        return index_of(self.instruction)


def plans(context: Context) -> list[LoopPlan]:
    """The plans of all outermost loops, in order."""
    found: list[LoopPlan] = []
    touched: set[Storage] = set(context.framed)  # an accumulator is cleared before
    for instruction in context.steps:
        if instruction.operation == LOOP:
            found.append(_plan(context, instruction, len(found), touched))
        for region in instruction.regions:
            touched |= {context.accessed(one).storage for one in context.accumulations(region)}
        if instruction.operation == ACCUMULATE:
            touched.add(context.accessed(instruction).storage)
    return found


def _plan(context: Context, loop: Instruction, number: int, touched: set[Storage]) -> LoopPlan:
    work, over, index = context.work, loop.payload, index_of(loop)
    ends = None
    if not any(any(end.coefficients) for end in (*over.low, *over.high)):
        low, high = (
            choose(work.constant(end) for end in ends)
            for choose, ends in ((max, over.low), (min, over.high))
        )
        ends = (low, high)
    # matrix times vector reads an entry too seldom to be worth a strip
    strips = strip_plan(context, loop) if ends is not None and not context.jams(loop) else None
    if strips is not None:
        context.vectors -= {
            index_of(one) for one in instructions(Region((loop,), ())) if one.operation == LOOP
        }
    positions = _positions(context, loop)
    vector = ends is not None and index in context.vectors
    windows = _windows(context, loop, positions, touched) if vector else ()
    windowed = {window.storage for window in windows}
    rest = {storage: of for storage, of in positions.items() if storage not in windowed}
    chunks, size, private = 1, 0, set[Storage]()
    if ends is not None:
        chunks, size, private = _chunks(context, loop, rest, strips is not None)
    width = sum(Reduction.width_of(kind, compensated=True) for kind in loop.payload.reductions)
    return LoopPlan(
        number,
        loop,
        ends,
        chunks,
        size,
        tuple(w._replace(aside=context.frame.take(chunks * w.spread)) for w in windows),
        {one: context.frame.take(chunks * context.count(one)) for one in sorted(private, key=str)},
        chunks > 1
        and any(
            not strips or _overlap(context, index, of)
            for storage, of in rest.items()
            if storage not in private
        ),
        context.frame.take(chunks * width),
        width,
        strips,
    )


def _positions(context: Context, loop: Instruction) -> dict[Storage, list[Position]]:
    """The positions at which the loop adds to what lies outside it, by storage."""
    found: dict[Storage, list[Position]] = {}
    for one in context.accumulations(loop.regions[0]):
        found.setdefault(context.accessed(one).storage, []).append(context.position(one))
    return found


def _windows(
    context: Context,
    loop: Instruction,
    positions: dict[Storage, list[Position]],
    touched: set[Storage],
) -> tuple[SlidingWindow, ...]:
    """The windows of the loop, whose places aside are not yet taken.

    `touched` are those that were added to before the loop.
    """
    index, windows, body = index_of(loop), [], loop.regions[0]
    direct = {id(one) for one in opened(body.instructions)}
    nested = {
        context.accessed(one).storage
        for one in context.accumulations(body)
        if id(one) not in direct
    }
    for storage, of in positions.items():
        if storage in nested or any(one.terms != ((index, 1),) for one in of):
            continue
        offsets = tuple(sorted({one.constant for one in of}))
        if offsets[-1] - offsets[0] <= LANES:
            windows.append(SlidingWindow(storage, offsets, storage not in touched, 0))
    return tuple(windows)


def _chunks(
    context: Context, loop: Instruction, positions: dict[Storage, list[Position]], by_strips: bool
) -> tuple[int, int, set[Storage]]:
    """How many chunks the loop has, how many iterations all but the last have, and what is private.

    The operations of strips take so little time that a chunk has many more of them.
    """
    index = index_of(loop)
    trips, operations = (
        context.work.trips[index],
        context.work.trips[index] * context.work.costs[index],
    )
    least, joined, group = OPERATIONS_PER_CHUNK, 64, LANES if index in context.vectors else 1
    if by_strips:
        least, joined, group = STRIP_OPERATIONS_PER_CHUNK, OPERATIONS_PER_JOINED_ENTRY, STRIP_ROWS
    private = {one for one in positions if context.count(one) <= MOST_PRIVATE_ENTRIES}
    while context.independent(loop):
        joining = sum(map(context.count, private))
        chunks = min(MOST_CHUNKS, trips, operations // max(least, joined * joining))
        if (chunks := min(chunks, MOST_COPIED_ENTRIES // max(1, joining))) < 2:
            break
        size = -(-trips // (chunks * group)) * group if group > 1 else trips // chunks
        large = {one: of for one, of in positions.items() if one not in private}
        apart = {one for one, of in large.items() if _neighbours(context, index, of, size)}
        if apart == large.keys():
            chunks = -(-trips // size) if by_strips else max(1, trips // size)
            return chunks, size, private if chunks > 1 else set()
        private |= large.keys() - apart
        joined = max(joined, OPERATIONS_PER_WIDE_ENTRY)
    return 1, trips, set()


def _overlap(context: Context, index: int, positions: list[Position]) -> bool:
    """Whether iterations next to one another may add to the same entries."""
    low, high = _reach(context, index, positions)
    return high - low >= positions[0].coefficient(index)


def _neighbours(context: Context, index: int, positions: list[Position], size: int) -> bool:
    """Whether only chunks next to one another add to the same entries."""
    if not all(map(context.is_known, positions)):
        return False
    strides = {one.coefficient(index) for one in positions}
    if len(strides) != 1 or (stride := strides.pop()) <= 0:
        return False
    low, high = _reach(context, index, positions)
    return high - low < stride * size


def _reach(context: Context, index: int, positions: list[Position]) -> Range:
    """The least and greatest place, where the index is 0."""
    reaches = [one.without(index).reach(context.work) for one in positions]
    return min(low for low, _ in reaches), max(high for _, high in reaches)
