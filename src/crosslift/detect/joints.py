"""Which joints a model finds, by their number."""

from itertools import pairwise

from ..data.keypoint_names import BY_COUNT
from ..errors import DataError
from ..skeleton import Skeleton
from ..skeletons import COCO_WHOLEBODY_BODY, skeleton_named

FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger")
FACE = (
    *(f"right_cheek_{place}" for place in range(8)),
    "chin",
    *(f"left_cheek_{place}" for place in reversed(range(8))),
    *(f"right_brow_{place}" for place in range(5)),
    *(f"left_brow_{place}" for place in reversed(range(5))),
    *(f"nose_bridge_{place}" for place in range(4)),
    "right_nostril_0 right_nostril_1 nose_base left_nostril_1 left_nostril_0",
    *(f"right_eyelid_{place}" for place in range(6)),
    *(f"left_eyelid_{place}" for place in (3, 2, 1, 0, 5, 4)),
    "right_lip_0 right_lip_1 right_lip_2 upper_lip left_lip_2 left_lip_1 left_lip_0",
    "left_lip_3 left_lip_4 lower_lip right_lip_4 right_lip_3",
    "right_mouth_0 right_mouth_1 upper_mouth left_mouth_1 left_mouth_0",
    "left_mouth_2 lower_mouth right_mouth_2",
)
"""The 68 marks of a face: its outline from the person's right ear, brows, nose, eyes, lips and the
opening of the mouth, each one round from the person's right."""


def _whole_body() -> Skeleton:
    """COCO-WholeBody: body and feet, face, left hand, right hand."""
    body = COCO_WHOLEBODY_BODY
    face = " ".join(FACE).split()
    names, above = [*body.joints, *face], dict.fromkeys(face, "nose")
    above |= {body.joints[child]: body.joints[parent] for parent, child in body.bones}
    for side in ("left", "right"):
        root = f"{side}_hand_root"
        above[root] = f"{side}_wrist"
        names.append(root)
        for finger in FINGERS:
            chain = [f"{side}_{finger}_{place}" for place in range(1, 5)]
            above |= {child: parent for parent, child in pairwise([root, *chain])}
            names += chain
    parents = tuple(names.index(above[name]) if name in above else -1 for name in names)
    return Skeleton("coco_wholebody", tuple(names), parents)


COCO_WHOLEBODY = _whole_body()
"""All 133 of COCO-WholeBody; the first 23 are those of `coco_wholebody_body`."""


def joints_of_model(count: int, name: str | None = None) -> Skeleton:
    """The skeleton that a model means by so many keypoints; or the one that the user names."""
    known = {
        number: skeleton for number, skeleton in BY_COUNT.items() if number == len(skeleton)
    } | {len(COCO_WHOLEBODY): COCO_WHOLEBODY}
    skeleton = skeleton_named(name) if name else known.get(count)
    if skeleton is None or len(skeleton) != count:
        numbers = ", ".join(map(str, sorted(known)))
        raise DataError(
            f"The model finds {count} keypoints, but "
            + (
                f'the skeleton "{name}" has {len(skeleton)}; name the one that it was trained for.'
                if skeleton
                else f"only {numbers} are known by their number; name the skeleton, as in "
                "--skeleton h36m17."
            )
        )
    return skeleton
