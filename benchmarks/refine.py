"""What refining a recording by its own keypoints brings, and which forms of it were tried.

    python -m benchmarks.refine --data DIR [--clips 12] [--seed 0] [--only forms]

DIR is the folder of the motion corpus. One JSON line for each part of the corpus, lifter and kind
of keypoints: errors before and after, and in how many clips the error is more than 1 % larger.
Then one line for each form on other synthetic people than those of the first lines, on which form
and weights were chosen; for steps of the lifter's weights instead, on the same people; and for each
way in which something that was told is wrong. Clips have 5 seconds. The person's stature is told,
the bones are estimated from the clip by itself.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from benchmarks.shipped_figures import estimated, recorded, truth_of
from benchmarks.timing import commit, machine
from crosslift import synth
from crosslift.adapt.low_rank import with_additions
from crosslift.clip import Clip
from crosslift.find_lifter import find_lifter
from crosslift.geometry import stature
from crosslift.lifters.direct import Sliding
from crosslift.lifting import lift
from crosslift.metrics import acceleration_error, mpjpe, p_mpjpe, rooted
from crosslift.networks.low_rank import LowRankSettings
from crosslift.protocols import Lifter
from crosslift.refine import Refining, Trust, refined_clip
from crosslift.refine.bones import Bones
from crosslift.refine.evidence import Evidence
from crosslift.refine.guard import stretch
from crosslift.synth.detector import DetectorModel

FRAMES = 150
ENDLESS = 1e9
"""Seconds: so that steps end a refinement, and the same numbers come out everywhere."""
CHOSEN = Refining(seconds=ENDLESS)
TUNING_SEED = 100
"""Of the people on whom form and weights were chosen."""
Change = Callable[[Clip], Clip]


def trusting(**changes: float) -> Refining:
    """The chosen form with other weights."""
    return replace(CHOSEN, trust=replace(Trust(), **changes))


NEVER = 1e6
"""What hardly counts, in any unit."""


@dataclass(frozen=True)
class Form:
    """A way to refine."""

    settings: Refining = CHOSEN
    held: bool = False


FORMS = {
    "chosen": Form(),
    "1 round": Form(replace(CHOSEN, rounds=1)),
    "2 rounds": Form(replace(CHOSEN, rounds=2)),
    "300 steps a round": Form(replace(CHOSEN, steps=300)),
    "bones held": Form(held=True),
    "without reprojection": Form(trusting(surest=NEVER)),
    "without bones": Form(trusting(bones=NEVER)),
    "without the lifter's directions": Form(trusting(directions=NEVER)),
    "without motion": Form(trusting(acceleration=NEVER)),
    "accelerations not robust": Form(trusting(leap=NEVER)),
    "keypoints not robust": Form(trusting(outlier=NEVER)),
    "without limits": Form(trusting(limits=NEVER)),
}


def scaled_focal(factor: float) -> Change:
    """A camera of another focal length than the true one."""
    return lambda clip: replace(clip, camera=replace(clip.camera, focal=clip.camera.focal * factor))


def certain(clip: Clip) -> Clip:
    """The clip of a detector that is always certain."""
    return replace(clip, scores=clip.observed.to(clip.scores))


def another_body(clip: Clip) -> Clip:
    """The clip with all legs told 15 % longer than they are."""
    assert clip.body is not None, "estimated"
    legs = [clip.skeleton.index(f"{side}_{joint}") for side in ("left", "right")
            for joint in ("knee", "ankle")]  # fmt: skip
    factor = torch.ones_like(clip.body)
    factor[legs] = 1.15
    return replace(clip, body=clip.body * factor)


WRONG: dict[str, Change] = {
    "scores are all 1": certain,
    "focal length 25 % short": scaled_focal(0.75),
    "focal length 25 % long": scaled_focal(1.25),
    "legs told 15 % long": another_body,
}


@dataclass
class Sums:
    """Figures of clips before and after."""

    before: list[list[float]] = field(default_factory=list)
    after: list[list[float]] = field(default_factory=list)
    kept: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Of one thread: of lifting, and of refining, by turns."""

    def line(self) -> dict[str, object]:
        """Means, and how many clips became worse."""
        before, after = torch.tensor(self.before), torch.tensor(self.after)
        ratio = after[:, 0] / before[:, 0]
        names = ("mpjpe_mm", "p_mpjpe_mm", "acceleration_mm")
        means = {
            name: [
                round(float(before[:, place].mean()), 2),
                round(float(after[:, place].mean()), 2),
            ]
            for place, name in enumerate(names)
        }
        lifting, refining = sum(self.seconds[::2]), sum(self.seconds[1::2])
        return {
            **means,
            "clips": len(ratio),
            "worse": int((ratio > 1.01).sum()),
            "worst_ratio": round(float(ratio.max()), 3),
            "kept": sum(self.kept),
            "times_as_long_as_lifting": round(refining / lifting, 1),
        }


