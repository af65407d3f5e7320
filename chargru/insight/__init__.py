"""What the gates did, as data: traces, ledgers, gradients, proofs. How they look is `show`'s."""
