from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Gdcli


from gdcli.autodiff.primitives import LANGUAGE_FUNCTIONS


def test_every_function_with_its_derivative(gdcli: Gdcli) -> None:
    table = gdcli("functions").out
    for name, row in LANGUAGE_FUNCTIONS.items():
        line = next(line for line in table.splitlines() if line.startswith(f"{row.name}("))
        assert name in line
        assert all(partial in line for partial in row.partials)
        assert row.singular in line
    names = list(dict.fromkeys(row.name for row in LANGUAGE_FUNCTIONS.values()))
    assert gdcli("functions", "--format", "plain").out.split() == names
    listed = gdcli("functions", "--format", "json").json
    assert [one["name"] for one in listed] == names
    assert next(one for one in listed if one["name"] == "log")["aliases"] == ["ln"]
