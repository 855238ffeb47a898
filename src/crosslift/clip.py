"""One person seen by one camera over time, and stacks of windows of such clips."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .camera import Camera
from .errors import DataError
from .motion import check_fps, check_joints
from .skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class Clip:
    """What readers give, lifters complete, metrics compare and viewers draw.

    Truth and estimate are two clips of the same name; no clip ever holds both.
    """

    name: str
    """Such as "h36m/S9/Photo 1/55011271"."""
    skeleton: Skeleton
    camera: Camera
    """One camera, or one for each frame if it moves."""
    fps: float
    keypoints: Float[Tensor, "frames joints 2"]
    """Pixels; NaN where a joint is missing and was not filled."""
    scores: Float[Tensor, "frames joints"]
    """0 unseen, 1 certain."""
    observed: Bool[Tensor, "frames joints"]
    """False where a joint is missing or its keypoint was filled in."""
    poses: Float[Tensor, "hypotheses frames joints 3"] | None = None
    """Metres in the camera's frame, absolute."""
    root_from: str = "measured"
    """How the root's place in `poses` is known: "measured", "reprojection" or "assumed"."""
    spread: Float[Tensor, "frames joints"] | None = None
    """Standard deviation of `poses` in metres, where it is known."""
    covariance: Float[Tensor, "frames joints 3 3"] | None = None
    """Of each joint of the first pose about the root, along the camera's axes, in square metres,
    where it is known; zero at the root."""
    radii: Float[Tensor, "2 joints"] | None = None
    """Of the ellipsoids that hold the truth in 50 % and in 90 % of the frames, in standard
    deviations of `covariance`, where that was measured."""
    body: Float[Tensor, " joints"] | None = None
    """Length of the bone from each joint to its parent in metres, 0 at the root, where known."""
    person: str | None = None
    """Which of several people of one recording."""
    times: Float[Tensor, " frames"] | None = None
    """Seconds of each frame, where the frame rate varies."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What a selection goes by: subject, action, camera, split."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where it comes from and under which licence."""

    def __post_init__(self) -> None:
        check_joints(self.name, self.skeleton, self.keypoints.shape[-2])
        check_fps(self.name, self.fps)
        check_scores(self)

    def __len__(self) -> int:
        return len(self.keypoints)

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "Clip":
        """The clip on another device or in another precision."""
        return replace(self, **_moved(self, device, dtype))


def check_scores(clip: Clip) -> None:
    """Refuse scores outside 0 to 1 and keypoints that are no number although they have a score."""
    if not bool(((clip.scores >= 0) & (clip.scores <= 1)).all()):
        raise DataError(
            f'The scores of the clip "{clip.name}" should lie between 0 and 1, but '
            f"{clip.scores.min():g} to {clip.scores.max():g} was found; rescale them."
        )
    lost = ~clip.keypoints.isfinite().all(dim=-1) & ((clip.scores > 0) | clip.observed)
    if bool(lost.any()):
        frame, joint = lost.nonzero()[0].tolist()
        seen = "it counts as observed" if clip.observed[frame, joint] else "it has a score"
        raise DataError(
            f'In frame {frame} of the clip "{clip.name}" the keypoint '
            f'"{clip.skeleton.joints[joint]}" is no number although {seen}; a missing keypoint has '
            "the score 0 and is not observed."
        )


def clip_of(
    keypoints: Float[Tensor, "frames joints 2"],
    camera: Camera,
    skeleton: Skeleton,
    fps: float,
    *,
    scores: Float[Tensor, "frames joints"] | None = None,
    name: str = "clip",
) -> Clip:
    """A clip of bare keypoints: those that are numbers count as observed.

    Args:
        scores: 1 for each observed keypoint unless given.
    """
    found = keypoints.isfinite().all(dim=-1)
    if scores is None:
        scores = found.to(keypoints.dtype)
    return Clip(name, skeleton, camera, fps, keypoints, scores, observed=found & (scores > 0))


def unlabelled(clip: Clip) -> Clip:
    """The clip as someone who only filmed has it: without poses, spread and bone lengths."""
    bare = replace(clip, poses=None, spread=None, covariance=None, radii=None)
    return replace(bare, body=None, root_from="measured")


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows of clips, stacked: what networks and losses handle."""

    skeleton: Skeleton
    camera: Camera
    """With the leading axes `batch frames`, where frames is 1 for cameras that stand still."""
    keypoints: Float[Tensor, "batch frames joints 2"]
    scores: Float[Tensor, "batch frames joints"]
    valid: Bool[Tensor, "batch frames"]
    """False where the window ran over the clip's end."""
    poses: Float[Tensor, "batch frames joints 3"] | None = None
    """Metres in the camera's frame, absolute."""
    body: Float[Tensor, "batch joints"] | None = None
    """Length of the bone from each joint to its parent in metres, where known."""

    def __len__(self) -> int:
        return len(self.keypoints)

    def __getitem__(self, some: slice) -> "Batch":
        """Some of the windows."""
        rows = {key: value[some] for key, value in vars(self).items() if isinstance(value, Tensor)}
        alone = len(self.camera.focal) == 1 and len(self) != 1
        return replace(self, **rows, camera=self.camera if alone else self.camera[some])

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "Batch":
        """The batch on another device or in another precision."""
        return replace(self, **_moved(self, device, dtype))


def _moved(
    holder: Clip | Batch, device: torch.device | str, dtype: torch.dtype | None
) -> dict[str, Any]:
    """The tensors and the camera of a clip or batch elsewhere; masks stay masks."""

    def move(tensor: Tensor) -> Tensor:
        return tensor.to(device, dtype if tensor.is_floating_point() else None)

    found = {key: move(value) for key, value in vars(holder).items() if isinstance(value, Tensor)}
    return found | {"camera": holder.camera.map(move)}
