"""The GRU layer that trains, in torch: fast, and equal to the equations."""
