"""What the readers of marker files share: markers, or joints that a user makes of them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..skeleton import Skeleton
from ..skeletons import skeleton_named
from .motion_names import assignments, check_known, distinct, shared_names, skeleton_for


def joints_of(
    markers: Sequence[str],
    points: Float[np.ndarray, "frames markers 3"],
    joints: Sequence[str],
    *,
    names_known: bool,
) -> tuple[tuple[str, ...], Float[np.ndarray, "frames joints 3"]]:
    """The names and places of a file's markers, or of the joints that a user makes of them.

    Args:
        joints: As in "left_knee=LKNE+LKNM"; a joint is the mean of its markers, and missing where
            one of them is.
        names_known: Whether markers with the names of a family of tools are joints.
    """
    if not joints:
        return (shared_names(markers) if names_known else tuple(markers)), points
    wanted = assignments(joints)
    check_known((name for theirs in wanted.values() for name in theirs), markers)
    places = {name: place for place, name in enumerate(markers)}
    made = [points[:, [places[name] for name in theirs]].mean(axis=1) for theirs in wanted.values()]
    return tuple(wanted), np.stack(made, axis=1)


def arranged(
    joints: tuple[str, ...],
    points: Float[np.ndarray, "frames joints 3"],
    skeleton: str | None,
    name: str,
) -> tuple[Skeleton, Float[np.ndarray, "frames arranged 3"]]:
    """The skeleton of joints and their places in it.

    Args:
        skeleton: A known skeleton in whose order and tree the joints are wanted; those that are
            not given are missing. Unless it is named, see `skeleton_for`.
        name: Of a skeleton that is none of the known ones.
    """
    if skeleton is None:
        return skeleton_for(distinct(joints), name), points
    tree = skeleton_named(skeleton)
    places = np.full((len(points), len(tree), 3), np.nan)
    for joint, place in zip(tree.indices(*joints), range(len(joints)), strict=True):
        places[:, joint] = points[:, place]
    return tree, places
