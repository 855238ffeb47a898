"""Cameras, bones and rotations of the publications."""

import re

import numpy as np
import torch
from torch import Tensor

from crosslift.camera import (
    Camera,
    camera_to_world,
    from_screen,
    project,
    screen_camera,
    stacked,
    to_screen,
    world_to_camera,
)
from crosslift.cameras_h36m import h36m_camera, mpi_inf_3dhp_camera, packed, unpacked
from crosslift.geometry import (
    at_joints,
    bone_directions,
    bone_lengths,
    bone_vectors,
    poses_from_bones,
    published_axis_angle_to_matrix,
    quaternion_to_matrix,
    with_bones_scaled,
    with_lengths,
)
from crosslift.kinematics.templates import TEMPLATES
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16

from ..golden import Golden, Outputs, adapter

RATIO_OF_BONE = [0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, 7, 8]
"""Which of PoseAug's nine ratios stretches each bone."""


@adapter("poseda", "bone algebra")
def bone_algebra(golden: Golden) -> Outputs:
    poses, skeleton = golden.input("poses"), _skeleton(golden)
    factors = 1 + golden.input("blr")[:, RATIO_OF_BONE, 0]
    swapped = golden.input("templates")[golden.input("template_index")]
    vectors = bone_vectors(poses, skeleton)
    return {
        "bone_vectors": -vectors,  # parent minus child
        "lengths": bone_lengths(poses, skeleton)[..., None],
        "units": -bone_directions(poses, skeleton),
        "rebuilt": poses_from_bones(vectors, torch.zeros_like(poses[:, 0]), skeleton),
        "scaled": with_bones_scaled(poses, factors, skeleton),
        "swapped": with_lengths(poses, at_joints(swapped, skeleton), skeleton),
    }


@adapter("poseda", "camera functions")
def camera_functions(golden: Golden) -> Outputs:
    size = golden.config["width"], golden.config["height"]
    screen = (2.0, 2 * size[1] / size[0])
    bent = unpacked(golden.input("camera"), screen)
    pixels, poses = golden.input("pixels"), golden.input("poses")
    placed = _placed(golden.input("quaternion"), golden.input("translation"))
    return {
        "project": project(golden.input("points"), bent, clamped=True),
        "project_linear": project(golden.input("points"), _ideal(bent), clamped=True),
        "screen": to_screen(pixels, pixels.new_tensor(size)),
        "world_to_camera": world_to_camera(poses, placed),
        "camera_to_world": camera_to_world(poses, placed),
    }


@adapter("poseda", "axis angle to matrix")
def axis_angle(golden: Golden) -> Outputs:
    return {"matrix": published_axis_angle_to_matrix(golden.input("axis_angle"))}


@adapter("PoSynDA", "projection")
def projection(golden: Golden) -> Outputs:
    points = golden.input("points") + torch.tensor([0.0, 0.0, 4.0])
    points[0, 0, 2] = 0.05
    pixels, world = golden.input("pixels"), golden.input("world")
    placed = _placed(golden.input("quaternion"), golden.input("translation"))
    turned = world_to_camera(world, placed)
    made = {"world_to_camera": turned, "camera_to_world": camera_to_world(turned, placed)}
    for name, stated in golden.config.get("cameras", {}).items():
        numbers = torch.tensor([*stated["f"], *stated["c"], *stated["k"], *stated["p"]])
        camera = screen_camera(unpacked(numbers, (stated["w"], stated["h"])))
        made[f"full_{name}"] = project(points, camera, clamped=True)
        made[f"linear_{name}"] = project(points, _ideal(camera), clamped=True)
        made[f"camera_{name}"] = packed(camera)
    millimetres = points * 1000
    for first, last in _numbers_in(golden, r"(?:camera_)?hp_(\d)_(\d)"):
        camera = mpi_inf_3dhp_camera(f"TS{first}")
        made[f"hp_{first}_{last}"] = project(millimetres, camera, clamped=True)
        made[f"camera_hp_{first}_{last}"] = packed(camera)
    for width, height in _numbers_in(golden, r"(?:norm|back)_(\d+)(?:x(\d+))?"):
        size = torch.tensor([float(width), float(height or width)])
        label = f"{width}x{height}" if height else width
        made[f"norm_{label}"] = to_screen(pixels, size)
        made[f"back_{label}"] = from_screen(to_screen(pixels, size), size)
    return made


@adapter("DH-AUG", "camera")
def dh_aug_camera(golden: Golden) -> Outputs:
    world = golden.input("world", torch.float64)
    world[-1] *= 4
    cameras = stacked([
        screen_camera(h36m_camera(subject, index, torch.float64))
        for subject, index in golden.config["cameras"]
    ]).map(lambda tensor: tensor[:, None])  # fmt: skip
    seen = world_to_camera(world.expand(len(cameras.focal), *world.shape), cameras)
    return {
        "camera_space": seen,
        "keypoints": project(seen, cameras, clamped=True),
        "back_to_world": camera_to_world(seen, cameras),
    }


@adapter("DH-AUG", "bone-length swap")
def bone_length_swap(golden: Golden) -> Outputs:
    lengths = torch.from_numpy(np.array(TEMPLATES, dtype=np.float32))[golden.input("template")]
    return {"pose": with_lengths(golden.input("pose"), at_joints(lengths, H36M_16), H36M_16)}


def _skeleton(golden: Golden) -> Skeleton:
    parents = tuple(golden.meta["parents16"])
    return Skeleton("golden", tuple(f"joint {i}" for i in range(len(parents))), parents)


def _placed(quaternion: Tensor, position: Tensor) -> Camera:
    """A camera that stands at `position`, turned from its own axes to the world's."""
    rotation = quaternion_to_matrix(quaternion).mT
    ones = torch.ones_like(position[:2])
    return Camera(ones, ones * 0, rotation, -rotation @ position, ones)


def _ideal(camera: Camera) -> Camera:
    return Camera(camera.focal, camera.centre, camera.rotation, camera.translation, camera.size)


def _numbers_in(golden: Golden, pattern: str) -> list[tuple[str, ...]]:
    """The numbers in the names of those outputs that fit the pattern."""
    fits = (re.fullmatch(pattern, name) for name in golden.outputs)
    return [fit.groups() for fit in fits if fit]
