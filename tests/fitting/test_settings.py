"""The settings of a fit."""

from inspect import Parameter, signature

from gdcli.fitting.fit import fit
from gdcli.fitting.settings import FitRequest


def test_a_request_has_the_settings_of_fit_with_their_defaults() -> None:
    wanted = {one.name: one.default for one in signature(fit).parameters.values()}
    given = {**FitRequest._field_defaults, "model": Parameter.empty, "data": Parameter.empty}
    assert wanted == {name: one for name, one in given.items() if name != "format_setting"}
