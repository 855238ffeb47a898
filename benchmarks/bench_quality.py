"""What smoothing brings, how near the floor is found, and what spoilt clips look like to a check.

    python -m benchmarks.bench_quality [--data DIR] [--seed 0] [--only ground]

One JSON line for each thing that was done to clips whose truth is known: made-up people (all kinds
of both presets) and, with the folder of the motion corpus, its `source_val`. Times are of 108,000
frames, an hour at 30 a second, in one thread.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Generator, Tensor

from benchmarks.timing import commit, machine
from crosslift.camera import to_image_plane
from crosslift.clip import Clip
from crosslift.data.mocap import Mocap
from crosslift.domain import Domain, fit_domain
from crosslift.ground import estimated_ground, given_ground, standing
from crosslift.ground.floor import first_root
from crosslift.ground.upright import bodies_of, upright
from crosslift.lifting import placed as put
from crosslift.motion import Motion
from crosslift.observe import observe, perfect
from crosslift.quality import CHECKS, quality_of
from crosslift.skeletons import H36M_17
from crosslift.smoothing import Smoothing, smoothed
from crosslift.synth import PRESETS, DetectorModel, draw_body, record, rig_named
from crosslift.synth.recordings import Settings, recordings
from crosslift.synth.rigs import placed

KINDS = tuple(kind for preset in PRESETS.values() for kind in preset.kinds)
STANDING_RIGS = ("ring", "high", "low", "off_centre", "far", "overhead")
UPRIGHT = tuple(kind for kind in KINDS[:16] if kind not in ("crawl", "lie_down"))
LYING = ("crawl", "lie_down")
OTHER_ORDER = [9, 11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3, 0, 7, 8, 10]
HOUR = 108_000
Change = Callable[[Clip], Clip]


def unplaced(clip: Clip) -> Clip:
    """The clip before a camera of which nobody knows where it stands."""
    camera = replace(clip.camera, rotation=torch.eye(3), translation=torch.zeros(3))
    return replace(clip, camera=camera)


def seen(motion: Motion, rig: str, rng: Generator, detector: Callable = perfect) -> Clip:
    """A motion before a camera of a rig, with the true poses."""
    return observe(motion, placed(rig_named(rig), motion.positions, motion.fps, rng), detector, rng)


def noise(metres: float, rng: Generator, lasting: int = 1) -> Change:
    """Every joint off by normal errors, drawn anew every so many frames."""

    def change(clip: Clip) -> Clip:
        _, frames, joints, _ = clip.poses.shape
        off = torch.randn(joints * 3, 1, -(-frames // lasting) + 1, generator=rng)
        if lasting > 1:
            off = torch.nn.functional.interpolate(off, size=frames, mode="linear") * 1.2
        off = off[:, 0, :frames].T.reshape(1, frames, joints, 3)
        return replace(clip, poses=clip.poses + metres * off)

    return change


def wandering(share: float, rng: Generator) -> Change:
    """The whole body nearer and further by a share of its distance, changing twice a second."""

    def change(clip: Clip) -> Clip:
        off = torch.randn(1, 1, max(len(clip) // 15, 2), generator=rng)
        off = torch.nn.functional.interpolate(off, size=len(clip), mode="linear")[0, 0]
        return replace(clip, poses=clip.poses * (1 + share * off)[:, None, None])

    return change


def again(turn: Sequence[float] = (1, 1, 1), focal: float = 1.0) -> Change:
    """Placed by reprojection, with the body mirrored or flattened, or a wrong focal length."""

    def change(clip: Clip) -> Clip:
        about = (clip.poses - clip.poses[:, :, :1]) * torch.tensor(turn)
        camera = replace(clip.camera, focal=clip.camera.focal * focal)
        return put(replace(clip, poses=None, camera=camera), about)

    return change


def swapped(clip: Clip) -> Clip:
    """The poses with left and right taken for each other."""
    return replace(clip, poses=clip.poses[:, :, list(H36M_17.mirror)])


def lost(share: float, rng: Generator) -> Change:
    """A share of the keypoints is not found."""

    def change(clip: Clip) -> Clip:
        gone = torch.rand(clip.scores.shape, generator=rng) < share
        return replace(
            clip,
            keypoints=torch.where(gone[..., None], torch.nan, clip.keypoints),
            scores=torch.where(gone, 0, clip.scores),
            observed=clip.observed & ~gone,
        )

    return change


def turned(degrees: float) -> Change:
    """The keypoints of each frame turned in the picture about their middle."""
    angle = math.radians(degrees)
    turn = torch.tensor([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])

    def change(clip: Clip) -> Clip:
        middle = clip.keypoints.nanmean(dim=1, keepdim=True)
        return replace(clip, keypoints=(clip.keypoints - middle) @ turn + middle)

    return change


def reordered(order: Sequence[int]) -> Change:
    """Keypoints in another order than the skeleton's."""

    def change(clip: Clip) -> Clip:
        parts = (clip.keypoints, clip.scores, clip.observed)
        keypoints, scores, observed = (part[:, list(order)] for part in parts)
        return replace(clip, keypoints=keypoints, scores=scores, observed=observed)

    return change


