"""Differentiation: Expression to Tape, Tape to gradient Tape, without evaluating anything."""
