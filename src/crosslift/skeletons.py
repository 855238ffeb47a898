"""The skeletons that we know, by name.

Facts about each (where its joints lie on the body, which tools write it) are in
`docs/conventions.md`. Joint names are shared: see `Skeleton`. Some need a word:

- `nose` is the nose, and Human3.6M's joint 9, which lies a little behind it; `head` is Human3.6M's
  middle to upper head, `head_top` the vertex, `head_centre` MPI-INF-3DHP's joint between neck and
  vertex, `head_base` SMPL's joint on top of the neck, `jaw` what SPIN calls Human3.6M's joint 9.
- `thorax` is the base of the neck in Human3.6M and MPII, `neck` the lower neck of all others,
  `upper_neck` MPII's joint under the skull.
- `foot` is the ball of the foot, `toe` the tip, `big_toe` and `small_toe` what 2D detectors mark.

A format without a pelvis hangs from the joint of its middle that it has: the neck or, where there
is none, the nose. In every tree the mirror image of a bone is a bone.
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

_FACE = "nose>left_eye>left_ear nose>right_eye>right_ear "
_BOTH_ARMS = "left_shoulder>left_elbow>left_wrist right_shoulder>right_elbow>right_wrist "
_BOTH_LEGS = "left_hip>left_knee>left_ankle right_hip>right_knee>right_ankle "
_FEET = (
    "left_ankle>left_big_toe left_ankle>left_small_toe left_ankle>left_heel "
    "right_ankle>right_big_toe right_ankle>right_small_toe right_ankle>right_heel "
)
_FROM_NOSE = (
    "nose>left_shoulder>left_hip nose>right_shoulder>right_hip " + _BOTH_ARMS + _BOTH_LEGS + _FACE
)
_FROM_NECK = "neck>left_shoulder neck>right_shoulder " + _BOTH_ARMS

H36M_32 = _tree(
    "h36m32",
    "pelvis",
    "pelvis>right_hip>right_knee>right_ankle>right_foot>right_toe "
    "pelvis>left_hip>left_knee>left_ankle>left_foot>left_toe "
    "pelvis>spine_base>spine>thorax>nose>head "
    "spine>left_neck_base>left_shoulder>left_elbow>left_wrist>left_thumb_base>left_thumb_end "
    "spine>right_neck_base>right_shoulder>right_elbow>right_wrist>right_thumb_base>right_thumb_end "
    "left_wrist>left_hand_end>left_finger_end right_wrist>right_hand_end>right_finger_end",
    "pelvis right_hip right_knee right_ankle right_foot right_toe "
    "left_hip left_knee left_ankle left_foot left_toe spine_base spine thorax nose head "
    "left_neck_base left_shoulder left_elbow left_wrist "
    "left_thumb_base left_thumb_end left_hand_end left_finger_end "
    "right_neck_base right_shoulder right_elbow right_wrist "
    "right_thumb_base right_thumb_end right_hand_end right_finger_end",
)
"""Human3.6M as it is published. Seven joints repeat another one's place: the spine's base the
pelvis, the neck's two bases the thorax, the thumbs' bases the wrists, the fingers' ends the
hands'."""

COCO_17 = _tree(
    "coco17",
    "nose",
    _FROM_NOSE,
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle",
)
"""What most 2D detectors give; the hips are points of the surface, higher and wider than joints."""

COCO_WHOLEBODY_BODY = _tree(
    "coco_wholebody_body",
    "nose",
    _FROM_NOSE + _FEET,
    " ".join(COCO_17.joints)
    + " left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel",
)
"""The first 23 of COCO-WholeBody's 133: COCO's 17 and the feet."""

HALPE_26 = _tree(
    "halpe26",
    "pelvis",
    _LEGS + _FEET + "pelvis>neck>nose>head_top " + _FROM_NECK + _FACE,
    " ".join(COCO_17.joints) + " head_top neck pelvis left_big_toe right_big_toe "
    "left_small_toe right_small_toe left_heel right_heel",
)
"""AlphaPose's body with feet."""

BODY_25 = _tree(
    "body25",
    "pelvis",
    _LEGS + _FEET + "pelvis>neck>nose " + _FROM_NECK + _FACE,
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist pelvis "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear "
    "left_ear left_big_toe left_small_toe left_heel right_big_toe right_small_toe right_heel",
)
"""OpenPose's default; its neck is the midpoint of the shoulders, its pelvis that of the hips."""

OPENPOSE_18 = _tree(
    "openpose18",
    "neck",
    "neck>left_hip neck>right_hip neck>nose " + _BOTH_LEGS + _FROM_NECK + _FACE,
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear "
    "left_ear",
)
"""OpenPose's older model, called COCO there; 3DPW's 2D keypoints. Its neck is mid shoulders."""

MPI_INF_3DHP_28 = _tree(
    "mpi_inf_3dhp28",
    "pelvis",
    "pelvis>spine>spine2>spine3>spine4>neck>head_centre>head_top "
    "neck>left_clavicle>left_shoulder>left_elbow>left_wrist>left_hand "
    "neck>right_clavicle>right_shoulder>right_elbow>right_wrist>right_hand "
    "pelvis>left_hip>left_knee>left_ankle>left_foot>left_toe "
    "pelvis>right_hip>right_knee>right_ankle>right_foot>right_toe",
    "spine3 spine4 spine2 spine pelvis neck head_centre head_top "
    "left_clavicle left_shoulder left_elbow left_wrist left_hand "
    "right_clavicle right_shoulder right_elbow right_wrist right_hand "
    "left_hip left_knee left_ankle left_foot left_toe "
    "right_hip right_knee right_ankle right_foot right_toe",
)
"""MPI-INF-3DHP's training annotation."""

