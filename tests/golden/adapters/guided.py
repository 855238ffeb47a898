"""L2D-Pose's guided loss: maps, three lifters, all terms and the gradient."""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from crosslift.camera import Camera
from crosslift.checkpoints import recognise
from crosslift.detect import crops
from crosslift.detect.targets import Target, map_error
from crosslift.lifter_import import USUAL_SKELETONS, Importing, lifter_of
from crosslift.lifters.direct import Direct
from crosslift.lifters.inputs import Inputs
from crosslift.recipes.guided_loss import Guidance, Guide, Guided, balanced, guided, places

from ..fill import fill_parameter
from ..golden import Golden, Outputs, adapter


def lifter(name: str, golden: Golden) -> Direct:
    """One of the lifters, with the file's weights and in metres; its weights tell what it is."""
    shapes = dict(golden.meta["parameters"])
    keys = [each.removeprefix(f"{name}/") for each in shapes if each.startswith(f"{name}/")]
    weights = {
        key: torch.as_tensor(fill_parameter(key, tuple(shapes[f"{name}/{key}"]), golden.seed))
        for key in keys
    }
    found = recognise(weights)
    _, settings, joints = lifter_of(found, Importing())
    if found.architecture == "simple_baseline":
        settings = replace(settings, inputs=Inputs("standard"))
        weights |= statistics(golden)
    return settings.build(USUAL_SKELETONS[joints]).with_state(weights)


def statistics(golden: Golden) -> dict[str, Tensor]:
    """Those of SimpleBaseline, centimetres in metres."""
    return {
        "keypoint_statistics.mean": golden.input("mean_2d"),
        "keypoint_statistics.std": golden.input("std_2d"),
        "pose_statistics.mean": golden.input("mean_3d") / 100,
        "pose_statistics.std": golden.input("std_3d") / 100,
    }


def guidance_of(flags: Mapping[str, object], config: Mapping[str, object]) -> Guidance:
    """The release's flags as settings of ours."""
    weight = {name: float(str(value)) for name, value in flags.items() if name.endswith("_w")}
    apart = bool(flags["loss_3d_z"])
    return Guidance(
        maps=weight["loss_2d_w"],
        hard=weight["ohklm_w"] if flags["ohklm"] else 0,
        hardest=int(str(flags["top_k"])),
        across=weight["loss_3d_xy_w"] if apart else 0,
        depth=weight["loss_3d_z_w"] if apart else 0,
        space=0 if apart else weight["loss_3d_w"],
        hard_space=0,
        together=weight["loss_3d_avg_w"] if flags["loss_3d_avg"] else 0,
        agreement=weight["loss_3d_cons_w"] if flags["loss_3d_cons"] else 0,
        single=weight["loss_single_w"],
        balanced=True,
        rerooted=False,
        sharpness=float(str(config["beta"])),
        quarter=bool(config["post_process"]),
    )


@adapter("L2D-Pose", "guided_loss")
def guided_loss(golden: Golden) -> Outputs:
    config = golden.config
    told = guidance_of(config["flags"], config)
    maps = golden.input("heatmaps").requires_grad_()
    size = maps.shape[-1], maps.shape[-2]
    scale = crops.PUBLISHED_UNIT * golden.input("scale")
    cuts = crops.Cuts(golden.input("center"), scale, torch.zeros(len(maps)))
    points = crops.mapped(places(maps, told), crops.to_picture(cuts, size))
    target = Target(golden.input("target"), golden.input("target_weight")[..., 0])
    errors = map_error(maps, target)
    truth = golden.input("gt_3d_cm") / 100
    lifters = {name: lifter(name, golden) for name in config["lifters"]}
    guides = [Guide.of(name, each, each.skeleton) for name, each in lifters.items()]
    before, last = golden.input("dwa_history")
    weights = balanced(last, before)
    found = guided(points[:, None], errors[:, None], truth[:, None], camera_of(golden), guides,
                   told, torch.Generator(), weights)  # fmt: skip
    return outputs(found, told, errors, maps, points, config["lifters"])


def camera_of(golden: Golden) -> Camera:
    """Of the pictures nothing but the size is known, and nothing else is looked at."""
    size = torch.stack([golden.input("width"), golden.input("height")], dim=-1).float()[:, None]
    eye, zero = torch.eye(3).expand(len(size), 1, 3, 3), torch.zeros(len(size), 1, 3)
    return Camera(size, size / 2, eye, zero, size)


def outputs(
    found: Guided, told: Guidance, errors: Tensor, maps: Tensor, points: Tensor, names: list[str]
) -> dict[str, Tensor]:
    """Everything that a file may store."""
    terms, total = found.terms, torch.stack(list(found.terms.values())).sum()
    in_picture = sum(terms[name] for name in ("maps", "hard") if name in terms)
    in_space = sum(terms[name] for name in ("space", "across", "depth") if name in terms)
    assert isinstance(in_picture, Tensor) and isinstance(in_space, Tensor)
    kinds = {"": "space", "_xy": "across", "_z": "depth"}
    made = {
        "keypoints_2d_image": points,
        "loss_2d": errors.mean(),
        "weighted_loss_2d": in_picture / told.single,
        "weighted_loss_3d": in_space / told.single,
        "loss": total,
        "grad_heatmaps": gradient(total, maps),
        "grad_heatmaps_3d_only": gradient(in_space / told.single, maps),
        "dwa_weights": found.weights,
        "ohklm_2d_per_lifter": torch.stack([each.hard for each in found.judged]),
    }
    for suffix, kind in kinds.items():
        each = torch.stack([getattr(judged, kind) for judged in found.judged])
        made[f"loss_3d{suffix}_per_lifter"] = each
    for name, poses in zip(names, found.poses, strict=True):
        made[f"keypoints_3d_m_{name}"] = poses[:, 0]
    if "together" in terms:
        made["loss_3d_global_consistency"] = terms["together"] / told.together
    if "agreement" in terms:
        made["loss_3d_local_consistency"] = terms["agreement"] / told.agreement
    return made


def gradient(loss: Tensor, maps: Tensor) -> Tensor:
    """Of a loss by the maps."""
    return torch.autograd.grad(loss, maps, retain_graph=True)[0]
