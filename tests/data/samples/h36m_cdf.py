"""Human3.6M's own layout: MATLAB copies, and a CDF file where cdflib is installed."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.io import savemat

from . import h36m
from .mpi_inf_3dhp import undated

PLACE = "S9/MyPoseFeatures/D3_Positions"


def rows() -> np.ndarray:
    """The recording's (frames, 96) millimetres."""
    return h36m.world().reshape(-1, 96).astype(np.float64) * 1000


def write(folder: Path) -> Path:
    """The folder of the subjects."""
    place = folder / PLACE
    place.mkdir(parents=True)
    cell = np.empty((1, 1), object)
    cell[0, 0] = rows()
    savemat(place / "WalkingDog.cdf.mat", {"data": cell}, appendmat=False, do_compression=True)
    undated(place / "WalkingDog.cdf.mat")
    if find_spec("cdflib"):
        write_cdf(place / "TakingPhoto 1.cdf")
    return folder


def write_cdf(path: Path) -> None:
    """A CDF file with the variable Pose, as the data set has it."""
    from cdflib.cdfwrite import CDF

    file = CDF(path, cdf_spec={"rDim_sizes": [], "Compressed": 0})
    spec = {"Variable": "Pose", "Data_Type": 45, "Num_Elements": 1, "Rec_Vary": True, "Compress": 0}
    shape = rows()[None]
    file.write_var({**spec, "Dim_Sizes": list(shape.shape[1:])}, var_data=shape)
    file.close()
