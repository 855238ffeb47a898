"""How far joints are from each other in data, and how unlikely that is."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from .expectation import Expected
from .points import Points


def log_distances(points: Points) -> Float[Array, "joints joints"]:
    """Logarithm of the root mean square over frames of the distance between every two joints."""
    there = np.all(np.isfinite(points), axis=-1)
    plain = np.where(there[..., None], points - np.nanmean(points, axis=(0, 1)), 0.0)
    weight = there.astype(float)
    both = weight.T @ weight
    product = np.einsum("tia, tja -> ij", plain, plain)
    square = (plain**2).sum(axis=-1).T @ weight
    squared = (square + square.T - 2 * product) / np.where(both > 0, both, np.nan)
    return np.log(np.maximum(squared, 1e-12)) / 2


def misfit(
    seen: Float[Array, "..."], usual: Float[Array, "..."], deviation: Float[Array, "..."]
) -> Float[Array, "..."]:
    """How unlikely distances are: minus the logarithm of a density with heavy tails."""
    cost = np.log1p(((seen - usual) / deviation) ** 2 / 2) + np.log(deviation)
    return np.nan_to_num(cost, copy=False, nan=0.0)


def scaled(seen: Array, usual: Expected) -> Array:
    """Distances in the size of the usual body."""
    pairs = np.triu_indices(len(seen), 1)
    return seen - np.nanmedian(seen[pairs]) + np.median(usual.mean[pairs])


def misfit_of(seen: Float[Array, "joints joints"], usual: Expected) -> float:
    """How unlikely the distances are for joints in the order of `usual`."""
    cost = misfit(scaled(seen, usual), usual.mean, usual.deviation)
    return float(cost[np.triu_indices(len(seen), 1)].sum())
