"""What is known of a target domain: where people are seen, by which lenses, and nothing in 3D."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ..camera import Camera, joined, to_image_plane
from ..clip import Clip
from ..errors import DataError, SkeletonError
from ..motion import Motion
from ..skeleton import Skeleton


@runtime_checkable
class Bones(Protocol):
    """A person's bone lengths, as `crosslift.body` estimates them from keypoints."""

    @property
    def lengths(self) -> Float[Tensor, " joints"]:
        """Of the bone from each joint to its parent, in metres."""
        ...

    @property
    def spread(self) -> Float[Tensor, " joints"]:
        """Their standard deviations."""
        ...

    @property
    def skeleton(self) -> Skeleton:
        """Whose joints these are."""
        ...


@dataclass(frozen=True, eq=False)
class Target:
    """The frames of a target's clips, one clip after the other.

    Poses, bone lengths and the places of cameras are left behind, where the clips have them at all.
    """

    skeleton: Skeleton
    keypoints: Float[Tensor, "frames joints 2"]
    """Pixels; NaN where missing."""
    scores: Float[Tensor, "frames joints"]
    cameras: Camera
    """Each once, as if it stood at the world's origin."""
    seen_by: Int[Tensor, " frames"]
    """Which of the cameras saw each frame."""
    clip: Int[Tensor, " frames"]
    """The number of each frame's clip."""
    stand: Int[Tensor, " frames"]
    """Frames of one number were seen by one camera that stood still: those of a clip, or those of
    all clips that have the same label "camera"."""
    people: tuple[Bones, ...] = ()
    """The bones of the people in it, if somebody estimated or measured them."""

    @classmethod
    def of(cls, clips: Iterable[Clip | Motion], people: Sequence[Bones] = ()) -> "Target":
        """What the clips (or a store of them) tell without labels."""
        found = checked(clips)
        cameras = [bare(clip.camera) for clip in found]
        moving = torch.tensor([clip.camera.focal.ndim > 1 for clip in found])
        lengths = torch.tensor([len(clip) for clip in found])
        before = torch.tensor([0, *(len(camera.focal) for camera in cameras)]).cumsum(dim=0)[:-1]
        clip = torch.arange(len(found)).repeat_interleave(lengths)
        within = torch.arange(len(clip)) - (lengths.cumsum(dim=0) - lengths)[clip]
        return cls(
            found[0].skeleton,
            torch.cat([clip.keypoints for clip in found]),
            torch.cat([clip.scores for clip in found]),
            joined(cameras),
            before[clip] + within * moving[clip],
            clip,
            stands(found)[clip],
            tuple(people),
        )

    def __len__(self) -> int:
        return len(self.keypoints)

    @cached_property
    def seen(self) -> Bool[Tensor, "frames joints"]:
        """Which keypoints there are."""
        return (self.scores > 0) & self.keypoints.isfinite().all(dim=-1)

    @cached_property
    def plane(self) -> Float[Tensor, "frames joints 2"]:
        """The keypoints on the image plane, the lens taken out; NaN where missing."""
        camera = self.cameras[self.seen_by]
        inside = torch.where(self.seen[..., None], self.keypoints, camera.centre[..., None, :])
        return torch.where(self.seen[..., None], to_image_plane(inside, camera), torch.nan)


def bare(camera: Camera) -> Camera:
    """A batch of the camera's lenses, without where it stood and how it was turned."""
    rows = camera if camera.focal.ndim > 1 else camera[None]
    eye = torch.eye(3, dtype=rows.rotation.dtype, device=rows.rotation.device)
    return replace(
        rows,
        rotation=eye.expand_as(rows.rotation),
        translation=torch.zeros_like(rows.translation),
    )


def stands(clips: Sequence[Clip]) -> Int[Tensor, " clips"]:
    """A number for each stand of a camera that some clips share."""
    names = [
        ("camera", clip.labels["camera"]) if clip.labels.get("camera") else ("clip", str(number))
        for number, clip in enumerate(clips)
    ]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return torch.tensor([numbers[name] for name in names])


def checked(clips: Iterable[Clip | Motion]) -> list[Clip]:
    """The recordings as clips of one skeleton that show at least one frame."""
    given = list(clips)
    found = [clip for clip in given if isinstance(clip, Clip)]
    if len(found) < len(given):
        raise DataError(
            "A target is known by keypoints, but there is a motion without a camera among its "
            "recordings; let a camera look at it first."
        )
    if not sum(len(clip) for clip in found):
        raise DataError(
            "A target should show at least one frame, but there is none; give clips with keypoints."
        )
    first = found[0]
    for clip in found:
        if clip.skeleton != first.skeleton:
            raise SkeletonError(
                f'The clips of a target should have one skeleton, but "{first.name}" has '
                f'"{first.skeleton.name}" and "{clip.name}" has "{clip.skeleton.name}"; map one.'
            )
    return found


def check_same_skeleton(source: Skeleton, target: Skeleton) -> None:
    """Refuse a source and a target whose joints differ."""
    if source != target:
        raise SkeletonError(
            f'Source and target should have one skeleton, but the source has "{source.name}" and '
            f'the target "{target.name}"; map the target first.'
        )
