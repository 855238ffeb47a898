"""The publications' metrics: in millimetres and percent, over whichever axes they average."""

import re
from collections.abc import Callable

import torch
from torch import Tensor

from crosslift import metrics
from crosslift.camera import to_screen

from ..golden import Golden, Outputs, adapter

Metric = Callable[[Tensor, Tensor], Tensor]


def _percent(shares: Tensor) -> Tensor:
    return 100 * shares.mean()


@adapter("DH-AUG", "metrics")
def dh_aug(golden: Golden) -> Outputs:
    target = golden.input("target", torch.float64)
    estimate = metrics.rooted(golden.input("predicted", torch.float64) + target, 0)
    truth = metrics.rooted(target, 0)
    return {
        "mpjpe": 1000 * metrics.mpjpe(estimate, truth).mean(),
        "pa_mpjpe": 1000 * metrics.p_mpjpe(estimate, truth).mean(),
        "pck": _percent(metrics.pck(estimate, truth)),
        "auc": _percent(metrics.auc(estimate, truth)),
    }


@adapter("diff3dhpe", "metrics")
def diff3dhpe(golden: Golden) -> Outputs:
    truth = golden.input("gt")
    estimate = truth + golden.input("err").to(truth)
    truth, estimate = truth.double(), estimate.double()  # after the sum, which is in float32
    official = truth[:, :14], estimate[:, :14]
    ours = {
        "mpjpe": metrics.mpjpe(estimate, truth).mean(),
        "joint_mpjpe_mm": 1000 * metrics.mpjpe(estimate, truth).mean(),
        "p_mpjpe": metrics.p_mpjpe(estimate, truth).mean(),
        "n_mpjpe": metrics.n_mpjpe(estimate, truth).mean(),
        "velocity": metrics.mpjve(estimate, truth),
        "pck150": _percent(metrics.pck(*official)),
        "auc150": _percent(metrics.auc(*official)),
    }
    for name in golden.outputs:
        if found := re.fullmatch(r"norm_(\d+)x(\d+)", name):
            size = torch.tensor([float(side) for side in found.groups()], dtype=torch.float64)
            pixels = golden.input("pixels", torch.float64) + 500
            ours[name] = to_screen(pixels, size.expand(*pixels.shape[:-2], 2))
    return ours


def _poseda(name: str) -> Metric | None:
    """The metric that an output is called after."""
    named: dict[str, Metric] = {
        "mpjpe": lambda estimate, truth: metrics.mpjpe(estimate, truth).mean(),
        "mpjpe_joint": lambda estimate, truth: metrics.joint_error(estimate, truth).mean(dim=0),
        "mpjpe_pose": metrics.mpjpe,
        "p_mpjpe": lambda estimate, truth: metrics.p_mpjpe(estimate, truth).mean(),
        "p_mpjpe_pose": metrics.p_mpjpe,
        "n_mpjpe": lambda estimate, truth: metrics.n_mpjpe(estimate, truth).mean(),
        "n_mpjpe_pose": metrics.n_mpjpe,
        "velocity": metrics.mpjve,
        "auc": lambda estimate, truth: _percent(metrics.auc(estimate, truth)),
    }
    if found := re.fullmatch(r"pck(\d+(?:[._]\d+)?)", name):
        threshold = float(found[1].replace("_", ".")) / 1000
        return lambda estimate, truth: _percent(metrics.pck(estimate, truth, threshold=threshold))
    return named.get(name)


@adapter("poseda", "metrics")
def poseda(golden: Golden) -> Outputs:
    ours = {}
    for case in {name.removesuffix("_gt") for name in golden.inputs if name.endswith("_gt")}:
        estimate = golden.input(f"{case}_pred", torch.float64)
        truth = golden.input(f"{case}_gt", torch.float64)
        for name in golden.outputs:
            if name.startswith(f"{case}_") and (metric := _poseda(name.removeprefix(f"{case}_"))):
                ours[name] = metric(estimate, truth)
    return ours


@adapter("PoSynDA", "pck_auc")
def pck_auc(golden: Golden) -> Outputs:
    config = golden.config
    errors = golden.input("joint_error").double().abs()
    groups = [[joint - 1 for joint in group] for group in config["groups_1_based"].values()]
    hits = 100 * metrics.below(errors / 1000, config["threshold_mm"] / 1000)
    areas = 100 * metrics.share_of_thresholds(
        errors / 1000, [threshold / 1000 for threshold in config["auc_thresholds_mm"]]
    )
    counted = [joint for group in groups for joint in group]
    return {
        "pck_groups": torch.stack([hits[:, group].mean() for group in groups]),
        "auc_groups": torch.stack([areas[:, group].mean() for group in groups]),
        "pck_total": hits[:, counted].mean(),
        "auc_total": areas[:, counted].mean(),
        "mpjpe_17": errors.mean(),
    }


@adapter("L2D-Pose", "metrics")
def l2d_pose(golden: Golden) -> Outputs:
    estimate, truth = golden.input("pred_mm") / 1000, golden.input("truth_mm") / 1000
    torso = golden.config["left_shoulder"], golden.config["right_hip"]
    hits = metrics.keypoint_hits(
        golden.input("pred_2d", torch.float64),
        golden.input("truth_2d", torch.float64),
        torso=torso,
        fraction=golden.config["pdj_fraction"],
    )
    return {
        "mpjpe": 1000 * metrics.mpjpe(estimate, truth),
        "p_mpjpe": 1000 * metrics.p_mpjpe(estimate, truth),
        "pdj_hits": hits,
        "pdj_percent": _percent(hits.double()),
    }
