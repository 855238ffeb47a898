"""How near to the truth bone lengths are that were estimated from keypoints without labels.

    python -m benchmarks.bench_body --data DIR [--repeats 16] [--seed 0] [--only target]

DIR is the folder of the motion corpus. One JSON line for each kind of people, number of clips,
noise (as a share of the focal length), share of missing joints, and method; the error is that of
the ten kinds of bones' logarithms at equal stature, over all bones and repeats.

Methods: the average body for everyone; `moments`, which takes bones to point all ways alike;
`alternation`, which alternates between a frame's scale (the third largest, over bones, of apparent
over present length) and a bone's length (the 90th percentile over frames of apparent length over
scale), thirty times; and `crosslift.body`, whose spread is judged as well.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from benchmarks.timing import commit, machine
from crosslift import synth
from crosslift.body import Body, estimate_body
from crosslift.body.bones import OF_BONE, SKELETON, average, log_shares, of_kinds
from crosslift.body.estimate import on_plane
from crosslift.camera import Camera
from crosslift.clip import Clip, unlabelled
from crosslift.data.mocap import Mocap, read_rig
from crosslift.geometry import at_joints, bone_lengths
from crosslift.motion import Motion
from crosslift.observe import Jitter, observe

ALL = 0
"""Stands for all clips of a person."""
Shares = Tensor


@dataclass(frozen=True)
class Case:
    """What is shown to the methods."""

    clips: int
    noise: float = 0.0
    missing: float = 0.0
    frames: int | None = None
    """Neighbouring frames of each clip; all of them unless given."""


CASES = tuple(Case(clips, noise) for clips in (ALL, 40, 10, 3, 1) for noise in (0, 0.001, 0.003))
SPARSE = tuple(Case(clips, noise, 0.3) for clips in (40, 10, 3, 1) for noise in (0, 0.003))
FEW = tuple(Case(clips, noise) for clips in (10, 3, 1) for noise in (0, 0.003))
SHORT = tuple(Case(1, noise, frames=frames) for frames in (15, 1) for noise in (0, 0.003))


def apparent(clips: Sequence[Clip]) -> Tensor:
    """How long each bone of each frame looks on the image plane; NaN where it is not seen."""
    return torch.cat([bone_lengths(on_plane(clip), SKELETON) for clip in clips])


def even(bones: Tensor) -> Tensor:
    """The proportions of a body with these bones, both sides alike."""
    return log_shares(of_kinds(at_joints(bones, SKELETON)))


def alternation(clips: Sequence[Clip], rounds: int = 30, level: float = 0.9) -> Shares:
    """Frames' scales from lengths, lengths from scales, in turns."""
    seen = apparent(clips)
    bones = average()[list(OF_BONE)]
    total = bones.sum()
    other = [SKELETON.mirror[child] - 1 for _, child in SKELETON.bones]
    for _ in range(rounds):
        scale = (seen / bones).nan_to_num(-1).topk(3, dim=-1).values[:, -1:]
        relative = seen / torch.where(scale > 1e-6, scale, torch.nan)
        longest = relative.nanquantile(level, dim=0)
        bones = torch.where(longest.isfinite(), longest, bones)
        bones = (bones + bones[other]) / 2
        bones = bones * total / bones.sum()
    return even(bones)


def moments(clips: Sequence[Clip]) -> Shares:
    """Root mean squares of apparent lengths, each frame in units of its own."""
    seen = apparent(clips)
    size = (seen / average()[list(OF_BONE)]).square().nanmean(dim=-1, keepdim=True).sqrt()
    return even((seen / size).square().nanmean(dim=0).sqrt().nan_to_num(1.0))


def shares_of(body: Body) -> Shares:
    """An estimated body's proportions."""
    return log_shares(of_kinds(body.lengths))


def camera_for(cameras: Sequence[Camera], rng: Generator) -> Camera:
    """Any one of the cameras."""
    return cameras[int(torch.randint(len(cameras), (), generator=rng))]


def recorded(motion: Motion, camera: Camera, case: Case, rng: Generator) -> Clip:
    """A motion as the camera sees it, with the noise and the gaps of the case."""
    if case.frames is not None:
        start = int(torch.randint(len(motion) - case.frames + 1, (), generator=rng))
        part = motion.positions[start : start + case.frames]
        motion = replace(motion, positions=part)
    clip = observe(motion, camera, Jitter(case.noise * float(camera.focal.mean())), rng)
    lost = torch.rand(clip.scores.shape, generator=rng) < case.missing
    return replace(
        clip,
        keypoints=torch.where(lost[..., None], torch.nan, clip.keypoints),
        scores=torch.where(lost, 0, clip.scores),
        observed=clip.observed & ~lost,
    )


def corpus(data: Path, file: str, least: int = 1) -> list[list[Motion]]:
    """The motions of a part of the corpus, by body, of bodies with enough of them."""
    people: dict[str, list[Motion]] = {}
    for motion in Mocap(file=(file,)).read(data):
        people.setdefault(motion.labels["body"], []).append(motion)
    return [motions for motions in people.values() if len(motions) >= least]


