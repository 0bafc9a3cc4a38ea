"""Every problem of the library, read once for all tests that are about each of them."""

from __future__ import annotations

from gdcli.library import lookup

PROBLEMS = lookup.problems()
