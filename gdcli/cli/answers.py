"""Answers at a point or at many, as `eval` and `grad` give them: read, written, and told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from gdcli.cli.output import Output, say
from gdcli.cli.point_files import PointBatch, PointReader, read_points
from gdcli.errors import MOST_LISTED_NAMES, GdcliError, Sentence, UsageError, listed

if TYPE_CHECKING:
    from gdcli.derivatives.many_points import AnswerBlock, FloatAnswering
    from gdcli.functions.function import Function
    from gdcli.report.formats import PointWriter

MOST_TOLD_POINTS = 5  # undefined points of which each is told; of the rest the number


class PointAnswer(Protocol):
    """The answer at one point; its `error` says why a number is missing."""

    @property
    def error(self) -> GdcliError | None: ...


def point_reader(function: Function, exact: bool, digits: int | None) -> PointReader:
    """A reader of points: as floats, or, for other numbers, as constant expressions, which are
    evaluated `exact`ly, as fractions, or to so many `digits`. It raises PointError where a
    component has no such value.
    """
    if not exact and digits is None:
        return function.point
    from gdcli.derivatives.exact_values import exact_point

    return lambda text, place: exact_point(function, text, digits, place)


def needs_point(function: Function, command: str) -> UsageError:
    """The error where --at is missing, with an example of one."""
    numbers = map(str, range(1, min(len(function.variables), MOST_LISTED_NAMES) + 1))
    example = ",".join([*numbers, *["..."] * (len(function.variables) > MOST_LISTED_NAMES)])
    if function.layout.has_arrays:
        example = ",".join([f"{name}=0.5" for name in function.variables[:MOST_LISTED_NAMES]])
    names = listed(function.variables)
    return UsageError(
        f"{command} needs --at POINT, the values of {names}; for example --at {example}"
    )


def finish_one(error: GdcliError | None, notes: Sequence[str], output: Output) -> int:
    """Tell of the error or the notes of one answer, and return the exit status."""
    if error is not None:
        say(error.whole)
        return 4
    for note in notes:
        output.note(note)
    return 0


def answer_many(
    function: Function,
    at: str,
    read: PointReader,
    answer: Callable[[list[Any]], PointAnswer],
    in_floats: FloatAnswering | None,
    report: PointWriter,
    output: Output,
) -> int:
    """Write an answer for each point of --at as it is ready, and return the exit status.

    `in_floats` gives the same answers to many points at once, where it can. Raises GdcliError for
    what is no point, after the answers before it, and KeyboardInterrupt.
    """
    undefined = 0
    try:
        for batch in read_points(at, function, read, output.note):
            for block, first, last in answered_blocks(batch, in_floats):
                if block is not None:
                    output.write(report.rows(batch.lines[first:last], block))
                    continue
                for place in batch.rows(first, last):
                    found = answer(place.values)
                    output.write(report.row(place.line, found))
                    if found.error is not None:
                        undefined += 1
                        if undefined <= MOST_TOLD_POINTS:
                            output.flush()  # the row comes first, however soon this is said
                            say(Sentence("line {}: {}", place.line, found.error.whole))
            output.flush()
    except (GdcliError, KeyboardInterrupt) as error:
        why = error.message if isinstance(error, GdcliError) else "interrupted"
        output.write(report.end(why) if output.has_begun else "")
        raise
    output.write(report.end())
    if undefined > MOST_TOLD_POINTS:
        say(f"{undefined - MOST_TOLD_POINTS} more points are undefined")
    return 4 if undefined else 0


def answered_blocks(
    batch: PointBatch, in_floats: FloatAnswering | None
) -> Iterator[tuple[AnswerBlock | None, int, int]]:
    """The runs of points that are answered at once, and between them, with None, the others.

    A run is the number of its first point in the batch, and of the first point behind it.
    """
    count = len(batch.lines)
    if not count or in_floats is None or not in_floats.pays(count):
        yield None, 0, count
        return
    good, block = in_floats(batch.points)
    first = 0
    for is_good, run in groupby(good.tolist()):
        last = first + len([*run])
        yield block.rows(first, last) if is_good else None, first, last
        first = last
