"""Whose letters and formulas: one reading of a GRU, and eight authors'."""