def tell(what: str, **figures: object) -> None:
    """One line of the results."""
    print(json.dumps({"what": what, **figures}), flush=True)


def spread(values: Sequence[float]) -> list[float]:
    """The median and the 95th percentile."""
    found = torch.tensor(values, dtype=torch.float64)
    return [round(float(found.quantile(at)), 3) for at in (0.5, 0.95)]


def bench_smoothing(rng: Generator) -> None:
    """Millimetres from the truth before and after smoothing."""
    truths = [seen(record(kind, draw_body(rng), 30.0, 6.0, rng), "ring", rng) for kind in KINDS]
    settings = [Smoothing()]
    settings += [Smoothing("spline", cutoff) for cutoff in (2.0, 4.0, 6.0, 10.0)]
    settings += [Smoothing("one_euro", 6.0, beta) for beta in (0.0, 1.0, 5.0)]
    for metres in (0.0, 0.02, 0.04):
        spoilt = [noise(metres, rng)(clip) for clip in truths]
        for way in settings:
            off = [_off(smoothed(a, way), b) for a, b in zip(spoilt, truths, strict=True)]
            tell(
                "smoothing", noise_mm=1000 * metres, how=way.words, mm=round(sum(off) / len(off), 2)
            )


def _off(clip: Clip, truth: Clip) -> float:
    return 1000 * float((clip.poses - truth.poses).norm(dim=-1).mean())


def bench_ground(rng: Generator) -> None:
    """Tilt and floor that were found, beside the true ones and what was said of the doubt."""
    for kind in KINDS:
        motions = [record(kind, draw_body(rng), 30.0, 8.0, rng) for _ in range(2)]
        clips = [seen(motion, rig, rng) for motion in motions for rig in STANDING_RIGS]
        for metres, share in ((0.0, 0.0), (0.02, 0.0), (0.04, 0.0), (0.04, 0.02)):
            found = [_floor(clip, [noise(metres, rng), wandering(share, rng)]) for clip in clips]
            names = ("degrees", "prior_degrees", "cm", "said_degrees", "said_cm")
            figures = {
                name: spread(each)
                for name, each in zip(names, zip(*found, strict=True), strict=True)
            }
            tell("ground", kind=kind, noise_mm=1000 * metres, depth_noise=share, **figures)


def _floor(clip: Clip, changes: Sequence[Change]) -> tuple[float, ...]:
    truth, estimate = given_ground(clip.camera), unplaced(clip)
    for change in changes:
        estimate = change(estimate)
    ground = estimated_ground(estimate)
    root = first_root(clip)
    off = float(root @ (ground.up - truth.up)) + ground.height - truth.height
    tilts = [
        _degrees(up, truth.up) for up in (ground.up, upright(bodies_of([estimate])).up.float())
    ]
    return *tilts, 100 * abs(off), ground.tilt_spread_degrees, 100 * ground.height_spread


