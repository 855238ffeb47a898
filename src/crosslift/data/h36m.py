"""Human3.6M as VideoPose3D and its line pack it: a pair of npz files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeletons import COCO_17, H36M_16, H36M_17, MPII_16
from .h36m_takes import (
    CAMERAS,
    SPLITS,
    detection,
    left_out,
    motion_of_32,
    motion_or_views,
    take_of,
)
from .posed_clip import seen_of
from .reading import reading
from .videopose_npz import Key, asked_file, by_camera, file_of, read_2d, read_3d

POSES = "data_3d_h36m.npz"
PREFIX = "data_2d_h36m_"
WITHOUT_2D = ("projected", "none")
LAYOUTS = (H36M_17, H36M_16, COCO_17, MPII_16)


@registry.reader("h36m")
@dataclass(frozen=True)
class H36M:
    """Human3.6M as VideoPose3D's npz pair: ground truth, CPN, Detectron, HRNet keypoints.

    Layout: a folder with `data_3d_h36m.npz` (`positions_3d`: subject, action, then (frames, 32, 3))
    and `data_2d_h36m_<keypoints>.npz` (`positions_2d`: subject, action, four arrays of
    (frames, joints, 2 or 3) in the order of the cameras; `metadata`). `root` is the folder or one
    2D file in it. One clip a camera; detections longer than the motion capture are cut, shorter
    ones refused; S11's Directions is left out; S2, S3 and S4 are keypoints alone.
    Units: metres and pixels; a third number of a keypoint is its score; 50 frames a second.
    Axes: world z up; poses come out in the camera's frame, by the published cameras.
    Joints: what the file's `metadata` says: "h36m17", "h36m16", or "coco17" and "mpii16", which are
    mapped to Human3.6M's and marked, since a clip with poses has one skeleton.
    Example: crosslift convert h36m data STORE --keypoints cpn_ft_h36m_dbb
    """

    keypoints: str = "gt"
    """Which 2D file: gt, cpn_ft_h36m_dbb, detectron_pt_coco, hr, ...; "projected" makes them of the
    poses, "none" gives motions of 32 joints in the world."""
    poses: bool = True
    """With poses; without them, keypoints alone, all frames, in the skeleton of the file."""
    layout: str | None = None
    """The skeleton of the 2D file, such as h36m17, where its metadata does not tell."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One subject, recording and camera after the other."""
        folder, kind = asked_file(root, PREFIX, self.keypoints)
        if kind in WITHOUT_2D:
            yield from _without_2d(folder / POSES, kind)
            return
        path = file_of(folder, PREFIX, kind, WITHOUT_2D)
        world = read_3d(folder / POSES) if self.poses else {}
        found = read_2d(path, LAYOUTS, self.layout)
        with reading("a 2D file of Human3.6M", path):
            for key, cameras in found.cameras.items():
                if not left_out(*key):
                    motion = self._motion(world, key, path)
                    said = {"format": "h36m", "file": path.name, "keypoints_from": kind}
                    for camera, values in by_camera(CAMERAS, cameras, key):
                        take = take_of(*key, camera, **said)
                        seen = seen_of(values, found.skeleton, f'The keypoints of "{take.name}"')
                        yield detection(take, seen, motion)

    def _motion(self, world: Mapping[Key, Any], key: Key, path: Path) -> Motion | None:
        """A recording in the world; None for a subject that has no motion capture."""
        if key in world:
            return motion_of_32(take_of(*key, file=path.name), world[key])
        if self.poses and key[0] in SPLITS:
            raise DataError(
                f"{' '.join(key)} has keypoints, but no poses in {POSES}; take both files from the "
                "same release, or leave the poses out with --no-poses."
            )
        return None


def _without_2d(path: Path, kind: str) -> Iterator[Clip | Motion]:
    """The recordings of the 3D file alone."""
    with reading("the 3D file of Human3.6M", path):
        for key, values in read_3d(path).items():
            if not left_out(*key):
                take = take_of(*key, format="h36m", file=path.name)
                yield from motion_or_views(motion_of_32(take, values), kind)
