"""What the table of links amounts to: hinges about fixed axes of the body at rest.

All twists of the table are right angles, so at rest each link's axis is one of x, y, z, forwards
or backwards. With `R(axis, angle)` for a turn about such an axis, the rotation of a link from its
place at rest is the product of the turns on its way from the pelvis, in that order, and every bone
is a fixed unit vector turned by the link that it is rigid in. Nothing of this is written down
twice: it is computed from `LINKS` when the module is loaded.
"""

from typing import NamedTuple

import numpy as np

from ..skeleton import other_side
from ..skeletons import H36M_16
from .chains import ANGLES, LINKS, Link

PELVIS = -1
"""Stands for the pelvis where the index of a link is asked for."""

_COSINE_SINE = {0: (1, 0), 90: (0, 1), -90: (0, -1), 180: (-1, 0), -180: (-1, 0)}


class Hinge(NamedTuple):
    """What one angle does."""

    parent: int
    """The link before it, or `PELVIS`."""
    axis: int
    """0, 1, 2 for x, y, z at rest."""
    sign: int
    """Along the axis or against it."""
    pivot: int
    """A joint of `H36M_16` that lies on the axis, whatever the angles."""


class Bone(NamedTuple):
    """Where one bone points at rest and what carries it."""

    length: int
    """Its place on the axis of lengths."""
    parent: int
    joint: int
    """The joint of `H36M_16` at its end; `parent` is the one at its beginning."""
    link: int
    """The last link whose turn it follows, or `PELVIS`."""
    axis: int
    sign: int


def _links_frame(link: Link) -> np.ndarray:
    """A link's orientation in its parent's frame at rest."""
    (ca, sa), (ct, st) = _COSINE_SINE[link.alpha], _COSINE_SINE[link.theta0]
    return np.array([[ct, -st, 0], [st * ca, ct * ca, -sa], [st * sa, ct * sa, ca]])


def _rest_frames() -> np.ndarray:
    """The orientations of all links at rest; exact, as they only swap and flip axes."""
    frames: dict[str, np.ndarray] = {"": np.eye(3, dtype=int)}
    for link in LINKS:
        frames[link.name] = frames[link.parent] @ _links_frame(link)
    table = np.stack([frames[name] for name in ANGLES])
    table.flags.writeable = False
    return table


REST_FRAMES = _rest_frames()
"""`angles 3 3`: columns are a link's own x, y, z at rest; read-only.

The Denavit-Hartenberg frame of a posed link is its turn times this.
"""


def _signed_axis(direction: np.ndarray) -> tuple[int, int]:
    axis = int(np.abs(direction).argmax())
    return axis, int(direction[axis])


def _parent(link: Link) -> int:
    return ANGLES.index(link.parent) if link.parent else PELVIS


def _hinges() -> tuple[Hinge, ...]:
    found: list[Hinge] = []
    for link, frame in zip(LINKS, REST_FRAMES, strict=True):
        parent = _parent(link)
        inherited = found[parent].pivot if link.parent else H36M_16.root
        pivot = H36M_16.index(link.joint) if link.joint else inherited
        found.append(Hinge(parent, *_signed_axis(frame[:, 2]), pivot))
    return tuple(found)


HINGES = _hinges()
"""One for each angle."""


def _bone(number: int, link: Link) -> Bone:
    """The bone that ends where `link` begins."""
    carrier = _parent(link)
    if link.a:
        above = REST_FRAMES[carrier] if link.parent else np.eye(3, dtype=int)
        direction = -above[:, 0] if link.a.startswith("-") else above[:, 0]
    else:
        direction = REST_FRAMES[number][:, 2]
    joint = H36M_16.index((link.a or link.d).removeprefix("-"))
    return Bone(joint - 1, H36M_16.parents[joint], joint, carrier, *_signed_axis(direction))


BONES = tuple(_bone(number, link) for number, link in enumerate(LINKS) if link.a or link.d)
"""All fifteen, each after the bone that it continues."""


def way_to(link: int) -> tuple[int, ...]:
    """The links from the pelvis to `link`, which is included."""
    return () if link == PELVIS else (*way_to(HINGES[link].parent), link)


MOVING = tuple(sorted({number for bone in BONES for number in way_to(bone.link)}))
"""The 28 angles that move a joint: all but the last of each chain."""

MIRROR = tuple(ANGLES.index(other_side(angle)) for angle in ANGLES)
"""For each angle, the one on the other side; an angle of the trunk is its own."""

MIRROR_SIGNS = tuple(1.0 if hinge.axis == 0 else -1.0 for hinge in HINGES)
"""Turns about x keep their sense in a mirror across x, all others turn round."""
