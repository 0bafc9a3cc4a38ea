"""The Function: text, tapes and callables joined, with its layout, its points and its data."""
