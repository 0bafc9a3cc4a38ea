"""Number systems: what a tape's constants and primitives are in one kind of number."""

MOST_DIGITS = 10_000  # decimal digits of a number that can be asked for
