"""The size of the gradient by lag, and the derivatives of one step, in every format."""
