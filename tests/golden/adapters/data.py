"""Data sets as publications prepare them."""

from crosslift.data.spin import prepared_as_dh_aug

from ..golden import Golden, Outputs, adapter


@adapter("DH-AUG", "3DHP test set mapping")
def prepare_3dhp(golden: Golden) -> Outputs:
    sequences = [f"TS{number}" for number in golden.input("test_set").tolist()]
    made = prepared_as_dh_aug(golden.input("part"), golden.input("S"), sequences)
    return {"pose2d": made.keypoints, "pose3d": made.poses}
