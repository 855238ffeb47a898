"""Keypoints from one skeleton to another."""

from crosslift.mapping import mapping

from ..golden import Golden, Outputs, adapter


@adapter("L2D-Pose", "coco_to_h36m")
def coco_to_h36m(golden: Golden) -> Outputs:
    keypoints = golden.input("coco")
    if "coco" in golden.filled:  # made about zero; the published rules saw it in a picture
        keypoints = 500 + keypoints
    return {
        rule: mapping("coco17", "h36m17", rule).apply2d(keypoints).keypoints
        for rule in ("midpoints", "adjusted")
    }