MPI_INF_3DHP_17 = _tree(
    "mpi_inf_3dhp17",
    "pelvis",
    _LEGS + "pelvis>spine>neck>head_centre>head_top " + _FROM_NECK,
    "head_top neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist "
    "right_hip right_knee right_ankle left_hip left_knee left_ankle pelvis spine head_centre",
)
"""MPI-INF-3DHP's test annotation, and what published work takes of the 28."""

PANOPTIC_19 = _tree(
    "panoptic19",
    "pelvis",
    _LEGS + "pelvis>neck>nose " + _FROM_NECK + _FACE,
    "neck nose pelvis left_shoulder left_elbow left_wrist left_hip left_knee left_ankle "
    "right_shoulder right_elbow right_wrist right_hip right_knee right_ankle "
    "left_eye left_ear right_eye right_ear",
)
"""CMU Panoptic's body joints."""

PANOPTIC_15 = _tree(
    "panoptic15",
    "pelvis",
    _LEGS + "pelvis>neck>nose " + _FROM_NECK,
    " ".join(PANOPTIC_19.joints[:15]),
)
"""CMU Panoptic without eyes and ears, as L2D-Pose uses it."""

MPII_16 = _tree(
    "mpii16",
    "pelvis",
    _LEGS + "pelvis>thorax>upper_neck>head_top " + _ARMS,
    "right_ankle right_knee right_hip left_hip left_knee left_ankle pelvis thorax upper_neck "
    "head_top right_wrist right_elbow right_shoulder left_shoulder left_elbow left_wrist",
)
"""MPII Human Pose, the order of stacked hourglasses."""

LSP_14 = _tree(
    "lsp14",
    "neck",
    "neck>left_hip neck>right_hip neck>head_top " + _BOTH_LEGS + _FROM_NECK,
    "right_ankle right_knee right_hip left_hip left_knee left_ankle right_wrist right_elbow "
    "right_shoulder left_shoulder left_elbow left_wrist neck head_top",
)
"""Leeds Sports Pose."""

SMPL_24 = _tree(
    "smpl24",
    "pelvis",
    "pelvis>left_hip>left_knee>left_ankle>left_foot "
    "pelvis>right_hip>right_knee>right_ankle>right_foot "
    "pelvis>lower_spine>middle_spine>upper_spine>neck>head_base "
    "upper_spine>left_collar>left_shoulder>left_elbow>left_wrist>left_hand "
    "upper_spine>right_collar>right_shoulder>right_elbow>right_wrist>right_hand",
    "pelvis left_hip right_hip lower_spine left_knee right_knee middle_spine left_ankle "
    "right_ankle upper_spine left_foot right_foot neck left_collar right_collar head_base "
    "left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_hand "
    "right_hand",
)
"""The joints of the SMPL body model; 3DPW."""

MEDIAPIPE_33 = _tree(
    "mediapipe33",
    "nose",
    "nose>left_eye_inner>left_eye>left_eye_outer>left_ear nose>left_mouth "
    "nose>right_eye_inner>right_eye>right_eye_outer>right_ear nose>right_mouth "
    "nose>left_shoulder>left_hip nose>right_shoulder>right_hip "
    + _BOTH_ARMS
    + _BOTH_LEGS
    + "left_wrist>left_pinky left_wrist>left_index left_wrist>left_thumb "
    "right_wrist>right_pinky right_wrist>right_index right_wrist>right_thumb "
    "left_ankle>left_heel left_ankle>left_foot_index "
    "right_ankle>right_heel right_ankle>right_foot_index",
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer "
    "left_ear right_ear left_mouth right_mouth left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb "
    "right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel "
    "right_heel left_foot_index right_foot_index",
)
"""MediaPipe Pose (BlazePose); `foot_index` is the tip of the foot."""

SPIN_24 = _tree(
    "spin24",
    "pelvis",
    _LEGS + "pelvis>spine>thorax>neck>jaw>head>head_top jaw>nose " + _ARMS + _FACE,
    "right_ankle right_knee right_hip left_hip left_knee left_ankle right_wrist right_elbow "
    "right_shoulder left_shoulder left_elbow left_wrist neck head_top pelvis thorax spine jaw head "
    "nose left_eye right_eye left_ear right_ear",
)
"""The 24 joints of SPIN's files, a union of LSP's, MPII's, Human3.6M's and COCO's."""

SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        H36M_17,
        H36M_16,
        H36M_32,
        COCO_17,
        COCO_WHOLEBODY_BODY,
        HALPE_26,
        BODY_25,
        OPENPOSE_18,
        MPI_INF_3DHP_28,
        MPI_INF_3DHP_17,
        PANOPTIC_19,
        PANOPTIC_15,
        MPII_16,
        LSP_14,
        SMPL_24,
        MEDIAPIPE_33,
        SPIN_24,
    )
}


def skeleton_named(name: str) -> Skeleton:
    """The skeleton that is known under `name`, such as "h36m17" or "coco17"."""
    if name not in SKELETONS:
        raise SkeletonError(unknown_name("skeleton", name, SKELETONS))
    return SKELETONS[name]
