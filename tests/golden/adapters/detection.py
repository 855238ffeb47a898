"""L2D-Pose's cut-outs, maps and losses of the detector."""

import math
import re

import torch
from torch import Tensor

from crosslift.detect import crops, heatmaps, targets
from crosslift.detect.pictures import cut_out
from crosslift.detect.recipe import CUT_OUT, Recipe
from crosslift.metrics.pictures import tenth_hits
from crosslift.networks.hrnet import HRNet, HRNetSettings
from crosslift.recipes.guided_loss import PANOPTIC_OF_H36M, balanced
from crosslift.skeletons import H36M_17

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

AS_IT_IS = Recipe(rgb=True)


def hrnet_settings(config: dict) -> HRNetSettings:
    """What `config.EXTRA` says of the stages."""
    stages = [config["EXTRA"][name] for name in sorted(config["EXTRA"]) if name.startswith("STAGE")]
    return HRNetSettings(
        joints=config["num_joints"],
        width=stages[0]["NUM_CHANNELS"][0],
        modules=tuple(stage["NUM_MODULES"] for stage in stages),
        blocks=stages[0]["NUM_BLOCKS"][0],
    )


@adapter("L2D-Pose", "pose_hrnet")
def hrnet(golden: Golden) -> Outputs:
    network = loaded(HRNet(hrnet_settings(golden.config)), golden)
    made: dict[str, Tensor] = {}

    def watch(name: str, features: list[Tensor]) -> None:
        for level, each in enumerate(features):
            place = "" if name == "layer1" else f"_{level}"
            made[f"{name}{place}_channel_mean"] = each.mean(dim=(-2, -1))

    made["heatmaps"] = network(golden.input(golden.meta["inputs"][0][0]), watch)
    return made


@adapter("L2D-Pose", "affine")
def affine(golden: Golden) -> Outputs:
    boxes = golden.input("boxes_xyxy", torch.float64)
    points = golden.input("points", torch.float64)
    turns = golden.input("rotation_deg", torch.float64) * math.pi / 180
    made: dict[str, Tensor] = {}
    for size in map(tuple, golden.config["sizes_wh"]):
        case = f"{size[0]}x{size[1]}"
        upright = crops.cuts_around(boxes, size)
        turned, cells = upright._replace(turn=turns), (size[0] // 4, size[1] // 4)
        of_maps = crops.to_picture(upright, cells)
        made |= {
            f"center_{case}": upright.centre,
            f"scale_{case}": upright.sides / crops.PUBLISHED_UNIT,
            f"affine_{case}": crops.to_cut(turned, size),
            f"affine_inverse_{case}": crops.to_picture(turned, size),
            f"heatmap_to_image_{case}": of_maps,
            f"points_in_crop_{case}": crops.mapped(points, crops.to_cut(turned, size)),
            f"points_div20_heatmap_to_image_{case}": crops.mapped(points / 20, of_maps),
        }
    if "joints_2d" in golden.inputs:
        told = golden.config["gt_box"]
        boxes = crops.box_about(
            golden.input("joints_2d"), tuple(told["image_wh"]), told["padding_ratio"]
        )
        made["gt_box_xyxy"] = boxes.long()
    return made | one_cut(golden)


def one_cut(golden: Golden) -> dict[str, Tensor]:
    """The cut-out of a picture, if the file has one."""
    if "image_rgb" not in golden.inputs:
        return {}
    size = tuple(golden.config["crop_size_wh"])
    cuts = crops.cuts_around(torch.tensor([golden.config["crop_box_xyxy"]]).float(), size)
    box = torch.cat([cuts.centre - cuts.sides / 2, cuts.centre + cuts.sides / 2], dim=-1)[0]
    image = golden.input("image_rgb")
    return {
        "crop_rgb": cut_out(image, box, size, AS_IT_IS).movedim(0, -1).to(torch.uint8),
        "crop_normalised": cut_out(image, box, size, CUT_OUT),
        "crop_affine": crops.to_cut(cuts, size)[0],
    }


@adapter("L2D-Pose", "decoding")
def decoding(golden: Golden) -> Outputs:
    maps = golden.input("heatmaps")
    size = maps.shape[-1], maps.shape[-2]
    to_picture = crops.to_picture(
        crops.Cuts(
            golden.input("center"),
            crops.PUBLISHED_UNIT * golden.input("scale"),
            torch.zeros(len(maps)),
        ),
        size,
    )
    peaks = heatmaps.peaks(maps)
    cells = {"argmax": peaks.cells}
    for name in golden.outputs:
        if found := re.fullmatch(r"softargmax_beta(\d+)", name):
            cells[name] = heatmaps.soft_argmax(maps, float(found[1]))
    made = {**cells, "maxval": peaks.scores[..., None]}
    for name, each in cells.items():
        stepped = each + heatmaps.quarter_step(each, maps)
        made[f"image_{name}_post0"] = crops.mapped(each, to_picture)
        made[f"image_{name}_post1"] = crops.mapped(stepped, to_picture)
    if "heatmaps_flipped" in golden.inputs:
        flipped = golden.input("heatmaps_flipped")
        for suffix, shifted in (("", False), ("_shifted", True)):
            back = heatmaps.mirrored_back(flipped, H36M_17, shifted=shifted)
            made[f"flip_merged{suffix}"] = (maps + back) / 2
    if "accuracy_target_heatmaps" in golden.inputs:
        truth = heatmaps.peaks(golden.input("accuracy_target_heatmaps")).cells
        hits = tenth_hits(peaks.cells.double(), truth.double(), size)
        shares = hits.nanmean(dim=0)
        mean = shares.nanmean() if bool(shares.isfinite().any()) else shares.new_zeros(())
        made["accuracy_pck05_per_joint"] = torch.cat([mean[None], shares.nan_to_num(-1)])
        made["accuracy_mean"] = mean
    return made | {"h36m_to_panoptic_of_index": torch.tensor(PANOPTIC_OF_H36M).float()}


@adapter("L2D-Pose", "target_heatmaps")
def target_heatmaps(golden: Golden) -> Outputs:
    made = {}
    for number, case in enumerate(golden.config["cases"]):
        target = targets.target_maps(
            golden.input(f"joints_{number}"),
            golden.input(f"visible_{number}"),
            tuple(case["image_wh"]),
            tuple(case["heatmap_wh"]),
            case["sigma"],
        )
        made[f"target_{number}"] = target.maps.float()
        made[f"weight_{number}"] = target.weights.float()[..., None]
    return made


@adapter("L2D-Pose", "losses")
def losses(golden: Golden) -> Outputs:
    config = golden.config
    maps = golden.input("heatmaps").requires_grad_()
    target = targets.Target(golden.input("target").abs(), golden.input("weight")[..., 0])
    in_space = golden.input("loss_3d").abs()
    errors = targets.map_error(maps, target)
    loss = targets.map_loss(maps, target)
    hard = targets.hardest(errors, config["top_k"], in_space)
    history = golden.input("dwa_history")
    return {
        "mse": loss,
        "mse_grad": torch.autograd.grad(loss, maps, retain_graph=True)[0],
        "per_joint": errors,
        "ohklm_2d": hard,
        "ohklm_2d_grad": torch.autograd.grad(hard, maps, retain_graph=True)[0],
        "ohklm_3d": targets.hardest(in_space, config["top_k"], in_space),
        "ohkm_top8": targets.hardest(errors, config["ohkm_topk"]),
        "dwa": balanced(history[1], history[0], config["dwa_temperature"]),
        "dwa_first": balanced(*torch.ones_like(history[:2])),
    }
