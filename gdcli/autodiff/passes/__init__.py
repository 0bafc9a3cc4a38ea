"""Passes: functions that make of a Tape another, or several."""
