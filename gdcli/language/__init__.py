"""The language: text in, Expression out. It knows grammar and names, and no mathematics."""
