from __future__ import annotations

import pytest

from gdcli.descent.schedule import schedule
from gdcli.errors import UsageError


def test_an_expression_in_k_is_a_function_of_k() -> None:
    assert [schedule("0.5/sqrt(k+1)")(k) for k in (0, 3)] == [0.5, 0.25]
    assert schedule("1/3")(7) == 1 / 3


@pytest.mark.parametrize("text", ["0.5/(j+1)", "1/2k", ""])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="alpha"):
        schedule(text)
