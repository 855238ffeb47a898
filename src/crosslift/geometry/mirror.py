"""Mirror images of keypoints, poses and cameras."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from ..camera import Camera
from ..skeleton import Skeleton


def mirror(
    points: Float[Tensor, "*batch joints axes"],
    skeleton: Skeleton,
    *,
    middle: float | Float[Tensor, "*#batch"] = 0.0,
) -> Float[Tensor, "*batch joints axes"]:
    """Keypoints or poses with left and right exchanged: x is reflected, the sides are swapped.

    Args:
        middle: The x that stays where it is; 0 for poses and for normalised keypoints, half the
            width for pixels.
    """
    x, rest = points[..., :1], points[..., 1:]
    if isinstance(middle, Tensor):
        middle = middle[..., None, None]
    return swap_sides(torch.cat([2 * middle - x, rest], dim=-1).mT, skeleton).mT


def swap_sides(
    values: Float[Tensor, "*batch joints"], skeleton: Skeleton
) -> Float[Tensor, "*batch joints"]:
    """Scores, lengths or other numbers of joints with those of the left and the right exchanged."""
    return values[..., list(skeleton.mirror)]


def mirror_camera(camera: Camera, *, middle: float | Float[Tensor, "*#batch"] = 0.0) -> Camera:
    """The camera that sees the mirrored world as the mirror image of what `camera` sees.

    Its principal point is reflected, and so is the side to which the lens bends (p2 in OpenCV's
    order). World and camera axes are both mirrored in x, so rotation and place change too, except
    for a camera at the origin that looks along its world's axes.

    Args:
        middle: As in `mirror`: 0 for a camera whose picture is centred on 0, as that of
            `screen_camera` is; half the width for one in pixels.
    """
    signs = torch.ones_like(camera.translation)
    signs[..., 0] = -1
    centre = torch.stack([2 * middle - camera.centre[..., 0], camera.centre[..., 1]], dim=-1)
    bent = camera.distortion
    if bent is not None:
        bent = bent * bent.new_tensor([1, 1, 1, -1, 1])
    return replace(
        camera,
        centre=centre,
        rotation=signs[..., :, None] * camera.rotation * signs[..., None, :],
        translation=signs * camera.translation,
        distortion=bent,
    )
