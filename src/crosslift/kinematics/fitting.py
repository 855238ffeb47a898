"""Inverse kinematics: the joint angles within limits that bring the body nearest to given poses.

A first guess in closed form is improved by damped Gauss-Newton steps (Levenberg and Marquardt).
An angle at its limit that would leave it is held for that step; one that may turn full circle has
no limit. All poses are solved at once, each with its own damping, and leave the work when done.

The joints do not tell everything: a straight limb hides its twist, and the pelvis may tip against
the trunk while the hips stay. Of angles that explain the joints equally well, these are some. And
the body is simpler than a person (its shoulders lie on a line with its thorax), so measured poses
are met to one or a few centimetres, not exactly.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError, SkeletonError
from ..geometry.bones import bone_lengths
from ..geometry.rotations import axis_angle_to_matrix
from ..skeletons import H36M_16, H36M_17
from .body import Posed, forward_with_nose, posed
from .chains import ANGLES
from .first_guess import first_guess
from .jacobian import IN_17, UNKNOWNS, jacobian
from .limits import WIDE, Limits
from .rest import BONES, MOVING
from .templates import AVERAGE
from .unknown_joints import filled

NOSE_JOINT = H36M_17.index("nose")
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 1e-3, 1e-7, 1e4
SLOW = 1e-3
"""A step that lowers the cost by less than this part of it brings nothing."""


class Fitted(NamedTuple):
    """Where the body was brought."""

    angles: Float[Tensor, "*batch 33"]
    rotation: Float[Tensor, "*batch 3 3"]
    root: Float[Tensor, "*batch 3"]
    lengths: Float[Tensor, "*batch 15"]
    error: Float[Tensor, "*batch joints"]
    """Metres between the body's joint and the given one; NaN where none was given."""


@dataclass(frozen=True)
class Fitting:
    """How joint angles are searched."""

    limits: Limits = WIDE
    steps: int = 60
    """At most."""
    patience: int = 5
    """Steps in a row that may bring nothing."""
    enough: float = 1e-5
    """Metres: a pose is done when no joint misses by more."""
    at_once: int = 1024
    """Poses that are solved together; more need more memory."""

    def __post_init__(self) -> None:
        if self.steps < 0 or self.patience < 1 or self.at_once < 1 or not self.enough > 0:
            raise SettingsError(
                "A search has 0 steps or more, a patience of 1 or more, 1 pose or more at once and "
                f"a distance above 0 that is enough, but got {self.steps}, {self.patience}, "
                f"{self.at_once} and {self.enough}; give such numbers."
            )


@torch.no_grad()
def inverse(
    poses: Float[Tensor, "*batch joints 3"],
    lengths: Float[Tensor, "*#batch 15"] | None = None,
    settings: Fitting = Fitting(),
) -> Fitted:
    """Angles, rotation and root of the body that comes nearest to each pose.

    No gradient flows through the search.

    Args:
        poses: World positions of the joints of `H36M_16` or `H36M_17`, z up; NaN where unknown.
        lengths: Of the bones; measured on each pose where not given (see `measured_lengths`).
    """
    batch, joints = poses.shape[:-2], as_17(poses)
    body = measured_lengths(poses) if lengths is None else lengths.expand(*batch, len(BONES))
    flat, bones = joints.reshape(-1, 17, 3), body.reshape(-1, len(BONES))
    parts = [
        _solved(some, some_bones, settings)
        for some, some_bones in zip(
            flat.split(settings.at_once), bones.split(settings.at_once), strict=True
        )
    ]
    angles, rotation, root = (torch.cat(part) for part in zip(*parts, strict=True))
    angles = angles.reshape(*batch, len(ANGLES))
    rotation, root = rotation.reshape(*batch, 3, 3), root.reshape(*batch, 3)
    error = torch.linalg.vector_norm(
        forward_with_nose(angles, body, rotation, root) - joints, dim=-1
    )
    if poses.shape[-2] == len(H36M_16):
        error = error[..., list(IN_17)]
    return Fitted(angles, rotation, root, body, error)


