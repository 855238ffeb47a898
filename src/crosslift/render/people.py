"""Pictures of recorded people: frames of clips, cut to the person and rendered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..camera import Camera, stacked
from ..clip import Clip
from ..data.images import Crops
from ..data.images_convert import Pictured, some_frames
from ..data.images_crop import Framing, box_of, check_box, way_of
from ..data.images_store import Kept, Shown
from ..errors import SettingsError, SkeletonError, TrainingError
from ..skeletons import H36M_17
from ..training.examples import seeded
from .draws import even
from .picture import Rendered, Rendering, render

HIDDEN = 0.5
"""The score of a joint that something hides."""
AT_ONCE = 32
"""Pictures that are rendered together."""


class Views(NamedTuple):
    """Frames of clips as cameras see them that look at nothing but the person."""

    poses: Float[Tensor, "pictures 17 3"]
    velocity: Float[Tensor, "pictures 17 3"]
    """Metres a second."""
    camera: Camera
    """Of the whole picture."""
    way: Float[Tensor, "pictures 2 3"]
    """What takes pixels of what is rendered to pixels of the whole picture."""
    box: Float[Tensor, "pictures 4"]

    @property
    def cut(self) -> Camera:
        """The camera of the part that is rendered."""
        step, corner = self.way[:, 0, :1], self.way[:, :, 2]
        return replace(
            self.camera,
            focal=self.camera.focal / step,
            centre=(self.camera.centre - corner) / step,
        )


def views_of(
    clips: Sequence[Clip],
    frames: Sequence[int],
    framing: Framing,
    scale: Float[Tensor, " pictures"],
) -> Views:
    """One frame of each clip, cut to the person.

    Args:
        scale: Of each cut, for what the framing says.
    """
    each = list(zip(clips, frames, strict=True))
    for clip in clips:
        check_renderable(clip)
    camera = stacked(
        [clip.camera[f] if clip.camera.focal.ndim > 1 else clip.camera for clip, f in each]
    )
    box = box_of(torch.stack([clip.keypoints[f] for clip, f in each]), camera.size)
    check_box(box, "what is to be rendered")
    way = torch.stack([way_of(one, framing, float(s)) for one, s in zip(box, scale, strict=True)])
    return Views(
        torch.stack([clip.poses[0, f] for clip, f in each if clip.poses is not None]),
        torch.stack([_velocity(clip, f) for clip, f in each]),
        camera,
        way,
        box,
    )


def check_renderable(clip: Clip) -> None:
    """Refuse a clip without true poses of the reference skeleton."""
    if clip.skeleton != H36M_17 or clip.poses is None or not bool(clip.poses.isfinite().all()):
        raise SkeletonError(
            f'People are rendered from whole 3D poses of "h36m17", but "{clip.name}" has '
            f'{"none" if clip.poses is None else "gaps or other joints"} ("{clip.skeleton.name}"); '
            "convert it with --to h36m17."
        )


def _velocity(clip: Clip, frame: int) -> Float[Tensor, "17 3"]:
    """Metres a second along the camera's axes."""
    poses = clip.poses
    if poses is None or len(clip) < 2:
        return torch.zeros(len(H36M_17), 3)
    first = min(frame, len(clip) - 2)
    return (poses[0, first + 1] - poses[0, first]) * clip.fps


def rendered(views: Views, rng: Generator, settings: Rendering) -> Rendered:
    """The pictures of views."""
    return render(views.poses, views.cut, rng, settings, views.velocity)


def scores_of(found: Rendered) -> Float[Tensor, "pictures 17"]:
    """1 for joints that are seen, 0.5 for those that something hides, 0 outside the picture."""
    size = found.keypoints.new_tensor(found.pictures.shape[:1:-1])
    inside = ((found.keypoints > -0.5) & (found.keypoints < size - 0.5)).all(dim=-1)
    return torch.where(found.visible, 1.0, HIDDEN) * inside


@dataclass(frozen=True, eq=False)
class RenderedCrops:
    """Crops of people who are rendered when a batch is asked for; see `Examples`.

    No two batches show the same clothes, places or light, however long the training.
    """

    clips: Sequence[Clip]
    """With true poses of "h36m17", at the frame rate at which they were recorded."""
    size: int
    """Crops in a batch."""
    seed: int
    epoch: int = 100
    """Batches in an epoch."""
    framing: Framing = field(default_factory=Framing)
    rendering: Rendering = field(default_factory=Rendering)
    scale: float = 0.2
    """How far the size of a crop is changed, as a share, either way."""

    def __post_init__(self) -> None:
        if self.size < 1 or self.epoch < 1:
            raise SettingsError(
                "At least one crop and one batch have to be asked for, but "
                f"{self.size} and {self.epoch} were."
            )
        if not self.clips:
            raise TrainingError(
                "People are rendered from recordings, but there is none; give some."
            )
        if self.framing.size != self.rendering.size:
            raise SettingsError(
                f"Crops of {self.framing.size} pixels should be rendered in that size, but "
                f"{self.rendering.size} is asked for; give both the same size."
            )

    def __len__(self) -> int:
        return self.epoch

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum([len(clip) for clip in self.clips])

    def batch(self, epoch: int, index: int) -> Crops:
        """One batch."""
        rng = seeded(self.seed, epoch, index)
        numbers = torch.randint(int(self._ends[-1]), (self.size,), generator=rng).numpy()
        which = np.searchsorted(self._ends, numbers, side="right")
        clips = [self.clips[clip] for clip in which]
        starts = np.concatenate([[0], self._ends])[which]
        scale = 1 + even(rng, -self.scale, self.scale, self.size)
        views = views_of(clips, (numbers - starts).tolist(), self.framing, scale)
        found = rendered(views, rng, self.rendering)
        return Crops(
            H36M_17,
            found.pictures,
            found.keypoints,
            scores_of(found),
            views.way,
            views.camera,
            views.poses,
        )

    def part(self, batch: Crops, which: int, of: int) -> Crops:
        """One process's part of a batch."""
        if len(batch) % of:
            raise SettingsError(
                f"A batch of {len(batch)} crops cannot be shared equally by {of} processes."
            )
        share = len(batch) // of
        return batch[which * share : (which + 1) * share]

    @property
    def hash(self) -> str:
        """Of the recordings, by their names and lengths."""
        words = "".join(f"{clip.name}{len(clip)}" for clip in self.clips)
        return sha256(words.encode("utf-8")).hexdigest()[:16]


def pictured_clip(
    clip: Clip, every: int, rng: Generator, settings: Rendering, framing: Framing
) -> Pictured:
    """One frame in so many of a clip with a rendered picture for each."""
    frames = list(range(0, len(clip), every))
    shown: list[Shown] = []
    scores: list[Tensor] = []
    for first in range(0, len(frames), AT_ONCE):
        some = frames[first : first + AT_ONCE]
        views = views_of([clip] * len(some), some, framing, torch.ones(len(some)))
        found = rendered(views, rng, settings)
        scores.append(scores_of(found))
        pixels = (found.pictures * 255).round().byte().movedim(1, -1).numpy()
        for picture, way, box in zip(pixels, views.way, views.box, strict=True):
            corner = (float(way[0, 2]), float(way[1, 2]))
            shown.append(Shown(Kept(picture, corner, float(way[0, 0])), box))
    thinned = some_frames(clip, frames)
    return Pictured(replace(thinned, scores=torch.cat(scores), fps=clip.fps / every), shown)
