"""IGANet as a lifter: attention and graph convolutions that inform each other, frame by frame."""

from dataclasses import dataclass

from .. import registry
from ..networks.iganet import IGANet, IGANetSettings
from ..skeleton import Skeleton
from .direct import Direct, check_numbers, frame_by_frame
from .inputs import PLANE, Inputs


@registry.lifter("iganet")
@dataclass(frozen=True)
class IGANetLifter:
    """Attention and graph convolutions in one block, frame by frame (Wang and others 2023)."""

    width: int = 512
    """Channels of a joint."""
    depth: int = 3
    """Blocks."""
    heads: int = 8
    """Of every attention; each sees its own share of the width."""
    drop_path: float = 0.2
    """Highest rate of stochastic depth, in training."""
    inputs: Inputs = PLANE
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken."""

    def build(self, skeleton: Skeleton) -> Direct:
        """The lifter with fresh weights, along the skeleton's bones."""
        check_numbers("IGANet", self.inputs)
        # Bones are counted from the spine as in the publication's graph of Human3.6M; where there
        # is none from the root, as in that of CMU Panoptic.
        centre = skeleton.index("spine") if "spine" in skeleton else skeleton.root
        settings = IGANetSettings(
            bones=skeleton.bones,
            sides=tuple(zip(skeleton.left, skeleton.right, strict=True)),
            centre=centre,
            width=self.width,
            depth=self.depth,
            heads=self.heads,
            drop_path=self.drop_path,
        )
        return Direct(skeleton, IGANet(settings), self.inputs, frame_by_frame, flip=self.flip)
