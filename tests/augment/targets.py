"""Small targets that tests share."""

from dataclasses import replace

import torch

from crosslift.augment.target import Target
from crosslift.body import Body
from crosslift.camera import Camera, pinhole
from crosslift.clip import Batch, Clip
from crosslift.skeletons import H36M_17
from crosslift.typical import typical_body
from crosslift.windows import Windowing, windows

from ..people import seen_walker
from ..stores import short_clips, with_gaps


def lens(focal: float = 1500.0, size: tuple[int, int] = (2048, 1536)) -> Camera:
    """A camera with distortion and a principal point beside the middle."""
    camera = pinhole((focal, 1.01 * focal), size, (size[0] / 2 + 20, size[1] / 2 - 9))
    return replace(camera, distortion=torch.tensor([-0.1, 0.05, 0.002, -0.001, 0.0]))


def target_clips() -> list[Clip]:
    """Three walkers before their cameras, one of which bends; keypoints are missing."""
    bent = seen_walker(0.6, 21)
    bent = seen_walker(0.6, 21, replace(bent.camera, distortion=lens().distortion))
    return [with_gaps(clip, 0.1, 3) for clip in (seen_walker(0.5, 20), bent, seen_walker(0.4, 22))]


def body(factor: float = 1.0, spread: float = 0.01) -> Body:
    """A person who is larger than the typical one by a factor."""
    lengths = factor * typical_body(H36M_17)
    return Body(lengths, torch.where(lengths > 0, spread, 0.0), H36M_17, "a tape", 1)


def target() -> Target:
    """The target with two people."""
    return Target.of(target_clips(), [body(0.8), body(1.1)])


def source(frames: int = 5) -> Batch:
    """Windows of the source, whose keypoints are all there."""
    clips = [replace(clip, body=typical_body(H36M_17)) for clip in short_clips()]
    return windows(clips, Windowing(frames))
