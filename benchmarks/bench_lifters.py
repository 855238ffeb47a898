"""How fast the lifting networks are in their inference form, beside their plain twins.

    python -m benchmarks.bench_lifters [--threads 1] [--repeats 5] [--only NAME...] [--compiled]

One JSON line for each network and precision. The twin (`tests/plain`) is an eager float32 module of
the publication's shape with the same weights; `ratio` is its time by ours in the same run, the
repeats taken in turns. Networks whose answer is one frame of a window go along a clip: the twin
window by window, ours by `along`; VideoPose3D's twin takes the clip as a whole.

MixSTE has a line for products of integers (int8) as well. With `--compiled`, the forms that
PyTorch's compiler makes have lines too; making them takes minutes.

The keypoints are of synthetic walks, and the norms of batches hold their statistics.

    python -m benchmarks.bench_lifters --only memory        # an hour's recording: growth in MiB
    python -m benchmarks.bench_lifters --only precision     # what a lower precision costs, in mm

For the latter, small networks learn walks for a moment first: weights that know nothing answer
every pose alike, and a shift beside such an answer says nothing.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from benchmarks.timing import interleaved, report
from crosslift.camera import to_screen
from crosslift.networks.iganet import IGANET_H36M, IGANet
from crosslift.networks.inference import for_inference
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.poseformer import PoseFormer
from crosslift.networks.pstmo import PSTMO
from crosslift.networks.simple_baseline import MARTINEZ, POSEAUG_MLP, SimpleBaseline
from crosslift.networks.stgcn import STGCN, STGCN_3
from crosslift.networks.videopose import VideoPose, VideoPoseSettings
from tests.people import seen_walker
from tests.plain import semgcn, twin

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "int8": torch.int8}
HOUR = 108_000
PLAIN = "plain twin"
STEPS = 400


@dataclass(frozen=True)
class Case:
    """A network and what it is given."""

    network: Callable[[], nn.Module]
    poses: int
    """That come out."""
    window: int = 0
    """Frames of one pose, for networks that go along a clip; otherwise 0."""
    frames: int = 0
    """Of a batch's entry, for networks that give them all; 0 for those without that axis."""
    joints: int = 17
    at_once: bool = False
    """Whether the plain twin goes along the clip by itself."""
    integers: bool = False
    """Whether there is a form with products of integers."""

    def keypoints(self) -> Tensor:
        """Screen coordinates of walks, cut as the network takes them."""
        if self.window:
            return walks(self.poses + self.window - 1)[None]
        if self.frames:
            return walks(self.poses).unflatten(0, (-1, self.frames))
        every = walks(self.poses)
        return every if self.joints == 17 else without_nose(every)


CASES = {
    "MixSTE, 243 frames": Case(MixSTE, 243, frames=243, integers=True),
    "PoseFormer, 81 frames": Case(PoseFormer, 32, window=81),
    "P-STMO-S, 243 frames": Case(PSTMO, 32, window=243),
    "VideoPose3D, 243 frames": Case(VideoPose, 2048, window=243, at_once=True),
    "ST-GCN, 3 frames": Case(lambda: STGCN(STGCN_3), 256, window=3),
    "ST-GCN, 1 frame": Case(STGCN, 1024, frames=1),
    "SemGCN": Case(semgcn, 3072, joints=16),
    "SimpleBaseline": Case(lambda: SimpleBaseline(POSEAUG_MLP), 4096, joints=16),
    "IGANet": Case(IGANet, 256),
}


