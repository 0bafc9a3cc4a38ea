"""Number systems: what a tape's constants and primitives are in one kind of number."""
