"""Settings of the whole test run."""

import os

import pytest
from hypothesis import settings

# As many processes as cores run the tests, so each computes in one thread; before PyTorch loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, so that what passes here passes elsewhere; look for new ones with
# HYPOTHESIS_PROFILE=wandering.
settings.register_profile("steady", derandomize=True)
settings.register_profile("wandering", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `gpu` where there is none."""
    import torch

    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
