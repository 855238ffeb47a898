"""EvoSkeleton's pickled dictionaries: keypoints of the test subjects, and their positions."""

from pathlib import Path

import numpy as np

from crosslift.skeletons import H36M_17, H36M_32

from . import h36m

KEY = (9, "Photo", "Photo 1.54138969.h5-sh")


def rows() -> np.ndarray:
    """x and y of 32 joints in a row, zero where nothing is looked for."""
    found = np.zeros((5, 32, 2))
    found[:, H36M_32.indices(*H36M_17.joints)] = h36m.seen("S9")[0]
    return found.reshape(5, 64)


def write(folder: Path) -> Path:
    """The folder of both files."""
    np.save(folder / "twoDPose_HRN_test.npy", {KEY: rows()}, allow_pickle=True)
    world = {(9, "Photo", "Photo 1.h5"): h36m.world().reshape(-1, 96) * 1000}
    np.save(folder / "threeDPose_test.npy", world, allow_pickle=True)
    return folder
