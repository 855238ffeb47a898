"""The denoisers of D3DP and Diff3DHPE, their schedules, drawings and training targets."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from crosslift.diffusion import (
    Process,
    noise_schedule,
    noised,
    textbook_direction,
    time_weights,
    visited,
)
from crosslift.diffusion.process import D3DP as D3DP_PROCESS
from crosslift.diffusion.process import DIFF3DHPE_RELEASED
from crosslift.geometry import mirror
from crosslift.lifters.diffusion import Diffusion, no_single_pass
from crosslift.lifters.inputs import Inputs
from crosslift.networks.d3dp import D3DP
from crosslift.networks.grand import GrandAttention, GrandBlock, GrandMixSTE, GrandSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.skeleton import Skeleton

from ..golden import Golden, Outputs, adapter
from .networks_loading import loaded

PREFIX = "pose_estimator."
OURS = {
    "num_frame": "frames",
    "frames": "frames",
    "num_joints": "joints",
    "in_chans": "channels",
    "embed_dim": "width",
    "embed_dim_ratio": "width",
    "dim": "width",
    "depth": "depth",
    "num_heads": "heads",
    "heads": "heads",
    "mlp_ratio": "mlp_ratio",
    "qkv_bias": "qkv_bias",
    "drop_path_rate": "drop_path",
    "with_time_emb": "time_embedding",
}
"""Our names of the publications' arguments."""


def _sizes(config: dict[str, Any]) -> dict[str, Any]:
    return {OURS[name]: value for name, value in config.items() if name in OURS}


# D3DP


@adapter("PoSynDA", "mixste_denoiser")
def denoiser(golden: Golden) -> Outputs:
    network = loaded(D3DP(MixSTESettings(**_sizes(golden.config))), golden)
    times = golden.input("t")
    return {
        "pose_3d": network(golden.input("x_2d"), golden.input("x_3d"), times),
        "sinusoid": network.time_mlp[0](times),
        "time_embedding": network.moment(times),
    }


@adapter("PoSynDA", "diffusion_schedule")
def d3dp_schedule(golden: Golden) -> Outputs:
    schedule = noise_schedule("cosine", golden.config["timesteps"])
    for steps, pairs in golden.meta["time_pairs"].items():
        assert visited(int(steps), golden.config["timesteps"]) == tuple(pair[0] for pair in pairs)
    clean, noise = (golden.input(name, torch.float64) for name in ("x_start", "noise"))
    signal = schedule.signal[golden.input("t")]
    noisy = noised(clean, noise, signal)
    back = [textbook_direction(*each) for each in zip(noisy, clean, signal.tolist(), strict=True)]
    return {**schedule.tables(), "q_sample": noisy, "noise_back": torch.stack(back)}


@adapter("PoSynDA", "d3dp_sampler")
def d3dp_sampler(golden: Golden) -> Outputs:
    config = golden.config
    process = replace(
        D3DP_PROCESS, times=config["timesteps"], scale=config["scale"], eta=config["eta"]
    )
    drawing = Diffusion(
        _skeleton(golden, _d3dp(golden).settings.joints),
        _d3dp(golden),
        Inputs("screen"),
        no_single_pass,
        frames=config["frames"],
        process=process,
        hypotheses=config["num_proposals"],
        steps=config["sampling_timesteps"],
    )
    told = golden.input("x_2d")
    turned = mirror(told, drawing.skeleton) if config["flip"] else None
    stages = drawing.drawn(told, turned, _recorded(golden, "noise").__next__)
    return {"x_start": torch.stack([stage.clean for stage in stages], dim=1)}


@adapter("PoSynDA", "d3dp_training_forward")
def d3dp_training(golden: Golden) -> Outputs:
    config, times = golden.config, golden.input("t")
    unit = 1000 if config["millimetres"] else 1
    clean, noise = golden.input("x_3d"), _recorded(golden, "noise")
    clean[:, :, 0] = 0
    process = replace(D3DP_PROCESS, times=config["timesteps"], scale=config["scale"])
    drawn = torch.stack([next(noise) for _ in times])
    noisy = process.noised(clean, drawn, process.noise().signal.to(clean)[times])
    found = _d3dp(golden)(golden.input("x_2d"), noisy[:, None], times)
    return {"noisy_pose": noisy, "prediction": found[:, 0] * unit}


def _d3dp(golden: Golden) -> D3DP:
    """The denoiser of a file that names it as part of a whole."""
    network = D3DP(MixSTESettings(**_sizes(golden.config)))
    ours = [[PREFIX + name, list(value.shape)] for name, value in network.state_dict().items()]
    if ours != golden.meta["parameters"]:
        raise ValueError("The published state dict has other names or shapes.")
    weights = {name.removeprefix(PREFIX): each for name, each in golden.weights().items()}
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


# Diff3DHPE


@adapter("diff3dhpe", "ConditionalDiffusionMixSTE")
def grand(golden: Golden) -> Outputs:
    network = loaded(_grand(golden.meta["model"], golden.config), golden)
    keypoints, noisy = golden.input("x").split([golden.config["in_chans"], 3], dim=-1)
    return {"pose": network(keypoints, noisy[:, None], golden.input("time"))[:, 0]}


@adapter("diff3dhpe", "Attention (GRAND")
def grand_attention(golden: Golden) -> Outputs:
    config = golden.config
    layer = GrandAttention(config["dim"], config["num_heads"], config["qkv_bias"])
    return {"y": loaded(layer, golden)(golden.input("x"))}


