"""Other poses in the place of a window's own: made by DH-AUG's generator, or at random.

The window keeps its cameras, its bone lengths up to a fifth, and the place of its root; what is
replaced is how the body is bent and turned. Nothing is learned here: a generator is trained by the
recipe `dh_aug`.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..camera import camera_to_world, world_to_camera
from ..clip import Batch
from ..errors import DataError, SettingsError
from ..kinematics import Sampling, random_angles
from .bodies import seen_anew
from .dh_body import Made, Meaning, drawn_shares, lengths_of, placed, scaled
from .dh_generator import Maker, load_generator
from .flip import chosen_of
from .viewpoint import check_upright

Scaling = Literal["different", "same", "none"]


@registry.augmenter("dh")
@dataclass(frozen=True)
class DHSettings:
    """Replace a share of the poses by those that a trained generator makes (DH-AUG)."""

    generator: Path | None = None
    """The file that crosslift train dh_aug has made."""
    share: float = 0.5
    """Of the windows that are replaced."""
    scaling: Scaling = "different"
    """How bone lengths change: each by up to a fifth, all by the same, or not."""
    place: Literal["window", "learned"] = "window"
    """Whether a made body stands where the window's own stood, or where the generator says, which
    means something in the world of its own training data alone."""

    def build(self) -> "Replaced":
        """The augmenter."""
        if self.generator is None:
            raise SettingsError(
                "Poses are made by a trained generator, but none was named; give its file, such as "
                "dh:generator=RUN/generator.safetensors, or take dh-random, which needs none."
            )
        return Replaced(load_generator(self.generator), self.share, self.scaling, self.place)


@registry.augmenter("dh-random")
@dataclass(frozen=True)
class DHRandomSettings:
    """Replace a share of the poses by random ones of the kinematic body (DH-AUG's "normal")."""

    share: float = 0.5
    """Of the windows that are replaced."""
    scaling: Scaling = "different"
    """How bone lengths change: each by up to a fifth, all by the same, or not."""
    per: Literal["window", "frame"] = "window"
    """Whether a window moves evenly from one random pose to another, or each frame has its own, so
    that movement is torn."""

    def build(self) -> "Replaced":
        """The augmenter."""
        return Replaced(RandomBodies(torn=self.per == "frame"), self.share, self.scaling)


@dataclass(frozen=True)
class RandomBodies:
    """Makes bodies without a network."""

    sampling: Sampling = Sampling()  # noqa: RUF009  frozen
    torn: bool = False
    """Whether each frame is drawn by itself."""
    meaning: Meaning = Meaning("narrow")  # noqa: RUF009  frozen

    def made(self, clips: int, frames: int, rng: Generator) -> Made:
        """So many clips of so many frames, at the world's origin."""
        ends = frames if self.torn else min(2, frames)
        drawn = random_angles(clips * ends, rng, self.sampling)
        angles, turn = (each.unflatten(0, (clips, ends)) for each in drawn)
        if ends < frames:
            after = torch.linspace(0, 1, frames, device=angles.device)[:, None]
            angles, turn = (each[:, :1].lerp(each[:, 1:], after) for each in (angles, turn))
        return Made(angles, turn, torch.zeros_like(turn))


@dataclass(frozen=True, eq=False)
class Replaced:
    """Draws which windows are replaced, and by what."""

    maker: Maker
    share: float = 1.0
    scaling: Scaling = "different"
    place: Literal["window", "learned"] = "window"

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise SettingsError(
                f"A share of windows lies between 0 and 1, but {self.share:g} was given."
            )

    def __call__(self, batch: Batch, rng: Generator) -> Batch:
        """The batch with some other poses; see `Augmenter`."""
        if batch.poses is None:
            raise DataError("Other poses are put in, but the batch has keypoints alone.")
        check_upright(batch.camera)
        chosen = (torch.rand(len(batch), generator=rng) < self.share).to(batch.keypoints.device)
        with torch.no_grad():
            lengths = own_lengths(batch, self.scaling, rng)
            known = lengths.isfinite().all(dim=-1)
            made = self.maker.made(len(batch), batch.poses.shape[1], rng)
            found = seen_anew(self.put(made, lengths, batch))
        return chosen_of(chosen & known, found, batch)

    def put(self, made: Made, lengths: Float[Tensor, "windows 15"], batch: Batch) -> Batch:
        """The batch with these bodies; keypoints are still those of before."""
        assert batch.poses is not None, "the caller has poses"
        if self.place == "window":
            made = at_the_root_of(made, batch)
        made = Made(*(each.to(batch.poses) for each in made))
        world = placed(made, lengths[:, None], self.maker.meaning, batch.skeleton)
        return replace(batch, poses=world_to_camera(world, batch.camera))


def own_lengths(batch: Batch, scaling: Scaling, rng: Generator) -> Float[Tensor, "windows 15"]:
    """The bone lengths of each window's body, changed by a share; NaN where not all are known."""
    assert batch.poses is not None, "the caller has poses"
    lengths = lengths_of(batch.poses, batch.skeleton).nanmean(dim=1)
    return scaled(lengths, drawn_shares(len(batch), scaling, rng).to(lengths))


def at_the_root_of(made: Made, batch: Batch) -> Made:
    """The bodies where the windows' own stood in the middle frame, moving from there as made."""
    assert batch.poses is not None, "the caller has poses"
    root = camera_to_world(batch.poses[:, :, [batch.skeleton.root]], batch.camera)[:, :, 0]
    middle = root.shape[1] // 2
    moved = made.root.to(root)
    return made._replace(root=moved - moved[:, [middle]] + root[:, [middle]])
