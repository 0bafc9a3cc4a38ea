"""Careful answers: value and gradient where floats alone would be wrong or have none to give."""
