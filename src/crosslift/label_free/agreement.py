"""Whether a lifter agrees with itself when the same is seen otherwise.

A mirror image, a turned or zoomed camera: what a right answer becomes is known exactly. Another
viewpoint is not: there the lifter's own answer is looked at from elsewhere and lifted again, and
should come back as it was.
"""

import math
from dataclasses import fields, is_dataclass, replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ..augment.flip import mirrored
from ..camera import Camera, from_image_plane, project, to_image_plane
from ..clip import Batch
from ..filling import between_known
from ..geometry import euler_to_matrix, mirror
from ..lifting import ASSUMED_DISTANCE
from ..metrics import counted_mean
from ..protocols import Lifter
from .question import Question

AROUND, OVER = 90.0, 15.0
"""Degrees by which a person is at most turned about the camera's vertical, and tilted."""
AIM, ROLL = 8.0, 8.0
"""Degrees by which a camera is at most aimed elsewhere, along both axes, and rolled."""
ZOOM = 1.15
"""By how much its picture is at most enlarged or reduced."""


def flip(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """Mean distance between the answer and that of the mirror image, in metres.

    A lifter that takes the mean of both is asked without.
    """
    plain = without_mean(question.lifter)
    asked = question if plain is question.lifter else replace(question, lifter=plain)
    back = mirror(asked.again(mirrored(question.batch)), question.batch.skeleton)
    return distance(asked.poses, back, question)


def without_mean(lifter: Lifter) -> Lifter:
    """The lifter as it answers before the mean with the mirror image's pose is taken."""
    if not is_dataclass(lifter) or "flip" not in {field.name for field in fields(lifter)}:
        return lifter
    return replace(lifter, flip=False)


def camera_change(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """The same with the answer before a camera that is aimed, rolled and zoomed otherwise.

    The camera stays in its place, so that what it sees follows from the keypoints alone.
    """
    batch = question.batch
    turn = turns(len(batch), (AIM, AIM, ROLL), rng).to(batch.keypoints)
    zoom = (ZOOM ** (2 * torch.rand(len(batch), generator=rng) - 1)).to(batch.keypoints)
    back = turned(question.again(seen_by_turned(batch, turn, zoom)), turn.mT)
    return distance(question.poses, back, question)


def viewpoint(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """The same with the answer seen from elsewhere: turned, seen, lifted again and turned back."""
    turn = turns(len(question.batch), (OVER, AROUND, 0.0), rng).to(question.poses)
    elsewhere = seen_again(question, turned(question.poses, turn))
    return distance(question.poses, turned(question.again(elsewhere), turn.mT), question)


def hypotheses(question: Question, rng: Generator) -> Float[Tensor, " batch"]:
    """Mean distance of the hypotheses from their mean, in metres; NaN where there is one alone."""
    found = question.hypotheses
    if found.shape[1] == 1:
        return torch.full_like(found[:, 0, 0, 0, 0], torch.nan)
    off = (found - found.mean(dim=1, keepdim=True)).norm(dim=-1).mean(dim=(1, 3))
    return counted_mean(off, question.valid)


def turns(count: int, degrees: tuple[float, float, float], rng: Generator) -> Tensor:
    """Rotations about the camera's x, y and z, each by up to so many degrees either way."""
    most = torch.tensor(degrees) * (math.pi / 180)
    return euler_to_matrix((2 * torch.rand(count, 3, generator=rng) - 1) * most, "xyz")


def turned(
    poses: Float[Tensor, "batch frames joints 3"], turn: Float[Tensor, "batch 3 3"]
) -> Float[Tensor, "batch frames joints 3"]:
    """The poses of each window turned about the origin."""
    return torch.einsum("bij, bfpj -> bfpi", turn, poses)


def seen_by_turned(
    batch: Batch, turn: Float[Tensor, "batch 3 3"], zoom: Float[Tensor, " batch"]
) -> Batch:
    """The windows as their cameras would see them, turned in their place and zoomed."""
    rays = torch.nn.functional.pad(to_image_plane(batch.keypoints, batch.camera), (0, 1), value=1.0)
    rays = turned(rays, turn)
    ahead = rays[..., 2:] > 0.1
    plane = torch.where(ahead, rays[..., :2] / rays[..., 2:], torch.nan)
    camera = turned_camera(batch.camera, turn, zoom)
    return replace(batch, camera=camera, keypoints=from_image_plane(plane, camera), poses=None)


def turned_camera(camera: Camera, turn: Tensor, zoom: Tensor) -> Camera:
    """Cameras that stand where they stood and look elsewhere; poses turn as the world does."""
    turn = turn[:, None]
    return replace(
        camera.map(lambda each: each.expand(len(turn), *each.shape[1:])),
        focal=camera.focal * zoom[:, None, None],
        rotation=turn @ camera.rotation,
        translation=(turn @ camera.translation[..., None])[..., 0],
    )


def seen_again(question: Question, poses: Float[Tensor, "batch answered joints 3"]) -> Batch:
    """The poses as the cameras see them where the answer stood, all joints found.

    Where the lifter needs frames around those that it answered for, the first and the last are
    repeated, as at the ends of a clip.
    """
    keypoints = project(poses + places(question)[..., None, :], question.camera)
    frames, part = question.batch.keypoints.shape[1], question.part
    at = (torch.arange(frames) - part.start).clamp(0, keypoints.shape[1] - 1).to(keypoints.device)
    seen = keypoints.isfinite().all(dim=-1)[:, at]
    camera = question.camera.map(lambda each: each[:, at] if each.shape[1] > 1 else each)
    return replace(
        question.batch,
        camera=camera,
        keypoints=keypoints[:, at],
        scores=seen.to(keypoints),
        poses=None,
    )


def places(question: Question) -> Float[Tensor, "batch answered 3"]:
    """Where the root stands; in frames that do not tell, between those that do or 4 metres away."""
    root = question.placed[..., question.batch.skeleton.root, :]
    root = between_known(root, root.isfinite().all(dim=-1))
    ahead = root.new_tensor([0.0, 0.0, ASSUMED_DISTANCE])
    return torch.where(root.isfinite().all(dim=-1, keepdim=True), root, ahead)


def distance(
    answer: Float[Tensor, "batch answered joints 3"],
    other: Float[Tensor, "batch answered joints 3"],
    question: Question,
) -> Float[Tensor, " batch"]:
    """Mean distance of the joints in the valid frames of each window."""
    return counted_mean((answer - other).norm(dim=-1).mean(dim=-1), question.valid)
