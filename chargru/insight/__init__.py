"""What the gates did, as data (trace and its kin) and as renderings of that data."""
