"""How people look: skin, hair, clothes and build, drawn anew for every picture."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from .draws import CLOTH, between_two, chance, colours, even, picked
from .figure import PARTS, PLACE

SKIN, TOP, BOTTOM, SHOES, HAIR, THING = range(6)
"""What a surface is made of."""
STUFFS = 6

SKINS = ((0.98, 0.85, 0.76), (0.92, 0.72, 0.58), (0.80, 0.58, 0.42), (0.55, 0.37, 0.26),
         (0.33, 0.21, 0.15))  # fmt: skip
HAIRS = ((0.07, 0.06, 0.05), (0.22, 0.14, 0.09), (0.50, 0.33, 0.17), (0.85, 0.72, 0.45),
         (0.75, 0.73, 0.70))  # fmt: skip
NEVER = 2.0
"""A place along a part, from 0 to 1, that is beyond its end."""


class Look(NamedTuple):
    """The surfaces of all parts of pictures, first the bodies' and then the things'."""

    colour: Float[Tensor, "pictures stuffs 3"]
    stuff: Tensor
    """What each part is made of, `pictures parts 2`: up to its switch, and beyond it."""
    switch: Float[Tensor, "pictures parts"]
    """Where along a part one stuff ends and the other begins: the hem of a sleeve."""
    stripes: Float[Tensor, "pictures stuffs 4"]
    """How strong; turns a metre along and across the part; phase in radians."""
    rough: Float[Tensor, "pictures stuffs"]
    """How much of the noise shows in the stuff."""
    hairline: Float[Tensor, " pictures"]
    """How far the hair reaches down; a bald head has a high one."""


def draw_build(count: int, rng: Generator) -> Float[Tensor, "pictures parts"]:
    """How thick each part is for that of a slim person; both sides are alike."""
    stout = even(rng, 0.92, 1.22, count)
    build = stout[:, None].expand(count, len(PARTS)).clone()
    build[:, PLACE["belly"]] *= even(rng, 0.95, 1.0, count) * stout**0.8
    head = even(rng, 0.94, 1.06, count)
    for name in ("head", "nose"):
        build[:, PLACE[name]] = head
    build[:, PLACE["hair"]] = head * chance(rng, 0.35, count)
    wide = even(rng, 1.0, 1.3, count)  # trousers and sleeves
    tight = even(rng, 1.0, 1.25, count)
    for side in ("right", "left"):
        build[:, PLACE[f"{side}_thigh"]] *= wide.sqrt()
        build[:, PLACE[f"{side}_shin"]] *= wide
        build[:, PLACE[f"{side}_upper_arm"]] *= tight
        build[:, PLACE[f"{side}_forearm"]] *= tight
        for name in ("hand", "foot"):
            build[:, PLACE[f"{side}_{name}"]] = even(rng, 0.9, 1.15, count)
    return build


def draw_look(count: int, things: int, rng: Generator) -> Look:
    """Skin, hair and clothes of so many people, and the surfaces of the things around each."""
    stuff, switch = _dressed(count, rng)
    colour = torch.stack([colours(rng, count) for _ in range(STUFFS)], dim=1)
    colour[:, SKIN] = between_two(rng, torch.tensor(SKINS, device=rng.device), count)
    hair = between_two(rng, torch.tensor(HAIRS, device=rng.device), count)
    colour[:, HAIR] = torch.where(chance(rng, 0.95, count, 1), hair, colour[:, HAIR])
    suit = chance(rng, 0.12, count, 1)
    colour[:, BOTTOM] = torch.where(suit, colour[:, TOP], colour[:, BOTTOM])
    like_skin = chance(rng, 0.25, count, 1)
    colour[:, THING] = torch.where(like_skin, colour[:, SKIN], colour[:, THING])
    more = torch.full((count, things, 2), THING, device=rng.device)
    return Look(
        colour,
        torch.cat([stuff, more], dim=1),
        torch.cat([switch, even(rng, 0, 1, count, things)], dim=1),
        _stripes(count, rng),
        even(rng, 0.05, 0.5, count, STUFFS) * torch.tensor([0.15, 1, 1, 0.4, 1, 1.0]).to(colour),
        torch.where(chance(rng, 0.1, count), 9.0, even(rng, 0.35, 0.7, count)),
    )


def _dressed(count: int, rng: Generator) -> tuple[Tensor, Float[Tensor, "pictures parts"]]:
    """What each part of the body wears: near stuff, far stuff, and where the one ends."""
    stuff = torch.full((count, len(PARTS), 2), SKIN, device=rng.device)
    switch = torch.full((count, len(PARTS)), NEVER, device=rng.device)
    waist = even(rng, 0.05, 0.5, count)
    _wear(stuff, switch, ("chest", "right_shoulder", "left_shoulder"), TOP)
    _wear(stuff, switch, ("hips",), BOTTOM)
    _wear(stuff, switch, ("belly",), BOTTOM, waist, TOP)
    _wear(stuff, switch, ("hair",), HAIR)
    _wear(stuff, switch, ("neck",), TOP, even(rng, -0.6, 0.7, count))
    sleeve = torch.where(chance(rng, 0.45, count), NEVER, even(rng, -0.15, 1.0, count))
    leg = torch.where(chance(rng, 0.65, count), NEVER, even(rng, 0.35, 1.6, count))
    for side in ("right", "left"):
        _wear(stuff, switch, (f"{side}_upper_arm",), TOP, sleeve)
        _wear(stuff, switch, (f"{side}_forearm",), TOP, sleeve - 1.05)
        _wear(stuff, switch, (f"{side}_thigh",), BOTTOM, leg)
        _wear(stuff, switch, (f"{side}_shin",), BOTTOM, leg - 1)
        _wear(stuff, switch, (f"{side}_foot",), SHOES)
    return stuff, switch


def _wear(
    stuff: Tensor,
    switch: Tensor,
    parts: tuple[str, ...],
    near: int,
    until: Tensor | None = None,
    far: int = SKIN,
) -> None:
    """Put a stuff on parts, until somewhere along them if that is said."""
    for name in parts:
        stuff[:, PLACE[name], 0] = near
        stuff[:, PLACE[name], 1] = far
        if until is not None:
            switch[:, PLACE[name]] = torch.where(until >= NEVER - 1.05, NEVER, until)


def _stripes(count: int, rng: Generator) -> Float[Tensor, "pictures stuffs 4"]:
    """Stripes along, across or aslant, on a third of the clothes."""
    strong = even(rng, 0.15, 0.6, count, STUFFS) * chance(rng, 0.33, count, STUFFS)
    strong[:, [SKIN, SHOES, HAIR]] = 0
    turns = even(rng, 8, 30, count, STUFFS, 2) * chance(rng, 0.6, count, STUFFS, 2)
    phase = even(rng, 0, 6.28, count, STUFFS, 1)
    return torch.cat([strong[..., None], turns, phase], dim=-1)


class Wardrobe(NamedTuple):
    """Cloths that surfaces of all pictures of a batch are cut from."""

    cloth: Tensor
    """`kinds CLOTH CLOTH`, from 0 to below `SHADES`."""
    kind: Tensor
    """Which cloth each picture's wall and floor have, `pictures 2`."""
    shift: Tensor
    """Where on it they begin, `pictures 2 2`."""


def draw_wardrobe(cloth: Tensor, count: int, rng: Generator) -> Wardrobe:
    """Which of the cloths so many pictures have."""
    kind = picked(rng, len(cloth), count, 2)
    return Wardrobe(cloth, kind, picked(rng, CLOTH, count, 2, 2))
