"""DH-AUG: its generators, its critics with their penalties, and what the generator minimises."""

from dataclasses import replace

import torch
from torch import Tensor

from crosslift.augment.dh_body import Made, Meaning, lengths_of, meant, placed, scaled
from crosslift.camera import Camera, project, world_to_camera
from crosslift.cameras_h36m import unpacked
from crosslift.geometry import mirror, quaternion_to_matrix
from crosslift.networks.angle_generator import (
    COLUMNS,
    AngleGenerator,
    AngleGeneratorSettings,
)
from crosslift.networks.critics import (
    BodyCritic,
    Critic,
    MotionCritic,
    PictureCritic,
    PictureMotionCritic,
    angle_cosines,
    between,
    penalty,
)
from crosslift.skeletons import H36M_16

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

RELEASED = Meaning(shifted_arms=True)
SCREEN = (2.0, 2.0)


def generator_of(golden: Golden) -> AngleGenerator:
    weights = golden.weights()
    width, noise = weights["preprocess.0.weight"].shape
    frames = len(weights["deconv_out.bias"]) // COLUMNS
    return loaded(AngleGenerator(AngleGeneratorSettings(frames, width, noise)), golden)


def lengths(golden: Golden, source: Tensor, frames: int) -> Tensor:
    """Of each pose of the source, scaled alike in all frames of a clip."""
    source = source.reshape(-1, frames, 16, 3)
    shares = golden.input("bone_scale").to(source)
    return scaled(lengths_of(source, H36M_16), shares[:, None])


@adapter("DH-AUG", "generator (")
def generators(golden: Golden) -> Outputs:
    network = generator_of(golden)
    limits = "wide" if golden.config.get("angle_limits", True) else "none"
    meaning = replace(RELEASED, limits=limits)
    raw = network(golden.input("noise"))
    made = meant(raw, meaning)
    frames = network.settings.frames
    poses = placed(made, lengths(golden, golden.input("source"), frames), meaning)
    found = {"raw": raw.flatten(1), "angles": numbered(made), "pose": poses.flatten(2)}
    if "single" in golden.meta["model"]:
        found["pose"] = found["pose"][:, 0]
    return {
        name: each.reshape(golden.outputs[name].shape) if name in golden.outputs else each
        for name, each in found.items()
    }


def numbered(made: Made) -> Tensor:
    """The columns J1 to J34 and the turn, in degrees; J24 does not exist."""
    angles = made.angles.flatten(0, -2)
    nothing = torch.zeros_like(angles[:, :1])
    columns = [angles[:, :23], nothing, angles[:, 23:], made.turn.flatten(0, -2)]
    return torch.cat(columns, dim=1).rad2deg()


def critic_of(golden: Golden) -> Critic:
    kind, of = golden.meta["model"].split()[-1], golden.config
    weights, frames = golden.weights(), of.get("frames", 1)
    width = len(next(iter(weights.values())))
    if kind == "3d":
        return loaded(BodyCritic(width), golden)
    if kind == "2d":
        return loaded(PictureCritic(width), golden)
    if kind == "motion2d":
        return loaded(PictureMotionCritic(frames, width), golden)
    branches = {"joints": of.get("pos_branch", True), "changes": of.get("diff_branch", True)}
    return loaded(MotionCritic(frames, width, **branches), golden)


@adapter("DH-AUG", "discriminator")
def critics(golden: Golden) -> Outputs:
    critic = critic_of(golden)
    real, made = golden.input("real"), golden.input("fake")
    per_frame = isinstance(critic, PictureMotionCritic)
    found = {"real": critic(real), "fake": critic(made)}
    if "kcs_real" in golden.outputs:
        cosines, sizes = angle_cosines(real)
        both = torch.cat([cosines, sizes], dim=-1) if real.ndim == 3 else cosines
        found["kcs_real"] = both.flatten(0, -2)
    critic.requires_grad_(True)
    shares = golden.input("alpha").reshape(real.shape[: 2 if per_frame else 1])
    found |= with_norm(critic, between(real, made, shares), "frame" if per_frame else "row")
    if "alpha_per_clip" in golden.inputs:
        points = between(real, made, golden.input("alpha_per_clip")[:, 0])
        per_clip = with_norm(critic, points, "row")
        found |= {f"{name}_per_clip": value for name, value in per_clip.items()}
    return found


def with_norm(critic: Critic, points: Tensor, per: str) -> dict[str, Tensor]:
    """The penalty, and how large its gradient to all weights is."""
    critic.zero_grad()
    value = penalty(critic, points, per=per)
    value.backward()
    grads = [each.grad.norm() for each in critic.parameters() if each.grad is not None]
    return {
        "gradient_penalty": value.double(),
        "penalty_param_grad_norm": torch.stack(grads).norm().double(),
    }


@adapter("DH-AUG", "generator step")
def generator_step(golden: Golden) -> Outputs:
    """The mirrored halves enter the value and not the gradient, as released."""
    of, network = golden.config, generator_of(golden).requires_grad_(True)
    body = critic_with(golden, BodyCritic, "parameters_d3d")
    picture = critic_with(golden, PictureCritic, "parameters_d2d")
    made = meant(network(golden.input("noise")), RELEASED)
    world = placed(made, lengths(golden, golden.input("source"), 1), RELEASED)[:, 0]
    camera = camera_of(golden)
    keypoints = project(world_to_camera(world, camera), camera, clamped=True)
    shown = [(body, world - world[:, :1]), (picture, keypoints)]
    scores = [critic(rows).mean() for critic, rows in shown]
    if of.get("flip", True):
        mirrored = [critic(mirror(rows.detach(), H36M_16)).mean() for critic, rows in shown]
        both = [(plain + turned) / 2 for plain, turned in zip(scores, mirrored, strict=True)]
    else:
        mirrored, both = [], scores
    value = of["weight3d"] * both[0] + of["weight2d"] * both[1]
    value.backward()
    return {
        "pose": world,
        "keypoints": keypoints,
        "loss": value.double(),  # the release writes down what is to grow
        "adv": torch.stack([*scores, *mirrored]).double(),
        "grad_norms": torch.stack([each.grad.norm() for each in network.parameters()]).double(),
    }


def critic_with(golden: Golden, kind: type[Critic], key: str) -> Critic:
    width = golden.meta[key][0][1][0]
    own = replace(golden, meta={**golden.meta, "parameters": golden.meta[key]})
    return loaded(kind(width), own)


def camera_of(golden: Golden) -> Camera:
    """The nine numbers of the lens, where the camera is turned, and where it stands."""
    numbers = golden.input("camera")
    rotation = quaternion_to_matrix(numbers[9:13]).mT
    camera = replace(
        unpacked(numbers[:9], SCREEN), rotation=rotation, translation=-rotation @ numbers[13:]
    )
    return camera.map(lambda each: each.float())
