from __future__ import annotations

from itertools import pairwise

from gdcli.descent.iterate import Iterate
from gdcli.functions.function import Function
from gdcli.scenes.paths import MOST_GRADIENT_VARIABLES, MOST_PATH_STEPS, path, thinned
from gdcli.scenes.scene import PathRow


def rows(count: int) -> list[Iterate]:
    return [Iterate(k, [float(k), 1.0], 0.5 * k, 2.0, 0.1) for k in range(count)]


def test_a_step_is_a_row_with_its_gradient() -> None:
    found = path(Function("x^2*y"), rows(3), 3, "here", "converged", "done")
    assert found[0] == "here"
    assert found[2:5] == (3, "converged", "done")
    assert found.steps[2] == PathRow(2, [2.0, 1.0], 1.0, (4.0, 4.0), 2.0, 0.1)


def test_without_a_function_or_where_it_has_none_there_is_no_gradient() -> None:
    assert path(None, rows(1), 1).steps[0].gradient is None
    assert path(Function("log(x)*y"), rows(1), 1).steps[0].gradient is None


def test_of_many_variables_no_gradient_is_shown() -> None:
    text = "sum(x[i]^2 for i in 1:n)"
    for n, shown in ((MOST_GRADIENT_VARIABLES, True), (MOST_GRADIENT_VARIABLES + 1, False)):
        row = Iterate(0, [1.0] * n, float(n), 2.0, 0.1)
        (step,) = path(Function(text, sizes={"n": n}), [row], 1).steps
        assert (step.gradient is not None) is shown


def test_of_a_long_run_the_first_rows_are_all_kept_and_the_others_thinned_evenly() -> None:
    assert thinned(rows(MOST_PATH_STEPS)) == rows(MOST_PATH_STEPS)
    found = thinned(rows(10 * MOST_PATH_STEPS))
    assert len(found) == MOST_PATH_STEPS
    assert [row.k for row in found[: MOST_PATH_STEPS // 2]] == [*range(MOST_PATH_STEPS // 2)]
    assert found[-1].k == 10 * MOST_PATH_STEPS - 1
    gaps = {after.k - before.k for before, after in pairwise(found[MOST_PATH_STEPS // 2 :])}
    assert gaps <= {19, 20}