def figures(clip: Clip, truth: Tensor) -> list[float]:
    """Millimetres: of joints, after alignment, and of second differences."""
    assert clip.poses is not None, "lifted"
    ours, theirs = (rooted(each, clip.skeleton.root).double() for each in (clip.poses[0], truth))
    known = theirs.isfinite().flatten(1).all(dim=1)
    off = (mpjpe(ours[known], theirs[known]).mean(), p_mpjpe(ours[known], theirs[known]).mean())
    return [1000 * float(each) for each in (*off, acceleration_error(ours, theirs))]


def judged(
    clips: Sequence[Clip], lifter: Lifter, form: Form, change: Change | None = None
) -> dict[str, object]:
    """Figures before and after refining clips with true poses and estimated bones."""
    sums = Sums()
    for clip in clips:
        told = replace(clip, poses=None)
        told = told if change is None else change(told)
        begun = time.process_time()
        before = lift(told, lifter, Generator().manual_seed(0), rigid_limbs=True)
        between = time.process_time()
        found = refined_clip(before, lifter, form.settings, Generator().manual_seed(0),
                             held=form.held, rigid_limbs=True)  # fmt: skip
        sums.seconds += [between - begun, time.process_time() - between]
        sums.before.append(figures(before, truth_of(clip)))
        sums.after.append(figures(found.clip, truth_of(clip)))
        sums.kept.append(found.guarded is not None and found.guarded.kept == found.guarded.parts)
    return sums.line()


def low_rank_steps(
    clips: Sequence[Clip], lifter: Sliding, steps: int, rate: float = 1e-3
) -> dict[str, object]:
    """The same of steps of low-rank additions to the lifter, under what is known of the poses."""
    sums = Sums()
    for clip in clips:
        begun = time.process_time()
        before = lift(replace(clip, poses=None), lifter, Generator().manual_seed(0))
        between = time.process_time()
        found = by_low_rank(before, lifter, steps, rate)
        sums.seconds += [between - begun, time.process_time() - between]
        sums.before.append(figures(before, truth_of(clip)))
        sums.after.append(figures(found, truth_of(clip)))
        sums.kept.append(True)
    return sums.line()


def by_low_rank(clip: Clip, lifter: Sliding, steps: int, rate: float) -> Clip:
    """A lifted clip whose poses are those of the lifter with additions for this clip alone."""
    assert clip.poses is not None and clip.body is not None, "lifted by a lifter that is told it"
    rng, body = Generator().manual_seed(0), clip.body[None]
    student = with_additions(lifter, LowRankSettings(layers=(".",), rank=8), rng)
    assert isinstance(student, Sliding), "as the lifter is"
    camera = clip.camera[None] if clip.camera.focal.ndim > 1 else clip.camera[None][None]
    root = clip.poses[:, :, [clip.skeleton.root]].clone().requires_grad_(True)
    bones = Bones.of(clip.poses, clip.skeleton, clip.body)
    bones = replace(bones, logs=bones.logs.requires_grad_(True))
    evidence = Evidence.of(clip, Trust())
    added = [each for each in student.network.parameters() if each.requires_grad]
    optimizer = torch.optim.Adam([
        {"params": added, "lr": rate}, {"params": [root], "lr": 0.01},
        {"params": [bones.logs], "lr": 0.02},
    ])  # fmt: skip
    bent, poses = torch.zeros(1, len(clip), dtype=torch.bool), clip.poses
    for _ in range(steps):
        poses = student.slide(clip.keypoints[None], camera, rng,
                              scores=clip.scores[None], body=body)[0] + root  # fmt: skip
        cost = evidence.contradicted(poses, bones.of_bones, bent) / len(clip)
        cost = cost + (bones.logs / evidence.trust.proportions).square().sum()
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
    return replace(clip, poses=poses.detach())


