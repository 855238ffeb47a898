"""MPI-INF-3DHP's test set as SPIN packs it, and DH-AUG's preparation of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from .. import registry
from ..camera import to_screen
from ..cameras_h36m import MPI_INF_3DHP_TEST, mpi_inf_3dhp_camera
from ..clip import Clip
from ..errors import DataError
from ..geometry import place_root
from ..mapping import mapping
from ..skeletons import H36M_16, SPIN_24
from .mpi_inf_3dhp_takes import LICENCE, TEST_FPS
from .posed_clip import Take, points, posed_clip
from .reading import read_npz, reading

SEQUENCE = re.compile(r"(?:^|/)(TS[1-6])/")
PICTURE = re.compile(r"(\d+)\.\w+$")


@registry.reader("spin")
@dataclass(frozen=True)
class Spin:
    """MPI-INF-3DHP's test set as SPIN's mpi_inf_3dhp_valid.npz.

    Layout: an npz with `imgname` (".../TS5/imageSequence/img_000001.jpg"), `part` (rows, 24, 3) and
    `S` (rows, 24, 4); the last number of each is 1 where a joint is known. `root` is the file. One
    clip a test sequence; frames that SPIN left out are gaps in the times.
    Units: pixels and metres. 25 frames a second are assumed.
    Axes: the camera's, from the pelvis; poses are placed where they are seen at the keypoints.
    Joints: "spin24", of which 3DHP has 17; poses are of the kind univ_annot3, all people in one
    size.
    Example: crosslift convert spin mpi_inf_3dhp_valid.npz STORE
    """

    fps: float = TEST_FPS
    """Pictures a second of the test sequences, by which the frames' times are counted."""

    def read(self, root: Path) -> Iterator[Clip]:
        """One test sequence after the other."""
        with reading("SPIN's mpi_inf_3dhp_valid.npz", root):
            held = read_npz(root)
            names = [str(name) for name in held["imgname"].tolist()]
            part = points(held["part"], len(SPIN_24), 3, "part")
            truth = points(held["S"], len(SPIN_24), 4, "S")
            if not len(names) == len(part) == len(truth):
                raise DataError(
                    f"{len(names)} pictures, {len(part)} rows of part and {len(truth)} of S were "
                    "found; these numbers should agree."
                )
            where = [_sequence(name) for name in names]
            for sequence in MPI_INF_3DHP_TEST:
                rows = [row for row, there in enumerate(where) if there == sequence]
                if rows:
                    times = _times([names[row] for row in rows], self.fps)
                    yield self._clip(sequence, part[rows], truth[rows], times, root)

    def _clip(
        self,
        sequence: str,
        part: Float[Tensor, "frames 24 3"],
        truth: Float[Tensor, "frames 24 4"],
        times: Float[Tensor, " frames"] | None,
        path: Path,
    ) -> Clip:
        labels = {"subject": sequence, "split": "test", "annotation": "univ_annot3"}
        provenance = {
            "format": "spin",
            "file": path.name,
            "annotation": "univ_annot3",
            "keypoints_from": "annot2",
            "licence": LICENCE,
        }
        camera = mpi_inf_3dhp_camera(sequence)
        known = (truth[..., 3:] > 0) & truth[..., :3].isfinite()
        poses = torch.where(known, truth[..., :3], torch.nan)
        scores = torch.where(known.all(dim=-1), part[..., 2].nan_to_num(nan=0.0), 0)
        places = place_root(poses.nan_to_num(nan=0.0), part[..., :2], scores, camera)
        return posed_clip(
            Take(f"spin/{sequence}", self.fps, labels, provenance),
            SPIN_24,
            camera,
            poses=poses + places[:, None],
            keypoints=part[..., :2].contiguous(),
            scores=part[..., 2].contiguous(),
            times=times,
            root_from="reprojection",
        )


def _sequence(name: str) -> str:
    found = SEQUENCE.search(name)
    if found is None:
        raise DataError(
            f'A picture\'s name should tell its test sequence ("/TS1/"), but "{name}" does not.'
        )
    return found[1]


def _times(names: Sequence[str], fps: float) -> Float[Tensor, " frames"] | None:
    """Seconds of each picture by the number in its name; None where the names tell none."""
    found = [PICTURE.search(name) for name in names]
    numbers = [int(match[1]) for match in found if match is not None and len(match[1]) < 10]
    if len(numbers) != len(names) or numbers != sorted(set(numbers)):
        return None
    return torch.tensor([(number - numbers[0]) / fps for number in numbers])


class Prepared(NamedTuple):
    """What DH-AUG's lifters are tested on."""

    keypoints: Float[Tensor, "rows 16 2"]
    """Normalised by the picture's width; a joint that is not seen is at the origin."""
    poses: Float[Tensor, "rows 16 3"]
    """As in the file: metres from the pelvis."""


def prepared_as_dh_aug(
    part: Float[Tensor, "rows 24 3"],
    truth: Float[Tensor, "rows 24 4"],
    sequences: Sequence[str],
) -> Prepared:
    """SPIN's rows as DH-AUG and PoseAug give them to their lifters, in 16 joints.

    Args:
        sequences: The test sequence of each row, "TS1" to "TS6".
    """
    if not torch.equal(part[..., 2], truth[..., 3]):
        raise DataError(
            "The joints that are known in 2D and in 3D should be the same, but differ; check that "
            "part and S are of one file."
        )
    chosen = mapping(SPIN_24, H36M_16)
    order = [uses[0] for uses in chosen.uses]
    sizes = torch.tensor([MPI_INF_3DHP_TEST[name].size for name in sequences]).to(part)
    seen = to_screen(part[..., :2], sizes) * part[..., 2:]
    return Prepared(seen[:, order], truth[:, order, :3])
