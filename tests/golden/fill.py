"""Deterministic tensors for golden files, which hold no weights.

A golden file names each parameter and input with its shape; whoever made the file and whoever
checks against it fill them with the same numbers. `RandomState` is used because NumPy's
compatibility policy freezes its stream.
"""

import hashlib
import math

import numpy as np

Array = np.ndarray


def normal(name: str, shape: tuple[int, ...], seed: int) -> Array:
    """Standard normal numbers that depend on the name and the seed alone."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    rng = np.random.RandomState(int.from_bytes(digest[:4], "little"))
    return rng.standard_normal(shape).astype(np.float32)


def fill_parameter(name: str, shape: tuple[int, ...], seed: int = 0) -> Array:
    """Values for the state-dict entry `name` that keep activations near unit scale."""
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, dtype=np.int64)
    values = normal(name, shape, seed)
    if name.endswith("running_var"):
        return 1 + 0.1 * np.abs(values)
    if len(shape) >= 2:
        return values / math.sqrt(math.prod(shape[1:]))
    return 1 + 0.1 * values if name.endswith("weight") else 0.1 * values


def fill_input(name: str, shape: tuple[int, ...], seed: int = 0, scale: float = 0.5) -> Array:
    """Values for the input called `name`."""
    return scale * normal(f"input:{name}", shape, seed)
