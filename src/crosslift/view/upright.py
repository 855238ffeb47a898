"""Recordings stood upright: z up, feet on the floor, whatever is known of the camera."""

from dataclasses import replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera, camera_to_world
from ..clip import Clip
from ..data.record import Recording
from ..motion import Motion

LEVEL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
"""World to camera of a camera that looks along the world's y, held level."""

ON_THE_FLOOR = 0.05
"""The share of frames whose lowest joint may be below the floor that is laid under a body."""


class Upright(NamedTuple):
    """Poses in a world with z up, and the camera there."""

    poses: Float[Tensor, "hypotheses frames joints 3"]
    camera: Camera | None
    known: bool
    """Whether the world is the recording's own, or was made up for a camera without one."""


def upright(recording: Recording) -> Upright:
    """The poses of a clip or motion in the world; none of a clip that has keypoints alone.

    A camera that was never placed in a world is taken to be level, and the floor to be where the
    feet come down.
    """
    if isinstance(recording, Motion):
        return Upright(recording.positions[None], None, known=True)
    camera, known = level_camera(recording), is_placed(recording.camera)
    if recording.poses is None:
        return Upright(recording.keypoints.new_zeros(0, *recording.scores.shape, 3), camera, known)
    poses = camera_to_world(recording.poses, camera)
    return Upright(poses, camera, known) if known else _on_the_floor(poses, camera)


def level_camera(clip: Clip) -> Camera:
    """The clip's camera, held level if nobody said where it stands."""
    camera = clip.camera
    if is_placed(camera):
        return camera
    return replace(camera, rotation=camera.rotation.new_tensor(LEVEL).expand_as(camera.rotation))


def is_placed(camera: Camera) -> bool:
    """Whether the camera has a place in the world; one that looks up from the origin has none."""
    eye = torch.eye(3, dtype=camera.rotation.dtype, device=camera.rotation.device)
    return bool((camera.translation != 0).any() or (camera.rotation != eye).any())


def _on_the_floor(poses: Tensor, camera: Camera) -> Upright:
    """The same poses, raised with the camera so that the lowest joints are at height 0."""
    heights = poses[:1, ..., 2]
    lowest = torch.where(heights.isfinite(), heights, torch.inf).amin(dim=(0, 2))
    lowest = lowest[lowest.isfinite()]
    floor = float(lowest.quantile(ON_THE_FLOOR)) if len(lowest) else 0.0
    raised = poses.clone()
    raised[..., 2] -= floor
    place = camera.position - camera.position.new_tensor([0.0, 0.0, floor])
    moved = -torch.einsum("...ij, ...j -> ...i", camera.rotation, place)
    return Upright(raised, replace(camera, translation=moved), known=False)
