"""A character-level GRU: train it, sample from it, and see what its gates do in numbers."""

__version__ = "0.1.0"
