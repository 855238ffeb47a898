"""PoSynDA's own: low-rank layers, the refinement, both behind a drawing, and its losses."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from crosslift.aggregation import nearest_to_keypoints
from crosslift.camera import project, to_screen
from crosslift.cameras_h36m import mpi_inf_3dhp_camera
from crosslift.diffusion.process import D3DP as D3DP_PROCESS
from crosslift.lifters.diffusion import Diffusion, no_single_pass
from crosslift.lifters.inputs import Inputs
from crosslift.networks.d3dp import D3DP
from crosslift.networks.low_rank import LowRank, LowRankSettings, additions, inject, merge
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.refinement import Refinement, RefinementSettings, waves
from crosslift.recipes.posynda.terms import agreement, nearest_image, off_image

from ..fill import fill_parameter
from ..golden import Golden, Outputs, adapter
from .diffusion import PREFIX, _recorded, _skeleton
from .networks_loading import loaded

OF_REFINEMENT = "weight:"
METRE = 1000.0
"""Millimetres."""


@adapter("PoSynDA", "lora_linear")
def low_rank_layer(golden: Golden) -> Outputs:
    config = golden.config
    plain = torch.nn.Linear(config["in_features"], config["out_features"], config["bias"])
    layer = LowRank(plain, config["r"], config["scale"], config["dropout_p"])
    layer = loaded(layer, golden)
    return {"y": layer(golden.input("x")), "merged_weight": layer.merged().weight}


@adapter("PoSynDA", "posynda_refinement_transformer")
def refinement(golden: Golden) -> Outputs:
    network = loaded(Refinement(_sizes(golden.config)), golden)
    poses = golden.input("poses")
    return {
        "y": network.said_anew(poses),
        "pe_rows": waves(len(poses), network.settings.width, poses),
    }


@adapter("PoSynDA", "posynda_transfer_pipeline")
def transfer(golden: Golden) -> Outputs:
    config = golden.config
    sizes = MixSTESettings(
        config["frames"],
        golden.input("x_2d").shape[2],
        width=config["dim"],
        depth=config["depth"],
        heads=config["heads"],
    )
    network, look = D3DP(sizes), Refinement(_sizes(config["weight_net"]))
    added = LowRankSettings(rank=config["lora_rank"], scale=config["lora_scale"])
    inject(network, added, torch.Generator())
    assert [PREFIX + name for name in additions(network)] == golden.meta["trainable_lora"]
    _load(network, golden, PREFIX)
    _load(look, golden, OF_REFINEMENT)
    merge(network)
    process = replace(
        D3DP_PROCESS, times=config["timesteps"], scale=config["scale"], eta=config["eta"]
    )
    drawing = Diffusion(
        _skeleton(golden, sizes.joints),
        network,
        Inputs("screen"),
        no_single_pass,
        frames=config["frames"],
        process=process,
        hypotheses=config["num_proposals"],
        steps=config["sampling_timesteps"],
    )
    told = golden.input("x_2d")
    turned = drawing.mirrored(told) if config["flip"] else None
    stages = drawing.drawn(told, turned, _recorded(golden, "noise").__next__)
    drawn = torch.stack([stage.clean for stage in stages], dim=1)
    refined = METRE * look(drawn)
    refined[..., config["root"], :] = 0
    return {"x_start_mm": METRE * drawn, "refined": refined, "mean_pose": refined.mean(dim=2)}


@adapter("PoSynDA", "posynda_adaptation_losses")
def losses(golden: Golden) -> Outputs:
    """In metres, as ours are computed; what is reported is in millimetres, as the file's."""
    root, weights = 14, golden.config["weights"]
    pose, offset = golden.input("pose"), golden.input("offset")
    pose[..., root, :] = 0
    drawn = pose[:, None, None] + offset
    drawn[..., root, :] = 0
    place = golden.input("trajectory") + torch.tensor([0.0, 100.0, 4000.0])
    camera = mpi_inf_3dhp_camera(golden.config["sequence"])
    seen = project((pose + place) / METRE, camera) + golden.input("noise_2d")
    there = torch.ones(pose.shape[:-1], dtype=torch.bool)
    found = dict.fromkeys(("loss_2d", "loss_3d_target", "loss_3d_source"), 0.0)
    selected, steps = [], drawn.shape[1]
    for number in range(steps):
        hypotheses, root_place = drawn[:, number] / METRE, place[:, None] / METRE
        off = off_image(hypotheses + root_place, seen, camera)
        label = nearest_to_keypoints(hypotheses + root_place, seen, camera) - root_place[:, 0]
        selected.append(METRE * label)
        found["loss_2d"] += float(nearest_image(off, there)) / steps
        found["loss_3d_target"] += METRE * float(agreement(hypotheses, label, there)) / steps
        found["loss_3d_source"] += METRE * float(agreement(hypotheses, pose / METRE, there)) / steps
    return {
        "hypotheses": drawn,
        "input_2d_normalised": to_screen(seen, camera.size),
        **{name: np.float64(value) for name, value in found.items()},
        "target_total": _total(found, weights["target"], "target"),
        "source_total": _total(found, weights["source"], "source"),
        "selected": torch.stack(selected, dim=1),
    }


def _total(found: dict[str, float], weights: dict[str, float], side: str) -> np.float64:
    return np.float64(weights["l2d"] * found["loss_2d"] + weights["l3d"] * found[f"loss_3d_{side}"])


def _sizes(config: dict[str, Any]) -> RefinementSettings:
    return RefinementSettings(
        config["ninp"], config["nhead"], config["nhid"], config["nlayers"], 0.5, released=True
    )


def _load(network: torch.nn.Module, golden: Golden, prefix: str) -> None:
    """Fill a part of the whole; the refinement's names are filled without their prefix."""
    state = {}
    for name, shape in golden.meta["parameters"]:
        if name.startswith(prefix):
            own = name.removeprefix(prefix)
            filled = own if prefix == OF_REFINEMENT else name
            values = fill_parameter(filled, tuple(shape), golden.seed)
            state[own] = torch.from_numpy(np.asarray(values))
    network.load_state_dict(state)
    network.eval().requires_grad_(False)
