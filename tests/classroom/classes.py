"""What small classes are made of: texts, zips, notebooks, and an executor that does all at once."""

import io
import json
import zipfile
from concurrent.futures import Executor, Future

RIGHT = """
def mse_loss(prediction, target):
    d = prediction - target
    return (d**2).mean(), 2 * d / d.size
"""
SUMMED = RIGHT.replace(".mean()", ".sum()")
STUB = "def mse_loss(prediction, target):\n    raise NotImplementedError('losses.mse_loss')\n"
WEEK = 'title = "Week 3"\nexercises = ["losses.mse_loss"]\n'
HANGS = "def mse_loss(prediction, target):\n    while True:\n        pass\n"


class Here(Executor):
    """Runs everything at once, in this process."""

    def __init__(self, jobs):
        self.jobs = jobs

    def submit(self, call, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(call(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
            future.set_exception(error)
        return future


def zipped(members):
    """Return a zip in memory; a member is a name, or a ZipInfo, and its text."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return buffer.getvalue()


def notebook(*cells):
    """Return a notebook's text."""
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