@adapter("diff3dhpe", "Block")
def grand_block(golden: Golden) -> Outputs:
    settings = GrandSettings(**_sizes(golden.config) | {"drop_path": 0.0})
    block = loaded(GrandBlock(settings, golden.config["drop_path"]), golden)
    x = block.at(golden.input("x"), golden.input("time_emb"))
    along_time = block(x.transpose(1, 2).flatten(0, 1)).unflatten(0, (len(x), -1))
    return {
        "spatial": block(x.flatten(0, 1)).unflatten(0, (len(x), -1)),
        "temporal": along_time.transpose(1, 2),
    }


@adapter("diff3dhpe", "GaussianDiffusion schedule")
def diff3dhpe_schedule(golden: Golden) -> Outputs:
    times = golden.config["timesteps"]
    ours: dict[str, Any] = {
        f"times_{steps}": torch.tensor([*visited(steps, times), -1])
        for steps in golden.config["sampling_timesteps"]
    }
    for name in golden.config["beta_schedules"]:
        schedule = noise_schedule(name.replace("log", "log_"), times)
        tables = schedule.tables()
        ours |= {f"{name}_{table}": each.float() for table, each in tables.items()}
        ours[f"{name}_betas64"] = schedule.betas
    signal = noise_schedule("cosine", times).signal
    return ours | {
        "loss_coef": time_weights(signal).float(),
        "loss_coef_clipped": time_weights(signal, 3.0).float(),
    }


@adapter("diff3dhpe", "GaussianDiffusion over")
def diff3dhpe_sampler(golden: Golden) -> Outputs:
    config = golden.config
    network = loaded(_grand(golden.meta["model"], config["backbone"]), golden)
    plain = Diffusion(
        _skeleton(golden, network.settings.joints),
        network,
        Inputs("screen"),
        no_single_pass,
        frames=network.settings.frames,
        process=_process(config["diffusion"]),
        steps=config["diffusion"]["sampling_timesteps"],
        flips="own_noise",
    )
    told = golden.input("pose_2d")
    turned = mirror(told, plain.skeleton)
    first, second = _recorded(golden, "noise"), _recorded(golden, "noise_flip")

    def alternating() -> Iterator[Tensor]:
        for pair in zip(_recorded(golden, "noise"), second, strict=True):
            yield from pair

    stages = list(plain.drawn(told, None, lambda: next(first)[:, None]))
    both = alternating()
    *_, mean = plain.drawn(told, turned, lambda: next(both)[:, None])
    states = [stage.noisy[:, 0] for stage in stages]
    if network.settings.centre:  # whose release keeps the first noise as well
        states = [golden.input("noise_0"), *states]
    return {
        "pose": stages[-1].clean[:, 0],
        "reverse": torch.stack(states, dim=-1),
        "x0": torch.stack([stage.clean[:, 0] for stage in stages], dim=-1),
        "tta": mean.clean[:, 0] * config["scale"],
    }


@adapter("diff3dhpe", "GaussianDiffusion.p_losses")
def diff3dhpe_loss(golden: Golden) -> Outputs:
    config, times = golden.config, golden.input("time")
    network = loaded(_grand(golden.meta["model"], config["backbone"]), golden)
    network.requires_grad_(True)
    clean, process = golden.input("pose_3d"), _process(config["diffusion"])
    signal = process.noise().signal[times]
    noisy = process.noised(clean, golden.input("noise"), signal)
    found = network(golden.input("pose_2d"), noisy[:, None], times)[:, 0]
    squares = (found - clean).square()
    free, held = (
        time_weights(signal, most).to(clean)[:, None, None, None] * squares for most in (None, 3.0)
    )
    held.mean().backward()
    named = dict(network.named_parameters())
    norms = [named[name].grad.double().norm() for name in golden.meta["grad_names"]]
    return {
        "x_noisy": noisy,
        "loss_elements": free,
        "loss_mean": free.double().mean(),
        "loss_elements_clipped": held,
        "loss_mean_clipped": held.double().mean(),
        "grad_norms": torch.stack(norms),
    }


def _grand(model: str, config: dict[str, Any]) -> nn.Module:
    return GrandMixSTE(GrandSettings(**_sizes(config), centre="S2F" in model))


def _process(config: dict[str, Any]) -> Process:
    return replace(
        DIFF3DHPE_RELEASED,
        schedule=config["beta_schedule"].replace("log", "log_"),
        times=config["timesteps"],
        eta=config["ddim_sampling_eta"],
        limit=1.0 if config["clip_denoised"] else None,
    )


def _recorded(golden: Golden, name: str) -> Iterator[Tensor]:
    """The noise that was drawn when the file was made, in its order."""
    number = 0
    while f"{name}_{number}" in {**golden.inputs, **golden.filled}:
        yield golden.input(f"{name}_{number}")
        number += 1


def _skeleton(golden: Golden, joints: int) -> Skeleton:
    """Joints whose sides are those of the file."""
    names = [f"middle {number}" for number in range(joints)]
    pairs = zip(golden.config["joints_left"], golden.config["joints_right"], strict=True)
    for number, (left, right) in enumerate(pairs):
        names[left], names[right] = f"left_{number}", f"right_{number}"
    return Skeleton("golden", tuple(names), (-1, *[0] * (joints - 1)))
