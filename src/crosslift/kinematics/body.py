"""Forward kinematics: joint angles, bone lengths, a rotation and a place in, positions out.

Angles are radians in the order of `ANGLES`, lengths metres in the order of the child joints of
`H36M_16`, the world's z points up. The rotation turns the whole body about its pelvis, the root is
the pelvis' position and is added last. Lengths, rotation and root may have fewer leading axes than
the angles, or axes of one: they are then shared. All functions are pure and can be differentiated
in every argument, as often as wanted.

Inside, the batch is the last axis and a link is three columns `3 batch`: a turn about x, y or z
mixes two columns of its parent and leaves the third, so a hinge costs two multiply-adds a column
and each runs over contiguous memory.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import DataError
from ..skeletons import H36M_16, H36M_17
from .chains import ANGLES, angle_index
from .rest import BONES, HINGES, MIRROR, MIRROR_SIGNS, MOVING, PELVIS

Columns = tuple[Tensor, Tensor, Tensor]

HEAD_LINK = angle_index("neck_side_bend")
"""The link that carries head and nose."""

NECK = H36M_16.index("head") - 1
"""The bone from thorax to head, among the lengths."""

NOSE = (0.0, 0.38, 0.46)
"""The nose from the thorax in the frame of the head link, in lengths of the neck.

On the average body 70 mm before and 85 mm above the thorax, with the head 70 mm behind and 100 mm
above it: within what was measured on Human3.6M, whose joint of that name lies 63 to 84 mm before
and 77 to 94 mm above the thorax, and its head 18 to 78 mm behind and 78 to 112 mm above that.
"""


class Posed(NamedTuple):
    """A body at given angles."""

    joints: Float[Tensor, "*batch 17 3"]
    """World positions in the order of `H36M_17`."""
    turns: Float[Tensor, "*batch 33 3 3"]
    """How each link is turned from its place at rest."""


def forward(
    angles: Float[Tensor, "*batch 33"],
    lengths: Float[Tensor, "*#batch 15"],
    rotation: Float[Tensor, "*#batch 3 3"] | None = None,
    root: Float[Tensor, "*#batch 3"] | None = None,
) -> Float[Tensor, "*batch 16 3"]:
    """World positions of the 16 joints of `H36M_16`, in metres."""
    frames = _frames(angles, rotation, MOVING)
    return _batch_first(_joints(frames, _lengths(lengths, angles), _root(root, angles)), angles)


def forward_with_nose(
    angles: Float[Tensor, "*batch 33"],
    lengths: Float[Tensor, "*#batch 15"],
    rotation: Float[Tensor, "*#batch 3 3"] | None = None,
    root: Float[Tensor, "*#batch 3"] | None = None,
) -> Float[Tensor, "*batch 17 3"]:
    """World positions of the 17 joints of `H36M_17`; the nose moves with the head.

    The head is as far from the thorax as in the 16 joints, though here the nose stands between.
    """
    frames = _frames(angles, rotation, MOVING)
    length = _lengths(lengths, angles)
    joints = _joints(frames, length, _root(root, angles))
    return _batch_first(_with_nose(joints, frames, length), angles)


def turns(
    angles: Float[Tensor, "*batch 33"], rotation: Float[Tensor, "*#batch 3 3"] | None = None
) -> Float[Tensor, "*batch 33 3 3"]:
    """How each link is turned from its place at rest: the identity at rest.

    What is rigid in a link moves with its turn: a bone's direction at rest (`BONES`), a patch of
    skin. A link's Denavit-Hartenberg frame is its turn times its entry in `REST_FRAMES`.
    """
    return _turns_first(_frames(angles, rotation, range(len(ANGLES))), angles)


def posed(
    angles: Float[Tensor, "*batch 33"],
    lengths: Float[Tensor, "*#batch 15"],
    rotation: Float[Tensor, "*#batch 3 3"] | None = None,
    root: Float[Tensor, "*#batch 3"] | None = None,
) -> Posed:
    """What `forward_with_nose` and `turns` give, for little more than the price of one."""
    frames = _frames(angles, rotation, range(len(ANGLES)))
    length = _lengths(lengths, angles)
    joints = _with_nose(_joints(frames, length, _root(root, angles)), frames, length)
    return Posed(_batch_first(joints, angles), _turns_first(frames, angles))


def check_axes(what: str, values: Tensor, tail: Sequence[int]) -> None:
    """Refuse values whose last axes are not `tail`, before they are shared over a batch."""
    if tuple(values.shape)[-len(tail) :] != tuple(tail):
        raise DataError(
            f"The body takes {what} whose last axes are {tuple(tail)}, but got the shape "
            f"{tuple(values.shape)}; see crosslift.kinematics.body for the order."
        )


def _batch_last(what: str, values: Tensor, batch: torch.Size, tail: Sequence[int]) -> Tensor:
    """`values` shared over `batch`, as `*tail batch` with all leading axes in one."""
    check_axes(what, values, tail)
    return values.expand(*batch, *tail).reshape(-1, *tail).movedim(0, -1).contiguous()


def _frames(angles: Tensor, rotation: Tensor | None, links: Iterable[int]) -> dict[int, Columns]:
    """The columns of each of `links` and of the pelvis."""
    batch = angles.shape[:-1]
    flat = _batch_last("angles", angles, batch, (len(ANGLES),))
    if rotation is None:
        columns = torch.eye(3, dtype=angles.dtype, device=angles.device)[..., None]
        columns = columns.expand(3, 3, flat.shape[-1])
    else:
        columns = _batch_last("rotations", rotation.mT, batch, (3, 3))
    cosines, sines = flat.cos().unbind(0), flat.sin().unbind(0)
    x, y, z = columns.unbind(0)
    frames = {PELVIS: (x, y, z)}
    for link in links:
        hinge = HINGES[link]
        frames[link] = _turned(
            frames[hinge.parent], hinge.axis, cosines[link], sines[link], hinge.sign
        )
    return frames


def _turned(columns: Columns, axis: int, cosine: Tensor, sine: Tensor, sign: int) -> Columns:
    """The columns of a frame after a turn about one of its own axes at rest."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    u, v = columns[first], columns[second]
    mixed = list(columns)
    mixed[first] = torch.addcmul(cosine * u, sine, v, value=sign)
    mixed[second] = torch.addcmul(cosine * v, sine, u, value=-sign)
    return mixed[0], mixed[1], mixed[2]


