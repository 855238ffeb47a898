"""Our own clip files: a clip and a motion."""

from dataclasses import replace
from pathlib import Path

import torch

from crosslift.camera import pinhole
from crosslift.clip import clip_of
from crosslift.data.clip_file import SUFFIX, write_clip
from crosslift.motion import Motion
from crosslift.skeletons import COCO_17, H36M_17

from .bodies import walker
from .dots import dots


def write(folder: Path) -> Path:
    """A folder with one file of each kind."""
    keypoints = torch.from_numpy(dots(3, 17)).float()
    keypoints[1, 2] = torch.nan
    clip = clip_of(keypoints, pinhole(800.0, (640, 480)), COCO_17, 25.0, name="walk")
    positions = torch.from_numpy(walker(H36M_17, 3)).float()
    told = {"format": "sample", "licence": "CC0-1.0"}
    write_clip(folder / f"a{SUFFIX}", replace(clip, provenance=told))
    motion = Motion("walk in space", H36M_17, 25.0, positions, provenance=told)
    write_clip(folder / "deeper" / f"b{SUFFIX}", motion)
    return folder
