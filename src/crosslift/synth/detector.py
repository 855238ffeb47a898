"""What a 2D detector makes of true keypoints.

Its errors are those that people report of detectors: they grow with what is hidden, with blur and
with how large the person appears; they last, rather than being drawn anew in each frame; sides are
swapped for a while where they lie near each other; joints are lost for a while; and the scores tell
how good a keypoint probably is.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from scipy.signal import lfilter
from torch import Generator, Tensor

from ..clip import Clip
from ..skeletons import H36M_17
from .occlusion import visibility

HARD = {"hip": 1.4, "wrist": 1.3, "ankle": 1.2, "elbow": 1.1, "pelvis": 0.9, "spine": 1.1}
"""How much harder than others some joints are to find, by the end of their names."""
PAIRS = (
    ("hip", "knee", "ankle"),
    ("shoulder", "elbow", "wrist"),
)
"""What changes sides together."""


@dataclass(frozen=True)
class DetectorModel:
    """A detector with these habits; times in seconds, rates in events a second."""

    metres: float = 0.012
    """Standard deviation along x and y of a joint in plain view, on the body."""
    pixels: float = 0.5
    """The same of the detector's own grid, whatever the person's size."""
    hidden: float = 4.0
    """How many times as large the error of a hidden joint is besides."""
    exposure: float = 1 / 120
    """How long the shutter is open: a joint that moves is blurred by its way in that time."""
    lasting: float = 0.8
    """The share of the variance that lasts."""
    memory: float = 0.4
    """How long an error lasts."""
    swaps: float = 0.6
    """Swaps of a limb's sides where the sides coincide in the picture."""
    swap_length: float = 0.12
    """How long a swap lasts."""
    losses: float = 0.8
    """Losses of a hidden joint; those of one in plain view are a twentieth."""
    loss_length: float = 0.25
    """How long a joint is lost."""

    def __call__(self, clip: Clip, rng: Generator) -> Clip:
        """The clip as detected; the true poses stay."""
        seen = seen_of(clip)
        scale = scale_of(clip)
        expected = self.expected(clip, seen, scale)
        error = expected[..., None] * self.errors(clip, rng)
        mixed = self.swapped(clip, scale, rng)
        off = error.norm(dim=-1)
        scores = self.scores(0.5 * (expected + off) / scale[:, None], seen, rng)
        lost = self.lost(clip, seen, rng)
        keypoints = torch.where(lost[..., None], torch.nan, mixed + error)
        return replace(
            clip,
            keypoints=keypoints,
            scores=torch.where(lost, 0, scores),
            observed=clip.observed & ~lost,
        )

    def expected(
        self, clip: Clip, seen: Float[Tensor, "frames 17"], scale: Float[Tensor, " frames"]
    ) -> Float[Tensor, "frames 17"]:
        """The standard deviation of each keypoint, in pixels."""
        body = self.metres * scale[:, None] * _hardness(scale) * (1 + self.hidden * (1 - seen))
        pace = torch.zeros_like(seen)
        pace[1:] = clip.keypoints.diff(dim=0).norm(dim=-1) * clip.fps
        blur = 0.4 * self.exposure * pace.nan_to_num()
        return (body**2 + blur**2 + self.pixels**2).sqrt()

    def errors(self, clip: Clip, rng: Generator) -> Float[Tensor, "frames 17 2"]:
        """Errors of standard deviation one, of which a part lasts."""
        noise = torch.randn(2, *clip.keypoints.shape, generator=rng, device=rng.device)
        keep = float(torch.tensor(-1 / (self.memory * clip.fps)).exp())
        fresh = noise[0] * (1 - keep**2) ** 0.5
        fresh[0] = noise[0, 0]
        slow = torch.from_numpy(lfilter([1.0], [1.0, -keep], fresh.numpy(), axis=0))
        both = self.lasting**0.5 * slow + (1 - self.lasting) ** 0.5 * noise[1]
        return both.to(clip.keypoints)

    def swapped(
        self, clip: Clip, scale: Float[Tensor, " frames"], rng: Generator
    ) -> Float[Tensor, "frames 17 2"]:
        """The keypoints with the sides of legs and arms changed for a while now and then."""
        keypoints = clip.keypoints.clone()
        near = torch.stack([_nearness(clip.keypoints, scale, names) for names in PAIRS], dim=1)
        swapped = bursts(self.swaps * near, self.swap_length, clip.fps, rng)
        for number, names in enumerate(PAIRS):
            right, left = (H36M_17.indices(*(f"{s}_{n}" for n in names)) for s in SIDES)
            here = swapped[:, number, None, None]
            keypoints[:, right] = torch.where(
                here, clip.keypoints[:, left], clip.keypoints[:, right]
            )
            keypoints[:, left] = torch.where(
                here, clip.keypoints[:, right], clip.keypoints[:, left]
            )
        return keypoints

    def lost(
        self, clip: Clip, seen: Float[Tensor, "frames 17"], rng: Generator
    ) -> Bool[Tensor, "frames 17"]:
        """Which keypoints are not found: outside the picture none is."""
        rate = self.losses * (0.05 + 0.95 * (1 - seen))
        x, y = clip.keypoints.unbind(-1)
        width, height = (side[..., None] for side in clip.camera.size.unbind(-1))
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)  # False where NaN
        return bursts(rate, self.loss_length, clip.fps, rng) | ~inside

    def scores(
        self, off: Float[Tensor, "frames 17"], seen: Float[Tensor, "frames 17"], rng: Generator
    ) -> Float[Tensor, "frames 17"]:
        """Scores of keypoints that are this many metres off, by what the detector can tell."""
        luck = torch.randn(off.shape, generator=rng, device=rng.device).to(off)
        certain = (-off / 0.06).exp() * (0.97 - 0.25 * (1 - seen))
        return (certain * (1 + 0.07 * luck)).clamp(0.02, 1)


