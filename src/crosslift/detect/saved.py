"""Keypoints that another tool saved, frame by frame as a detector would give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated

import torch
import tyro

from .. import registry
from ..clip import Clip
from ..data.keypoints import Footage
from ..errors import DataError, SettingsError
from ..skeleton import Skeleton
from ..video import Frame
from .finder import People


@registry.detector("saved")
@dataclass(frozen=True)
class SavedSettings:
    """A file of keypoints that another tool saved, in a format that `convert` lists."""

    weights: Annotated[Path | None, tyro.conf.arg(metavar="FILE")] = None
    """The file or folder of keypoints."""
    format: str = "clip"
    """Of the file: openpose, coco, mmpose, alphapose, mediapipe, csv, npz, clip ..."""

    def build(self, device: str = "cpu") -> "Saved":
        """The detector; it computes nothing."""
        if self.weights is None:
            raise SettingsError(
                'The detector "saved" needs a file of keypoints, but none was named; give it, as '
                "in --weights walk.json --format openpose."
            )
        registry.settings_of("reader", self.format)
        return Saved(self.weights, self.format)


@dataclass(eq=False)
class Saved:
    """Gives the people that a file has in each frame; see `Finder`."""

    path: Path
    format: str
    clips: list[Clip] = field(default_factory=list, init=False)
    """One for each person; read with the first frame, which tells the pictures' size."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints in the file."""
        return self._read((1, 1))[0].skeleton

    @property
    def provenance(self) -> Mapping[str, str]:
        """The file, its format and what it says of its keypoints."""
        told = self._read((1, 1))[0].provenance
        return {**told, "detector": "saved", "format": self.format, "file": self.path.name}

    def find(self, frame: Frame) -> People:
        """Everybody whom the file has in the frame of that number."""
        height, width = frame.image.shape[:2]
        if not self.clips:
            self.clips = self._read((width, height))
        here = [clip for clip in self.clips if frame.number < len(clip)]
        seen = [clip for clip in here if bool(clip.observed[frame.number].any())]
        if not seen:
            return People.none(self.clips[0].skeleton)
        return People.of(
            torch.stack([clip.keypoints[frame.number] for clip in seen]).float(),
            torch.stack([clip.scores[frame.number] for clip in seen]).float(),
        )

    def _read(self, size: tuple[int, int]) -> list[Clip]:
        """The people of the file, in pictures of that size."""
        if self.clips:
            return self.clips
        settings = registry.settings_of("reader", self.format)
        asks = any(each.name == "footage" for each in fields(settings))
        reader = replace(settings(), footage=Footage(size=size)) if asks else settings()
        clips = [clip for clip in reader.read(self.path) if isinstance(clip, Clip)]
        if not clips:
            raise DataError(f'"{self.path}" should hold keypoints of people, but holds none.')
        if len({clip.skeleton for clip in clips}) > 1:
            raise DataError(
                f'The people in "{self.path}" should have one skeleton, but have several; name the '
                "file of one recording."
            )
        return clips
