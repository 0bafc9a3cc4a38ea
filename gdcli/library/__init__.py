"""The library of named problems: their files and records, look-up by name, verification."""
