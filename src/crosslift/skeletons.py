"""The skeletons that we know, by name.

Facts about each (where its joints lie on the body, which tools write it) are in
`docs/conventions.md`. Joint names are shared: see `Skeleton`.
"""

from itertools import pairwise

from .errors import SkeletonError, unknown_name
from .skeleton import Skeleton


def _tree(name: str, root: str, bones: str, order: str) -> Skeleton:
    """A skeleton from its joints in order and its bones written as `parent>child>grandchild`."""
    joints = tuple(order.split())
    above = {root: -1}
    for chain in bones.split():
        links = chain.split(">")
        for parent, child in pairwise(links):
            above[child] = joints.index(parent)
    return Skeleton(name, joints, tuple(above[joint] for joint in joints))


_LEGS = "pelvis>right_hip>right_knee>right_ankle pelvis>left_hip>left_knee>left_ankle "
_ARMS = "thorax>left_shoulder>left_elbow>left_wrist thorax>right_shoulder>right_elbow>right_wrist "

H36M_17 = _tree(
    "h36m17",
    "pelvis",
    _LEGS + "pelvis>spine>thorax>nose>head " + _ARMS,
    "pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine thorax nose head "
    "left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist",
)
"""Human3.6M as VideoPose3D and its line use it; the library's reference skeleton."""

H36M_16 = _tree(
    "h36m16",
    "pelvis",
    _LEGS + "pelvis>spine>thorax>head " + _ARMS,
    " ".join(joint for joint in H36M_17.joints if joint != "nose"),
)
"""The 17 without the nose: SemGCN, PoseAug, PoseDA, DH-AUG."""

SKELETONS = {skeleton.name: skeleton for skeleton in (H36M_17, H36M_16)}


def skeleton_named(name: str) -> Skeleton:
    """The skeleton that is known under `name`, such as "h36m17" or "coco17"."""
    if name not in SKELETONS:
        raise SkeletonError(unknown_name("skeleton", name, SKELETONS))
    return SKELETONS[name]