def measured_lengths(poses: Float[Tensor, "*batch joints 3"]) -> Float[Tensor, "*batch 15"]:
    """Each pose's own bone lengths; unknown ones from the average body at the pose's scale."""
    found = bone_lengths(as_17(poses)[..., list(IN_17), :], H36M_16)
    average, known = found.new_tensor(AVERAGE.tolist()), found.isfinite()
    scale = torch.where(known, found, 0).sum(-1) / torch.where(known, average, 0).sum(-1)
    scale = torch.where(known.any(dim=-1), scale, 1)
    return torch.where(known, found, scale[..., None] * average)


def as_17(poses: Float[Tensor, "*batch joints 3"]) -> Float[Tensor, "*batch 17 3"]:
    """Poses of the 17 joints, the nose unknown where there were 16."""
    if poses.shape[-2] == len(H36M_17):
        return poses
    if poses.shape[-2] != len(H36M_16):
        raise SkeletonError(
            'The kinematic body is fitted to the joints of "h36m16" or "h36m17", but the poses '
            f"have {poses.shape[-2]}; map them to one of these skeletons first."
        )
    nose = torch.full_like(poses[..., :1, :], torch.nan)
    return torch.cat([poses[..., :NOSE_JOINT, :], nose, poses[..., NOSE_JOINT:, :]], dim=-2)


class _Problem(NamedTuple):
    """What is searched for; the batch is one axis."""

    joints: Tensor  # poses 17 3
    weights: Tensor  # poses 17
    lengths: Tensor  # poses 15


class _State(NamedTuple):
    """Where the search stands."""

    angles: Tensor
    rotation: Tensor
    root: Tensor


class _Progress(NamedTuple):
    """How the search goes."""

    cost: Tensor
    damping: Tensor
    idle: Tensor
    """Steps in a row that brought nothing."""
    near: Tensor
    """Whether no joint misses by more than is enough."""


Parts = TypeVar("Parts", _Problem, _State, _Progress, Posed)


def _solved(joints: Tensor, lengths: Tensor, settings: Fitting) -> _State:
    """The best state; where joints are unknown, the first answer's are the second one's guess."""
    known = joints.isfinite().all(dim=-1)
    problem = _Problem(filled(joints, lengths), known.to(joints.dtype), lengths)
    first = _refined(problem, _start(problem, settings), settings)
    body = _body(problem, first)
    cost, near = _cost(problem, body, settings)
    again = ~near & ~known[:, list(IN_17)].all(dim=-1)
    if not again.any():
        return first
    guess = torch.where(known[..., None], problem.joints, body.joints)
    problem = _rows(problem._replace(joints=guess), again)
    second = _refined(problem, _start(problem, settings), settings)
    better = _cost(problem, _body(problem, second), settings)[0] < cost[again]
    chosen = _chosen(better, second, _rows(first, again))
    for part, new in zip(first, chosen, strict=True):
        part[again] = new
    return first


def _start(problem: _Problem, settings: Fitting) -> _State:
    guess = first_guess(problem.joints, problem.weights, settings.limits)
    return _State(guess.angles, guess.rotation, problem.joints[:, 0].clone())


def _refined(problem: _Problem, start: _State, settings: Fitting) -> _State:
    """The state after the steps; each pose keeps what it had when it was done."""
    best = _State(*(part.clone() for part in start))
    active = torch.arange(len(problem.joints), device=problem.joints.device)
    state, body = start, _body(problem, start)
    cost, near = _cost(problem, body, settings)
    damping = torch.full_like(cost, FIRST_DAMPING)
    progress = _Progress(cost, damping, torch.zeros_like(active), near)
    for _ in range(settings.steps):
        work = ~progress.near & (progress.idle < settings.patience)
        if not work.all():
            active, problem = active[work], _rows(problem, work)
            state, body, progress = _rows(state, work), _rows(body, work), _rows(progress, work)
        if not len(active):
            break
        step = _step(problem, state, body, progress.damping, settings.limits)
        trial = _moved(state, step, settings.limits)
        trial_body = _body(problem, trial)
        better, progress = _judged(progress, *_cost(problem, trial_body, settings))
        state, body = _chosen(better, trial, state), _chosen(better, trial_body, body)
        for kept, part in zip(best, state, strict=True):
            kept[active] = part
    return best


