"""Human3.6M's keypoints as EvoSkeleton's high-resolution network finds them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import registry
from ..clip import Clip
from ..errors import DataError
from ..motion import Motion
from ..skeletons import H36M_16, H36M_17, H36M_32
from .h36m_takes import canonical, detection, left_out, motion_of_32, take_of
from .motion_axes import METRES
from .posed_clip import Seen, entries, plain, seen_of
from .reading import read_npy, reading

ENDINGS = ("-sh", ".h5")
"""What the file names in the keys end in, the last first."""
COLUMNS = {64: H36M_32, 34: H36M_17, 32: H36M_16}


@registry.reader("evoskeleton")
@dataclass(frozen=True)
class EvoSkeleton:
    """Human3.6M's HRNet keypoints from EvoSkeleton's pickled dictionaries.

    Layout: `twoDPose_HRN_train.npy` and `twoDPose_HRN_test.npy`, each a pickled dictionary from
    (subject, action, file name), such as (9, "Photo", "Photo 1.54138969.h5-sh"), to rows of
    numbers, one a frame. `root` is one of them or their folder. Where `threeDPose_train.npy` and
    `threeDPose_test.npy` (rows of 96, the file name without the camera) lie beside them, the poses
    come along.
    What is assumed, since the files cannot be had without registration: rows of 64 numbers are x
    and y of Human3.6M's 32 joints, of which the 16 that the network finds are taken; rows of 32
    and 34 are 16 and 17 joints in order.
    Units: pixels and millimetres; 50 frames a second; no scores.
    Axes: world z up; poses come out in the camera's frame, by the published cameras.
    Joints: "h36m16", or "h36m17" for rows of 34.
    Example: crosslift convert evoskeleton human3.6M/h36m/numpy STORE
    """

    def read(self, root: Path) -> Iterator[Clip]:
        """One recording and camera after the other."""
        folder = root.parent if root.is_file() else root
        paths = [root] if root.is_file() else sorted(folder.glob("twoDPose_HRN_*.npy"))
        if not paths:
            raise DataError(
                f'"{root}" should hold twoDPose_HRN_train.npy or twoDPose_HRN_test.npy, but does '
                "not; name the folder of these files, or one of them."
            )
        for path in paths:
            with reading("EvoSkeleton's keypoints (npy)", path):
                beside = folder / path.name.replace("twoDPose_HRN", "threeDPose")
                world = _dictionary(beside) if beside != path and beside.is_file() else {}
                for key, rows in _dictionary(path).items():
                    if not left_out(*_named(key)[:2]):
                        yield _clip(key, rows, world, path)


def _dictionary(path: Path) -> dict[Any, Any]:
    with path.open("rb") as file:
        return entries(read_npy(file, path.stat().st_size, objects=True), f'"{path.name}"')


def _named(key: Any) -> tuple[str, str, str]:
    """Subject, recording and camera of a key."""
    if not isinstance(key, tuple) or len(key) != 3 or not isinstance(key[2], str):
        raise DataError(f"A key should be (subject, action, file name), but {key!r} was found.")
    subject, _, file = key
    for ending in ENDINGS:
        file = file.removesuffix(ending)
    recording, _, camera = file.rpartition(".")
    return f"S{str(subject).removeprefix('S')}", canonical(recording), camera


def _clip(key: Any, rows: Any, world: dict[Any, Any], path: Path) -> Clip:
    said = {"format": "evoskeleton", "file": path.name, "keypoints_from": "hrnet"}
    take = take_of(*_named(key), **said)
    return detection(take, _seen(rows, take.name), _motion(key, world, said))


def _seen(rows: Any, what: str) -> Seen:
    array = plain(rows, what)
    skeleton = COLUMNS.get(array.shape[1]) if array.ndim == 2 else None
    if skeleton is None:
        raise DataError(f'"{what}" should be rows of 64, 34 or 32 numbers, not {array.shape}.')
    seen = seen_of(array.reshape(len(array), len(skeleton), 2), skeleton, what)
    if skeleton is H36M_32:
        return Seen(H36M_16, seen.keypoints[:, H36M_32.indices(*H36M_16.joints)])
    return seen


def _motion(key: Any, world: dict[Any, Any], said: dict[str, str]) -> Motion | None:
    """The poses of the same recording, where there are any."""
    if not world:
        return None
    subject, recording, _ = _named(key)
    original = key[2].partition(".")[0]
    for name in (f"{original}.h5", original):
        if (*key[:2], name) in world:
            rows = plain(world[*key[:2], name], f"The poses of {original}")
            take = take_of(subject, recording, **said)
            return motion_of_32(take, rows.reshape(-1, 32, 3), METRES["mm"])
    raise DataError(f"The keypoints of {key} have no poses in the file beside them.")