def _lengths(lengths: Tensor, angles: Tensor) -> Tensor:
    """One length `bones batch` for each of the angles' poses."""
    return _batch_last("lengths", lengths, angles.shape[:-1], (len(BONES),))


def _root(root: Tensor | None, angles: Tensor) -> Tensor:
    """The pelvis `3 batch` of each of the angles' poses."""
    if root is None:
        return angles.new_zeros(3, angles.shape[:-1].numel())
    return _batch_last("roots", root, angles.shape[:-1], (3,))


def _joints(frames: dict[int, Columns], lengths: Tensor, root: Tensor) -> list[Tensor]:
    """The position `3 batch` of each joint of `H36M_16`."""
    length = lengths.unbind(0)
    joints = [root] * (len(BONES) + 1)
    for bone in BONES:
        along = frames[bone.link][bone.axis]
        joints[bone.joint] = torch.addcmul(
            joints[bone.parent], along, length[bone.length], value=bone.sign
        )
    return joints


def _with_nose(joints: list[Tensor], frames: dict[int, Columns], lengths: Tensor) -> list[Tensor]:
    """The 17 joints from the 16."""
    x, y, z = frames[HEAD_LINK]
    offset = NOSE[0] * x + NOSE[1] * y + NOSE[2] * z
    place = joints[H36M_16.index("thorax")] + lengths[NECK] * offset
    nose = H36M_17.index("nose")
    return [*joints[:nose], place, *joints[nose:]]


def _batch_first(joints: list[Tensor], angles: Tensor) -> Tensor:
    stacked = torch.stack(joints).permute(2, 0, 1).contiguous()
    return stacked.reshape(*angles.shape[:-1], len(joints), 3)


def _turns_first(frames: dict[int, Columns], angles: Tensor) -> Tensor:
    columns = [column for link in range(len(ANGLES)) for column in frames[link]]
    stacked = torch.stack(columns).unflatten(0, (len(ANGLES), 3)).permute(3, 0, 2, 1)
    return stacked.contiguous().reshape(*angles.shape[:-1], len(ANGLES), 3, 3)


def mirror_angles(angles: Float[Tensor, "*batch 33"]) -> Float[Tensor, "*batch 33"]:
    """The angles of the mirror image, left for right.

    With the same lengths on both sides and no rotation, its pose is the pose with x negated and
    sides swapped: turns about x keep their sense in a mirror across x, all others turn round.
    """
    return angles[..., list(MIRROR)] * angles.new_tensor(MIRROR_SIGNS)
