"""Numba kernels, one file per topic; imported only by the public function of the same name."""
