"""Descent from a Function to its iterates, their end and a verdict on the point found."""
