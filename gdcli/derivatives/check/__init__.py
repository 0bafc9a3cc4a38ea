"""A derivation by hand, held against the derivative: claims, points to try, a judgement."""
