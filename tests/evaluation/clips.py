"""Small clips of random poses for the tests of evaluations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from crosslift.camera import pinhole
from crosslift.clip import Clip, clip_of
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17


def truth(
    name: str = "a",
    frames: int = 8,
    skeleton: Skeleton = H36M_17,
    labels: Mapping[str, str] | None = None,
    provenance: Mapping[str, str] | None = None,
) -> Clip:
    """A clip whose poses depend on nothing but its name and shape."""
    rng = torch.Generator().manual_seed(sum(map(ord, name)))
    poses = 0.3 * torch.randn(1, frames, len(skeleton), 3, generator=rng)
    poses = poses + torch.tensor([0.0, 0.0, 4.0])
    keypoints = torch.full((frames, len(skeleton), 2), 100.0)
    clip = clip_of(keypoints, pinhole(1000.0, (1000, 1000)), skeleton, 30.0, name=name)
    return replace(clip, poses=poses, labels=labels or {}, provenance=provenance or {})


def off(clip: Clip, millimetres: float, joints: Sequence[str] = ()) -> Clip:
    """An estimate that is wrong by that much, in all joints but the root or in some."""
    assert clip.poses is not None
    names = joints or [joint for joint in clip.skeleton.joints if joint != "pelvis"]
    poses = clip.poses.clone()
    poses[..., clip.skeleton.indices(*names), 0] += millimetres / 1000
    return replace(clip, poses=poses)


def noisy(clip: Clip, hypotheses: int = 1, spread: float = 0.08) -> Clip:
    """An estimate that is wrong at random."""
    assert clip.poses is not None
    rng = torch.Generator().manual_seed(len(clip))
    noise = torch.randn(hypotheses, *clip.poses.shape[1:], generator=rng)
    return replace(clip, poses=clip.poses + spread * noise)


def h36m(
    subject: str = "S9", action: str = "Walking", frames: int = 8, camera: str = "54138969"
) -> Clip:
    """A clip as the reader of Human3.6M labels it."""
    labels = {"subject": subject, "action": action, "camera": camera, "split": "test"}
    return truth(
        f"h36m/{subject}/{action}/{camera}",
        frames,
        labels=labels,
        provenance={"format": "h36m", "keypoints_from": "gt"},
    )
