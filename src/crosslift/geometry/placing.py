"""Where a body stands before the camera: its root from reprojection, its size from its stature.

A picture alone cannot tell a small body near by from a large one far away. So the size is settled
first, by known bone lengths or by a stature, and the place follows from it.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import NEAREST, Camera, to_image_plane
from ..errors import SkeletonError
from ..skeleton import Skeleton
from .bones import body_lengths

DEFAULT_STATURE = 1.70
"""Metres, where nobody says how tall a person is."""
CHAIN_SHARE = 0.91
"""Share of the stature that lies between ankle and head along the 17-joint body."""
FEWEST = 3
"""Joints that must be seen for a body to be placed."""
FARTHEST = 5.0
"""How many times the distance that its size suggests a body may be away."""
SMALLEST = 1e-3
"""Metres across within which a body is a point, whose distance nothing tells."""
STEPS, ROBUST_STEPS = 6, 20


def place_root(
    poses: Float[Tensor, "*batch joints 3"],
    keypoints: Float[Tensor, "*#batch joints 2"],
    scores: Float[Tensor, "*#batch joints"],
    camera: Camera,
    *,
    robust: bool = False,
) -> Float[Tensor, "*batch 3"]:
    """The translation of root-relative poses under which they are seen nearest to the keypoints.

    A linear least-squares solution, exact where the keypoints are, starts a few Gauss-Newton steps
    on the squared distance in pixels of the picture without the lens, weighted by the scores. NaN
    where fewer than 3 joints are seen, where all are seen within about half a pixel of each other,
    where the body itself is a point, where no place before the camera fits, or where the pose
    contradicts the keypoints so much that it would be put several times too far away.

    Args:
        poses: In metres, along the camera's axes; several hypotheses may share their keypoints.
        scores: 0 for a joint that does not count; its keypoint may be NaN.
        robust: Let joints that do not agree with most of the others count for little.
    """
    view = _View.of(poses, keypoints, scores, camera)
    place = _start(view)
    for _ in range(ROBUST_STEPS if robust else STEPS):
        trusted = view._replace(weights=view.weights * _trust(view, place)) if robust else view
        place = _improved(trusted, place)
    enough = (view.weights[..., 0] > 0).sum(dim=-1) >= FEWEST
    known = enough & view.spread_out() & view.before(place) & view.near(place)
    return torch.where(known[..., None], place, torch.nan)


def stature(body: Float[Tensor, "*batch joints"], skeleton: Skeleton) -> Float[Tensor, "*batch"]:
    """How tall, in metres, a person with these bone lengths is: a rule, not a measurement.

    The chain from the ankle over the knee to the hip, as the mean of both legs, and from the
    pelvis over spine, thorax and nose to the head is taken as 0.91 of the stature. A skeleton
    without a nose has a slightly shorter chain.

    Args:
        body: The length of the bone from each joint to its parent, in metres.
    """
    legs = body[..., skeleton.indices(*_legs(skeleton))].sum(dim=-1) / 2
    trunk = body[..., list(skeleton.chain(skeleton.index("head"))[:-1])].sum(dim=-1)
    return (legs + trunk) / CHAIN_SHARE


def scale_to_stature(
    poses: Float[Tensor, "*batch frames joints 3"],
    skeleton: Skeleton,
    height: float = DEFAULT_STATURE,
) -> Float[Tensor, "*batch frames joints 3"]:
    """The poses of each clip, all larger or smaller by one factor, so that the person is so tall.

    The median of the frames counts; those in which a joint of the chain is NaN do not. Scaling is
    about the origin: neither the root of root-relative poses nor the picture of poses in the
    camera's frame changes.

    Args:
        height: The person's stature in metres.
    """
    found = stature(body_lengths(poses, skeleton), skeleton).nanmedian(dim=-1).values
    return poses * (height / found)[..., None, None, None]


def _legs(skeleton: Skeleton) -> tuple[str, ...]:
    legs = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("knee", "ankle"))
    missing = [joint for joint in (*legs, "head") if joint not in skeleton]
    if missing:
        raise SkeletonError(
            f"A stature is measured along both legs and from the pelvis to the head, but the "
            f'skeleton "{skeleton.name}" has no "{missing[0]}"; bring the poses to "h36m17" first.'
        )
    return legs


class _View(NamedTuple):
    """A body without a place, and the rays along which it is seen."""

    across: Tensor  # *batch joints 2: metres
    depth: Tensor  # *batch joints 1
    rays: Tensor  # *batch joints 2: on the plane one metre before the camera
    weights: Tensor  # *batch joints 2: of squared distances on that plane
    focal: Tensor  # pixels, to broadcast
    fine: Tensor  # an error in pixels below which all joints count alike

    @classmethod
    def of(cls, poses: Tensor, keypoints: Tensor, scores: Tensor, camera: Camera) -> "_View":
        focal = camera.focal[..., None, :]
        given = (keypoints.isfinite().all(dim=-1) & poses.isfinite().all(dim=-1))[..., None]
        counts = given & (scores > 0)[..., None]
        body = torch.where(counts, poses, 0)
        pixels = torch.where(counts, keypoints, camera.centre[..., None, :])
        weights = torch.where(counts, scores[..., None], 0) * focal**2
        rays = to_image_plane(pixels, camera)
        fine = camera.size.amax(dim=-1)[..., None] / 2000
        return cls(body[..., :2], body[..., 2:], rays, weights, focal, fine)

    def off(self, place: Tensor) -> Tensor:
        """How far beside its ray each joint is seen, on the plane."""
        depth = (self.depth + place[..., None, 2:]).clamp_min(NEAREST)
        return (self.across + place[..., None, :2]) / depth - self.rays

    def spread_out(self) -> Tensor:
        """Whether the joints are, and are seen, far enough from each other to tell a distance."""
        seen, _ = _around_mean(self.weights, self.rays)
        squared = (self.weights * seen**2).sum(dim=(-2, -1))
        pixels = (self.weights / self.focal**2).sum(dim=(-2, -1))
        real = _around_mean(self.weights, self.across)[0].abs().amax(dim=(-2, -1))
        return (squared > self.fine[..., 0] ** 2 * pixels) & (real > SMALLEST)

    def before(self, place: Tensor) -> Tensor:
        """Whether all joints that count are before the camera."""
        ahead = self.depth + place[..., None, 2:] > NEAREST
        return (ahead | (self.weights[..., :1] == 0)).all(dim=-1).all(dim=-1)

    def flat_distance(self) -> Tensor:
        """The distance at which the body would look as large as it does if it were flat."""
        real, seen = (_around_mean(self.weights, part)[0] for part in (self.across, self.rays))
        wide = (self.weights * real**2).sum(dim=(-2, -1)).clamp_min(1e-12)
        narrow = (self.weights * seen**2).sum(dim=(-2, -1))
        return (wide / torch.where(narrow > 0, narrow, 1)).sqrt()

    def near(self, place: Tensor) -> Tensor:
        """Whether the place is about where the body's size puts it: a pose that contradicts its
        keypoints is best seen from ever farther away."""
        return place[..., 2] < FARTHEST * self.flat_distance()

    def cost(self, place: Tensor) -> Tensor:
        return (self.weights * self.off(place) ** 2).sum(dim=(-2, -1))


def _start(view: _View) -> Tensor:
    """The place at which the joints are nearest to their rays.

    Where noise puts that behind the camera, it is the distance at which the body would look as
    large as it does if it were flat.
    """
    linear = _solved(view.weights, view.rays, view.rays * view.depth - view.across)
    far = view.flat_distance()
    mean_ray = _around_mean(view.weights, view.rays)[1][..., 0, :]
    flat = torch.cat([mean_ray, torch.ones_like(mean_ray[..., :1])], dim=-1) * far[..., None]
    return torch.where(view.before(linear)[..., None], linear, flat)


def _improved(view: _View, place: Tensor) -> Tensor:
    """One Gauss-Newton step; `place` where it does not reduce the cost."""
    off = view.off(place)
    depth = (view.depth + place[..., None, 2:]).clamp_min(NEAREST)
    step = _solved(view.weights / depth**2, view.rays + off, -off * depth)
    better = view.cost(place + step) < view.cost(place)
    return torch.where((better & view.before(place + step))[..., None], place + step, place)


def _solved(weights: Tensor, rays: Tensor, offset: Tensor) -> Tensor:
    """The x, y, z that minimise the weighted squares of `xy - z * rays - offset`."""
    ray_off, ray_mean = _around_mean(weights, rays)
    off, mean = _around_mean(weights, offset)
    power = (weights * ray_off**2).sum(dim=(-2, -1))
    z = -(weights * ray_off * off).sum(dim=(-2, -1)) / torch.where(power > 0, power, 1)
    xy = (mean + ray_mean * z[..., None, None])[..., 0, :]
    return torch.cat([xy, z[..., None]], dim=-1)


def _around_mean(weights: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Values less their weighted mean over the joints, and that mean (`*batch 1 2`)."""
    total = weights.sum(dim=-2, keepdim=True)
    mean = (weights * values).sum(dim=-2, keepdim=True) / torch.where(total > 0, total, 1)
    return values - mean, mean


def _trust(view: _View, place: Tensor) -> Tensor:
    """Cauchy's weights of the joints, by how far each is off against the median of those seen."""
    far = (view.focal * view.off(place)).detach().norm(dim=-1)
    seen = torch.where(view.weights[..., 0] > 0, far, torch.nan)
    usual = 1.5 * seen.nanmedian(dim=-1, keepdim=True).values
    width = 2.4 * torch.maximum(usual.nan_to_num(), view.fine)
    return (1 / (1 + (far / width) ** 2))[..., None]
