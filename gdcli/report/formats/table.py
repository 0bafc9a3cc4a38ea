"""The reports a person reads: tables of 7 digits, and what they mean below, numbers in full."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting
from gdcli.report.formats.iterates import NORM_HEADER, iterates
from gdcli.report.number_format import (
    CELL_DIGITS,
    LEADING_COMPONENTS,
    MOST_COMPONENTS,
    cell,
    counted,
    full,
    numbers,
    point,
)
from gdcli.report.text_document import TextDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.library.verification import Check
    from gdcli.report.listing import Listing
    from gdcli.report.number_format import PrintableNumber
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen

FEWEST_REPEATED_SIDES = 5  # equal sides of a window from which on they are written as a power
COARSE_DIGITS = 3  # digits of what is only roughly known: an error, a time
STATUS_STYLES = {0: "green", 3: "yellow", 5: "yellow"}  # by exit status; else red


class Minimize:
    """The iterates, the outcome, the end point, the tests and the verdict."""

    row = None  # takes no iterates: a table is known when its widths are

    def __init__(self, view: MinimizeView) -> None:
        self._view = view
        self._document = TextDocument(view.screen)

    def end(self, result: Result) -> str:
        """The whole report."""
        document = self._document
        if result.trace:
            iterates(document, result, self._view.digits)
            document.line()
        document.line(result.message, STATUS_STYLES.get(result.exit_status, "red"))
        document.line()
        document.pairs(self._end_point(result))
        document.line()
        self._tests(result)
        for block in (self._verdict(result), self._notes(result)):
            if block:
                document.line()
            for sentence in block:
                document.line(sentence)
        return document.text()

    def _end_point(self, result: Result) -> list[tuple[str, str]]:
        evaluations = result.evaluations
        x: Sequence[PrintableNumber] = result.x
        f, norm = full(result.f), full(result.gradient_norm)
        if result.precise is not None:
            x, f, norm = (result.precise.x, result.precise.f, result.precise.gradient_norm)
        return [
            *components(result.variables, x),
            ("f", f),
            (NORM_HEADER, norm),
            ("iterations", str(result.iterations)),
            ("evaluations", f"{evaluations.value} of f, {evaluations.gradient} of its gradient"),
        ]

    def _tests(self, result: Result) -> None:
        rows = [
            (test.name, measured(test.value), measured(test.limit), "yes" if test.met else "no")
            for test in result.tests
        ]
        self._document.texts(("stopping test", "value", "limit", "met"), rows)

    def _verdict(self, result: Result) -> list[str]:
        sentences = [result.verdict] if result.verdict else []
        somewhere = result.exit_status != 4  # else the curvature there means little
        if somewhere and (values := result.hessian_eigenvalues):
            condition = cell(result.condition_number)
            tail = f"; condition number {condition}" if condition else ""
            sentences.append(f"Hessian: {spectrum(values)}{tail}")
        if result.alpha_limit is not None and (somewhere or result.safe_alpha):
            safe = Sentence("; {} is safe", Setting("alpha", cell(result.safe_alpha)))
            message = "a fixed α must be below 2/L = {} near here{}"
            limit = cell(result.alpha_limit)
            sentences.append(Sentence(message, limit, safe if result.safe_alpha else ""))
        return sentences

    def _notes(self, result: Result) -> list[str]:
        view = self._view
        notes = list(result.advice) if view.explain else []
        if result.default_start:
            own = view.problem is not None and len(view.problem.start) > 0
            owner = "the problem's own start" if own else "the default start"
            taken = "no {} was given: {} {} was taken"
            notes.append(Sentence(taken, Setting("start"), owner, point(result.start)))
        lower = self._lower_minimum(result)
        return [*notes, lower] if lower else notes

    def _lower_minimum(self, result: Result) -> str | None:
        """The best known minimum of the problem, where this run ended clearly above it."""
        problem = self._view.problem
        if problem is None or not problem.minima:
            return None
        best = min(problem.minima, key=lambda known: known.f)
        if not result.f > best.f + 1e-6 * max(1.0, abs(best.f)):
            return None
        return f"{problem.name} has a lower minimum: f = {full(best.f)} at {point(best.at)}"


def components(names: Sequence[str], values: Sequence[PrintableNumber]) -> list[tuple[str, str]]:
    """Each component in full; of many the first and the last."""
    count = len(names)
    if count <= MOST_COMPONENTS:
        return [(name, full(value)) for name, value in zip(names, values, strict=True)]
    shown = [*numbers(values[:LEADING_COMPONENTS]), *numbers(values[-1:])]
    between = ("…", f"{counted(count - LEADING_COMPONENTS - 1, 'component')} between")
    labels = [*names[:LEADING_COMPONENTS], names[-1]]
    pairs = [(name, full(value)) for name, value in zip(labels, shown, strict=True)]
    return [*pairs[:LEADING_COMPONENTS], between, pairs[LEADING_COMPONENTS]]


def measured(value: float | None) -> str:
    """A count in full, a number as in a cell, and that there is none."""
    if value is None:
        return "undefined"
    return str(value) if isinstance(value, int) else cell(value)


def spectrum(values: list[float]) -> str:
    """The eigenvalues; of many the ends."""
    if len(values) > MOST_COMPONENTS:
        return f"{len(values)} eigenvalues from {cell(values[0])} to {cell(values[-1])}"
    return f"eigenvalue{'s' * (len(values) > 1)} {', '.join(map(cell, values))}"


class Gradients:
    """A point a row, as it comes: the columns are as wide as a cell can be."""

    def __init__(self, view: GradView) -> None:
        from gdcli.report.formats.gradients import GradientColumns

        self._columns = GradientColumns(view)

    def row(self, number: int, answer: Gradient) -> str:  # noqa: ARG002 - an answer a line
        """One line, after the head of the table where it is the first."""
        return self._columns.row(answer)

    def end(self) -> str:
        """Nothing more."""
        return ""


def grad(answer: Gradient, view: GradView) -> str:
    """Value, partial derivatives, length, direction of steepest descent, and what was asked for."""
    from gdcli.report.formats.gradients import directions, gradient, hessian

    document = TextDocument(view.screen)
    gradient(document, answer)
    if answer.directions is not None:
        directions(document, answer)
    if answer.hessian:
        document.line()
        hessian(document, answer.variables, answer.hessian)
    for name, formula in (view.formulas or {}).items():
        document.line()
        label = f"∂f/∂{name} ="
        drawn = [label, *formula.split("\n")] if "\n" in formula else [f"{label} {formula}"]
        for text in drawn:
            document.line(text)
    for note in answer.notes:
        document.line()
        document.line(note)
    return document.text()


def listing(found: Listing, view: ListingView) -> str:
    """The rows, and what they amount to; Python source as it is."""
    document = TextDocument(view.screen)
    if found.name in ("source", "llvm"):
        return found.text
    digits = [COARSE_DIGITS if column in found.coarse else CELL_DIGITS for column in found.columns]
    rows = [list(map(written, row, digits)) for row in found.rows]
    folding = tuple(place for place, column in enumerate(found.columns) if column == "text")
    document.texts(found.columns, rows, folding)
    if found.summary:
        document.line()
        document.pairs(found.summary)
    if found.notes:
        document.line()
    for note in found.notes:
        document.line(note)
    return document.text()


def written(entry: str | float | None, digits: int) -> str:
    """A text or a count as it is, a number to so many digits, nothing for None."""
    if isinstance(entry, float):
        return cell(entry, digits)
    return "" if entry is None else str(entry)


def problems(found: list[Problem], screen: Screen) -> str:
    """One problem a row."""
    document = TextDocument(screen)
    document.texts(
        ("name", "n", "what it is", "tags"),
        [(one.name, str(len(one.start)), one.title, " ".join(one.tags)) for one in found],
        folding=(2, 3),
    )
    document.line()
    document.line(f"{counted(len(found), 'problem')}; more of one: gdcli problems show NAME")
    return document.text()


def problem(one: Problem, screen: Screen) -> str:
    """All that is known of one problem."""
    document = TextDocument(screen)
    document.line(f"{one.name}: {one.title}" if one.title else one.name, "bold")
    document.line()
    document.line(one.expression)
    document.line()
    facts = [
        ("sizes", sizes(one.sizes)),
        ("data", ", ".join(f"{name} of {shape(array)}" for name, array in one.data.items())),
        ("start", point(one.start) if len(one.start) else ""),
        ("window", window(one)),
        ("tags", ", ".join(one.tags)),
        ("source", one.source),
    ]
    document.pairs([fact for fact in facts if fact[1]] or [("start", "none stated")])
    for known in one.minima:
        document.line()
        document.line(f"minimum f = {full(known.f)} at {point(known.at)}")
        if known.note:
            document.line(known.note)
    if not one.minima:
        document.line()
        document.line("minimum: none stated")
    for other in one.stationary:
        document.line()
        document.line(f"{other.kind} at {point(other.at)}")
    if one.elsewhere:
        document.line()
        document.line(f"more is stated for {' and for '.join(map(sizes, one.elsewhere))}")
    if one.note:
        document.line()
        document.line(one.note)
    return document.text()


def window(one: Problem) -> str:
    """`[-2, 2] x [0, 3]`; `[-2, 2]^10` where ten intervals in turn are the same."""
    sides = []
    for (low, high), same in groupby(one.window):
        count = len(list(same))
        side = f"[{full(low)}, {full(high)}]"
        sides += [side] * count if count < FEWEST_REPEATED_SIDES else [f"{side}^{count}"]
    return " x ".join(sides)


def shape(array: Any) -> str:
    """`15 numbers`, `3 x 2 numbers`."""
    lengths = []
    while isinstance(array, list | tuple):
        lengths.append(str(len(array)))
        array = array[0]
    return f"{' x '.join(lengths)} numbers"


def sizes(of: Mapping[str, int]) -> str:
    """`n = 10, m = 20`."""
    return ", ".join(f"{name} = {size}" for name, size in of.items())


def verify(checks: list[Check], screen: Screen) -> str:
    """One stated point a row, and how many hold."""
    document = TextDocument(screen)
    document.texts(
        ("problem", "kind", "at", "stated f", "f there", NORM_HEADER, "holds"),
        [
            (
                check.problem,
                check.kind,
                ends(check.at),
                cell(check.stated),
                cell(check.f),
                cell(check.gradient_norm, 2),
                "yes" if check.holds else f"no: {check.reason}",
            )
            for check in checks
        ],
        folding=(2, 6),
    )
    wrong = sum(not check.holds for check in checks)
    document.line()
    document.line(
        f"{counted(len(checks), 'stated point')}, " + (f"{wrong} wrong" if wrong else "all hold"),
        "red" if wrong else "green",
    )
    return document.text()


def ends(at: Sequence[float]) -> str:
    """The components; of many the first and the last."""
    if len(at) <= MOST_COMPONENTS:
        return ", ".join(map(cell, at))
    return ", ".join([*map(cell, at[:LEADING_COMPONENTS]), "…", cell(at[-1])])


def functions(rows: list[Primitive], screen: Screen) -> str:
    """The table of primitives."""
    document = TextDocument(screen)
    document.texts(
        ("function", "partial derivatives (y is the output)", "singular where"),
        [(signature(row), ", ".join(row.partials), row.singular) for row in rows],
        folding=(1, 2),
    )
    document.line()
    document.line(
        "over a range: sum(x[i] for i in 1:n), and prod, max, min; of vectors: dot(a, b), norm(a)"
    )
    return document.text()


def signature(row: Primitive) -> str:
    """`log(a), ln`: how it is written."""
    arguments = ", ".join((*row.arguments, "...") if row.variadic else row.arguments)
    return ", ".join((f"{row.name}({arguments})", *row.aliases))