def _rows(parts: Parts, which: Tensor) -> Parts:
    return type(parts)(*(part[which] for part in parts))


def _body(problem: _Problem, state: _State) -> Posed:
    return posed(state.angles, problem.lengths, state.rotation, state.root)


def _cost(problem: _Problem, body: Posed, settings: Fitting) -> tuple[Tensor, Tensor]:
    off = (body.joints - problem.joints).square().sum(dim=-1) * problem.weights
    return off.sum(dim=-1), off.amax(dim=-1) < settings.enough**2


def _judged(before: _Progress, cost: Tensor, near: Tensor) -> tuple[Tensor, _Progress]:
    """Which trials are better, and the progress with them."""
    better = cost < before.cost
    slow = ~(before.cost - cost > SLOW * before.cost)
    damping = torch.where(better, before.damping / 5, before.damping * 8)
    return better, _Progress(
        torch.where(better, cost, before.cost),
        damping.clamp(LEAST_DAMPING, MOST_DAMPING),
        torch.where(slow, before.idle + 1, 0),
        better & near,
    )


def _step(problem: _Problem, state: _State, body: Posed, damping: Tensor, limits: Limits) -> Tensor:
    """The damped Gauss-Newton step `poses unknowns`, zero where an angle is held at its limit."""
    slopes = jacobian(body).flatten(1, 2)  # poses coordinates unknowns
    weighted = slopes * problem.weights.repeat_interleave(3, dim=-1)[..., None]
    off = (body.joints - problem.joints).flatten(1, 2)
    gradient = (weighted.mT @ off[..., None])[..., 0]
    normal = weighted.mT @ slopes
    held = _held(state.angles, gradient, limits)
    normal = normal.masked_fill(held[:, None, :] | held[:, :, None], 0)
    normal = normal + torch.diag_embed(damping[:, None] + held.to(normal.dtype))
    gradient = gradient.masked_fill(held, 0)[..., None]
    return -torch.cholesky_solve(gradient, torch.linalg.cholesky_ex(normal).L)[..., 0]


def _held(angles: Tensor, gradient: Tensor, limits: Limits) -> Tensor:
    """Which unknowns are angles at a limit that going downhill would leave."""
    lower, upper, circle = _ends(limits, angles)
    angles, slope = angles[:, list(MOVING)], gradient[:, : len(MOVING)]
    leaving = ((angles <= lower) & (slope > 0)) | ((angles >= upper) & (slope < 0))
    return torch.cat([leaving & ~circle, torch.zeros_like(leaving[:, : UNKNOWNS - len(MOVING)])], 1)


def _moved(state: _State, step: Tensor, limits: Limits) -> _State:
    """The state after a step, within the limits."""
    lower, upper, circle = _ends(limits, state.angles)
    change, turn, shift = step.split([len(MOVING), 3, 3], dim=-1)
    wished = state.angles[:, list(MOVING)] + change
    around = lower + torch.remainder(wished - lower, 2 * math.pi)
    angles = state.angles.clone()
    angles[:, list(MOVING)] = torch.where(circle, around, wished).clamp(lower, upper)
    return _State(angles, axis_angle_to_matrix(turn) @ state.rotation, state.root + shift)


def _ends(limits: Limits, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Both limits of the moving angles, and which of them may turn full circle."""
    lower, upper = (like.new_tensor(ends)[list(MOVING)] for ends in (limits.lower, limits.upper))
    return lower, upper, upper - lower >= 2 * math.pi - 1e-5


def _chosen(which: Tensor, new: Parts, old: Parts) -> Parts:
    """The new parts where `which` says so, else the old ones."""
    return type(new)(
        *(
            torch.where(which.reshape(-1, *(1 for _ in part.shape[1:])), part, was)
            for part, was in zip(new, old, strict=True)
        )
    )
