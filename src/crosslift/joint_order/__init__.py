"""Whether joints are in the order that their skeleton says, judged from where they are over time.

Three kinds of evidence, each weighed against what motion capture of adults shows:

- *distances*: how far every two joints are from each other, relative to the size of the body. The
  order that is claimed is compared with those of the known skeletons and with the best one that a
  search finds. A clip is accused only where another order explains it far better, so that an odd
  posture alone accuses nobody.
- *sides*: whether left and right agree along arms, trunk and legs: shoulders point the way the hips
  do, hands the way elbows do.
- *chirality*, in 3D alone: knees fold backwards, the nose is in front.

In a picture, a body whose left and right are exchanged throughout is the image of the same body
with near and far exchanged. No distance tells the two apart, so a swap of the whole body is noticed
in 3D only; and where arms and legs disagree, a picture does not tell which of them are wrong.
"""

from .check import Verdict, check_keypoints, check_order, check_poses, refuse_wrong_order
from .distances import log_distances, misfit, misfit_of
from .expectation import REFERENCE, Expected, classes, expected, reference
from .permutation import best_order
from .sides import Sides, exchanged_sides
from .vocabulary import LIMBS, MIDDLE, NEAR, PAIRED, VOCABULARY, Spots, spots_of

__all__ = [
    "LIMBS",
    "MIDDLE",
    "NEAR",
    "PAIRED",
    "REFERENCE",
    "VOCABULARY",
    "Expected",
    "Sides",
    "Spots",
    "Verdict",
    "best_order",
    "check_keypoints",
    "check_order",
    "check_poses",
    "classes",
    "exchanged_sides",
    "expected",
    "log_distances",
    "misfit",
    "misfit_of",
    "reference",
    "refuse_wrong_order",
    "spots_of",
]
