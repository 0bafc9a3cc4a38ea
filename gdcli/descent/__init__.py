"""Function → iterates: steepest descent, its step sizes, its endings and its verdict."""
