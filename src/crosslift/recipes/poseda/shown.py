"""What of windows the judges are shown: bones of the middle frame, or its picture."""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from ...augment.target import Target
from ...camera import to_screen
from ...clip import Batch
from ...geometry import bone_directions

FAR_OFF = 5.0
"""Half widths of the picture from its middle beyond which a place means nothing: a joint almost
beside the camera, where lenses fold."""


def chosen(batch: Batch, rows: Tensor) -> Batch:
    """Some of the windows.

    Args:
        rows: True where a window is wanted.
    """
    if bool(rows.all()):
        return batch
    found = {name: each[rows] for name, each in vars(batch).items() if isinstance(each, Tensor)}
    alone = len(batch.camera.focal) == 1 and len(batch) != 1
    return replace(batch, **found, camera=batch.camera if alone else batch.camera[rows])


def middle(poses: Float[Tensor, "windows frames joints axes"]) -> Float[Tensor, "..."]:
    """The frame by which a window is judged."""
    return poses[:, poses.shape[1] // 2]


def directions(poses: Tensor, batch: Batch) -> Float[Tensor, "windows bones 3"]:
    """The bones' directions in the middle frames."""
    return bone_directions(middle(poses), batch.skeleton)


def screens(batch: Batch) -> Float[Tensor, "poses joints 2"]:
    """The middle frames' keypoints on the normalised screen, of windows where all are there."""
    return middle(to_screen(batch.keypoints, batch.camera.size))[judged(batch)]


def judged(batch: Batch) -> Bool[Tensor, " windows"]:
    """Which windows have an image of every joint that is not far off the picture."""
    near = to_screen(batch.keypoints, batch.camera.size).abs() <= FAR_OFF
    return near.flatten(1).all(dim=1)


def target_screens(target: Target, count: int, rng: Generator) -> Float[Tensor, "poses joints 2"]:
    """The same of so many frames of the target that show all joints, drawn at random."""
    whole = target.seen.all(dim=1).nonzero()[:, 0]
    if not len(whole):
        return target.keypoints[:0]
    frames = whole[torch.randint(len(whole), (count,), generator=rng).to(whole.device)]
    size = target.cameras.size[target.seen_by[frames]]
    return to_screen(target.keypoints[frames], size)
