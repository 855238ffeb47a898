"""Light that falls on people, and the colours that they have in it."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torch.nn.functional import normalize

from ..camera import Camera
from .draws import CLOTH, SHADES, even
from .figure import PLACE, Figure
from .look import HAIR, SKIN, STUFFS, Look
from .raster import Painted, taken

EYES = (0.42, 0.80)
"""Where the eyes are: aside and up on a face."""
MOUTH = 0.12


class Light(NamedTuple):
    """A lamp or the sun, and what the sky and the walls throw back."""

    towards: Float[Tensor, "pictures 3"]
    """Where it comes from, along the camera's axes."""
    ambient: Float[Tensor, " pictures"]
    """The share of the light that comes from everywhere."""
    colour: Float[Tensor, "pictures 3"]


def draw_light(camera: Camera, rng: Generator) -> Light:
    """Light from somewhere above, bright or dim, warm or cold."""
    count = len(camera.focal)
    aside = torch.randn(count, 2, generator=rng, device=rng.device)
    up = even(rng, 0.5, 2.0, count, 1)
    world = normalize(torch.cat([aside, up], dim=-1), dim=-1)
    warm = even(rng, -0.12, 0.12, count, 1) * torch.tensor([1.0, 0.1, -1.0], device=rng.device)
    return Light(
        torch.einsum("pij, pj -> pi", camera.rotation, world),
        even(rng, 0.3, 0.75, count),
        even(rng, 0.75, 1.25, count, 1) * (1 + warm),
    )


def lit(
    shown: Painted, figure: Figure, span: Tensor, look: Look, light: Light, cloth: Tensor
) -> Float[Tensor, "3 shown"]:
    """The colours of all that was painted.

    Args:
        span: Metres along and across each part, `pictures parts 2`, in which patterns are laid.
        cloth: Noise that shows in rough stuffs.
    """
    place, along, across, down = shown.capsule, shown.along, shown.across, shown.down
    picture = torch.div(place, look.switch.shape[1], rounding_mode="floor")
    facing = (1 - across**2 - down**2).clamp_min_(0).sqrt_()
    beyond = (along > taken(look.switch.flatten(), place)).long()
    stuff = taken(look.stuff.flatten(), 2 * place + beyond)
    shade = _shade(light, picture, (across, down, facing))
    heads = (place == picture * look.switch.shape[1] + PLACE["head"]).nonzero()[:, 0]
    normal = torch.stack([across[heads], down[heads], -facing[heads]], dim=-1)
    hair, dark = _face(figure, look, picture[heads], along[heads], normal)
    stuff[heads] = torch.where(hair, HAIR, SKIN)
    shade[heads] *= dark
    row = picture * STUFFS + stuff
    length, width = (taken(each, place) for each in span.flatten(0, 1).unbind(-1))
    shade *= _pattern(look, row, along * length, across * width, cloth)
    colour = (look.colour * light.colour[:, None]).flatten(0, 1).T.contiguous()
    return colour.index_select(1, row).mul_(shade)


def _shade(light: Light, picture: Tensor, normal: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """How bright surfaces are that look in these directions."""
    x, y, z = (taken(light.towards[:, axis], picture) for axis in range(3))
    across, down, facing = normal
    straight = torch.addcmul(torch.addcmul(across * x, down, y), facing, z, value=-1)
    ambient = taken(light.ambient, picture)
    dome = 1 - 0.25 * down  # more comes from above than from below
    return ambient * dome + (1 - ambient) * straight.clamp_min_(0) * 1.3


def _pattern(look: Look, row: Tensor, along: Tensor, across: Tensor, cloth: Tensor) -> Tensor:
    """How much lighter or darker stripes and noise make a stuff."""
    strong, lengthwise, crosswise, phase = look.stripes.flatten(0, 1).unbind(-1)
    wave = torch.addcmul(along * taken(lengthwise, row), across, taken(crosswise, row)).mul_(6.283)
    stripe = (wave.add_(taken(phase, row)).sin_() * 5).clamp_(-1, 1)
    u, v = (along * 300).long() & (CLOTH - 1), (across * 300).long() & (CLOTH - 1)
    noise = taken(cloth[0].flatten(), v * CLOTH + u).float().mul_(1 / SHADES).sub_(0.5)
    return 1 + taken(strong, row) * stripe + taken(look.rough.flatten(), row) * noise


def _face(
    figure: Figure, look: Look, picture: Tensor, along: Tensor, normal: Tensor
) -> tuple[Tensor, Tensor]:
    """Which pixels of heads are hair, and how dark eyes and mouth make the others."""
    ahead, up = (normal * figure.front[picture]).sum(-1), (normal * figure.crown[picture]).sum(-1)
    ears = torch.linalg.cross(figure.crown, figure.front)
    aside = (normal * ears[picture]).sum(-1).abs()
    height = along + 0.7 * up
    hair = height - 0.9 * ahead > look.hairline[picture]
    eye = (aside - EYES[0]) ** 2 + (height - EYES[1]) ** 2 < 0.02
    mouth = (aside < 0.3) & ((height - MOUTH).abs() < 0.08)
    features = (eye | mouth) & (ahead > 0.4) & ~hair
    return hair, torch.where(features, 0.45, 1.0)
