"""The ways to differentiate side by side: their errors, what they cost, and how that grows."""
