"""Passes: functions from Tape to Tape that keep its value, each an idea of its own."""

SCHEDULING_PASSES = ("fuse", "keep")  # of `schedule`, in the order in which they run