def _degrees(first: Tensor, second: Tensor) -> float:
    return math.degrees(math.acos(min(1.0, float(first @ second))))


def bench_quality(people: str, clips: Sequence[Clip], rng: Generator) -> None:
    """The figures of right clips, and of clips that were spoilt."""
    smooth = Smoothing("spline")
    ways: dict[str, Change] = {
        "truth": lambda clip: clip,
        "truth, placed by reprojection": again(),
        **{f"{1000 * m:.0f} mm": noise(m, rng) for m in (0.02, 0.04, 0.08)},
        "40 mm, smoothed": lambda clip: smoothed(noise(0.04, rng)(clip), smooth),
        "40 mm that last": noise(0.04, rng, 10),
        "80 mm that last": noise(0.08, rng, 10),
        "depth mirrored": again((1, 1, -1)),
        "left and right swapped": swapped,
        "flat": again((1, 1, 0)),
        "focal length 20 % short": again(focal=0.8),
        "focal length 20 % long": again(focal=1.2),
        "40 % of joints lost": lost(0.4, rng),
    }
    names = [name for name in CHECKS if name != "unlike_training"]
    for way, change in ways.items():
        found = [quality_of(change(clip)) for clip in clips]
        figures = {}
        for name in names:
            values = [getattr(each, name) for each in found]
            figures[name] = spread([CHECKS[name].scale * v for v in values if v is not None])
        doubtful = sum(each.doubtful for each in found) / len(found)
        tell("quality", people=people, way=way, **figures, doubtful=round(doubtful, 3))


def bench_domain(seed: int) -> None:
    """How many frames are beyond the 99th percentile of a training, by what was done to them."""

    def made(
        kinds: tuple[str, ...], number: int, frames: int, preset: str = "source"
    ) -> list[Clip]:
        settings = Settings(preset, frames, kinds, seconds=6.0)
        return list(recordings(settings, Generator().manual_seed(seed + number)))

    training = torch.cat([_windows(clip) for clip in made(UPRIGHT, 0, 100_000)])
    domain = fit_domain(training, H36M_17, Generator().manual_seed(seed))
    rng = Generator().manual_seed(seed)
    same = made(UPRIGHT, 1, 20_000)
    usual = torch.tensor([domain.score(clip).beyond for clip in same])
    _judge(domain, "new people, the same movements", same, usual)
    _judge(domain, "crawling and lying down", made(LYING, 2, 5_000), usual)
    _judge(domain, "other movements, bodies, cameras", made((), 3, 10_000, "target"), usual)
    ways: dict[str, Change] = {
        "camera upside down": turned(180),
        "camera on its side": turned(90),
        "camera rolled by 30 degrees": turned(30),
        "joints in another order": reordered(OTHER_ORDER),
        "left and right swapped": reordered(H36M_17.mirror),
        "30 % of joints lost": lost(0.3, rng),
        **{f"keypoints off by {s:.0%} of the height": _blurred(s, rng) for s in (0.02, 0.05)},
    }
    for way, change in ways.items():
        _judge(domain, way, [change(clip) for clip in same], usual)
    size = sum(each.numel() * each.element_size() for each in domain.tensors().values())
    tell("domain", way="size", bytes=size, frames=training.shape[0] * training.shape[1])


