"""How long a camera's focal length is in pixels, how sure that is, and where it comes from."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .camera import Camera, FocalFrom, pinhole, to_image_plane
from .clip import Clip
from .errors import CameraError, DataError, SettingsError
from .geometry import bone_lengths, place_root

USUAL = 1.0
"""Focal length by the picture's diagonal where nothing tells it: a normal lens, 43 mm on film,
which sees 53 degrees across the diagonal. Telephones' main cameras have 0.6, portrait lenses 2."""
USUAL_SPREAD = 0.4
"""The standard deviation of that, as a share of it."""
NOTED_SPREAD = 0.05
"""The same of what cameras note in pictures: they round, crop for stabilising, and focus."""
LEAST, GREATEST, STEPS = 0.4, 4.0, 33
"""The focal lengths, by the diagonal, among which the most probable one is sought."""
FRAMES = 160
"""Frames of a track that are looked at, evenly spread."""
PARTS = 8
"""Parts of a track that are left out in turn to see how much the result depends on each."""
VAGUEST = 0.3
"""The spread, as a share, beyond which an estimate tells less than an assumption."""


class Focal(NamedTuple):
    """A focal length in pixels."""

    value: float
    spread: float
    """Its standard deviation in pixels; 0 where it was given."""
    origin: FocalFrom
    reason: str
    """In words: "noted by the camera in the picture (EXIF)"."""

    @property
    def short(self) -> str:
        """Value, spread and origin, such as "911 ± 364 px (assumed)"."""
        about = f" ± {self.spread:.0f}" if self.spread else ""
        return f"{self.value:.0f}{about} px ({self.origin})"

    @property
    def words(self) -> str:
        """Where it comes from, as a sentence."""
        return f"The focal length is {self.origin}: {self.reason}."


@dataclass(frozen=True)
class Lens:
    """What is told of the camera; one of these, or none."""

    camera: Path | None = None
    """A camera's json file: focal, size, and where known centre and distortion, in pixels."""
    focal: float | None = None
    """Focal length in pixels."""
    fov: float | None = None
    """Horizontal field of view in degrees."""

    def __post_init__(self) -> None:
        given = [f"--{name}" for name, value in vars(self).items() if value is not None]
        if len(given) > 1:
            raise SettingsError(
                f"A camera has one focal length, but {' and '.join(given)} were given; leave out "
                "all but one."
            )
        if self.focal is not None and not 0 < self.focal < math.inf:
            raise SettingsError(
                f"A focal length is a positive number of pixels, but {self.focal:g} was given."
            )
        if self.fov is not None and not 0 < self.fov < 180:
            raise SettingsError(
                f"A field of view is between 0 and 180 degrees, but {self.fov:g} was given."
            )

    def told(self, width: float) -> Focal | None:
        """The focal length of a number that was given; None where none was."""
        if self.focal is not None:
            return Focal(self.focal, 0.0, "given", "by --focal")
        if self.fov is not None:
            focal = width / 2 / math.tan(math.radians(self.fov) / 2)
            return Focal(focal, 0.0, "given", f"by --fov, {self.fov:g} degrees across")
        return None


def camera_for(
    size: tuple[int, int], lens: Lens, noted: float | None = None
) -> tuple[Camera, Focal]:
    """The camera of a recording, before anything is known of who was filmed.

    What the user says comes first, then what the camera noted in the picture, then the usual.

    Args:
        noted: Focal length in pixels out of the picture's own tags.
    """
    if lens.camera is not None:
        camera = read_camera(lens.camera, size)
        return camera, Focal(float(camera.focal.mean()), 0.0, "given", f"by {lens.camera.name}")
    focal = lens.told(size[0]) or _noted(noted) or assumed(size)
    return pinhole(focal.value, size, focal_from=focal.origin), focal


def assumed(size: tuple[int, int]) -> Focal:
    """The focal length of a normal lens, where nothing tells another."""
    value = USUAL * math.hypot(*size)
    reason = "a normal lens, 53 degrees across the diagonal, since nothing tells another"
    return Focal(value, USUAL_SPREAD * value, "assumed", reason)


