"""What the code itself says of the lifters: settings with their words, published forms, sizes."""

import ast
import inspect
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

import torch

from crosslift import registry
from crosslift.errors import CrossliftError
from crosslift.lifters.diffusion import Diffusion
from crosslift.lifters.direct import Direct
from crosslift.lifters.inputs import Inputs
from crosslift.networks import (
    d3dp,
    grand,
    iganet,
    mixste,
    poseformer,
    pstmo,
    semgcn,
    simple_baseline,
    stgcn,
    time_mixer,
    videopose,
)
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16, H36M_17, SKELETONS

LIFTERS = {
    "simple_baseline": "SimpleBaseline",
    "semgcn": "SemGCN",
    "stgcn": "ST-GCN",
    "iganet": "IGANet",
    "videopose": "VideoPose3D",
    "poseformer": "PoseFormer",
    "mixste": "MixSTE",
    "pstmo": "P-STMO",
    "bodywise": "Bodywise",
    "d3dp": "D3DP",
    "diff3dhpe": "Diff3DHPE",
}
"""Those with a network, as their publications call them: the published ones that answer at once
from simple to large, ours, and those that draw from noise."""

NETWORKS: dict[str, ModuleType] = {
    "simple_baseline": simple_baseline,
    "semgcn": semgcn,
    "stgcn": stgcn,
    "iganet": iganet,
    "videopose": videopose,
    "poseformer": poseformer,
    "mixste": mixste,
    "pstmo": pstmo,
    "bodywise": time_mixer,
    "d3dp": d3dp,
    "diff3dhpe": grand,
}
CLASSES = {
    "simple_baseline": simple_baseline.SimpleBaseline,
    "stgcn": stgcn.STGCN,
    "iganet": iganet.IGANet,
    "videopose": videopose.VideoPose,
    "poseformer": poseformer.PoseFormer,
    "mixste": mixste.MixSTE,
    "pstmo": pstmo.PSTMO,
    "d3dp": d3dp.D3DP,
    "diff3dhpe": grand.GrandMixSTE,
}
"""Of the networks with published forms, but for SemGCN, which is built for a skeleton."""
NEED_NUMBERS = ("semgcn", "stgcn")
"""Networks that compute with their graph while they are built."""
TOLD = (Inputs(), Inputs(scores=True), Inputs(scores=True, body=True))


@dataclass(frozen=True)
class Setting:
    """A line of a table of settings."""

    path: str
    default: str
    says: str
    follows: bool = False
    """Whether the lifter sets it, whatever is asked for."""


@dataclass(frozen=True)
class Form:
    """Published sizes of a network."""

    name: str
    says: str
    words: str
    """Of the command line, where they differ from the lifter's default."""
    frames: int
    weights: int


@dataclass(frozen=True)
class Facts:
    """A lifter in its default form."""

    frames: int
    answers: str
    told: str
    skeletons: str
    weights: int


def recipe(name: str) -> str:
    """The recipe that trains a lifter."""
    return "diffusion" if isinstance(built(name, H36M_17), Diffusion) else "supervised"


def settings(name: str) -> list[Setting]:
    """All settings of a lifter but those of its inputs, which are the same for all."""
    return list(_settings(registry.settings_of("lifter", name)(), "", following(name)))


def inputs() -> list[Setting]:
    """The settings of what networks are given."""
    return list(_settings(Inputs(), "inputs.", frozenset()))


def _settings(some: Any, prefix: str, follow: frozenset[str]) -> Iterator[Setting]:
    says: dict[str, str] = {}
    for kind in reversed([each for each in type(some).__mro__ if is_dataclass(each)]):
        says |= documented(kind)
    for field in fields(some):
        value = getattr(some, field.name)
        if isinstance(value, Inputs):
            link = "[which numbers](../which_lifter.md#what-a-network-is-given) a network is given"
            yield Setting("inputs", given_in_words(value), f"See {link}.")
        elif is_dataclass(value):
            yield from _settings(value, f"{prefix}{field.name}.", follow)
        else:
            yield Setting(
                prefix + field.name,
                shown(value),
                says.get(field.name, ""),
                follows=bool(prefix) and field.name in follow,
            )


def given_in_words(some: Inputs) -> str:
    """What a network is given, in a few words."""
    extras = [word for word in ("scores", "body") if getattr(some, word)]
    return ", ".join([f"unit {some.unit}", *extras])


