"""SimpleBaseline in the forms of its publications; sizes are those of the stored parameters."""

from dataclasses import replace

from torch import Tensor

from crosslift.networks.simple_baseline import (
    DH_AUG_MLP,
    L2D_POSE,
    MARTINEZ,
    POSEAUG_MLP,
    SimpleBaseline,
    SimpleBaselineSettings,
    Statistics,
)

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded


def rebuilt(golden: Golden, form: SimpleBaselineSettings) -> SimpleBaseline:
    """The network with the file's weights."""
    weights = golden.weights()
    width, inputs = weights["w1.weight"].shape
    stages = {name.split(".")[1] for name in weights if name.startswith("linear_stages.")}
    settings = replace(
        form,
        joints=inputs // 2,
        regressed=len(weights["w2.bias"]) // 3,
        width=width,
        stages=len(stages),
    )
    return loaded(SimpleBaseline(settings), golden)


def poses(golden: Golden, form: SimpleBaselineSettings) -> Tensor:
    """The network's answer to the only input."""
    network = rebuilt(golden, form)
    keypoints = golden.input(golden.meta["inputs"][0][0])
    return network(keypoints.reshape(-1, network.settings.joints, 2))


@adapter("poseda", "LinearModel")
def martinez(golden: Golden) -> Outputs:
    return {"pose_3d": poses(golden, MARTINEZ).flatten(1)}


@adapter("poseda", "PoseAug mlp")
def poseaug(golden: Golden) -> Outputs:
    return {"pose_3d": poses(golden, POSEAUG_MLP)}


@adapter("DH-AUG", "SimpleBaseline")
def dh_aug(golden: Golden) -> Outputs:
    return {"pose": poses(golden, DH_AUG_MLP)}


@adapter("L2D-Pose", "simple_baseline")
def l2d_pose(golden: Golden) -> Outputs:
    network = rebuilt(golden, L2D_POSE)
    seen, placed = (
        Statistics(golden.input(f"mean_{kind}"), golden.input(f"std_{kind}"))
        for kind in ("2d", "3d")
    )
    normalised = seen.standardised(golden.input("pixels") + 500)
    made = network(normalised)
    return {"normalised": normalised, "network": made, "cm": placed.restored(made)}
