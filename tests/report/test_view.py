from __future__ import annotations

from gdcli.report import view


def test_a_report_is_for_a_file_until_it_is_told_of_a_terminal() -> None:
    assert view.Screen()[:3] == (None, False, False)
    for made in (view.MinimizeView("x", ("x",)), view.GradView("x", ("x",))):
        assert made.screen.width is None
    assert view.ListingView("x", ("x",)).screen.width is None
