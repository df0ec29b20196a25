"""Ground truth: what each exercise's answer is, in readable NumPy with Numba kernels where they pay."""