SIDES = ("right", "left")


def seen_of(clip: Clip) -> Float[Tensor, "frames 17"]:
    """How much of each joint is seen; all where the clip has no poses to tell."""
    if clip.poses is None:
        return torch.ones_like(clip.scores)
    return visibility(clip.poses[0], clip.skeleton)


def scale_of(clip: Clip) -> Float[Tensor, " frames"]:
    """Pixels a metre at the person."""
    focal = clip.camera.focal.mean(dim=-1)
    if clip.poses is None:
        tall = clip.keypoints[..., 1].amax(dim=-1) - clip.keypoints[..., 1].amin(dim=-1)
        return (tall / 1.6).nan_to_num(100.0).clamp_min(1.0)
    return focal / clip.poses[0, :, clip.skeleton.root, 2].clamp_min(0.1)


def bursts(
    rate: Float[Tensor, "frames things"], length: float, fps: float, rng: Generator
) -> Bool[Tensor, "frames things"]:
    """When things that begin at a rate and last for about a length of time are going on."""
    drawn = torch.rand(2, *rate.shape, generator=rng, device=rng.device).to(rate)
    starts, things = (drawn[0] < rate / fps).nonzero(as_tuple=True)
    lasting = -length * fps * drawn[1][starts, things].clamp_min(1e-6).log()
    ends = starts + 1 + lasting.floor().long()
    change = torch.zeros(len(rate) + 1, rate.shape[1], dtype=torch.int32)
    one = torch.ones(len(starts), dtype=torch.int32)
    change.index_put_((starts, things), one, accumulate=True)
    change.index_put_((ends.clamp_max(len(rate)), things), -one, accumulate=True)
    return change.cumsum(dim=0)[:-1] > 0


def _nearness(keypoints: Tensor, scale: Tensor, names: tuple[str, ...]) -> Float[Tensor, " frames"]:
    """1 where the two sides of a limb lie on each other, towards 0 where they are apart."""
    right, left = (keypoints[:, H36M_17.indices(*(f"{s}_{n}" for n in names))] for s in SIDES)
    apart = (right - left).norm(dim=-1).mean(dim=-1) / scale
    return (-apart / 0.1).exp().nan_to_num()


def _hardness(like: Tensor) -> Float[Tensor, "17"]:
    return like.new_tensor([HARD.get(joint.rpartition("_")[2], 1.0) for joint in H36M_17.joints])
