"""What is true of every GRU, checked on a trained one."""
