"""People as dots: detectors, lifters and pictures that are small enough to be taught in tests."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from crosslift.camera import Camera, to_image_plane
from crosslift.data.images import Crops
from crosslift.data.images_store import Kept, PictureWriter, Shown
from crosslift.detect.map_detector import MapDetector
from crosslift.lifters.direct import Direct
from crosslift.skeletons import H36M_17

from ...lifters.small import small_settings
from ...people import seen_walker
from ..test_detector import Dotted


@dataclass(frozen=True)
class Posed(Dotted):
    """Dots that are people in space: each joint somewhere along its ray."""

    hash: str = "posed dots"

    def batch(self, epoch: int, index: int) -> Crops:
        plain = super().batch(epoch, index)
        joints = plain.keypoints.clone()
        joints[:, 16] = joints[:, 15]  # which is missing in the picture, but not in space
        plane = to_image_plane(joints[:, None], of_frames(plain.camera))[:, 0]
        depth = 4 + 0.3 * torch.sin(7 * joints[..., :1])
        poses = torch.cat([plane, torch.ones_like(depth)], dim=-1) * depth
        return replace(plain, poses=poses)


def small_lifter(name: str = "simple_baseline", seed: int = 0, **more: object) -> Direct:
    """A small lifter with fresh weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        built = small_settings(name, **more).build(H36M_17)
    built.network.eval()
    return built


def of_frames(camera: Camera) -> Camera:
    """Cameras of pictures as those of windows of one frame."""
    return camera.map(lambda each: each[:, None])


def copied(detector: MapDetector) -> dict[str, Tensor]:
    """The detector's weights as they are now."""
    return {name: each.clone() for name, each in detector.state().items()}


def dotted_store(folder: Path, frames: tuple[int, ...] = (8,)) -> Path:
    """Pictures of walking people of so many frames each, in which every joint is a white dot."""
    with PictureWriter(folder) as writer:
        for number, count in enumerate(frames):
            clip = replace(seen_walker(count / 30, number), name=f"walk/{number}")
            width, height = map(int, clip.camera.size.tolist())
            shown = []
            for places in clip.keypoints:
                pixels = np.zeros((height, width, 3), np.uint8)
                for x, y in places.round().long().tolist():
                    pixels[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 255
                box = torch.cat([places.amin(dim=0), places.amax(dim=0)])
                shown.append(Shown(Kept(pixels, (0.0, 0.0)), box))
            writer.add(clip, shown)
    return folder