def refined(clip: Clip, focal: Focal, rng: Generator) -> Focal:
    """The focal length that the clip's poses tell, where until now it was only assumed."""
    if focal.origin != "assumed":
        return focal
    found = estimated(clip, rng)
    return found or focal._replace(reason=f"{focal.reason}, and the person's bones do not either")


def _noted(pixels: float | None) -> Focal | None:
    if pixels is None:
        return None
    reason = "noted by the camera in the picture (EXIF)"
    return Focal(pixels, NOTED_SPREAD * pixels, "given", reason)


def read_camera(path: Path, size: tuple[int, int]) -> Camera:
    """The camera in a json file, for pictures of that size.

    The file has `focal` (one number, or along x and y), `size` (or `width` and `height`), and where
    they are known `centre` and `distortion` (k1 k2 p1 p2 k3, in OpenCV's order). Pictures that are
    smaller or larger in the same shape are of the same camera.
    """
    try:
        told = json.loads(path.read_bytes())
        camera = _camera(told if isinstance(told, dict) else {})
    except (OSError, ValueError, TypeError, KeyError, CameraError) as problem:
        raise DataError(
            f'"{path}" should be a camera (json with focal and size in pixels), but could not be '
            f"read ({type(problem).__name__}: {problem}); see the conventions for what it holds."
        ) from problem
    ratio = camera.size.new_tensor(size) / camera.size
    if not bool((ratio / ratio.mean() - 1).abs().max() < 0.01):
        width, height = (f"{side:g}" for side in camera.size.tolist())
        raise DataError(
            f'The camera of "{path}" takes pictures of {width} x {height} pixels, which have '
            f"another shape than the {size[0]} x {size[1]} found; give the one that was used."
        )
    return replace(
        camera,
        focal=camera.focal * ratio,
        centre=camera.centre * ratio,
        size=camera.size.new_tensor(size),
    )


def _camera(told: Mapping[str, Any]) -> Camera:
    size = told["size"] if "size" in told else (told["width"], told["height"])
    focal = told["focal"] if isinstance(told["focal"], list) else [told["focal"]] * 2
    width, height = map(int, size)
    fx, fy = map(float, focal)
    cx, cy = map(float, told.get("centre") or (width / 2, height / 2))
    camera = pinhole((fx, fy), (width, height), (cx, cy))
    bent = [float(number) for number in told.get("distortion") or ()]
    if len(bent) > 5:
        raise ValueError(f"a lens has up to five numbers here, not {len(bent)}")
    lens = torch.tensor([*bent, *[0.0] * (5 - len(bent))])
    return replace(camera, distortion=lens) if any(bent) else camera


def estimated(clip: Clip, rng: Generator) -> Focal | None:
    """The focal length at which the person's bones stay the same over the track.

    For each of many focal lengths the poses are placed before the camera where they are seen as the
    keypoints say, and every joint is moved along its pixel's ray to its own depth. A wrong focal
    length opens or closes the rays, so that what is nearer to the camera comes out too large or too
    small, and bones change their lengths as they turn. Joints count by their scores.

    The spread has two parts: what the result moves by when an eighth of the track is left out in
    turn (the jackknife), and what it moves by when noise is added to the poses that is as large as
    what the bones vary by at best (since the poses' own noise has moved it about as far already).
    None where the clip has no poses or too few frames, where the best focal length lies at the end
    of those that are tried, or where the spread is beyond three tenths: the bones do not tell it.
    """
    if clip.poses is None or clip.camera.focal.ndim > 1:
        return None
    seen = (clip.observed.sum(dim=-1) >= 4) & clip.poses[0].isfinite().all(dim=-1).any(dim=-1)
    frames = seen.nonzero()[:, 0]
    if len(frames) < 2 * PARTS:
        return None
    frames = frames[torch.linspace(0, len(frames) - 1, min(FRAMES, len(frames))).long()]
    diagonal = float(clip.camera.size.norm())
    tried = torch.logspace(math.log10(LEAST), math.log10(GREATEST), STEPS) * diagonal
    view = _View.of(clip, frames)
    lengths = view.lengths(view.poses, tried)
    best = _steadiest(lengths, tried)
    part = torch.arange(len(frames)) * PARTS // len(frames)
    without = [_steadiest(lengths[:, part != each], tried) for each in range(PARTS)]
    noisy = view.lengths(view.shaken(_noise(lengths), rng), tried)
    spread = math.hypot(_jackknife(without), abs(math.log(_steadiest(noisy, tried) / best)))
    if not spread < VAGUEST:
        return None
    reason = f"the person's bones keep their lengths best over {len(frames)} frames"
    return Focal(best, spread * best, "estimated", reason)


