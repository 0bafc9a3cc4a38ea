"""Proofs: global minima over a window, and stationary points, by interval arithmetic."""
