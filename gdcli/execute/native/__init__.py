"""A tape as machine code: text for LLVM, compiled in memory, run by one thread or more.

`available()` says why that cannot be done here, if it cannot; `compile_native` makes a `Program`.
"""

from __future__ import annotations

from gdcli.execute.native.burst import Settings
from gdcli.execute.native.machine import available
from gdcli.execute.native.program import Burst, DescentPoint, Program

compile_native = Program

__all__ = ["Burst", "DescentPoint", "Program", "Settings", "available", "compile_native"]
