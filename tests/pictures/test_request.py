from __future__ import annotations

from gdcli.pictures.request import Request
from gdcli.pictures.section import section
from gdcli.scalar_function import Function


def test_a_request_needs_a_section_only() -> None:
    request = Request(section(Function("x"), {}))
    assert (request.window, request.at, request.secant) == ({}, None, None)
    assert (request.paths, request.rule) == ((), "")
