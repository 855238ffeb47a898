"""The kinds of part that can be added, on one page.

A new part is one file in the folder of its kind: settings, class and registration together.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float, UInt8
from torch import Generator, Tensor

from .camera import Camera
from .clip import Batch, Clip
from .motion import Motion
from .skeleton import Skeleton
from .windows import Predict


@runtime_checkable
class Lifter(Protocol):
    """Turns keypoints into poses; it owns its normalisation, so all is in pixels and metres."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that go in and the poses that come out."""
        ...

    @property
    def frames(self) -> int:
        """How many frames one window has."""
        ...

    @property
    def predict(self) -> Predict:
        """Whether a window's poses are those of all its frames, of the middle or of the last."""
        ...

    @property
    def fps(self) -> float | None:
        """Frames a second that it was trained at; none if it looks at single frames."""
        ...

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses answered joints 3"]:
        """Root-relative poses in metres along the camera's axes, of all frames or of the middle.

        Args:
            camera: Its leading axes broadcast against `batch frames`.
            scores: 0 where a keypoint is missing; all are there unless given.
            body: Bone lengths to the parents in metres, for lifters that can be told the body.
        """
        ...


@runtime_checkable
class StatefulLifter(Lifter, Protocol):
    """A lifter that has learned something, which can be kept and given back."""

    def state(self) -> dict[str, Tensor]:
        """All that was learned, by name."""
        ...

    def with_state(self, state: Mapping[str, Tensor]) -> "StatefulLifter":
        """The lifter with this in its place; refused if a name or a shape does not fit."""
        ...


@runtime_checkable
class SlidingLifter(Lifter, Protocol):
    """A lifter that computes once what overlapping windows share."""

    def slide(
        self,
        keypoints: Float[Tensor, "sequences frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "sequences frames joints"] | None = None,
        body: Float[Tensor, "sequences joints"] | None = None,
    ) -> Float[Tensor, "sequences hypotheses frames joints 3"]:
        """What `lift` says of the window around every frame, the ends being repeated."""
        ...


@runtime_checkable
class Augmenter(Protocol):
    """Makes other training examples of given ones; it never changes its input."""

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The augmented batch."""
        ...


class Detected(NamedTuple):
    """What a detector says of people in pictures."""

    keypoints: Float[Tensor, "*boxes joints 2"]
    """Pixels of the whole picture; NaN where a joint was not found."""
    scores: Float[Tensor, "*boxes joints"]
    """0 unseen, 1 certain."""


@runtime_checkable
class Detector(Protocol):
    """Finds the keypoints of people in pictures."""

    @property
    def skeleton(self) -> Skeleton:
        """Of the keypoints that are found."""
        ...

    def detect(
        self, images: UInt8[Tensor, "boxes height width 3"], corners: Float[Tensor, "boxes 4"]
    ) -> Detected:
        """The keypoints of one person in each box (left, top, right, bottom, in pixels)."""
        ...


@runtime_checkable
class Reader(Protocol):
    """Reads a format's files as they are, in our units and the format's own skeleton."""

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """The recordings below `root`, one after the other."""
        ...


@runtime_checkable
class Writer(Protocol):
    """Writes recordings in a format that other tools read."""

    @property
    def suffix(self) -> str:
        """The ending that the format's files have, such as ".bvh"."""
        ...

    def write(self, recording: Clip | Motion, path: Path) -> tuple[str, ...]:
        """Write one file, whole or not at all; a sentence for each thing it could not say."""
        ...
