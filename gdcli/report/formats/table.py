"""The format table: tables of 7 digits for a person, and below them what they mean, in full."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from gdcli.errors import Sentence, Setting, as_argument, count_of, formatted, listed
from gdcli.report.formats import PointWriter, Writers
from gdcli.report.number_format import (
    CELL_DIGITS,
    LEADING_COMPONENTS,
    MOST_COMPONENTS,
    PrintableNumber,
    cell,
    counted,
    defined,
    full,
    numbers,
    point,
)
from gdcli.report.text_document import TextDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gdcli.autodiff.primitives import Primitive
    from gdcli.derivatives.gradient import Gradient
    from gdcli.derivatives.value import FunctionValue
    from gdcli.descent.result import Result
    from gdcli.functions.problem import Problem
    from gdcli.library.verification import Check, StatedProof
    from gdcli.report.listing import Listing
    from gdcli.report.view import GradView, ListingView, MinimizeView, Screen

FEWEST_REPEATED_SIDES = 5  # equal sides of a window from which on they are written as a power
COARSE_DIGITS = 3  # digits of what is only roughly known: an error, a time
STATUS_STYLES = {0: "green", 3: "yellow", 5: "yellow"}  # by exit status; else red


def minimize(result: Result, view: MinimizeView) -> str:
    """The iterates, the end point and how the run ended: briefly where that is at a minimum."""
    document = TextDocument(view.screen)
    if result.trace:
        from gdcli.report.formats.iterates import iterates

        iterates(document, result, view.digits)
        document.line()
    done = result.converged and result.exit_status == 0
    (_brief if done and not view.explain else _detailed)(document, result, view)
    return document.text()


def _brief(document: TextDocument, result: Result, view: MinimizeView) -> None:
    """Write the end point, and a line each for the counts, the verdict and each note."""
    value, gradient, *_ = result.evaluations
    evaluations = f"{count_of(value, 'evaluation')} of f, {gradient} of ∇f{_second(result)}"
    counts = f"{count_of(result.iterations, 'iteration')}, {evaluations}"
    if result.method_used != result.method:
        counts = f"{result.method_used}, {counts}"
    document.pairs(_end_point(result))
    document.line()
    document.line(f"converged{result.manner}: {counts}", STATUS_STYLES[0])
    if result.method_change:
        document.line(result.method_change)
    if result.escapes:
        from gdcli.descent.result import left_points

        document.line(left_points(result.variables, result.escapes))
    if result.verdict:
        document.clauses(result.verdict)
    if result.multipliers:
        document.clauses(_active_bounds(result))
    if result.safe_alpha:
        document.line(_alpha_limit(result))
    for note in _notes(document, result, view):
        document.clauses(note)


def _detailed(document: TextDocument, result: Result, view: MinimizeView) -> None:
    """Write how the run ended, the end point, the stopping tests, the curvature and advice."""
    document.line(result.message, STATUS_STYLES.get(result.exit_status, "red"))
    document.line()
    value, gradient, *_ = result.evaluations
    counts = [
        ("iterations", str(result.iterations)),
        ("evaluations", f"{value} of f, {gradient} of its gradient{_second(result)}"),
    ]
    if result.method_used != result.method:
        counts.insert(0, ("method", f"{result.method}: {result.method_used}"))
    document.pairs([*_end_point(result), *counts])
    document.line()
    document.texts(
        ("stopping test", "value", "limit", "met"),
        [
            (test.name, measured(test.value), measured(test.limit), "yes" if test.met else "no")
            for test in result.tests
        ],
    )
    advice = list(result.advice) if view.explain else []
    active = [_active_bounds(result)] if result.multipliers else []
    for block in ([*_verdict(result), *active], [*advice, *_notes(document, result, view)]):
        if block:
            document.line()
        for sentence in block:
            document.line(sentence)


def _second(result: Result) -> str:
    """How many Hessians and products with one a run took, as far as there are any."""
    counts = zip(result.evaluations[2:4], ("Hessian", "product"), strict=True)
    return "".join(f", {count_of(count, thing)}" for count, thing in counts if count)


def _end_point(result: Result) -> list[tuple[str, str]]:
    x: Sequence[PrintableNumber] = result.x
    f, norm = full(result.f), full(result.gradient_norm)
    if result.precise is not None:
        x, f, norm = (result.precise.x, result.precise.f, result.precise.gradient_norm)
    return [*components(result.variables, x), ("f", f), (result.norm_label, norm)]


def _verdict(result: Result) -> list[str]:
    """The verdict, where the message does not have it, and the curvature."""
    sentences = []
    verdict = formatted(result.verdict or "", as_argument)
    if not formatted(result.message, as_argument).endswith(verdict):
        sentences.append(result.verdict or "")
    somewhere = result.exit_status != 4  # else the curvature there means little
    if somewhere and (values := result.hessian_eigenvalues):
        condition = cell(result.condition_number)
        tail = f"; condition number {condition}" if condition else ""
        sentences.append(f"Hessian: {spectrum(values)}{tail}")
    limited = result.alpha_limit is not None and result.method == "steepest"
    if limited and (somewhere or result.safe_alpha):
        sentences.append(_alpha_limit(result))
    return sentences


def _active_bounds(result: Result) -> str:
    """The sentence that names the active bounds: `x at its bound 0, multiplier 2.5; …`."""
    at = dict(zip(result.variables, result.x, strict=True))
    clauses = [
        f"{name} at its bound {cell(at[name])}, multiplier {cell(found)}"
        for name, found in islice(result.multipliers.items(), MOST_COMPONENTS)
    ]
    more = len(result.multipliers) - len(clauses)
    return "; ".join([*clauses, *([f"{more} variables more"] if more else [])])


def _alpha_limit(result: Result) -> Sentence:
    safe = Sentence("; {} is safe", Setting("alpha", cell(result.safe_alpha)))
    message = "a fixed α must be below 2/L = {} near here{}"
    return Sentence(message, cell(result.alpha_limit), safe if result.safe_alpha else "")


def _notes(document: TextDocument, result: Result, view: MinimizeView) -> list[str]:
    """Return the lines about held names, the start taken by default and a known lower minimum."""
    notes = held_note(view)
    if result.default_start:
        own = view.problem is not None and len(view.problem.start) > 0
        owner = "the problem's own start" if own else "the default start"
        taken = "no {} was given: {}{} was taken"
        whole = Sentence(taken, Setting("start"), owner, f" {point(result.start)}")
        short = Sentence(taken, Setting("start"), owner, "")
        notes.append(whole if document.has_room(whole) else short)
    if view.drawn:
        drawn = "the start was drawn at random: {}"
        notes.append(Sentence(drawn, Setting("seed", str(result.seed))))
    lower = _lower_minimum(result, view.problem)
    return [*notes, lower] if lower else notes


def held_note(view: MinimizeView | GradView | ListingView) -> list[str]:
    """The lines about the names that have a value instead of being variables, and about the texts
    that subscripts stand for, if there are any."""
    pairs = [f"{name} = {full(value)}" for name, value in view.held.items()]
    notes = [f"held: {listed(pairs)}"] if pairs else []
    return [*notes, *labels_notes(view.labels)]


def labels_notes(labels: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for columns of texts with the number of each text, one for those that share them."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for name, texts in labels.items():
        columns.setdefault(tuple(texts), []).append(name)
    return [
        f"{listed(names)}: {listed([f'{k} = {text}' for k, text in enumerate(texts, 1)])}"
        for texts, names in columns.items()
    ]


def _lower_minimum(result: Result, problem: Problem | None) -> str | None:
    """The best known minimum of the problem, where the run ended clearly above it."""
    if problem is None or not problem.minima or result.maximize:
        return None
    best = min(problem.minima, key=lambda known: known.f)
    if not result.f > best.f + 1e-6 * max(1.0, abs(best.f)):
        return None
    return f"{problem.name} has a lower minimum: f = {full(best.f)}; it is at {point(best.at)}"


def components(names: Sequence[str], values: Sequence[PrintableNumber]) -> list[tuple[str, str]]:
    """Each name with its value in full; of many components the first and the last."""
    count = len(names)
    if count <= MOST_COMPONENTS:
        return [(name, full(value)) for name, value in zip(names, values, strict=True)]
    shown = [*numbers(values[:LEADING_COMPONENTS]), *numbers(values[-1:])]
    between = ("…", f"{counted(count - LEADING_COMPONENTS - 1, 'component')} between")
    labels = [*names[:LEADING_COMPONENTS], names[-1]]
    pairs = [(name, full(value)) for name, value in zip(labels, shown, strict=True)]
    return [*pairs[:LEADING_COMPONENTS], between, pairs[LEADING_COMPONENTS]]


def measured(value: float | None) -> str:
    """The value that a stopping test compared, or that there is none; a count stands in full."""
    if value is None:
        return "undefined"
    return str(value) if isinstance(value, int) else cell(value)


def spectrum(values: list[float]) -> str:
    """The eigenvalues in words; of many the least and the largest."""
    if len(values) > MOST_COMPONENTS:
        return f"{len(values)} eigenvalues from {cell(values[0])} to {cell(values[-1])}"
    return f"eigenvalue{'s' * (len(values) > 1)} {', '.join(map(cell, values))}"


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
    for note in [*answer.notes, *held_note(view)]:
        document.line()
        document.line(note)
    return document.text()


def gradients(view: GradView) -> PointWriter:
    from gdcli.report.formats.gradients import GradientColumns

    return GradientColumns(view)


def value(answer: FunctionValue, view: GradView) -> str:
    """The point and the value in full."""
    document = TextDocument(view.screen)
    document.pairs([*components(answer.variables, answer.at), ("f", defined(answer.f, full))])
    for note in [*answer.notes, *held_note(view)]:
        document.line()
        document.line(note)
    return document.text()


def values(view: GradView) -> PointWriter:
    from gdcli.report.formats.gradients import ValueColumns

    return ValueColumns(view)


def listing(found: Listing, view: ListingView) -> str:
    """The rows, and what they amount to; source code as it is."""
    if found.verbatim:
        return found.text
    document = TextDocument(view.screen)
    columns, lines = found.table or (found.columns, found.rows)
    digits = [COARSE_DIGITS if column in found.coarse else CELL_DIGITS for column in columns]
    rows = [list(map(written, row, digits)) for row in lines]
    folding = tuple(place for place, column in enumerate(columns) if column == "text")
    if found.heading:
        document.line(found.heading)
    if found.heading and rows:
        document.line()
    if found.numeric:
        document.numbers(columns, rows)
    elif rows or not found.heading:
        document.texts(columns, rows, folding)
    if found.summary:
        document.line()
        document.pairs(found.summary)
    notes = [*found.notes, *held_note(view)]
    if notes:
        document.line()
    for note in notes:
        document.line(note)
    return document.text()


def written(entry: str | float | None, digits: int) -> str:
    """The text of a cell: a number to so many digits, a text or a count as it is, "" for None."""
    if isinstance(entry, float):
        return cell(entry, digits)
    return "" if entry is None else str(entry)


def problems(found: list[Problem], screen: Screen) -> str:
    document = TextDocument(screen)
    document.texts(
        ("name", "n", "what it is", "tags"),
        [(one.name, str(len(one.start)), one.title, " ".join(one.tags)) for one in found],
        folding=(2, 3),
    )
    document.line()
    document.line(f"{counted(len(found), 'problem')}; more of one: gdcli problems show NAME")
    return document.text()


def problems_in_full(found: list[Problem], screen: Screen) -> str:
    return "\n".join(_problem(one, screen) for one in found)


def _problem(one: Problem, screen: Screen) -> str:
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
    """The window of a problem, `[-2, 2] x [0, 3]`; equal intervals in turn are `[-2, 2]^10`."""
    sides = []
    for (low, high), same in groupby(one.window):
        count = len(list(same))
        side = f"[{full(low)}, {full(high)}]"
        sides += [side] * count if count < FEWEST_REPEATED_SIDES else [f"{side}^{count}"]
    return " x ".join(sides)


def shape(array: Any) -> str:
    """The shape of nested lists in words: `15 numbers`, `3 x 2 numbers`."""
    lengths = []
    while isinstance(array, list | tuple):
        lengths.append(str(len(array)))
        array = array[0]
    return f"{' x '.join(lengths)} numbers"


def sizes(known: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in known.items())


def verify(checks: list[Check], screen: Screen) -> str:
    from gdcli.descent.objective import NORM_LABEL
    from gdcli.library.verification import LOWEST_KIND

    document = TextDocument(screen)
    proofs = [check.proof for check in checks if check.proof is not None]
    names = ("problem", "kind", "at", "stated f", "f there", NORM_LABEL, "holds")
    document.texts(
        (*names, *["proved"] * bool(proofs)),
        [
            (
                check.problem,
                check.kind,
                ends(check.at),
                cell(check.stated),
                cell(check.f),
                cell(check.gradient_norm, 2),
                "yes" if check.holds else f"no: {check.reason}",
                *([proof_words(check.proof)] if check.proof else []),
            )
            for check in checks
        ],
        folding=(2, 6, 7),
    )
    points = [check for check in checks if check.kind != LOWEST_KIND]
    wrong = sum(not check.holds for check in points)
    proved = sum(proof.status == "proved" for proof in proofs)
    document.line()
    document.line(
        f"{counted(len(points), 'stated point')}, "
        + (f"{wrong} wrong" if wrong else "all hold")
        + (f"; {proved} of {counted(len(proofs), 'proof')}" if proofs else ""),
        "red" if wrong or proved < len(proofs) else "green",
    )
    return document.text()


def proof_words(proof: StatedProof) -> str:
    """The cell of the proof of a stated point: yes, or why not."""
    answer = {"proved": "yes", "unresolved": "no"}.get(proof.status, proof.status)
    message = proof.message.removeprefix("not proved: ")
    return f"{answer}: {message}" if message else answer


def ends(at: Sequence[float]) -> str:
    """The components of a point in a cell; of many the first and the last."""
    if len(at) <= MOST_COMPONENTS:
        return ", ".join(map(cell, at))
    return ", ".join([*map(cell, at[:LEADING_COMPONENTS]), "…", cell(at[-1])])


def tags(counts: Mapping[str, int], screen: Screen) -> str:
    document = TextDocument(screen)
    document.texts(("tag", "problems"), [(tag, str(count)) for tag, count in counts.items()])
    document.line()
    document.line(counted(len(counts), "tag"))
    return document.text()


def functions(rows: list[Primitive], screen: Screen) -> str:
    document = TextDocument(screen)
    document.texts(
        ("function", "partial derivatives (y is the output)", "singular where"),
        [(signature(row), ", ".join(row.partials), row.singular) for row in rows],
        folding=(1, 2),
    )
    document.line()
    document.line("over a range: sum(x[i] for i in 1:n), and prod, max, min, mean, logsumexp")
    document.line("of an array: the same, as sum(A), and norm(A); of two vectors dot(a, b)")
    return document.text()


def signature(row: Primitive) -> str:
    """How a function is written: `log(a), ln`."""
    arguments = ", ".join((*row.arguments, "...") if row.variadic else row.arguments)
    return ", ".join((f"{row.name}({arguments})", *row.aliases))


WRITERS = Writers(
    minimize=minimize, grad=grad, gradients=gradients, value=value, values=values,
    listing=listing, problems=problems, problems_in_full=problems_in_full, verify=verify,
    tags=tags, functions=functions,
)  # fmt: skip
