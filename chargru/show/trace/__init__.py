"""A trace, in every format."""
