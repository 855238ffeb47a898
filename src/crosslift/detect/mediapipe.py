"""MediaPipe Pose (BlazePose, Bazarevsky et al. 2020): one person, 33 landmarks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch

from .. import registry
from ..errors import SettingsError
from ..skeleton import Skeleton
from ..skeletons import MEDIAPIPE_33
from ..video import Frame
from .finder import People

COMPLEXITY = 1
"""Of the landmark model: the one that the package carries; the others would be downloaded."""


@registry.detector("mediapipe")
@dataclass(frozen=True)
class MediaPipeSettings:
    """MediaPipe Pose: one person, without a file of weights; needs crosslift[mediapipe]."""

    least_detection: float = 0.5
    """How certain a person is at least, to be taken up."""
    least_tracking: float = 0.5
    """How certain the landmarks are at least, for the person not to be looked for anew."""

    def build(self, device: str = "cpu") -> "MediaPipe":
        """The detector, which computes on the processor."""
        if device != "cpu":
            raise SettingsError(
                f'MediaPipe computes on the processor, but the device "{device}" was asked for; '
                "ask for --device cpu, or choose another detector."
            )
        return MediaPipe(self, _solution())


@dataclass(eq=False)
class MediaPipe:
    """Follows one person from picture to picture; see `Finder`."""

    settings: MediaPipeSettings
    solution: Any
    skeleton: Skeleton = field(default=MEDIAPIPE_33, init=False)
    follower: Any = field(default=None, init=False)
    """MediaPipe's own state, which remembers where the person was."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """The detector and its release."""
        return {"detector": "mediapipe", "detector_version": str(self.solution.version)}

    def find(self, frame: Frame) -> People:
        """The person, if there is one; the score of a landmark is its visibility."""
        follower = self._new() if frame.number == 0 or self.follower is None else self.follower
        found = follower.process(frame.image.numpy()).pose_landmarks
        if found is None:
            return People.none(self.skeleton)
        height, width = frame.image.shape[:2]
        told = torch.tensor(
            [[[mark.x, mark.y, mark.visibility] for mark in found.landmark]], dtype=torch.float32
        )
        return People.of(told[..., :2] * told.new_tensor([width, height]), told[..., 2])

    def _new(self) -> Any:
        """A follower that knows nothing of the recording before."""
        if self.follower is not None:
            self.follower.close()
        self.follower = self.solution.pose(
            model_complexity=COMPLEXITY,
            min_detection_confidence=self.settings.least_detection,
            min_tracking_confidence=self.settings.least_tracking,
        )
        return self.follower


@dataclass(frozen=True)
class Solution:
    """What is used of the package."""

    pose: Any
    version: str


def _solution() -> Solution:
    try:
        mediapipe = import_module("mediapipe")
    except ImportError as problem:
        raise SettingsError(
            'The detector "mediapipe" needs a package that is not installed; get it by '
            "pip install 'crosslift[mediapipe]' (it needs NumPy 1.26)."
        ) from problem
    if not hasattr(mediapipe, "solutions"):
        raise SettingsError(
            f"MediaPipe {mediapipe.__version__} carries no pose model; the release that does comes "
            "by pip install 'crosslift[mediapipe]'."
        )
    return Solution(mediapipe.solutions.pose.Pose, mediapipe.__version__)
