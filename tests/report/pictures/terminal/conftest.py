from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_width_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
