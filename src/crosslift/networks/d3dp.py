"""D3DP's denoiser: a MixSTE that is given noisy poses beside the keypoints, and the time.

Shan et al., "Diffusion-based 3D human pose estimation with multi-hypothesis aggregation", ICCV
2023. Its checkpoints have the names below behind "pose_estimator.".
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from .denoising import Denoising, First, Moment, Rows, time_layers
from .mixste import MIXSTE_243, MixSTE, MixSTESettings

AFTER_TIME = ("STEblocks", "TTEblocks", "Spatial_norm", "Temporal_norm", "head")
"""What follows the layers of the time in the published order."""


class D3DP(Denoising, MixSTE):  # pyright: ignore[reportIncompatibleMethodOverride]
    """Clean poses for all frames of a window; the time is added to every token, once."""

    def __init__(self, settings: MixSTESettings = MIXSTE_243) -> None:
        """Fresh weights.

        Args:
            settings: Its channels are those of the keypoints.
        """
        MixSTE.__init__(self, replace(settings, channels=settings.channels + 3))
        self.settings = settings
        later = {name: self.get_submodule(name) for name in AFTER_TIME}
        for name in later:
            delattr(self, name)
        self.time_mlp = time_layers(settings.width, settings.width)
        for name, child in later.items():
            self.add_module(name, child)
        self.begin_with_keypoints()

    @property
    def first(self) -> First:
        """The layer that takes keypoints and noisy poses."""
        return self.Spatial_patch_to_embedding

    @property
    def tellers_of_time(self) -> Iterable[nn.Linear]:
        """The last layer of the one way from times to features."""
        assert self.time_mlp is not None, "this network always knows the time"
        return (cast(nn.Linear, self.time_mlp[-1]),)

    @property
    def window(self) -> dict[str, int]:
        """How many frames, joints and channels the keypoints have."""
        return {name: getattr(self.settings, name) for name in ("frames", "joints", "channels")}

    def answer(self, x: Rows, moment: Moment | None) -> Float[Tensor, "rows answered joints 3"]:
        """Clean poses of tokens."""
        assert moment is not None, "this network always knows the time"
        return self.head(self.mix(x + moment[:, None, None]))
