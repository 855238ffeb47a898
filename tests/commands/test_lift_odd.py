"""crosslift lift, given recordings in which little or nobody is seen."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift import registry
from crosslift.cli import main
from crosslift.clip import Clip, unlabelled
from crosslift.data.any_file import Told, read
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.geometry import body_lengths
from crosslift.lifting import some_frames
from crosslift.rigid import limbs
from crosslift.skeletons import H36M_17

from ..people import seen_walker

FRAMES = 72
WALK = replace(unlabelled(seen_walker(FRAMES / 30)), name="walk")
FORMATS = tuple(registry.parts("writer"))
EMPTY = "The recording has no frames."
NOBODY = "Nobody was seen in any frame, so there are no poses."


def hidden(lost: torch.Tensor) -> Clip:
    """The walk without some of its keypoints."""
    return replace(
        WALK,
        keypoints=torch.where(lost[..., None], torch.nan, WALK.keypoints),
        scores=torch.where(lost, 0, WALK.scores),
        observed=WALK.observed & ~lost,
    )


def in_frames(*stretches: slice) -> torch.Tensor:
    """A mask of all joints in some stretches of frames."""
    mask = torch.zeros(FRAMES, 17, dtype=torch.bool)
    for stretch in stretches:
        mask[stretch] = True
    return mask


def of_joints(count: int) -> torch.Tensor:
    """A mask of some joints, in all frames."""
    mask = torch.zeros(FRAMES, 17, dtype=torch.bool)
    mask[:, torch.randperm(17, generator=torch.Generator().manual_seed(count))[:count]] = True
    return mask


ODD = {
    "nobody": (hidden(in_frames(slice(None))), NOBODY),
    "nobody in the first half": (hidden(in_frames(slice(36))), "seen in 36 of 72 frames"),
    "in one frame": (hidden(in_frames(slice(40), slice(41, None))), "seen in 71 of 72 frames"),
    "lost for 60 frames": (hidden(in_frames(slice(6, 66))), "seen in 60 of 72 frames"),
    "no frames": (some_frames(WALK, slice(0)), EMPTY),
    "one frame": (some_frames(WALK, slice(1)), ""),
    "two frames": (some_frames(WALK, slice(2)), ""),
    "scores of zero": (
        replace(WALK, scores=0 * WALK.scores, observed=torch.zeros_like(WALK.observed)), NOBODY
    ),
    **{f"without {count} joints": (hidden(of_joints(count)), "" if count < 17 else NOBODY)
       for count in (1, 5, 14, 15, 16, 17)},
}  # fmt: skip


def lifted(clip: Clip, folder, *words: str) -> tuple[int, dict]:
    """The exit code and what the summary says."""
    write_clip(folder / "odd.clip.safetensors", replace(clip, name="odd"))
    given, out = str(folder / "odd.clip.safetensors"), str(folder / "out")
    code = main(["lift", given, "-o", out, "--lifter", "flat", "--threads", "1", *words])
    summary = folder / "out" / "summary.json"
    return code, json.loads(summary.read_text())["inputs"][0] if summary.exists() else {}


QUICK = ("nobody", "nobody in the first half", "no frames", "one frame")
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in ODD]


@pytest.mark.parametrize("name", EACH)
def test_every_format_is_written_and_the_gaps_are_said(name, tmp_path, capsys):
    clip, sentence = ODD[name]
    code, told = lifted(clip, tmp_path, "--format", *FORMATS)
    assert code == 0, capsys.readouterr().err
    assert told["frames"] == len(clip) and sentence in " ".join(told["remarks"])
    out = tmp_path / "out"
    assert sentence in (out / "odd.html").read_text("utf-8")
    found = read_clip(out / "odd.clip.safetensors")
    assert torch.equal(found.observed, clip.observed)
    assert found.poses.shape == (1, len(clip), 17, 3)
    assert bool((found.poses.isnan() if sentence == NOBODY else found.poses.isfinite()).all())
    assert len(list(out.glob("data_?d_odd*.npz"))) == 2  # what VideoPose3D has two files for
    assert len(set(told["made"])) == len(FORMATS) - (len(clip) == 0)  # all others, and a page
    assert all((tmp_path / path).stat().st_size > 0 for path in told["made"])
    suffixes = {registry.settings_of("writer", each)().suffix for each in FORMATS}
    missing = {each for each in suffixes if not (out / f"odd{each}").exists()}
    assert missing == ({".c3d"} if len(clip) == 0 else set())


@pytest.mark.parametrize("name", ["nobody", "in one frame", "no frames", "one frame"])
def test_what_is_written_can_be_read_again(name, tmp_path):
    clip, _ = ODD[name]
    formats = ["npz", "json", "csv", "trc", "bvh", "c3d"]
    lifted(clip, tmp_path, "--no-page", "--format", *formats)
    out = tmp_path / "out"
    (again,) = read(out / "odd.npz", Told(format="npz"))
    assert torch.equal(again.observed, clip.observed) and len(again) == len(clip)
    frames = json.loads((out / "odd.json").read_text("utf-8"))["frames"]
    assert len(frames) == len(clip)
    bare = name in ("nobody", "no frames")  # of which a rest pose has no size
    for written in ("trc",) if bare else ("trc", "bvh", "c3d"):
        (motion,) = read(out / f"odd.{written}", Told(format=written))
        assert len(motion) == len(clip)


def test_nobody_is_doubtful_if_one_is_strict(tmp_path):
    assert lifted(ODD["nobody"][0], tmp_path, "--strict", "--no-page")[0] == 3


def test_a_smoothed_persons_limbs_stay_rigid_and_rigidity_can_be_left_out(tmp_path):
    spans = {}
    for name, words in {"rigid": [], "loose": ["--no-rigid"]}.items():
        folder = tmp_path / name
        folder.mkdir()
        lifted(WALK, folder, "--no-page", "--smooth", "spline", *words)
        found = read_clip(folder / "out" / "odd.clip.safetensors")
        lengths = body_lengths(found.poses[0], H36M_17)[:, limbs(H36M_17)]
        spans[name] = float((lengths.amax(dim=0) - lengths.amin(dim=0)).max())
        assert ("limbs" in found.provenance) == (name == "rigid")
    assert spans["rigid"] < 1e-5 < 0.05 < spans["loose"]