def made_up(preset: str, clips: int, detector: str, seed: int) -> list[Clip]:
    """Synthetic people, each before one camera."""
    rng = Generator().manual_seed(seed)
    settings = synth.Settings(preset, clips * FRAMES, seconds=FRAMES / 30, views=1, exact=True)
    seen = synth.recordings(settings, rng)
    return [clip if detector == "none" else DetectorModel()(clip, rng) for clip in seen]


def parts(data: Path, clips: int, seed: int) -> Iterator[tuple[str, str, list[Clip]]]:
    """The name of each part, whether its keypoints are true ones, and its clips."""
    for detector in ("none", "model"):
        for preset in ("target", "source"):
            yield f"synthetic {preset}", detector, made_up(preset, clips, detector, seed)
        for people in ("target", "source"):
            found = recorded(data, f"{people}_val.npz", people, 1, detector, seed)
            all_ = [clip for each in found for clip in each]
            chosen = [all_[round(at)] for at in torch.linspace(0, len(all_) - 1, clips).tolist()]
            yield f"{people}_val", detector, [stretch(clip, slice(FRAMES)) for clip in chosen]


def informed(clips: Sequence[Clip]) -> list[Clip]:
    """Clips with bones that were estimated from each by itself, and the true stature."""
    found = []
    for clip in clips:
        assert clip.body is not None, "made from motion capture"
        tall = float(stature(clip.body, clip.skeleton))
        found.append(replace(clip, body=estimated([clip], tall)[0].body))
    return found


def tell(what: str, **facts: object) -> None:
    """One line of the results."""
    print(json.dumps({"what": what, **facts}), flush=True)


def bench_parts(data: Path, clips: int, seed: int) -> None:
    """Lines for the parts of the corpus and synthetic people."""
    for part, detector, found in parts(data, clips, seed):
        told = informed(found)
        for name in ("general", "live"):
            line = judged(told, find_lifter(name).lifter, Form())
            tell("part", people=part, detector=detector, lifter=name, **line)


def bench_forms(clips: int) -> None:
    """Lines for the forms of refining."""
    lifter = find_lifter("general").lifter
    for detector in ("none", "model"):
        told = informed(made_up("target", clips, detector, TUNING_SEED))
        for name, form in FORMS.items():
            tell("form", form=name, detector=detector, **judged(told, lifter, form))


def bench_low_rank(clips: int) -> None:
    """Lines for steps of low-rank additions, and for the chosen form on the same people."""
    fast, lifter = (find_lifter("general", fast=fast).lifter for fast in (True, False))
    assert isinstance(lifter, Sliding), "of the package"
    for detector in ("none", "model"):
        told = informed(made_up("target", clips, detector, TUNING_SEED))
        for steps in (30, 60):
            line = low_rank_steps(told, lifter, steps)
            tell("low rank", form=f"{steps} low-rank steps", detector=detector, **line)
        tell("low rank", form="chosen", detector=detector, **judged(told, fast, Form()))


def bench_wrong(clips: int, seed: int) -> None:
    """Lines for what is told wrongly."""
    lifter = find_lifter("general").lifter
    told = informed(made_up("target", clips, "model", seed))
    for name, change in WRONG.items():
        tell("wrong", wrong=name, detector="model", **judged(told, lifter, Form(), change))


def main() -> None:
    """All figures, or those whose name was asked for."""
    parser = argparse.ArgumentParser(description="What refining brings.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", choices=["", "parts", "forms", "low_rank", "wrong"])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    tell("run", seed=asked.seed, clips=asked.clips, commit=commit(), machine=machine(),
         torch=torch.__version__)  # fmt: skip
    kinds: dict[str, Callable[[], None]] = {
        "parts": lambda: bench_parts(asked.data, asked.clips, asked.seed),
        "forms": lambda: bench_forms(asked.clips),
        "low_rank": lambda: bench_low_rank(asked.clips),
        "wrong": lambda: bench_wrong(asked.clips, asked.seed),
    }
    for name, measure in kinds.items():
        if asked.only in ("", name):
            measure()


if __name__ == "__main__":
    main()
