"""Run a test on both paths, the NumPy text and the compiled kernel.

A test file says which modules it sends down them: `TOPICS = [losses]`.
"""

import sys

import numpy as np
import pytest


@pytest.fixture
def take(request, monkeypatch):
    """Send inputs of every size down the path of that name."""

    def take_path(name):
        size = {"numpy": sys.maxsize, "kernel": 0}[name]
        for topic in request.module.TOPICS:
            monkeypatch.setattr(topic.KERNELS, "loaded_size", size)
            monkeypatch.setattr(topic.KERNELS, "cold_size", size)

    return take_path


@pytest.fixture(params=["numpy", "kernel"])
def path(request, take):
    take(request.param)
    return request.param


@pytest.fixture
def rng():
    return np.random.default_rng(20240229)
