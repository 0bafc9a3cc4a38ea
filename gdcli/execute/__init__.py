"""Execution: a Tape made into something that can be called, in whichever numbers one likes."""

AUTO, PYTHON, NATIVE = BACKENDS = ("auto", "python", "native")
