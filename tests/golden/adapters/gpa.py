"""Global position alignment, as PoseDA publishes it and PoSynDA copies it."""

from dataclasses import replace

import torch
from torch import Tensor

from crosslift.augment.depths import exact_depth, published_alignment
from crosslift.augment.footprints import Footprints
from crosslift.camera import Camera, project
from crosslift.cameras_h36m import unpacked
from crosslift.geometry import extent

from ..golden import Golden, Outputs, adapter

SCREEN = (2.0, 2.0)


@adapter("poseda", "gpa")
def gpa(golden: Golden) -> Outputs:
    target = golden.input("target_2d")[golden.input("index")]
    camera = pinholes(golden.input("camera"))
    source, target_64 = golden.input("source_3d", torch.float64), target.double()
    camera_64 = pinholes(golden.input("camera", torch.float64))
    varying = pinholes(golden.input("camera_varying", torch.float64))
    placed = published_alignment(source, target_64, camera_64)
    return {
        "pose_3d": published_alignment(golden.input("source_3d"), target, camera),
        "pose_3d_f64": placed,
        "pose_3d_varying_f64": published_alignment(source, target_64, varying),
        "projection": project(placed, camera_64),
        "exact_pose_3d_f64": exactly_aligned(source, target_64, camera_64),
    }


@adapter("PoSynDA", "global_position_redistribution")
def position_redistribution(golden: Golden) -> Outputs:
    source, target = golden.input("source_3d"), golden.input("target_2d")
    order = golden.input("permutation")
    if len(source) <= len(target):
        target = target[order]
    else:
        source = source[order]
    camera = unpacked(golden.input("camera"), SCREEN)
    return {"placed": published_alignment(source - source[:, :1], target, camera)}


def pinholes(numbers: Tensor) -> Camera:
    """Cameras of fx, fy, cx, cy alone."""
    return replace(unpacked(torch.nn.functional.pad(numbers, (0, 5)), SCREEN), distortion=None)


def exactly_aligned(source: Tensor, target: Tensor, camera: Camera) -> Tensor:
    """The poses whose boxes really are as large as the targets'."""
    about = source - source[:, :1]
    ray = (target[:, 0] - camera.centre) / camera.focal
    seen = torch.ones(target.shape[:2], dtype=torch.bool)
    wanted = Footprints(ray, extent(target).sum(dim=-1), seen, camera.focal.expand_as(ray))
    depth = exact_depth(about, wanted, 1e-3 - about[..., 2].amin(dim=-1))
    return about + (torch.cat([ray, torch.ones_like(ray[:, :1])], dim=-1) * depth[:, None])[:, None]
