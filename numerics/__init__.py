"""Ground truth: what each exercise's answer is, in NumPy, with Numba kernels where they pay."""
