"""The network in NumPy: weights and names, equations, many streams, a fast stream, a recorded stream, gates held."""
