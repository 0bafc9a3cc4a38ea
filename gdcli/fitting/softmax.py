"""The softmax loss: a score for each class of the response, and the probabilities they stand for.

Comes in: a RegressionModel with scores, whose text ends in `for k in classes`, and Rows whose
responses are the numbers of classes from 0. Goes out: what `Residuals` gives of one prediction a
row: the sum of -w·log of the probability of each row's class, its gradient, its Hessian.

The probability of class k is exp(f_k) over the sum of these, f_k being its score. To add a number
to all scores changes nothing, so the last class is the reference: its score is 0. With a penalty on
the parameters every class has a score.

Source: McCullagh and Nelder, Generalized Linear Models (1989), 5.2; Böhning, Multinomial logistic
regression algorithm, Ann. Inst. Statist. Math. 44 (1992) 197.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from gdcli.autodiff.forward import direction, tangent
from gdcli.autodiff.reverse import reverse
from gdcli.descent.box import Box
from gdcli.errors import UsageError
from gdcli.execute import AUTO
from gdcli.fitting.losses import SOFTMAX
from gdcli.fitting.model import CLASSES, RegressionModel, has_scores, parse_sides
from gdcli.fitting.residuals import NormalEquations, Residuals, Rows, with_diagonal
from gdcli.fitting.row_blocks import compiled
from gdcli.fitting.structure import linear_parameters
from gdcli.functions.function import Function
from gdcli.functions.resolved import elaborated_where_whole
from gdcli.language.semantics.roles import GivenShapes

if TYPE_CHECKING:
    from gdcli.execute.grid import Array
    from gdcli.fitting.observations import Observations

MOST_SCORED_ROWS = 4096


def score_functions(model: RegressionModel) -> list[Function]:
    """The score of each class that has one, a Function of the same variables as the right side."""
    found = []
    for k in range(1, model.sizes[CLASSES] + 1):
        _, expression = parse_sides(model.text, f"{k}:{k}")
        shapes = {name: (length,) for name, length in model.lengths.items()}
        given = GivenShapes(model.sizes, shapes, model.columns)
        elaboration = elaborated_where_whole(expression, given, model.right.parameters)
        resolved = model.right.resolved._replace(expression=expression, elaboration=elaboration)
        found.append(Function(resolved))
    return found


def class_sizes(
    text: str,
    observed: Observations,
    weights: str | None,
    sizes: Mapping[str, int] | None,
    penalised: bool,
) -> dict[str, int]:
    """The sizes with that of the classes that have a score. Raises UsageError.

    These are all but the last, or all with a penalty. Rows whose `weights` are 0 do not count.
    """
    left, _ = parse_sides(text)
    column = str(left)
    if not has_scores(text) or column not in observed.columns:
        example = "label ~ b[k] + sum(W[k,j]*x[j] for j in 1:m) for k in classes"
        raise UsageError(f"the softmax loss has a score for each class of a column: {example}")
    if CLASSES in observed.columns or CLASSES in (sizes or {}):
        raise UsageError(f"`{CLASSES}` is how many classes the response has: rename the other")
    response = observed.columns[column]
    given = observed.columns.get(weights or "", response)
    count = len({y for y, w in zip(response, given, strict=True) if w or not weights})
    return {**(sizes or {}), CLASSES: max(count - (not penalised), 1)}


def reference_box(problem: SoftmaxResiduals, box: Box | None) -> Box | None:
    """The box, with parameters of the last class that have no penalty held at 0.

    Of an array of one entry or row a class these are what could be added to all classes.
    """
    if not problem.penalty:
        return box
    low = [-inf] * problem.p if box is None else [*box.low]
    high = [inf] * problem.p if box is None else [*box.high]
    for place, (name, c) in enumerate(zip(problem.model.components, problem.penalty, strict=True)):
        subscripts = name.partition("[")[2].rstrip("]").split(",")
        if not c and subscripts[0] == str(problem.classes):
            low[place] = high[place] = 0.0
    return Box(low, high)


def probabilities(scores: Array) -> Array:
    """The probabilities of the classes, of the same shape (rows, classes) as their scores."""
    with np.errstate(all="ignore"):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class SoftmaxResiduals(Residuals):
    """The scores of a model on rows of data, with the derivatives of their softmax loss."""

    def __init__(
        self,
        model: RegressionModel,
        rows: Rows,
        classes: int,
        backend: str = AUTO,
        penalty: Sequence[float] = (),
    ) -> None:
        arrays = rows.each(lambda column: np.array(column, dtype=float))
        super().__init__(model, arrays, SOFTMAX, backend, penalty)
        self.columns = arrays.columns
        self.w = np.ones(self.m) if arrays.weights is None else arrays.weights
        self.y = arrays.response.astype(int)
        self.classes = classes
        self.scores = score_functions(model)

    @property
    def is_large(self) -> bool:
        """True: the data are arrays."""
        return True

    @cached_property
    def _tapes(self) -> list[Any]:
        return [one.unrolled.engine.rewritten.tape for one in self.scores]

    @cached_property
    def _gradients(self) -> list[Any]:
        return [compiled(reverse(tape)) for tape in self._tapes]

    @cached_property
    def _is_linear(self) -> bool:
        """Whether every score is linear in the parameters together."""
        return all(len(linear_parameters(tape, self.p)) == self.p for tape in self._tapes)

    @cached_property
    def _bends(self) -> list[Any]:
        """The derivatives of the gradients along a direction, whose p entries are last inputs."""
        found = []
        for tape in self._tapes:
            n, p = len(tape.inputs), self.p
            names = [direction(name) for name in tape.inputs[:p]]
            along = tape._replace(inputs=(*tape.inputs, *names))
            gradient = reverse(along)
            found.append(compiled(tangent(gradient, [*range(n, n + p), *[None] * n])))
        return found

    def _blocks(self) -> Iterator[slice]:
        for first in range(0, self.m, MOST_SCORED_ROWS):
            yield slice(first, min(first + MOST_SCORED_ROWS, self.m))

    def _of_block(self, place: slice, parameters: Sequence[float]) -> tuple[Array, list[Any]]:
        """The scores, of shape (rows, classes), and of each class the places of the parameters that
        its score has, with its slopes by these."""
        columns = [column[place] for column in self.columns]
        rows = place.stop - place.start
        scores, slopes = np.zeros((rows, self.classes)), []
        with np.errstate(all="ignore"):
            for k, run in enumerate(self._gradients):
                scores[:, k], partials = run([*parameters, *columns])
                known = [
                    j for j, one in enumerate(partials[: self.p]) if np.ndim(one) or one != 0.0
                ]
                matrix = np.empty((rows, len(known)))
                for side, j in enumerate(known):
                    matrix[:, side] = partials[j]
                slopes.append((known, matrix))
        return scores, slopes

    def _sums(self, parameters: Sequence[float]) -> NormalEquations:
        value, gradient, matrix = 0.0, np.zeros(self.p), np.zeros((self.p, self.p))
        for place in self._blocks():
            scores, slopes = self._of_block(place, parameters)
            y, w = self.y[place], self.w[place]
            p = probabilities(scores)
            with np.errstate(all="ignore"):
                value += float(w @ _loss(scores, y))
                for k, (mine, own) in enumerate(slopes):
                    gradient[mine] += (w * (p[:, k] - (y == k))) @ own
                    for n, (others, theirs) in enumerate(slopes[: k + 1]):
                        bent = w * p[:, k] * ((n == k) - p[:, n])
                        block = own.T @ (bent[:, None] * theirs)
                        matrix[np.ix_(mine, others)] += block
                        if n < k:
                            matrix[np.ix_(others, mine)] += block.T
        return NormalEquations(value, gradient.tolist(), matrix.tolist())

    def hessian(self, parameters: Sequence[float]) -> list[list[float]]:
        """The p rows of the matrix of second derivatives of Q."""
        self.passes.accelerations += 1 if self._is_linear else self.p
        matrix = np.array(self._sums(parameters).matrix)
        for place in () if self._is_linear else self._blocks():
            scores, _ = self._of_block(place, parameters)
            columns = [column[place] for column in self.columns]
            pulls = self.w[place, None] * probabilities(scores)
            pulls[np.arange(len(pulls)), self.y[place]] -= self.w[place]
            for k, run in enumerate(self._bends):
                for j, unit in enumerate(np.eye(self.p).tolist()):
                    with np.errstate(all="ignore"):
                        _, bends = run([*parameters, *columns, *unit])
                    for i, bend in enumerate(bends[: self.p]):
                        if np.ndim(bend) or bend != 0.0:
                            matrix[j, i] += float((pulls[:, k] * bend).sum())
        return with_diagonal((0.5 * (matrix + matrix.T)).tolist(), self.penalty)

    def accelerated(self, *_: Sequence[float]) -> list[float]:
        """Numbers that are none, for no correction of steps."""
        return [nan] * self.p

    def precise_gradient(self, *_: Any) -> None:
        """None: sums in decimals are of one prediction a row."""

    def blocks(self, parameters: Sequence[float]) -> Iterator[tuple[Array, Array]]:
        """Residuals and slopes whose products are the gradient and the matrix, a row for each class
        of each row: √(w·π)·(∇f_k - Σ π·∇f), and Pearson's residual."""
        self.passes.evaluate()
        for place in self._blocks():
            scores, slopes = self._of_block(place, parameters)
            y, w = self.y[place], self.w[place]
            p = probabilities(scores)
            full = np.zeros((len(y), self.classes, self.p))
            for k, (mine, own) in enumerate(slopes):
                full[:, k, mine] = own
            full -= np.einsum("ik,ikj->ij", p, full)[:, None, :]
            roots = np.sqrt(p)
            hits = (y[:, None] == np.arange(self.classes)) / np.maximum(roots, 1e-150)
            residuals = np.sqrt(w)[:, None] * (roots - hits)
            full *= (np.sqrt(w)[:, None] * roots)[:, :, None]
            yield residuals.ravel(), full.reshape(-1, self.p)

    def constraints(self, parameters: Sequence[float]) -> tuple[Array, Array]:
        """For each other class of each row, the slopes of its own score less that one's, and the
        probability of the other."""
        self.passes.evaluate()
        kept, found = [], []
        for place in self._blocks():
            scores, slopes = self._of_block(place, parameters)
            y = self.y[place]
            p = probabilities(scores)
            full = np.zeros((len(y), self.classes, self.p))
            for k, (mine, own) in enumerate(slopes):
                full[:, k, mine] = own
            rows = np.arange(len(y))
            ahead = full[rows, y][:, None, :] - full
            other = y[:, None] != np.arange(self.classes)
            kept.append(ahead[other])
            found.append(p[other])
        return np.concatenate(kept), np.concatenate(found)

    def predictions(self, parameters: Sequence[float]) -> Any:
        """The m numbers of the classes that are the most probable."""
        found = [self._of_block(place, parameters)[0].argmax(axis=1) for place in self._blocks()]
        return np.concatenate(found).astype(float)

    def _first_undefined(self, point: list[float]) -> int | None:
        for place in self._blocks():
            scores, slopes = self._of_block(place, point)
            good = np.isfinite(np.column_stack([scores, *(own for _, own in slopes)])).all(axis=1)
            if not good.all():
                return int(place.start + np.argmin(good))
        return None


def _loss(scores: Array, y: Array) -> Array:
    """-log of the probability of each row's class, with its digits where that is near 1."""
    ahead = scores - scores[np.arange(len(y)), y][:, None]
    top = np.maximum(ahead.max(axis=1), 0.0)
    ahead[np.arange(len(y)), y] = -np.inf
    others = np.exp(ahead - top[:, None]).sum(axis=1)
    return np.asarray(np.where(top > 0.0, top + np.log(np.exp(-top) + others), np.log1p(others)))
