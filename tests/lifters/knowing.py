"""A lifter that was told the poses beforehand, to see what is made of its answers."""

from dataclasses import dataclass

from torch import Tensor

from crosslift.metrics import rooted
from crosslift.skeletons import H36M_17


@dataclass(frozen=True)
class Knowing:
    """Says the same poses whatever it sees, from the first frame on."""

    poses: Tensor
    frames: int = 1
    skeleton = H36M_17
    predict = "all"
    fps = None

    def lift(self, keypoints, camera, rng, *, scores=None, body=None):
        windows = len(keypoints)
        said = rooted(self.poses, H36M_17.root)[: windows * self.frames]
        return said.reshape(windows, 1, self.frames, len(H36M_17), 3)
