"""Passes: functions that make of a Tape another, or several."""

# of `schedule`, in the order in which they run
VALUE_PASS_NAMES = ("interchange", "tabulate", "contract", "fuse")
GRADIENT_PASS_NAMES = ("fuse", "tabulate")
