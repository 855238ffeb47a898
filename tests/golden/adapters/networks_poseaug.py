"""PoseAug's generator, its discriminators and what they minimise."""

import re
from dataclasses import replace

import torch
from torch import Tensor

from crosslift.augment.body_parts import body_parts
from crosslift.augment.lpa import changed
from crosslift.geometry import bone_directions, bone_lengths
from crosslift.networks.pose_augmenter import Heads, Noise, PoseAugmenter, PoseAugmenterSettings
from crosslift.networks.pose_discriminators import (
    PartDiscriminator,
    PictureDiscriminator,
    part_products,
)
from crosslift.recipes.poseda.terms import (
    hardness,
    limb_errors,
    outside_range,
    taken_for_real,
    told_apart,
)
from crosslift.skeletons import H36M_16

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

PARTS = body_parts(H36M_16)
NAMES = ("left_arm", "right_arm", "left_leg", "right_leg", "torso")
"""Of the published functions; their legs are the other side's."""


@adapter("poseda", "PoseGenerator")
def generator(golden: Golden) -> Outputs:
    poses, weights = golden.input("poses"), golden.weights()
    stages = {name.split(".")[2] for name in weights if ".linear_stages." in name}
    width, ratios = len(weights["BAprocess.w1.bias"]), len(weights["BLprocess.w2_BL.bias"])
    settings = PoseAugmenterSettings(poses.shape[1], ratios, width, len(stages))
    network = loaded(PoseAugmenter(settings), golden)
    noise = Noise(*(golden.input(f"noise_{branch}") for branch in ("ba", "bl", "r", "t")))
    about = poses - poses[:, :1]
    return made_of(poses, network(about, bone_lengths(poses, H36M_16), noise))


@adapter("poseda", "PoseAug application")
def application(golden: Golden) -> Outputs:
    angles = golden.input("raw_ba").unflatten(1, (15, 3))
    rest = (golden.input(f"raw_{name}") for name in ("bl", "r", "t"))
    return made_of(golden.input("poses"), Heads(angles, *rest))


def made_of(poses: Tensor, heads: Heads) -> Outputs:
    """The outputs that both files store."""
    drawn = changed(poses[:, None], heads, PARTS)
    return {
        "pose_ba": drawn.angled[:, 0],
        "ba_diff": drawn.bent,
        "pose_bl": drawn.stretched[:, 0],
        "blr": drawn.ratios,
        "pose_rt": drawn.turned[:, 0],
        "r": 3.1415 * heads.rotation.tanh(),
        "t": drawn.turned[:, :, 0],
    }


@adapter("poseda", "Pos3dDiscriminator")
def discriminator_3d(golden: Golden) -> Outputs:
    width = len(golden.weights()["kcs_path_1.kcs_layer_1.bias"])
    hidden = len(golden.weights()["kcs_path_1.layer_last.bias"])
    network = loaded(PartDiscriminator(15, PARTS.judged, width, hidden), golden)
    return {"score": network(bone_directions(golden.input("poses"), H36M_16))}


@adapter("poseda", "Pos2dDiscriminator")
def discriminator_2d(golden: Golden) -> Outputs:
    width, inputs = golden.weights()["pose_layer_1.weight"].shape
    network = loaded(PictureDiscriminator(inputs // 2, width), golden)
    return {"score": network(golden.input("poses_2d"))}


@adapter("poseda", "part-aware KCS")
def products(golden: Golden) -> Outputs:
    mask = PartDiscriminator(15, PARTS.judged, 1, 1).mask
    directions = bone_directions(golden.input("poses"), H36M_16)
    found = part_products(directions, mask)
    return {name: found[:, number] for number, name in enumerate(NAMES)}


@adapter("poseda", "PoseAug losses")
def losses(golden: Golden) -> Outputs:
    of, demo = golden.config, golden.input("demo")
    bent, ratios = golden.input("ba_diff"), golden.input("blr")
    angles = outside_range(bent.mean(dim=1), of["ba_range_m"], of["ba_range_w"])
    return {
        "feedback": feedback(golden),
        "range": angles + outside_range(ratios, 0, of["blr_limit"]),
        "adversarial": adversarial(golden),
        "range_demo": outside_range(demo, 0.2, 0.5),
        "rectified_demo": outside_range(demo, 0.0, 0.5),
    }


def feedback(golden: Golden) -> Tensor:
    """At the epoch that the file's notes name."""
    of = golden.config
    epoch = int(re.search(r"epoch (\d+) of", golden.meta["notes"])[1])
    easy, angled, turned = (
        limb_errors(golden.input(f"error_{name}").norm(dim=-1), PARTS)
        for name in ("easy", "ba", "rt")
    )
    terms = []
    for name, hard in (("ba", angled), ("rt", turned)):
        first, last = of[f"hardratio_{name}_s"], of[f"hardratio_{name}"]
        middle = first + (last - first) * epoch / of["epochs"]
        missed = outside_range(hardness(hard, easy, 0.0), middle, of[f"hardratio_std_{name}"])
        terms.append(of[f"gloss_factorfeedback_{name}"] * missed)
    return torch.stack(terms).sum()


def adversarial(golden: Golden) -> Tensor:
    """With the term of real poses that the release writes down, though it trains nothing."""
    shape = PartDiscriminator(15, PARTS.judged)
    parameters = [[name, list(value.shape)] for name, value in shape.state_dict().items()]
    network = loaded(shape, replace(golden, meta={**golden.meta, "parameters": parameters}))
    real, made = (
        network(bone_directions(golden.input(name), H36M_16)) for name in ("poses", "pose_ba")
    )
    return told_apart(made, real)["made"] + taken_for_real(made)
