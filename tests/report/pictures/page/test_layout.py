from __future__ import annotations

from gdcli.report.pictures.page.layout import axis, powers


def test_an_axis_has_an_escaped_name_and_what_is_asked_for() -> None:
    found = axis("a<b>", (0.0, 1.0), type="log")
    assert found["title"]["text"] == "a&lt;b&gt;"
    assert found["title"]["standoff"] > 0  # or it lies on numbers with an exponent
    assert found["range"] == [0.0, 1.0]
    assert found["type"] == "log"
    assert "range" not in axis("x")


def test_powers_of_ten_alone_stand_beside_a_logarithmic_axis() -> None:
    assert powers([1e-15, 1.0, 0.0, float("inf"), float("nan")])["dtick"] == 3
    assert powers([1.0, 90.0])["dtick"] == 1
    assert "dtick" not in powers([2.0, 3.0])  # where there is none between
    assert powers([])["type"] == "log"
