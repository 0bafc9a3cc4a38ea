"""Execution: a Tape made into something that can be called, in whichever numbers one likes."""

AUTO, PYTHON, NATIVE = BACKENDS = ("auto", "python", "native")

# What a call of a function answers with; OUTPUTS are those of its tape, whatever the numbers.
CALL_ANSWERS = VALUE, GRADIENT, VALUE_AND_GRADIENT, OUTPUTS = (
    *("value", "gradient", "value_and_gradient"),
    "outputs",
)
CALLS_BEFORE_BUILTIN = 32  # after which someone seems to call in a loop
