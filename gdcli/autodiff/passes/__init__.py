"""Passes: functions from Tape to Tape that keep its value, each an idea of its own."""