def views(
    people: list[list[Motion]], cameras: Sequence[Camera], case: Case, repeats: int, rng: Generator
) -> Iterator[list[Clip]]:
    """What the methods see: some clips of one person, each before one of the cameras."""
    for motions in people:
        for _ in range(repeats if case.clips else 1):
            count = case.clips or len(motions)
            chosen = torch.randperm(len(motions), generator=rng)[:count].tolist()
            yield [recorded(motions[i], camera_for(cameras, rng), case, rng) for i in chosen]


def made_up(exact: bool, case: Case, repeats: int, rng: Generator) -> Iterator[list[Clip]]:
    """Synthetic people of the preset `target`, as its cameras and the detector model see them."""
    for _ in range(repeats):
        settings = synth.Settings(
            preset="target", frames=300 * case.clips, views=min(case.clips, 2), exact=exact
        )
        body = synth.draw_body(rng, synth.TARGET.bodies)
        clips = []
        for number in range(settings.recordings):
            kind = synth.TARGET.kinds[number % len(synth.TARGET.kinds)]
            motion = synth.record(kind, body, 30.0, 10.0, rng)
            for view in range(settings.views):
                rig = synth.RIGS[synth.TARGET.rigs[view % len(synth.TARGET.rigs)]]
                camera = synth.placed(rig, motion.positions, motion.fps, rng)
                detector = Jitter(0.0) if exact else settings.detector
                clips.append(observe(motion, camera, detector, rng))
        yield clips


def judge(name: str, case: Case, sets: Iterator[list[Clip]]) -> None:
    """Print one line for each method."""
    errors: dict[str, list[Tensor]] = {}
    standard, spreads = [], []
    methods: dict[str, Callable[[list[Clip]], Shares]] = {
        "average": lambda _: torch.zeros(10),
        "moments": moments,
        "alternation": alternation,
    }
    for clips in sets:
        lengths = torch.stack([clip.body for clip in clips if clip.body is not None])
        truth = log_shares(of_kinds(lengths.mean(dim=0)))
        blind = [unlabelled(clip) for clip in clips]
        for method, estimate in methods.items():
            errors.setdefault(method, []).append(estimate(blind) - truth)
        body = estimate_body(blind)
        off = shares_of(body) - truth
        spread = of_kinds(body.spread) / of_kinds(body.lengths)
        errors.setdefault("crosslift.body", []).append(off)
        standard.append(off / spread)
        spreads.append(spread)
    for method, found in errors.items():
        line = line_of(name, case, method, torch.stack(found))
        if method == "crosslift.body":
            ratio = torch.stack(standard)
            line |= {
                "spread_percent": percent(torch.stack(spreads).mean()),
                "within_one_spread": round((ratio.abs() < 1).float().mean().item(), 3),
                "within_two_spreads": round((ratio.abs() < 2).float().mean().item(), 3),
                "error_over_spread_rms": round(ratio.square().mean().sqrt().item(), 2),
            }
        print(json.dumps(line), flush=True)


def line_of(name: str, case: Case, method: str, errors: Tensor) -> dict[str, object]:
    """The error of one method in one case."""
    return {
        "what": "bone lengths from keypoints",
        "people": name,
        "clips": case.clips or "all",
        "noise": case.noise,
        "missing": case.missing,
        "frames_of_a_clip": case.frames or "all",
        "method": method,
        "repeats": len(errors),
        "median_percent": percent(errors.abs().median()),
        "mean_percent": percent(errors.abs().mean()),
        "by_bone_percent": [percent(each) for each in errors.abs().mean(dim=0)],
    }


def percent(share: Tensor) -> float:
    """A share in per cent."""
    return round(100 * share.item(), 2)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Errors of estimated bone lengths.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    target, source = (
        list(read_rig(asked.data / f"rig_{name}.json")[1].values()) for name in ("target", "source")
    )
    print(json.dumps(facts(asked)), flush=True)
    groups = (
        ("target_train", target, CASES + SPARSE + SHORT, 1, asked.repeats),
        ("extra_train", target, FEW + SHORT, 10, max(asked.repeats // 4, 1)),
        ("source_val", source, FEW, 3, max(asked.repeats // 2, 1)),
    )
    for name, cameras, cases, least, repeats in groups:
        if asked.only in name:
            people = corpus(asked.data, f"{name}.npz", least)
            for case in cases:
                rng = Generator().manual_seed(asked.seed)
                judge(name, case, views(people, cameras, case, repeats, rng))
    for name, exact in (("synthetic, exact", True), ("synthetic, detected", False)):
        if asked.only in name:
            for clips in (8, 2, 1):
                rng = Generator().manual_seed(asked.seed)
                judge(name, Case(clips), made_up(exact, Case(clips), 2 * asked.repeats, rng))


def facts(asked: argparse.Namespace) -> dict[str, object]:
    """What the lines below it were made with."""
    return {
        "what": "run",
        "repeats": asked.repeats,
        "seed": asked.seed,
        "threads": torch.get_num_threads(),
        "commit": commit(),
        "machine": machine(),
        "torch": torch.__version__,
    }


if __name__ == "__main__":
    main()
