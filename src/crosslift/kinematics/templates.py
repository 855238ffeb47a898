"""Bone lengths of five measured people and of their average, for bodies that nobody measured.

Metres. A row's columns are the bones of `H36M_16` in the order of their child joints: the right
leg from the hip down, the left leg, pelvis to spine, spine to thorax, thorax to head, the left arm
from the shoulder down, the right arm.
"""

import numpy as np
from numpy.typing import ArrayLike

from ..skeletons import H36M_16

SUBJECTS = ("S1", "S5", "S6", "S7", "S8")
"""Whose lengths the rows of `TEMPLATES` are; the training subjects of Human3.6M."""


def _fixed(rows: ArrayLike) -> np.ndarray:
    """A table that nobody can write to."""
    table = np.array(rows, dtype=np.float64)
    table.flags.writeable = False
    return table


def _even_sided(lengths: np.ndarray) -> np.ndarray:
    """Lengths with each pair of limbs at the mean of its two sides."""
    mirror = [H36M_16.mirror[child] - 1 for _, child in H36M_16.bones]
    return (lengths + lengths[mirror]) / 2


TEMPLATES = _fixed(
    [
        [0.13294846, 0.44289464, 0.45420563, 0.13294877, 0.44289464, 0.45420682,
         0.23347287, 0.25707757, 0.18188231,
         0.15103406, 0.27888331, 0.25173312, 0.15103163, 0.27889305, 0.25172850],  # S1
        [0.11931339, 0.42828554, 0.44244429, 0.11931310, 0.42828605, 0.44244403,
         0.22431792, 0.25405529, 0.16618064,
         0.14309622, 0.26458481, 0.24862026, 0.14309767, 0.26458368, 0.24862061],  # S5
        [0.14261368, 0.48657086, 0.46149334, 0.14261152, 0.48656374, 0.46149373,
         0.26221111, 0.26000941, 0.19247183,
         0.14937478, 0.30100849, 0.25791466, 0.14937413, 0.30100808, 0.25791493],  # S6
        [0.13587914, 0.44861519, 0.43800974, 0.13587871, 0.44861540, 0.43800804,
         0.22624578, 0.25540760, 0.16872624,
         0.13971755, 0.27556360, 0.24729918, 0.13971443, 0.27557191, 0.24729763],  # S7
        [0.14653736, 0.45214748, 0.43863299, 0.14653677, 0.45214623, 0.43863365,
         0.26121622, 0.25102398, 0.21279596,
         0.16931628, 0.28990841, 0.24417701, 0.16931622, 0.28990710, 0.24417761],  # S8
    ]
)  # fmt: skip
"""One row a subject, one column a bone; read-only."""

AVERAGE = _fixed(_even_sided(TEMPLATES.mean(axis=0)).tolist())
"""The mean of the five, the same on both sides; read-only."""
