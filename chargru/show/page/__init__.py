"""One page that explores a network: its payload, and the file that carries it with all that draws it."""