class _View(NamedTuple):
    """Poses and where they are seen, in the frames that are looked at."""

    poses: Float[Tensor, "frames joints 3"]  # relative to the root
    clip: Clip

    @classmethod
    def of(cls, clip: Clip, frames: Tensor) -> "_View":
        poses = clip.keypoints.new_zeros(0) if clip.poses is None else clip.poses[0, frames]
        part = replace(
            clip,
            keypoints=clip.keypoints[frames],
            scores=clip.scores[frames],
            observed=clip.observed[frames],
            poses=None,
            times=None,
        )
        return cls(poses - poses[:, [clip.skeleton.root]], part)

    def shaken(self, noise: float, rng: Generator) -> Float[Tensor, "frames joints 3"]:
        """The poses with noise of that standard deviation in metres."""
        drawn = torch.randn(self.poses.shape, generator=rng)
        return self.poses + noise * drawn.to(self.poses)

    def lengths(
        self, poses: Float[Tensor, "frames joints 3"], tried: Float[Tensor, " tried"]
    ) -> Float[Tensor, "tried frames bones"]:
        """The bones' lengths for each focal length; NaN where an end of a bone was not seen."""
        count = len(tried)
        camera = self.clip.camera.map(lambda tensor: tensor.expand(count, 1, *tensor.shape))
        camera = replace(camera, focal=tried[:, None, None].expand(count, 1, 2).to(poses))
        keypoints, poses = self.clip.keypoints[None], poses.expand(count, *poses.shape)
        place = place_root(poses, keypoints, self.clip.scores[None], camera)
        depth = (poses + place[..., None, :])[..., 2:]
        rays = to_image_plane(keypoints.expand(*depth.shape[:-1], 2), camera)
        joints = torch.cat([rays * depth, depth], dim=-1)
        seen = self.clip.observed[..., None]
        return bone_lengths(torch.where(seen, joints, torch.nan), self.clip.skeleton)


def _steadiest(lengths: Float[Tensor, "tried frames bones"], tried: Tensor) -> float:
    """The focal length whose bones vary least; NaN where that is at an end of those tried."""
    varied = _variance(lengths).mean(dim=-1)
    at = int(varied.argmin())
    if not 0 < at < len(tried) - 1:
        return math.nan
    low, middle, high = varied[at - 1 : at + 2].tolist()
    bend = low - 2 * middle + high
    shift = 0.5 * (low - high) / bend if bend > 0 else 0.0
    step = math.log(float(tried[1] / tried[0]))
    return float(tried[at]) * math.exp(shift * step)


def _variance(lengths: Float[Tensor, "tried frames bones"]) -> Float[Tensor, "tried bones"]:
    """How much each bone varies over the frames, as a share of its mean length, squared."""
    enough = lengths.isfinite().sum(dim=1) >= PARTS
    off = lengths / lengths.nanmean(dim=1, keepdim=True) - 1
    return torch.where(enough, off.square().nanmean(dim=1), 0)


def _noise(lengths: Float[Tensor, "tried frames bones"]) -> float:
    """Metres by which joints err along each axis if that is why bones vary at best.

    A bone has two ends, so its length varies by the root of two as much as one of them.
    """
    metres = (_variance(lengths).sqrt() * lengths.nanmean(dim=1)).nan_to_num(0)
    return float(metres.square().mean(dim=-1).min().sqrt()) / math.sqrt(2)


def _jackknife(without: Sequence[float]) -> float:
    """The standard deviation, as a share, told by results without each part; NaN if one is."""
    logs = torch.tensor(without).log()
    count = len(logs)
    return float(((count - 1) / count * (logs - logs.mean()).square().sum()).sqrt())