def documented(of: type | ModuleType) -> dict[str, str]:
    """The text below each field of a class, or below each constant of a module."""
    tree = ast.parse(inspect.cleandoc(inspect.getsource(of)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else tree.body
    found, names = {}, []
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found |= {name: " ".join(str(node.value.value).split()) for name in names}
            names = []
        else:
            names = [each.id for each in _named(node)]
    return found


def _named(node: ast.stmt) -> list[ast.Name]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [each for each in targets if isinstance(each, ast.Name)]


def shown(value: Any) -> str:
    """A default as a person writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def built(
    name: str, skeleton: Skeleton, given: Inputs | None = None, network: Any = None
) -> Direct:
    """A lifter without memory for its weights.

    Args:
        given: What its network is given; the lifter's default unless said.
    """
    asked = registry.settings_of("lifter", name)()
    asked = asked if given is None else replace(asked, inputs=given)
    asked = asked if network is None else replace(asked, network=network)
    with nullcontext() if name in NEED_NUMBERS else torch.device("meta"):
        lifter = asked.build(skeleton)
    assert isinstance(lifter, Direct), "a lifter with a network"
    return lifter


def buildable(name: str, skeleton: Skeleton, given: Inputs | None = None) -> bool:
    """Whether there is such a lifter."""
    try:
        built(name, skeleton, given)
    except CrossliftError:
        return False
    return True


def told(name: str) -> Inputs:
    """The most that a lifter can be told."""
    return [each for each in TOLD if buildable(name, H36M_17, each)][-1]


def following(name: str) -> frozenset[str]:
    """The sizes of a network that a lifter sets from its skeleton and inputs."""
    asked = getattr(registry.settings_of("lifter", name)(), "network", None)
    if asked is None:
        return frozenset({"bones", "sides", "centre"})
    networks = [built(name, each, told(name)).network for each in (H36M_17, H36M_16)]
    return frozenset(
        field.name
        for field in fields(asked)
        for network in networks
        if getattr(getattr(network, "settings", asked), field.name) != getattr(asked, field.name)
    )


def forms(name: str) -> list[Form]:
    """The published forms of a network; its joints stay those that the lifter is built for."""
    module, says = NETWORKS[name], documented(NETWORKS[name])
    lifter = registry.settings_of("lifter", name)()
    default = getattr(lifter, "network", None)
    found = []
    for constant, value in vars(module).items():
        if not constant.isupper() or not type(value).__name__.endswith("Settings"):
            continue
        words = "" if default is None else differing(default, value, following(name))
        network = module_of(name, value)
        frames = getattr(value, "receptive_field", getattr(value, "frames", 1))
        found.append(Form(constant, says.get(constant, ""), words, frames, weights(network)))
    return found


def module_of(name: str, network: Any) -> torch.nn.Module:
    """A published network itself, with the joints that were published."""
    if name == "semgcn":
        return built(name, H36M_16, network=network).network
    with nullcontext() if name in NEED_NUMBERS else torch.device("meta"):
        return CLASSES[name](network)


def differing(default: Any, other: Any, follow: frozenset[str]) -> str:
    """The words of the command line that make one of the other."""
    words = []
    for field in fields(other):
        value = getattr(other, field.name)
        if field.name in follow or value == getattr(default, field.name):
            continue
        option = f"network.{field.name}".replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--lifter.{option if value else option.replace('.', '.no-')}")
        elif isinstance(value, tuple) and value and isinstance(value[0], tuple):
            listed = [list(each) for each in value]
            words.append(f"{field.name} = {listed} in [lifter.network] of a settings file")
        else:
            words.append(f"--lifter.{option} {shown(value)}")
    return " ".join(words)


def weights(network: torch.nn.Module) -> int:
    """The number of learned numbers."""
    return sum(each.numel() for each in network.parameters())


def facts(name: str) -> Facts:
    """A lifter at a glance."""
    lifter, most = built(name, H36M_17), told(name)
    answers = {"all": "every frame", "centre": "the middle frame", "last": "the last frame"}
    known = [each.name for each in SKELETONS.values() if buildable(name, each)]
    every = len(known) == len(SKELETONS)
    extras = [word for word in ("scores", "body") if getattr(most, word)]
    return Facts(
        lifter.frames,
        answers[lifter.predict],
        ", ".join(extras) or "nothing more",
        "any"
        if every
        else ", ".join(known)
        if len(known) < 5
        else f"{len(known)} of {len(SKELETONS)}",
        weights(lifter.network),
    )
