"""Formats: a module each, which turns results into the text that people or programs read."""
