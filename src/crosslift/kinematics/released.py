"""What DH-AUG's release does in its own way, by name, for whoever must reproduce it.

Its bone lengths come in another order, its arms receive each angle one joint late, and its output
has the 32 joints of the original Human3.6M. Nothing else in the library does so.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from .body import forward
from .chains import angle_index

LENGTH_ORDER = (5, 2, 4, 1, 3, 0, 6, 7, 9, 12, 10, 13, 11, 14, 8)
"""Which of our bones each of the release's is; left shin, right shin, left thigh, ... neck."""

JOINTS_32 = (0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27)
"""Where the joints of `H36M_16` stand among the 32."""


def lengths_to_released(lengths: Float[Tensor, "*batch 15"]) -> Float[Tensor, "*batch 15"]:
    """The same lengths in the release's order."""
    return lengths[..., list(LENGTH_ORDER)]


def released_to_lengths(lengths: Float[Tensor, "*batch 15"]) -> Float[Tensor, "*batch 15"]:
    """Lengths that come in the release's order, in ours."""
    return lengths[..., [LENGTH_ORDER.index(bone) for bone in range(len(LENGTH_ORDER))]]


def with_shifted_arms(angles: Float[Tensor, "*batch 33"]) -> Float[Tensor, "*batch 33"]:
    """The angles as the release's arms receive them: one joint late.

    Its right arm starts at the angle J24, which does not exist and is zero, its left arm at the
    right wrist's J29; so the elbows get what was drawn for the shoulders' flexion and bend
    backwards, and the last angle of each arm is lost.
    """
    right = angle_index("right_shoulder_twist")
    nothing = torch.zeros_like(angles[..., :1])
    return torch.cat([angles[..., :right], nothing, angles[..., right:-1]], dim=-1)


def forward_32(
    angles: Float[Tensor, "*batch 33"],
    lengths: Float[Tensor, "*#batch 15"],
    rotation: Float[Tensor, "*#batch 3 3"] | None = None,
    root: Float[Tensor, "*#batch 3"] | None = None,
) -> Float[Tensor, "*batch 32 3"]:
    """World positions as the release gives them, on the 32 joints of Human3.6M.

    The nose is where the head is, and joints that the body does not have are at the root. The
    lengths are in our order.
    """
    joints = forward(angles, lengths, rotation, root)
    source = [JOINTS_32.index(slot) if slot in JOINTS_32 else 0 for slot in range(32)]
    source[14] = source[15]
    return joints[..., source, :]


def numbered_to_angles(columns: Float[Tensor, "*batch 34"]) -> Float[Tensor, "*batch 33"]:
    """The angles from columns J1 to J34, of which J24 is dropped."""
    return torch.cat([columns[..., :23], columns[..., 24:]], dim=-1)
