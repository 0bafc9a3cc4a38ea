"""Values to text. Pure: nothing here computes a result, prints, or reads a clock or a terminal.

A format is a module of this package, `gdcli.report.<format>`, with one function or class for each
command that offers it; FORMATS says which. A new format is such a module and its name here. Text
for people comes from `table` (through `text_document`, the only user of rich); the other formats
are for programs, and every number in them reads back to the same double.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

FORMATS = {
    "minimize": ("table", "json", "jsonl", "csv", "plain"),
    "grad": ("table", "json", "jsonl", "csv", "plain"),
    "problems": ("table", "json", "csv", "plain"),
    "problem": ("table", "json"),
    "verify": ("table", "json"),
    "functions": ("table", "json", "plain"),
    "compare": ("table", "json", "jsonl", "csv", "plain"),
    "show": ("table", "json", "jsonl", "csv", "plain", "dot", "mermaid"),
    "check": ("table", "json", "jsonl", "csv", "plain"),
    "completion": ("plain",),
}


def writer(form: str, name: str) -> Any:
    """The function or class `name` of the format `form`."""
    return getattr(import_module(f"gdcli.report.formats.{form}"), name)
