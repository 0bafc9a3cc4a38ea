"""Passes: functions that make of a Tape another, or several."""

SCHEDULING_PASSES = ("fuse", "keep")  # of `schedule`, in the order in which they run
