"""The ledger of a state, in every format."""
