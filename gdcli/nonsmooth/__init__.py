"""Value and gradient where floats are not enough: kinks, lost digits, poles."""
