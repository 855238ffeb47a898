"""MPI-INF-3DHP in the npz files of P-STMO and D3DP."""

from pathlib import Path

import numpy as np

from crosslift.skeletons import MPI_INF_3DHP_17

from . import mpi_inf_3dhp as original


def training(kind: str) -> dict[str, object]:
    """S1 and S2, each with two cameras."""
    poses = original.before(MPI_INF_3DHP_17)
    pixels = original.seen(poses, np.array(original.K))
    truth = poses if kind == "annot3" else original.universal(poses, MPI_INF_3DHP_17.root)
    camera = {"data_2d": pixels, "data_3d": truth}
    return {
        "S1 Seq1": [{"0": camera, "8": camera}, 25],
        "S2 Seq2": [{"0": camera}, 25],
    }


def testing(kind: str) -> dict[str, object]:
    """A test sequence of the studio and one of the open air."""
    found = {}
    for sequence in ("TS1", "TS5"):
        arrays = original.arrays_of_test(sequence)
        valid = np.array(original.VALID, float)
        found[sequence] = {"data_2d": arrays["annot2"], "data_3d": arrays[kind], "valid": valid}
    return found


def write(folder: Path) -> Path:
    """The folder of D3DP's two files."""
    np.savez_compressed(folder / "data_train_3dhp_ori.npz", data=training("annot3"))
    np.savez_compressed(folder / "data_test_3dhp_ori.npz", data=testing("annot3"))
    return folder