def walks(frames: int) -> Tensor:
    """Keypoints of people who walk before several cameras, one after the other."""
    parts, seed = [], 0
    while sum(map(len, parts)) < min(frames, 4096):
        clip = seen_walker(seconds=10.0, seed=seed)
        parts.append(to_screen(clip.keypoints, clip.camera.size))
        seed += 2
    some = torch.cat(parts)
    return some.repeat(-(-frames // len(some)), 1, 1)[:frames]


def settled(network: nn.Module, keypoints: Tensor) -> nn.Module:
    """The network with norms that have seen the keypoints and places that differ."""
    for name, parameter in network.named_parameters():
        if "pos_embed" in name:
            nn.init.normal_(parameter, std=0.02)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.momentum = None  # the mean of what is seen
            layer.train()
            nn.init.uniform_(layer.weight, 0.5, 1.0)
    network(keypoints)
    return network.eval()


def first_window(case: Case, keypoints: Tensor) -> Tensor:
    """What the network can be given as it is."""
    return keypoints.unfold(1, case.window, 1)[0].movedim(-1, 1) if case.window else keypoints


class Form(NamedTuple):
    """An inference form that is measured."""

    precision: str
    compiled: bool

    def of(self, network: nn.Module) -> nn.Module:
        """The network in this form."""
        return for_inference(network, PRECISIONS[self.precision], compiled=self.compiled)


def forms(case: Case, *, compiled: bool) -> list[Form]:
    """What is measured of a network."""
    some = [Form("float32", False), Form("bfloat16", False)]
    some += [Form("int8", False)] if case.integers else []
    return some + ([Form("float32", True), Form("bfloat16", True)] if compiled else [])


def measure(name: str, case: Case, repeats: int, *, compiled: bool) -> None:
    """Lines of one network."""
    torch.manual_seed(0)
    keypoints = case.keypoints()
    network = settled(case.network().eval(), first_window(case, keypoints)[:256])
    plain = twin(network)
    runs: dict[str, Callable[[], Tensor]] = {PLAIN: lambda: plainly(plain, case, keypoints)}
    measured = {str(form): form for form in forms(case, compiled=compiled)}
    for form_name, form in measured.items():
        fast = form.of(network)
        runs[form_name] = along(fast, keypoints) if case.window else calling(fast, keypoints)
    taken = interleaved(runs, repeats=repeats, warm=1)
    expected = runs[PLAIN]()
    report(f"{name}, {PLAIN}", taken[PLAIN], **rate(case, taken[PLAIN]))
    for form_name, form in measured.items():
        seconds = taken[form_name]
        facts: dict[str, object] = {**form._asdict(), **rate(case, seconds)}
        facts["ratio"] = round(taken[PLAIN] / seconds, 2)
        report(name, seconds, **facts, **difference(runs[form_name](), expected))


def along(network: nn.Module, keypoints: Tensor) -> Callable[[], Tensor]:
    """A call that goes along the clip."""
    return lambda: network.along(keypoints)


def calling(network: nn.Module, keypoints: Tensor) -> Callable[[], Tensor]:
    """A call on all keypoints."""
    return lambda: network(keypoints)


def plainly(plain: nn.Module, case: Case, keypoints: Tensor) -> Tensor:
    """The twin's poses: window by window, of the middle frame, where it knows nothing better."""
    if not case.window or case.at_once:
        return plain(keypoints)
    poses = []
    for first in range(case.poses):
        found = plain(keypoints[:, first : first + case.window])
        found = found[0] if isinstance(found, tuple) else found
        poses.append(found[:, found.shape[1] // 2])
    return torch.stack(poses, dim=1)


def rate(case: Case, seconds: float) -> dict[str, object]:
    """What a line says of size and speed."""
    return {"poses": case.poses, "poses_a_second": round(case.poses / seconds)}


def difference(found: Tensor, expected: Tensor) -> dict[str, object]:
    """How far numbers lie apart, and how far from zero they are."""
    apart = (found - expected).abs()
    figures = {
        "largest_difference": apart.max(),
        "mean_difference": apart.mean(),
        "mean_size": expected.abs().mean(),
    }
    return {name: float(f"{value:.2g}") for name, value in figures.items()}


def memory() -> None:
    """By how much an hour's recording makes the process grow, beside the model; Linux only."""
    keypoints = walks(HOUR)[None]
    for precision in ("float32", "bfloat16"):
        network = for_inference(
            settled(VideoPose().eval(), keypoints[:, :512]), PRECISIONS[precision]
        )
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
        before = resident("VmRSS")
        seconds = interleaved({"hour": along(network, keypoints)}, repeats=1, warm=0)["hour"]
        peak = resident("VmHWM")
        facts = {
            "precision": precision,
            "frames": HOUR,
            "grown_mib": peak - before,
            "peak_mib": peak,
        }
        report("VideoPose3D, 243 frames, an hour", seconds, **facts)


def resident(what: str) -> int:
    """MiB of memory that the process has, or at its peak had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith(what))
    return int(kib) // 1024


def precision() -> None:
    """What becomes of poses in a lower precision, by networks that have learned a little."""
    keypoints, poses = lesson()
    learners: dict[str, tuple[nn.Module, Tensor, Tensor]] = {
        "ST-GCN, 1 frame": (STGCN(), keypoints[:, None], poses[:, None]),
        "SimpleBaseline": (
            SimpleBaseline(replace(MARTINEZ, joints=17, regressed=17)),
            keypoints,
            poses,
        ),
        "IGANet, 128 wide": (IGANet(replace(IGANET_H36M, width=128)), keypoints, poses),
        "SemGCN": (semgcn(), without_nose(keypoints), without_nose(poses)),
        "VideoPose3D, 9 frames, 256 channels": (
            VideoPose(VideoPoseSettings(filter_widths=(3, 3), channels=256)),
            keypoints.unfold(0, 9, 1).movedim(-1, 1),
            poses[4:-4, None],
        ),
        "MixSTE, 9 frames, 64 wide": (
            MixSTE(MixSTESettings(frames=9, width=64, depth=3)),
            keypoints[: len(keypoints) // 9 * 9].unflatten(0, (-1, 9)),
            poses[: len(poses) // 9 * 9].unflatten(0, (-1, 9)),
        ),
    }
    for name, (network, given, wanted) in learners.items():
        learn(network, given, wanted)
        with torch.inference_mode():
            exact, lower = network(given), for_inference(network, torch.bfloat16)(given)
        shift = 1000 * (lower - exact).norm(dim=-1).flatten()
        errors = [1000 * (each - wanted).norm(dim=-1).mean().item() for each in (exact, lower)]
        facts = {"mpjpe_mm": round(errors[0], 3), "moved_by_mm": round(errors[1] - errors[0], 4)}
        facts |= {"mean_shift_mm": round(shift.mean().item(), 4)}
        facts |= {"shift_mm_99": round(shift.quantile(0.99).item(), 4)}
        report(f"price of bfloat16: {name}", 0.0, poses=len(given), **facts)


def lesson() -> tuple[Tensor, Tensor]:
    """Screen coordinates of walks and their poses about the root, in metres."""
    clips = [seen_walker(seconds=10.0, seed=2 * number) for number in range(8)]
    poses = torch.cat([clip.poses[0] for clip in clips])
    keypoints = torch.cat([to_screen(clip.keypoints, clip.camera.size) for clip in clips])
    return keypoints, poses - poses[:, :1]


def learn(network: nn.Module, given: Tensor, wanted: Tensor) -> None:
    """A few steps of Adam towards the poses; norms of batches then see all keypoints once."""
    rng = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(network.train().parameters(), lr=1e-3)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, STEPS)
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    for _ in range(STEPS):
        some = torch.randint(len(given), (64,), generator=rng)
        optimizer.zero_grad()
        (network(given[some]) - wanted[some]).norm(dim=-1).mean().backward()
        optimizer.step()
        slower.step()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None
    with torch.no_grad():
        network(given)
    network.eval()


def without_nose(values: Tensor) -> Tensor:
    """Of the 17 joints, those of SemGCN."""
    return torch.cat([values[:, :9], values[:, 10:]], dim=1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[], help="beginnings of names, or memory")
    parser.add_argument("--compiled", action="store_true", help="also what the compiler makes")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    with torch.inference_mode():
        for name, case in CASES.items():
            if not asked.only or name.startswith(tuple(asked.only)):
                measure(name, case, asked.repeats, compiled=asked.compiled)
        if not asked.only or "memory" in asked.only:
            memory()
    if not asked.only or "precision" in asked.only:
        precision()


if __name__ == "__main__":
    main()
