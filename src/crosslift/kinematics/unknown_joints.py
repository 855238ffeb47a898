"""Where joints that nobody saw may be: guesses from those that were seen and the bone lengths."""

import torch
from torch import Tensor

from ..geometry.alignment import procrustes
from ..skeletons import H36M_16, H36M_17
from .body import forward_with_nose
from .chains import ANGLES

OPPOSITE = (
    ("right_hip", "pelvis", "left_hip"),
    ("right_shoulder", "thorax", "left_shoulder"),
)
"""Two joints and the one halfway between them in this body."""

TWO_BONES = (
    ("right_hip", "right_knee", "right_ankle", 1),
    ("left_hip", "left_knee", "left_ankle", 1),
    ("right_shoulder", "right_elbow", "right_wrist", -1),
    ("left_shoulder", "left_elbow", "left_wrist", -1),
    ("pelvis", "spine", "thorax", -1),
)
"""Ends and middle of two bones, and whether the middle goes forwards or backwards in bending."""

LIMB_WEIGHT = 1e-2
"""Of a limb's joints beside those of the trunk, where the body at rest is laid over a pose."""


def filled(joints: Tensor, lengths: Tensor) -> Tensor:
    """Poses `poses 17 3` with a guess for every joint that is NaN.

    A hip or shoulder is opposite to the other one, the middle of a limb is where its two bones
    meet, and all else is where the body at rest, laid over the known joints, has it next to its
    parent.
    """
    laid, forwards = _laid_over(joints, lengths)
    guess = {name: joints[:, index] for index, name in enumerate(H36M_17.joints)}

    def fill(name: str, place: Tensor) -> None:
        guess[name] = torch.where(guess[name].isfinite().all(-1, keepdim=True), guess[name], place)

    for one, middle, other in OPPOSITE:
        fill(middle, (guess[one] + guess[other]) / 2)
        fill(one, 2 * guess[middle] - guess[other])
        fill(other, 2 * guess[middle] - guess[one])
    for above, middle, below, side in TWO_BONES:
        bones = _length(lengths, middle), _length(lengths, below)
        fill(middle, _meeting(guess[above], guess[below], bones, side * forwards))
    fill("pelvis", laid["pelvis"])
    for joint in H36M_17.outwards[1:]:
        name, parent = (H36M_17.joints[index] for index in (joint, H36M_17.parents[joint]))
        fill(name, guess[parent] + laid[name] - laid[parent])
    return torch.stack([guess[name] for name in H36M_17.joints], dim=1)


def _length(lengths: Tensor, joint: str) -> Tensor:
    """Of the bone to a joint that both skeletons have."""
    return lengths[:, H36M_16.index(joint) - 1, None]


def _meeting(start: Tensor, end: Tensor, bones: tuple[Tensor, Tensor], pole: Tensor) -> Tensor:
    """Where two bones between two points meet, on the side of the direction `pole`."""
    first, second = bones
    distance = torch.linalg.vector_norm(end - start, dim=-1, keepdim=True).clamp_min(1e-6)
    along = (end - start) / distance
    covered = (distance**2 + first**2 - second**2) / (2 * distance)
    covered = torch.minimum(covered.abs(), first) * covered.sign()
    aside = pole - (pole * along).sum(dim=-1, keepdim=True) * along
    aside = aside / torch.linalg.vector_norm(aside, dim=-1, keepdim=True).clamp_min(1e-6)
    return start + covered * along + (first**2 - covered**2).clamp_min(0).sqrt() * aside


def _laid_over(joints: Tensor, lengths: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """The joints of the body at rest, laid over the known ones, and where it then faces.

    Where nothing tells how to turn it, it is only moved there, or left at the origin.
    """
    known = joints.isfinite().all(dim=-1)
    rest = forward_with_nose(joints.new_zeros(len(joints), len(ANGLES)), lengths)
    weights = joints.new_tensor(
        [1.0 if _is_of_trunk(name) else LIMB_WEIGHT for name in H36M_17.joints]
    )
    move = procrustes(rest, joints, known * weights, freedom="rigid")
    whole = move.translation.isfinite().all(dim=-1)
    eye = torch.eye(3, dtype=joints.dtype, device=joints.device)
    rotation = torch.where(whole[:, None, None], move.rotation, eye)
    turned = rest @ rotation.mT
    shift = torch.where(known[..., None], joints - turned, 0).sum(dim=1)
    shift = shift / known.sum(dim=-1, keepdim=True).clamp_min(1)
    shift = torch.where(whole[:, None], move.translation, shift)
    laid = turned + shift[:, None]
    return dict(zip(H36M_17.joints, laid.unbind(1), strict=True)), rotation[..., 1]


def _is_of_trunk(joint: str) -> bool:
    return joint.endswith(("pelvis", "hip", "spine", "thorax", "shoulder"))
