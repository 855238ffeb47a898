"""People of our own making whose joints are judged, and what cameras see of them."""

import math

import torch
from torch import Generator, Tensor

from crosslift.joint_order import Verdict, check_keypoints, check_poses
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17


def uniform(low: float, high: float, shape: tuple[int, ...], rng: Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=rng)


def swing(people: int, frames: int, low: float, high: float, rng: Generator) -> Tensor:
    """An angle for each person and frame that goes to and fro within a part of its range."""
    ends = uniform(low, high, (2, people, 1), rng)
    phase, pace = uniform(0, 2 * math.pi, (people, 1), rng), uniform(0.05, 0.25, (people, 1), rng)
    beat = (torch.arange(frames) * pace + phase).sin()
    return ends.mean(dim=0) + beat * (ends[0] - ends[1]) / 2


def turned(points: Tensor, angle: Tensor, axis: int) -> Tensor:
    """Points turned about x, y or z by an angle for each person and frame."""
    one, other = (axis + 1) % 3, (axis + 2) % 3
    turned = points.clone()
    cosine, sine = angle.cos()[..., None], angle.sin()[..., None]
    turned[..., one] = cosine * points[..., one] - sine * points[..., other]
    turned[..., other] = sine * points[..., one] + cosine * points[..., other]
    return turned


def limb(
    people: int, frames: int, flexion: float, out: float, rng: Generator
) -> tuple[Tensor, Tensor]:
    """Directions of the two halves of a left limb that hangs down; it bends at its middle.

    Args:
        flexion: How far the lower half may turn, in radians: forwards if above zero.
        out: How far the limb may be spread to its side.
    """
    down = torch.tensor([0.0, 0.0, -1.0]).expand(people, frames, 1, 3)
    bend = swing(people, frames, 0.05, abs(flexion), rng) * math.copysign(1, flexion)
    raise_, spread = swing(people, frames, -0.5, 1.2, rng), swing(people, frames, 0, out, rng)
    upper = turned(turned(down, -raise_, 1), spread, 0)
    lower = turned(turned(down, -(raise_ + bend), 1), spread, 0)
    return upper, lower


def walkers(people: int, frames: int, rng: Generator) -> Tensor:
    """People of our own making who move arms, legs and trunk: x forwards, y left, z up."""
    size = uniform(0.85, 1.15, (people, 1, 1), rng)

    def place(x: float, y: float, z: float) -> Tensor:
        wobble = 1 + 0.06 * torch.randn(people, 1, 1, 3, generator=rng)
        return (torch.tensor([x, y, z]) * wobble).expand(people, frames, 1, 3)

    joints = {"pelvis": place(0, 0, 0), "spine": place(-0.02, 0, 0.24), "thorax": place(0, 0, 0.5)}
    joints["nose"] = joints["thorax"] + place(0.08, 0, 0.09)
    joints["head"] = joints["thorax"] + place(0.02, 0, 0.19)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        other = torch.tensor([1.0, sign, 1.0])
        hip, shoulder = place(0, 0.11, -0.02), joints["thorax"] * other + place(0, 0.16, -0.05)
        thigh, shin = limb(people, frames, -1.5, 0.4, rng)
        upper, lower = limb(people, frames, 1.8, 1.4, rng)
        leg = [hip, hip + 0.43 * thigh, hip + 0.43 * thigh + 0.42 * shin]
        arm = [shoulder, shoulder + 0.28 * upper, shoulder + 0.28 * upper + 0.25 * lower]
        for name, point in zip(("hip", "knee", "ankle", "shoulder", "elbow", "wrist"), leg + arm,
                               strict=True):  # fmt: skip
            joints[f"{side}_{name}"] = point * other
    posed = torch.cat([joints[joint] for joint in H36M_17.joints], dim=2) * size[..., None]
    upper_body = [j for j, name in enumerate(H36M_17.joints) if "thorax" in chain(name)]
    twisted = turned(posed[:, :, upper_body], swing(people, frames, -0.5, 0.5, rng), 2)
    posed[:, :, upper_body] = twisted
    for axis, reach in ((0, 0.3), (1, 0.5), (2, math.pi)):
        posed = turned(posed, swing(people, frames, -reach, reach, rng), axis)
    return posed


def chain(joint: str) -> list[str]:
    return [H36M_17.joints[above] for above in H36M_17.chain(H36M_17.index(joint))]


def seen(poses: Tensor, rng: Generator) -> Tensor:
    """Keypoints of upright people some 300 px tall, 5 px off, a tenth missing."""
    height = uniform(-0.5, 1.0, poses.shape[:1], rng)[:, None, None]  # of the camera, at 5.5 m
    x, y, depth = poses[..., 1], -(poses[..., 2] - height * poses[..., 0] / 5.5), poses[..., 0]
    keypoints = 1000 * torch.stack([x, y], dim=-1) / (depth + 5.5)[..., None] + 500
    keypoints = keypoints + 5 * torch.randn(keypoints.shape, generator=rng)
    lost = torch.rand(keypoints.shape[:-1], generator=rng) < 0.1
    return torch.where(lost[..., None], torch.nan, keypoints)


def many(people: int, axes: int, seed: int, frames: int = 27) -> tuple[Tensor, Generator]:
    rng = torch.Generator().manual_seed(seed)
    poses = walkers(people, frames, rng)
    return (poses if axes == 3 else seen(poses, rng)), rng


def check(points: Tensor, skeleton: Skeleton) -> Verdict:
    return (check_poses if points.shape[-1] == 3 else check_keypoints)(points, skeleton)
