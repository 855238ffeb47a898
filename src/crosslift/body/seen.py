"""What frames show of a body: its bones in the picture, as long as they look.

A frame is looked at as if the camera pointed at the middle of the body, so that it does not matter
where in the picture a person stands; and in units of the frame's scale, so that it does not matter
how far away.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .bones import FIRM, KINDS, OF_BONE, SKELETON, log_shares
from .network import LEVELS

RANK = 3
"""The bone that counts as seen at full length: the one that looks third longest for its length."""
SMALLEST = 1e-6
"""Of a frame's scale; a body that looks smaller is a point."""
CALM = 1e-3
"""Metres of trembling that are always there, by the movement itself."""
FIRM_BONES = tuple(bone for bone, kind in enumerate(OF_BONE) if KINDS[kind] in FIRM)


class Seen(NamedTuple):
    """The bones of frames, before anything is assumed of the body."""

    vectors: Float[Tensor, "*batch 16 2"]
    """Child minus parent on the image plane of a camera that looks at the body; 0 if not seen."""
    there: Bool[Tensor, "*batch 16"]
    """Which bones are seen."""


class Told(NamedTuple):
    """What the network is told of recordings, each with clips of as many frames."""

    frames: Float[Tensor, "*batch clips frames 66"]
    counts: Float[Tensor, "*batch clips frames"]
    """1 for a frame that shows enough of the body, else 0."""
    clips: Float[Tensor, "*batch clips 4"]
    """How much the keypoints tremble, and how many frames count."""
    shares: Float[Tensor, "*batch 10"]
    """The body that the frames were looked at with."""
    apparent: Float[Tensor, "*batch 10 levels"]
    """Quantiles of how long the bones look beside that body's, as logarithms."""
    amount: Float[Tensor, "*batch 2"]
    """How many clips and frames there are."""


def told(
    plane: Float[Tensor, "*batch clips runs 3 17 2"], kinds: Float[Tensor, "*batch 10"]
) -> Told:
    """What keypoints tell, beside a body with these lengths.

    Args:
        plane: On the image plane, NaN where a joint is missing or there is no frame; three
            neighbours in time a run.
    """
    seen = bones_seen(plane)
    lengths = kinds[..., None, None, None, :]
    scale = scales(seen, lengths)
    counts = scale.isfinite()
    unit = torch.where(counts, scale, 1)[..., None] * lengths[..., list(OF_BONE)]
    relative = (seen.vectors / unit[..., None]).clamp(-3, 3)
    apparent = relative.norm(dim=-1)
    size = torch.where(counts, scale, 1).log().clamp(-5, 1) + 1
    parts = [relative.flatten(-2), apparent, seen.there, size[..., None], counts[..., None]]
    frames = torch.cat([part.to(plane.dtype) for part in parts], dim=-1) * counts[..., None]
    counted = counts.to(plane.dtype).flatten(-2)
    usable = torch.where(seen.there & counts[..., None], apparent, torch.nan)
    return Told(
        frames.flatten(-3, -2),
        counted,
        torch.cat([trembling(plane, scale), amount(counted.sum(dim=-1))[..., None]], dim=-1),
        log_shares(kinds),
        quantiles(usable.flatten(-4, -2)),
        torch.stack(
            [
                (counted.sum(dim=-1) > 0).sum(dim=-1).add(1).log().clamp_max(3.2),
                amount(counted.sum(dim=(-2, -1))),
            ],
            dim=-1,
        ),
    )


def amount(frames: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """A number of frames as the network takes it; from some hundred on all are alike."""
    return frames.add(1).log().clamp_max(5.5) / 3


def bones_seen(plane: Float[Tensor, "*batch 17 2"]) -> Seen:
    """The bones of keypoints on the image plane."""
    turned = as_if_centred(plane)
    parents, children = zip(*SKELETON.bones, strict=True)
    vectors = turned[..., list(children), :] - turned[..., list(parents), :]
    there = vectors.isfinite().all(dim=-1)
    return Seen(torch.where(there[..., None], vectors, 0), there)


def as_if_centred(plane: Float[Tensor, "*batch 17 2"]) -> Float[Tensor, "*batch 17 2"]:
    """The image plane of the same camera turned towards the middle of the joints that it sees."""
    a, b = plane.nanmean(dim=-2, keepdim=True).unbind(dim=-1)
    far = (1 + a**2 + b**2).sqrt()
    x, y = plane.unbind(dim=-1)
    # The shortest turn that takes the ray (a, b, 1) to (0, 0, 1), written out.
    along = 1 + (a * x + b * y) / (1 + far)
    depth = (a * x + b * y + 1) / far
    turned = torch.stack([x - a * along / far, y - b * along / far], dim=-1)
    return turned / torch.where(depth > 0.1, depth, torch.nan)[..., None]


def scales(seen: Seen, kinds: Float[Tensor, "*#batch 10"]) -> Float[Tensor, "*batch"]:
    """How long a metre of this body looks in each frame; NaN where too little of it is seen."""
    apparent = seen.vectors.norm(dim=-1) / kinds[..., list(OF_BONE)]
    firm = torch.where(seen.there, apparent, -1)[..., list(FIRM_BONES)]
    third = firm.topk(RANK, dim=-1).values[..., -1]
    return torch.where(third > SMALLEST, third, torch.nan)


def trembling(
    plane: Float[Tensor, "*batch runs 3 17 2"], scale: Float[Tensor, "*batch runs 3"]
) -> Float[Tensor, "*batch 3"]:
    """How far joints are off the line between their neighbours in time, and whether that is known.

    The median and the lowest fifth, as logarithms: movement is smooth, and noise is not.
    """
    off = plane[..., 1, :, :] - (plane[..., 0, :, :] + plane[..., 2, :, :]) / 2
    metres = (off.norm(dim=-1) / scale[..., 1, None]).flatten(-2)
    known = metres.isfinite().any(dim=-1)
    levels = metres.new_tensor([0.5, 0.2])
    found = (metres.nanquantile(levels, dim=-1) + CALM).log() + 5
    found = torch.where(known, found, 0).movedim(0, -1)
    return torch.cat([found, known[..., None].to(found)], dim=-1)


def quantiles(
    apparent: Float[Tensor, "*batch frames 16"],
) -> Float[Tensor, "*batch 10 levels"]:
    """Logarithms of the quantiles of each kind of bone, 0 for one that is never seen."""
    levels = apparent.new_tensor(LEVELS)
    rows = [
        apparent[..., [bone for bone, of in enumerate(OF_BONE) if of == kind]]
        .flatten(-2)
        .nanquantile(levels, dim=-1)
        for kind in range(len(KINDS))
    ]
    return torch.stack(rows).movedim((0, 1), (-2, -1)).nan_to_num(1).clamp_min(0.05).log()
