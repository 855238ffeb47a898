"""A lifter that is fitted in closed form, within seconds: ridge regression on random features."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

from .. import registry
from ..camera import Camera, to_image_plane
from ..clip import Batch
from ..errors import CheckpointError, DataError
from ..skeleton import Skeleton
from ..windows import Predict


@registry.lifter("ridge")
@dataclass(frozen=True)
class RidgeSettings:
    """Kernel ridge regression of single frames, fitted in closed form within seconds."""

    features: int = 2048
    """Random Fourier features (Rahimi and Recht 2007) that stand for a Gaussian kernel."""
    width: float = 6.0
    """Of the kernel, in standard deviations of an input."""
    penalty: float = 1e-4
    """On the weights, as a share of the features' own power."""

    def build(self, skeleton: Skeleton) -> "Ridge":
        """The lifter before it is fitted: it answers every input with the root's place."""
        size = 2 * len(skeleton) + 3
        return Ridge(
            skeleton,
            mean=torch.zeros(size),
            scale=torch.ones(size),
            directions=torch.zeros(size, self.features),
            phases=torch.zeros(self.features),
            weights=torch.zeros(self.features + size + 1, 3 * len(skeleton)),
        )


@dataclass(frozen=True, eq=False)
class Ridge:
    """Poses as a linear function of fixed random waves over the normalised keypoints."""

    skeleton: Skeleton
    mean: Float[Tensor, " inputs"]
    scale: Float[Tensor, " inputs"]
    directions: Float[Tensor, "inputs features"]
    phases: Float[Tensor, " features"]
    weights: Float[Tensor, "all_features outputs"]
    frames: int = 1
    predict: Predict = "all"
    fps: float | None = None

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses frames joints 3"]:
        """Poses, each frame by itself; see `Lifter`."""
        inputs = normalised(keypoints, camera, self.skeleton)
        poses = self.features(inputs) @ self.weights.to(inputs)
        split = "batch frames (joints xyz) -> batch 1 frames joints xyz"
        return rearrange(poses, split, xyz=3)

    def state(self) -> dict[str, Tensor]:
        """The standardisation, the waves and the weights."""
        return {key: value for key, value in vars(self).items() if isinstance(value, Tensor)}

    def with_state(self, state: Mapping[str, Tensor]) -> "Ridge":
        """The lifter with what was kept of a fitted one."""
        own = self.state()
        unlike = [name for name in {**own, **state} if not _alike(own.get(name), state.get(name))]
        if unlike:
            raise CheckpointError(
                "The weights should be those of a ridge lifter in these settings, but "
                f'"{unlike[0]}" is missing, has no place or another shape; check the settings.'
            )
        return replace(self, **state)

    def features(
        self, inputs: Float[Tensor, "*batch inputs"]
    ) -> Float[Tensor, "*batch all_features"]:
        """What the poses are linear in; a missing input counts as its mean."""
        standard = ((inputs - self.mean.to(inputs)) / self.scale.to(inputs)).nan_to_num(0)
        waves = torch.cos(standard @ self.directions.to(inputs) + self.phases.to(inputs))
        return torch.cat([waves, standard, torch.ones_like(standard[..., :1])], dim=-1)


def _alike(own: Tensor | None, other: Tensor | None) -> bool:
    return own is not None and other is not None and own.shape == other.shape


def normalised(
    keypoints: Float[Tensor, "*batch joints 2"], camera: Camera, skeleton: Skeleton
) -> Float[Tensor, "*batch inputs"]:
    """Joints about their middle in units of their spread, then where the middle is and how wide.

    All on the image plane, so that neither focal length nor picture size matters.
    """
    plane = to_image_plane(keypoints, camera)
    middle = plane.nanmean(dim=-2, keepdim=True)
    spread = (plane - middle).square().nanmean(dim=(-2, -1), keepdim=True).sqrt().clamp_min(1e-6)
    joints = rearrange((plane - middle) / spread, "... joints xy -> ... (joints xy)")
    return torch.cat([joints, middle[..., 0, :], spread[..., 0].log()], dim=-1)


def fit_ridge(settings: RidgeSettings, batch: Batch, rng: Generator) -> Ridge:
    """The ridge lifter that fits the poses of a batch best."""
    if batch.poses is None:
        raise DataError(
            "Fitting needs keypoints with their 3D poses, but the batch has keypoints alone; "
            "give it labelled clips."
        )
    skeleton = batch.skeleton
    inputs = normalised(batch.keypoints, batch.camera, skeleton)[batch.valid]
    poses = (batch.poses - batch.poses[..., [skeleton.root], :])[batch.valid]
    lifter = _with_random_waves(settings, skeleton, inputs, rng)
    # Normal equations in double precision: their condition is the square of the features'.
    features = lifter.features(inputs).double()
    outputs = rearrange(poses, "poses joints xyz -> poses (joints xyz)").double()
    power = features.T @ features
    power.diagonal().add_(settings.penalty * power.diagonal().mean())
    weights = torch.linalg.solve(power, features.T @ outputs)
    return Ridge(**{**vars(lifter), "weights": weights.to(inputs)})


def _with_random_waves(
    settings: RidgeSettings,
    skeleton: Skeleton,
    inputs: Float[Tensor, "poses inputs"],
    rng: Generator,
) -> Ridge:
    """A lifter whose waves are drawn and whose inputs are standardised, without weights yet."""
    blank = settings.build(skeleton)
    known = inputs.isfinite()
    mean = inputs.nanmean(dim=0).nan_to_num(0)
    variance = (inputs - mean).square().nan_to_num(0).sum(dim=0) / known.sum(dim=0).clamp_min(1)
    directions = torch.randn(blank.directions.shape, generator=rng) / settings.width
    phases = torch.rand(settings.features, generator=rng) * 2 * math.pi
    return Ridge(skeleton, mean, variance.sqrt().clamp_min(1e-6), directions, phases, blank.weights)
