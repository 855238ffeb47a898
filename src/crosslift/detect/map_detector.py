"""A detector whose network answers with a map for each joint: cut out, ask, decode, map back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from ..lifters.direct import load_strictly
from ..networks.hrnet import STRIDE, HRNet
from ..networks.inference.hrnet import FastHRNet
from ..protocols import Detected
from ..skeleton import Skeleton
from .crops import check_boxes, cuts_around, mapped, to_picture
from .finder import People
from .heatmaps import Maps, mirrored_back, peaks, quarter_step, soft_argmax
from .pictures import cut_out
from .recipe import Recipe
from .targets import Target, target_maps

Decoding = Literal["quarter", "peak", "soft", "soft_quarter"]
Crops = Float[Tensor, "batch 3 height width"]

SHARES = Recipe(rgb=True, scale=(255.0, 255.0, 255.0))
"""Pictures from 0 to 1; what else the network wants is done inside."""
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's red, green and blue, by which all published networks are given pictures."""
AT_ONCE = 8
"""Cut-outs that go through the network together."""
CELLS_TO_A_SIGMA = 24
"""Columns of a map for each cell of the standard deviation in it: 2 in 48, 3 in 72."""


@dataclass(frozen=True, eq=False)
class MapDetector:
    """Finds one person in each box; see `Detector`."""

    skeleton: Skeleton
    network: nn.Module
    size: tuple[int, int]
    """Width and height of the cut-outs."""
    decoding: Decoding = "quarter"
    """Where in a map the joint is: its highest cell, a quarter of a cell off that towards the
    higher neighbour, the soft-argmax, or the latter with the quarter step as in L2D-Pose."""
    flip: bool = False
    """Whether the mean with the mirrored picture's maps is taken."""

    @property
    def cells(self) -> tuple[int, int]:
        """Columns and rows of the maps."""
        return self.size[0] // STRIDE, self.size[1] // STRIDE

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(iter(self.network.state_dict(keep_vars=True).values()), torch.empty(0)).device

    def maps(self, crops: Crops) -> Maps:
        """The network's answer for cut-outs whose red, green and blue go from 0 to 1."""
        mean, spread = (crops.new_tensor(each)[:, None, None] for each in (MEAN, SPREAD))
        return self.network((crops - mean) / spread).to(crops.dtype)

    def averaged_maps(self, crops: Crops) -> Maps:
        """The same, and if asked for its mean with the mirrored pictures' answer."""
        found = self.maps(crops)
        if not self.flip:
            return found
        return (found + mirrored_back(self.maps(crops.flip(-1)), self.skeleton)) / 2

    def pixels(self, maps: Maps) -> Float[Tensor, "*batch joints 2"]:
        """Where joints are in the cut-out; only the soft ways of decoding have a gradient."""
        soft = self.decoding.startswith("soft")
        found = soft_argmax(maps) if soft else peaks(maps).cells
        if self.decoding.endswith("quarter"):
            found = found + quarter_step(found, maps)
        return STRIDE * found

    def target(
        self, joints: Float[Tensor, "batch joints 2"], visible: Float[Tensor, "batch joints"]
    ) -> Target:
        """The maps that should be answered for joints in pixels of the cut-out."""
        sigma = self.cells[0] / CELLS_TO_A_SIGMA
        return target_maps(joints, visible, self.size, self.cells, sigma)

    def detect(
        self, images: UInt8[Tensor, "boxes height width 3"], corners: Float[Tensor, "boxes 4"]
    ) -> Detected:
        """The keypoints of one person in each box; see `Detector`."""
        if not len(images):
            return Detected(*People.none(self.skeleton))
        corners = corners.float().cpu()
        check_boxes(corners, (images.shape[2], images.shape[1]))
        cuts = cuts_around(corners, self.size)
        boxes = torch.cat([cuts.centre - cuts.sides / 2, cuts.centre + cuts.sides / 2], dim=-1)
        parts = [
            cut_out(image, box, self.size, SHARES)
            for image, box in zip(images.cpu(), boxes, strict=True)
        ]
        with torch.inference_mode():
            maps = torch.cat(
                [
                    self.averaged_maps(some.to(self.device)).cpu()
                    for some in torch.stack(parts).split(AT_ONCE)
                ]
            )
        places = mapped(self.pixels(maps), to_picture(cuts, self.size))
        return Detected(*People.of(places, peaks(maps).scores))

    def state(self) -> dict[str, Tensor]:
        """The network's weights under their published names."""
        return dict(self.network.state_dict())

    def with_state(self, state: Mapping[str, Tensor]) -> "MapDetector":
        """The detector with these weights in place of its own; refused if one does not fit."""
        load_strictly(self.network, state)
        return self

    def fast(self, dtype: torch.dtype = torch.float32) -> "MapDetector":
        """The detector with its network in the form that only computes maps, and does so fast.

        Args:
            dtype: Of the products inside; the maps are the same in float32.
        """
        if not isinstance(self.network, HRNet):
            return self
        return replace(self, network=FastHRNet(self.network.eval(), dtype))

    def to(self, device: torch.device | str) -> "MapDetector":
        """The detector with its network elsewhere; moved in place."""
        self.network.to(device)
        return self
