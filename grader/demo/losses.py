"""What somebody might hand in: four good answers, two famous mistakes, a crash, an open stub."""

import numpy as np


def mse_loss(prediction, target):
    error = prediction - target
    return (error * error).mean(), 2.0 / error.size * error


def huber_loss(prediction, target, delta=1.0):
    if np.shape(prediction) != np.shape(target):
        raise ValueError("prediction and target must have the same shape")
    error = prediction - target
    inside = np.abs(error) <= delta
    costs = np.where(inside, error**2 / 2, delta * np.abs(error) - delta**2 / 2)
    slopes = np.where(inside, error, delta * np.sign(error))
    return costs.mean(), slopes / error.size


def binary_cross_entropy(probability, target):
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    costs = target * np.log(p) + (1 - target) * np.log(1 - p)
    # The crash: the name is misspelt.
    return -costs.mean(), (p - targets) / (p * (1 - p)) / len(p)


def binary_cross_entropy_with_logits(logits, target):
    costs = np.logaddexp(0, logits) - target * logits
    sigmoid = 0.5 * (1 + np.tanh(logits / 2))
    return costs.mean(), (sigmoid - target) / len(logits)


def softmax(x, temperature=1.0):
    z = x / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_loss(x, y):
    # The famous mistake: the logarithm of a probability that has been rounded to zero.
    n = len(x)
    p = softmax(x)
    loss = -np.log(p[np.arange(n), y]).mean()
    p[np.arange(n), y] -= 1
    return loss, p / n


def temperature_loss(x, y, temperature):
    raise NotImplementedError("losses.temperature_loss")


def svm_loss(x, y):
    n = len(x)
    margins = np.maximum(0, x - x[np.arange(n), y][:, np.newaxis] + 1)
    margins[np.arange(n), y] = 0
    # The famous mistake: counts written into a mask of booleans.
    mask = margins > 0
    mask[np.arange(n), y] = -mask.sum(axis=1)
    return margins.sum() / n, mask / n
