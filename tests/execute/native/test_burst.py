"""The order of the numbers of a stretch; its steps are tested in test_program."""

from __future__ import annotations

from gdcli.execute.native.burst import SETTING_NAMES, Fields, descend


def test_fields_follow_one_another() -> None:
    fields = Fields(3)
    assert fields.stalled_count == len(SETTING_NAMES)
    assert fields.points == (5, 14, 23)
    assert fields.width == 9  # x, f, the gradient, its norm, k
    assert (fields.f(5), fields.gradient(5), fields.norm(5), fields.size) == (8, 9, 12, 32)


def test_few_variables_are_written_out() -> None:
    few, many = (descend(n, "ptr %point, ptr %gradient", "a, b, c") for n in (2, 100))
    assert "%each = phi" not in few
    assert "%each = phi" in many
