"""Fits of NIST's reference datasets have the certified parameters and standard errors."""

from __future__ import annotations

from statistics import median

import pytest

import gdcli
from benchmarks.nist import RegressionEnd, ended
from tests.nist_datasets import NAMES, RUNS, dataset, jittered_starts, least_digits

# A flat end near by, 250 passes, residuals near rounding errors, a formula on the left, powers.
SAMPLE = (("BoxBOD", 0), ("MGH10", 0), ("Lanczos1", 1), ("Nelson", 1), ("Rat43", 0))


def run(name: str, which: int) -> RegressionEnd:
    posed = dataset(name)
    return ended(posed, posed.start(which))


@pytest.mark.parametrize(("name", "which"), SAMPLE)
def test_a_fit_has_ten_certified_digits_and_eight_of_its_standard_errors(
    name: str, which: int
) -> None:
    end = run(name, which)
    assert end.claimed
    assert end.right
    assert end.digits >= 10.0
    assert end.error_digits >= 8.0


@pytest.mark.full
def test_all_runs_are_right_in_few_passes_over_the_data() -> None:
    ends = [run(name, which) for name, which in RUNS]
    assert all(end.claimed for end in ends)
    assert sum(end.digits >= 8.0 for end in ends) == 54
    assert sum(end.digits >= 10.0 for end in ends) >= 52
    assert sum(end.error_digits >= 8.0 for end in ends) >= 52
    assert median(end.evaluations for end in ends) <= 30


@pytest.mark.full
def test_other_starts_lead_to_the_certified_minimum_or_to_another_one() -> None:
    from benchmarks.nist import minimum_at

    right, known = 0, dict[str, list[list[float]]]()
    for one in jittered_starts():
        posed = dataset(one.dataset)
        end = ended(posed, dict(zip(posed.parameters, one.start, strict=True)))
        right += end.right
        if end.claimed and not end.right:
            assert minimum_at(posed.name, end.parameters, known.setdefault(posed.name, []))
    assert right >= 415


def test_a_minimum_that_is_no_certified_one_is_told_apart_from_none() -> None:
    from benchmarks.nist import minimum_at

    posed = dataset("Misra1a")
    fit = gdcli.fit(posed.model, posed.columns, start=posed.start(1))
    assert minimum_at("Misra1a", [*fit.values.values()], [])
    assert not minimum_at("Misra1a", [230.0, 6e-4], [])


def test_the_datasets_are_read_as_they_are_published() -> None:
    assert len(NAMES) == 27
    for name in NAMES:
        posed = dataset(name)
        m, s = len(posed.columns["y"]), posed.residual_deviation
        printed = (posed.sum_of_squares / s**2) + len(posed.certified)
        assert round(printed) == m, "the certified numbers belong together"
    assert dataset("Nelson").model.startswith("log(y) ~")
    assert least_digits([1.0, 2.002], [1.0, 2.0]) == pytest.approx(3.0)
