"""The real files of the motion corpus, where this machine has them."""

import os
from pathlib import Path

import pytest


def mocap_samples() -> Path:
    """The folder of the samples; the test that asks is skipped where it is not there."""
    folder = Path(os.environ.get("CROSSLIFT_DATA", "")) / "mocap" / "samples"
    if "CROSSLIFT_DATA" not in os.environ or not folder.is_dir():
        pytest.skip("CROSSLIFT_DATA does not name a folder with mocap/samples")
    return folder
