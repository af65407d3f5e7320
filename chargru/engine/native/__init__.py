"""The layer's compiled kernels: built at first use, called through ctypes."""
