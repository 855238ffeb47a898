"""The npz pair of VideoPose3D and its line: dictionaries of arrays by subject and action."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .. import registry
from ..clip import Clip
from ..data.record import Recording
from ..errors import DataError
from ..files import whole
from .world import in_world, missing_sentence, uneven


@registry.writer("videopose3d")
@dataclass(frozen=True)
class VideoPose3D:
    """VideoPose3D's pair of npz files, data_3d_NAME.npz and data_2d_NAME_KEYPOINTS.npz.

    The path `DIR/NAME.npz` names the pair: both lie in DIR. A motion or a clip with poses gives the
    3D file, a clip the 2D file; several recordings go into one pair by `write_all`, the cameras of
    one subject's action as a list in the order in which they come.
    Units: metres, pixels. Axes: world z up, as VideoPose3D has them. Missing joints are NaN. The
    files have no frame rate; the metadata of the 2D file states it as `fps`, beside the layout.
    """

    suffix: ClassVar[str] = ".npz"

    keypoints: str = "gt"
    """The last part of the 2D file's name: whose keypoints they are."""
    scores: bool = False
    """Add the score as a third number of each keypoint."""
    hypothesis: int = 0
    """Which of a clip's poses become its positions."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the pair for one recording."""
        return self.write_all([recording], path)

    def write_all(self, recordings: Sequence[Recording], path: Path) -> tuple[str, ...]:
        """Write one pair for all recordings, which have one skeleton."""
        _check_alike(recordings)
        seen = [recording for recording in recordings if isinstance(recording, Clip)]
        solid = [r for r in recordings if not isinstance(r, Clip) or r.poses is not None]
        notes = [note for recording in recordings for note in uneven(recording)]
        if solid:
            motions = [in_world(recording, self.hypothesis) for recording in solid]
            notes += [note for motion in motions for note in missing_sentence(motion, "NaN")]
            held = _by_subject([(m.labels, m.positions.cpu().numpy(), m.name) for m in motions])
            worlds = {s: {a: views[0] for a, views in held[s].items()} for s in held}
            _save_objects(path.with_name(f"data_3d_{path.stem}.npz"), positions_3d=worlds)
        if seen:
            views = _by_subject([(c.labels, self._flat(c), c.name) for c in seen])
            place = path.with_name(f"data_2d_{path.stem}_{self.keypoints}.npz")
            _save_objects(place, positions_2d=views, metadata=_metadata(seen))
        return tuple(notes)

    def _flat(self, clip: Clip) -> np.ndarray:
        keypoints = clip.keypoints.cpu().numpy()
        if not self.scores:
            return keypoints
        return np.concatenate([keypoints, clip.scores.cpu().numpy()[..., None]], axis=-1)


def _check_alike(recordings: Sequence[Recording]) -> None:
    """Refuse recordings that do not go into one pair."""
    skeletons = {recording.skeleton.name: recording.skeleton for recording in recordings}
    if len(skeletons) != 1:
        raise DataError(
            "A pair of files holds one skeleton, but the recordings have "
            f"{', '.join(sorted(skeletons)) or 'none'}; map them to one skeleton first."
        )


def _by_subject(views: list[tuple[Any, np.ndarray, str]]) -> dict[str, dict[str, list[np.ndarray]]]:
    """Arrays of each subject's actions; recordings without these labels go by their names."""
    held: dict[str, dict[str, list[np.ndarray]]] = {}
    for labels, array, name in views:
        subject, action = labels.get("subject", "S1"), labels.get("action", name)
        held.setdefault(subject, {}).setdefault(action, []).append(array)
    return held


def _metadata(clips: Sequence[Clip]) -> dict[str, Any]:
    """What VideoPose3D reads of a 2D file besides the keypoints, as plain data."""
    skeleton = clips[0].skeleton
    sizes = {clip.name: clip.camera.size.reshape(-1, 2)[0].tolist() for clip in clips}
    return {
        "layout_name": skeleton.name,
        "num_joints": len(skeleton),
        "keypoints_symmetry": [list(skeleton.left), list(skeleton.right)],
        "video_metadata": {name: {"w": int(w), "h": int(h)} for name, (w, h) in sizes.items()},
        "fps": clips[0].fps,
    }


def _save_objects(path: Path, **dictionaries: dict[str, Any]) -> None:
    """Write dictionaries as arrays of one object each.

    This is the one place where we write what NumPy stores as a pickle, because VideoPose3D and
    every tool of its line read nothing else. Writing a pickle of plain data and arrays runs
    nothing; we ourselves read such files only through our own importer, which cannot run code.
    """
    held = {name: np.array(dictionary, dtype=object) for name, dictionary in dictionaries.items()}
    with whole(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, **held)  # type: ignore[arg-type]
