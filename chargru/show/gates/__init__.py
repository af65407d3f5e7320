"""The gates over a whole text, in every format."""
