"""The surprise of each character of a text: for a terminal, as a page, as data."""
