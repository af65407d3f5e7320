"""The network: its weights, equations and names (NumPy), and what the trainer trains (torch)."""
