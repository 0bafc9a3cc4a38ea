"""The text of a burst of descent; its steps are tested in test_program."""

from __future__ import annotations

from gdcli.execute.native.burst import descend


def test_few_variables_need_no_loop() -> None:
    few, many = (descend(n, "ptr %point, ptr %gradient", "a, b, c") for n in (2, 100))
    assert "%each = phi" not in few
    assert "%each = phi" in many
