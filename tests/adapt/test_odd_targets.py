"""Targets that say little or nothing: a lifter and a remark come out, or one clear sentence."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.adapt import carry_out
from crosslift.adapt.carry_out import Asked, Done
from crosslift.adapt.footage import Telling
from crosslift.adapt.gpa import Alignment
from crosslift.adapt.job import until_over
from crosslift.adapt.source import Source
from crosslift.camera import pinhole
from crosslift.clip import Clip
from crosslift.errors import DataError, SkeletonError
from crosslift.mapping import mapped
from crosslift.skeleton import Skeleton

from .given import cut, filmed, small_lifter, unseen

HAND = Skeleton("hand", ("palm", *"abcdefghijklmnop"), (-1, *[0] * 16))


@pytest.fixture(autouse=True)
def unillustrated(monkeypatch):
    """Pictures of recordings take longer than all else."""
    monkeypatch.setattr(carry_out, "RECORDINGS_SHOWN", 0)


def adapted(folder: Path, clips: list[Clip], method=None) -> Done:
    """What becomes of a small lifter within a moment."""
    method = replace(method or Alignment(batch=16, round=2), fitting=until_over(steps=2))
    asked = Asked(method, "gpa", small_lifter(), "small", Source(frames=60, seconds=1.0),
                  Telling(), folder)  # fmt: skip
    return carry_out.carry_out(asked, clips)


def remarks(done: Done) -> str:
    assert done.made[0].is_dir() and done.report.verdict
    return " ".join(done.report.remarks)


@pytest.mark.parametrize("frames", [1, 10, 50])
def test_few_frames_are_learned_from_and_remarked_on(frames, tmp_path):
    said = remarks(adapted(tmp_path, [cut(filmed(1, seconds=2.0)[0], slice(frames))]))
    assert f"The target has only {frames} frames" in said


def test_one_pose_again_and_again_is_one_place_to_align_with(tmp_path):
    clip = filmed(1)[0]
    still = replace(
        clip, keypoints=clip.keypoints[:1].expand_as(clip.keypoints).clone(), poses=None
    )
    done = adapted(tmp_path, [still])
    assert done.report.facts["distances_to_target"]["across"]["aligned"] < 0.02
    assert all(row.after == row.after for row in done.report.scores)  # no NaN


def test_a_camera_without_a_known_focal_length_is_remarked_on(tmp_path):
    clip = filmed(1, seconds=1.0)[0]
    size = tuple(int(each) for each in clip.camera.size)
    unknown = replace(clip, camera=pinhole(900.0, size, focal_from="assumed"))
    assert "tell the true one with --focal" in remarks(adapted(tmp_path, [unknown]))


def test_keypoints_of_another_skeleton_are_mapped(tmp_path):
    done = adapted(tmp_path, [mapped(clip, "coco17") for clip in filmed(1)])
    assert done.report.facts["target"]["frames"] == 18


@pytest.mark.parametrize(("spoilt", "error", "words"), [
    ("nobody", DataError, "none of its 18 frames does; detect the keypoints anew"),
    ("mixed", SkeletonError, "joints should be in the order of their skeleton"),
    ("hand", SkeletonError, '"hand" has neither that joint nor others'),
])  # fmt: skip
def test_what_tells_nothing_is_refused_before_anything_is_made(spoilt, error, words, tmp_path):
    clip = filmed(1, seconds=0.6)[0]
    order = torch.randperm(17, generator=torch.Generator().manual_seed(3))
    given = {
        "nobody": unseen(clip),
        "mixed": replace(clip, keypoints=clip.keypoints[:, order], poses=None),
        "hand": replace(clip, skeleton=HAND, poses=None, body=None),
    }[spoilt]
    with pytest.raises(error, match=words):
        adapted(tmp_path / "run", [given])
    assert not (tmp_path / "run").exists()
