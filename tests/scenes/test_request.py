from __future__ import annotations

from gdcli.functions.function import Function
from gdcli.scenes.request import PictureRequest
from gdcli.scenes.section import section


def test_a_request_needs_a_section_only() -> None:
    request = PictureRequest(section(Function("x"), {}))
    assert (request.window, request.at, request.secant) == ({}, None, None)
    assert (request.paths, request.rule) == ((), "")
