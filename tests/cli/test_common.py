from __future__ import annotations

import pytest

from gdcli.cli.common import common_params, derivative_params
from gdcli.derivatives.registry import METHODS
from gdcli.errors import UsageError
from gdcli.report import FORMATS


def test_the_formats_offered_are_those_a_result_has() -> None:
    for name, forms in FORMATS.items():
        [option] = [one for one in common_params(name) if "--format" in one.opts]
        assert set((option.metavar or "").split("|")) == set(forms)


def test_every_method_is_offered_and_no_other() -> None:
    [option] = [one for one in derivative_params() if "--derivative" in one.opts]
    assert all(option.read(name, "--derivative") == name for name in METHODS)
    with pytest.raises(UsageError, match="--derivative"):
        option.read("backward", "--derivative")
