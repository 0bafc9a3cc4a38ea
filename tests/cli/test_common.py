from __future__ import annotations

import pytest

from gdcli.cli.common import common_params, derivative_params
from gdcli.derivatives import DERIVATIVES
from gdcli.errors import UsageError
from gdcli.report.formats import FORMATS, Writers


@pytest.mark.parametrize("result", Writers._fields)
def test_the_formats_offered_are_those_that_write_the_result(result: str) -> None:
    [option] = [one for one in common_params(result) if "--format" in one.opts]
    forms = [name for name, row in FORMATS.items() if result in row.offers]
    assert (option.choices, option.default) == (tuple(forms), forms[0])
    assert option.read(forms[-1], "--format") is FORMATS[forms[-1]]


def test_every_way_to_differentiate_is_offered_and_no_other() -> None:
    [option] = [one for one in derivative_params() if "--derivative" in one.opts]
    assert all(option.read(name, "--derivative") == name for name in DERIVATIVES)
    with pytest.raises(UsageError, match="--derivative"):
        option.read("backward", "--derivative")
