"""The network in NumPy: its weights and names, its equations, many streams, one fast or recorded stream, gates held."""
