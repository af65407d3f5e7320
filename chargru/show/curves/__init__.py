"""The losses of runs by update: a plot for a terminal, a picture, data."""
