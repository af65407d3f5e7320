"""The network in NumPy: its weights and names, its equations, many streams, one fast stream, one recorded stream, gates held."""