def _windows(clip: Clip) -> Tensor:
    plane = to_image_plane(clip.keypoints, clip.camera)
    return plane[: len(plane) // 20 * 20].unflatten(0, (-1, 20))


def _blurred(share: float, rng: Generator) -> Change:
    def change(clip: Clip) -> Clip:
        low, high = (clip.keypoints[..., 1].nan_to_num(fill) for fill in (math.inf, -math.inf))
        size = (high.amax(dim=1) - low.amin(dim=1)).median()
        off = torch.randn(clip.keypoints.shape, generator=rng)
        return replace(clip, keypoints=clip.keypoints + share * size * off)

    return change


def _judge(domain: Domain, way: str, clips: Sequence[Clip], usual: Tensor) -> None:
    scores = [domain.score(clip) for clip in clips]
    beyond = torch.tensor([score.beyond for score in scores if score.beyond is not None])
    pairs = beyond[:, None] - usual[None]
    tell(
        "domain",
        way=way,
        clips=len(beyond),
        beyond=round(float(beyond.mean()), 4),
        percentile=round(float(torch.tensor([s.percentile for s in scores if s.frames]).median())),
        called_doubtful=round(float((beyond > CHECKS["unlike_training"].most).float().mean()), 3),
        auc=round(float((pairs > 0).float().mean() + (pairs == 0).float().mean() / 2), 3),
    )


def bench_speed(clip: Clip, seed: int) -> None:
    """Seconds for an hour of frames."""
    rows = -(-HOUR // len(clip))
    parts = (clip.keypoints, clip.scores, clip.observed)
    keypoints, scores, observed = (part.repeat(rows, *[1] * (part.ndim - 1)) for part in parts)
    poses = clip.poses.repeat(1, rows, 1, 1)
    hour = replace(clip, keypoints=keypoints, scores=scores, observed=observed, poses=poses)
    domain = fit_domain(_windows(hour)[:1000], H36M_17, Generator().manual_seed(seed))
    calls = {
        "smoothed, spline": lambda: smoothed(hour, Smoothing("spline")),
        "smoothed, one_euro": lambda: smoothed(hour, Smoothing("one_euro")),
        "estimated_ground": lambda: estimated_ground(hour),
        "standing": lambda: standing(hour, ground),
        "quality_of": lambda: quality_of(hour, ground=ground),
        "Domain.score": lambda: domain.score(hour),
    }
    ground = estimated_ground(hour)
    for name, call in calls.items():
        begun = time.perf_counter()
        call()
        tell("seconds an hour", call=name, seconds=round(time.perf_counter() - begun, 2))


def synthetic(rng: Generator) -> Iterator[Clip]:
    """Made-up people of both presets, each before one camera that stands still."""
    settings = [
        Settings(preset, 180 * 3 * len(PRESETS[preset].kinds), (), seconds=6.0, views=1)
        for preset in PRESETS
    ]
    for each in settings:
        for clip in recordings(each, rng):
            if clip.camera.focal.ndim == 1:
                yield unplaced(clip)


def corpus(folder: Path, rng: Generator) -> Iterator[Clip]:
    """Recorded people, each before one camera of the ring."""
    for motion in Mocap(file=("source_val.npz",)).read(folder):
        if isinstance(motion, Motion):
            yield unplaced(seen(motion, "ring", rng, DetectorModel()))


def main() -> None:
    """All figures, or those whose name was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    tell("run", seed=asked.seed, commit=commit(), machine=machine(), torch=torch.__version__)

    def rng() -> Generator:
        return Generator().manual_seed(asked.seed)

    people = list(synthetic(rng()))
    benches: dict[str, Callable[[], None]] = {
        "smoothing": lambda: bench_smoothing(rng()),
        "ground": lambda: bench_ground(rng()),
        "quality": lambda: bench_quality("made-up", people, rng()),
        "domain": lambda: bench_domain(asked.seed),
        "speed": lambda: bench_speed(people[0], asked.seed),
    }
    if asked.data:
        real = list(corpus(asked.data, rng()))
        benches["quality, corpus"] = lambda: bench_quality("source_val", real, rng())
    for name, bench in benches.items():
        if asked.only in name:
            bench()


if __name__ == "__main__":
    main()
