"""The floor in a camera's frame, and the camera put up above it."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera
from ..clip import Clip

GroundFrom = Literal["given", "contacts", "assumed"]


@dataclass(frozen=True, eq=False)
class Ground:
    """The floor in a camera's frame."""

    up: Float[Tensor, "3"]
    """The direction away from the floor, of length 1."""
    height: float
    """Metres from the floor to the camera's centre."""
    tilt_spread_degrees: float
    """Standard deviation of the angle between `up` and the truth; 0 if the floor is given."""
    height_spread: float
    """The same of the floor below the person, in metres."""
    how: GroundFrom
    """Given with the camera, found by the places where feet stood, or assumed."""
    reason: str
    """In words."""

    @property
    def words(self) -> str:
        """What is known of the floor, as a sentence."""
        if self.how == "given":
            return f"The floor is given: {self.reason}."
        tilt = math.degrees(math.acos(min(1.0, max(-1.0, -float(self.up[1])))))
        return (
            f"The camera is {self.height:.2f} m above the floor, which is known to "
            f"{100 * self.height_spread:.0f} cm below the person, and tilted by {tilt:.0f} ± "
            f"{self.tilt_spread_degrees:.0f} degrees: {self.reason}."
        )


def is_placed(camera: Camera) -> bool:
    """Whether the camera has a place in the world; one that looks up from the origin has none."""
    eye = torch.eye(3, dtype=camera.rotation.dtype, device=camera.rotation.device)
    return bool((camera.translation != 0).any() or (camera.rotation != eye).any())


def given_ground(
    camera: Camera, reason: str = "the camera's place in the world is known"
) -> Ground:
    """The floor below a camera that has a place in the world; in its first frame, if it moves."""
    first = camera if camera.focal.ndim == 1 else camera[0]
    return Ground(first.rotation[:, 2], float(first.position[2]), 0.0, 0.0, "given", reason)


def standing(clip: Clip, ground: Ground, *, origin: Float[Tensor, "3"] | None = None) -> Clip:
    """The clip with its camera put up in a world whose floor is at z = 0.

    Poses are in the camera's frame and stay as they are. The camera looks along the world's y. One
    that has a place in the world keeps it.

    Args:
        origin: A point of the camera's frame above which x and y are 0, so that several people
            share one world; the first place of this clip's root unless given.
    """
    if is_placed(clip.camera):
        return clip
    up = ground.up.to(clip.camera.rotation)
    above = (first_root(clip) if origin is None else origin).to(up)
    place = above - (above @ up + ground.height) * up
    camera = replace(
        clip.camera,
        rotation=level_axes(up).T.expand_as(clip.camera.rotation),
        translation=place.expand_as(clip.camera.translation),
    )
    return replace(clip, camera=camera, provenance={**clip.provenance, "floor": ground.words})


def first_root(clip: Clip) -> Float[Tensor, "3"]:
    """The first place of the root in the camera's frame; the camera's own where there is none."""
    nowhere = clip.keypoints.new_zeros(1, 3)
    roots = nowhere if clip.poses is None else clip.poses[0, :, clip.skeleton.root]
    return torch.cat([roots[roots.isfinite().all(dim=-1)], nowhere])[0]


def level_axes(up: Float[Tensor, "3"]) -> Float[Tensor, "3 3"]:
    """To the right, level forwards, and up, as rows in the camera's frame.

    Forwards is where the camera looks; if that is straight up or down, the top of its picture.
    """
    look = up.new_tensor([0.0, 0.0, 1.0] if abs(float(up[2])) < 0.999 else [0.0, -1.0, 0.0])
    forwards = torch.nn.functional.normalize(look - (look @ up) * up, dim=0)
    return torch.stack([torch.linalg.cross(forwards, up), forwards, up])
