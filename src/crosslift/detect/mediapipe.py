"""MediaPipe Pose (BlazePose, Bazarevsky et al. 2020): 33 landmarks of a person.

The model follows one person. For more, another follower is shown each picture with those whom the
followers before it found painted over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from .. import registry
from ..errors import SettingsError
from ..skeleton import Skeleton
from ..skeletons import MEDIAPIPE_33
from ..video import Frame
from .finder import People

COMPLEXITY = 1
"""Of the landmark model: the one that the package carries; the others would be downloaded."""
MARGIN = 0.15
"""By how much a person is larger than the box around the landmarks, on each side."""
GREY = 128


@registry.detector("mediapipe")
@dataclass(frozen=True)
class MediaPipeSettings:
    """MediaPipe Pose: few people, without a file of weights; needs crosslift[mediapipe]."""

    people: int = 2
    """How many people are looked for; each takes as long as the one before."""
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
        if self.people < 1:
            raise SettingsError(
                f"MediaPipe looks for at least 1 person, but {self.people} were asked for; give a "
                "larger number of --people."
            )
        return MediaPipe(self, _solution())


@dataclass(eq=False)
class MediaPipe:
    """Follows people from picture to picture; see `Finder`."""

    settings: MediaPipeSettings
    solution: Any
    skeleton: Skeleton = field(default=MEDIAPIPE_33, init=False)
    followers: list[Any] = field(default_factory=list, init=False)
    """MediaPipe's own states, each of which remembers where its person was."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """The detector and its release."""
        return {"detector": "mediapipe", "detector_version": str(self.solution.version)}

    def find(self, frame: Frame) -> People:
        """Everybody whom a follower found; the score of a landmark is its visibility."""
        if frame.number == 0 or not self.followers:
            self._begin()
        image, everybody = frame.image.numpy().copy(), []
        for follower in self.followers:
            found = follower.process(image).pose_landmarks
            if found is not None:
                person = landmarks(found, image)
                paint_over(image, person[:, :2])
                everybody.append(person)
        if not everybody:
            return People.none(self.skeleton)
        told = torch.stack(everybody)
        return People.of(told[..., :2], told[..., 2])

    def _begin(self) -> None:
        """Followers that know nothing of the recording before."""
        for follower in self.followers:
            follower.close()
        self.followers = [
            self.solution.pose(
                model_complexity=COMPLEXITY,
                min_detection_confidence=self.settings.least_detection,
                min_tracking_confidence=self.settings.least_tracking,
            )
            for _ in range(self.settings.people)
        ]


def landmarks(found: Any, image: NDArray[np.uint8]) -> Float[Tensor, "landmarks 3"]:
    """Where the landmarks are in a picture, in pixels, and how visible each is."""
    height, width = image.shape[:2]
    told = torch.tensor([[mark.x, mark.y, mark.visibility] for mark in found.landmark])
    return told.float() * torch.tensor([width, height, 1.0])


def paint_over(image: NDArray[np.uint8], person: Float[Tensor, "landmarks 2"]) -> None:
    """Make the box around a person grey, so that nobody is found there again."""
    low, high = person.amin(dim=0), person.amax(dim=0)
    limits = torch.tensor([image.shape[1], image.shape[0]])
    margin = MARGIN * (high - low)
    left, top = (low - margin).clamp(torch.zeros(2), limits).int().tolist()
    right, bottom = (high + margin).clamp(torch.zeros(2), limits).int().tolist()
    image[top:bottom, left:right] = GREY


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
