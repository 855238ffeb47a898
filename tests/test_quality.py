"""What is said of a lifted clip that cannot be right."""

import json
import math
from dataclasses import replace
from functools import cache

import pytest
import torch

from crosslift.camera import pinhole
from crosslift.clip import Clip, clip_of
from crosslift.domain import Domain, DomainScore
from crosslift.ground import estimated_ground
from crosslift.lifting import placed
from crosslift.quality import CHECKS, Quality, quality_of
from crosslift.skeletons import COCO_17, H36M_17

from .people import seen_walker
from .stores import moving, with_gaps


@cache
def walk() -> Clip:
    """Someone who walks, lifted without error before a camera of which nobody knows where it is."""
    clip = seen_walker(4.0)
    camera = replace(clip.camera, rotation=torch.eye(3), translation=torch.zeros(3))
    return replace(clip, camera=camera)


def off_by(metres: float) -> Clip:
    noise = torch.randn(walk().poses.shape, generator=torch.Generator().manual_seed(0))
    return replace(walk(), poses=walk().poses + metres * noise)


def about_root(clip: Clip) -> torch.Tensor:
    return clip.poses - clip.poses[:, :, :1]


def said(quality: Quality) -> str:
    return " ".join(quality.sentences())


def test_the_truth_is_beyond_doubt():
    quality = quality_of(walk())
    assert quality.sentences() == () and not quality.doubtful
    assert quality.frames == len(walk())
    assert quality.reprojection_px == pytest.approx(0, abs=0.01)
    assert quality.bone_change == pytest.approx(0, abs=1e-4)
    assert quality.asymmetry == pytest.approx(0, abs=1e-4)
    assert quality.beyond_limits == 0 and quality.filled == 0
    assert quality.skating < 0.1 and quality.trembling < 0.003
    assert quality.unlike_training is None and quality.percentile is None


@pytest.mark.parametrize("metres", [0.02, 0.08])
def test_trembling_is_the_size_of_the_noise(metres):
    assert quality_of(off_by(metres)).trembling == pytest.approx(metres, rel=0.05)


def test_more_noise_is_worse_in_every_way():
    names = ("reprojection", "bone_change", "beyond_limits", "skating", "trembling")
    good, bad = quality_of(off_by(0.02)), quality_of(off_by(0.08))
    for name in names:
        assert getattr(bad, name) > getattr(good, name), name
    assert not good.doubtful
    for words in ("beside the keypoints", "change their length", "bends as no", "tremble"):
        assert words in said(bad)


@pytest.mark.parametrize("axis", [0, 2])
def test_a_mirrored_body_bends_as_nobody_does(axis):
    sign = torch.ones(3)
    sign[axis] = -1
    quality = quality_of(placed(walk(), about_root(walk()) * sign))
    assert quality.beyond_limits > 0.9
    assert "left and right are swapped or the picture is mirrored" in said(quality)


def test_swapped_sides_are_noticed():
    swapped = replace(walk(), poses=walk().poses[:, :, list(H36M_17.mirror)])
    assert quality_of(swapped).beyond_limits > 0.9


def test_one_long_leg_is_an_asymmetry_of_the_share_by_which_it_is_longer():
    poses = walk().poses.clone()
    knee, ankle = H36M_17.indices("left_knee", "left_ankle")
    poses[:, :, ankle] += poses[:, :, ankle] - poses[:, :, knee]  # twice the shank
    quality = quality_of(replace(walk(), poses=poses))
    assert quality.asymmetry == pytest.approx((2 - 1) / 1.5 / 6, rel=1e-3)  # of six pairs of bones


def test_a_growing_body_changes_its_bones():
    growth = torch.linspace(0.5, 1.5, len(walk()))[:, None, None]
    quality = quality_of(placed(walk(), about_root(walk()) * growth))
    steps = torch.linspace(0.5, 1.5, len(walk()))
    assert quality.bone_change == pytest.approx(float(steps.std(correction=0)), rel=1e-3)
    assert "Bones change their length by 29 % over time" in said(quality)


def test_keypoints_beside_the_poses_are_measured_in_pixels_and_by_the_persons_size():
    beside = replace(walk(), keypoints=walk().keypoints + torch.tensor([30.0, 40.0]))
    quality = quality_of(beside)
    assert quality.reprojection_px == pytest.approx(50, abs=0.1)
    size = (walk().keypoints.amax(dim=1) - walk().keypoints.amin(dim=1)).amax(dim=1)
    assert quality.reprojection == pytest.approx(float((50 / size).mean()), rel=1e-2)


def test_a_gliding_body_skates_and_a_still_camera_in_every_frame_changes_nothing():
    glide = torch.arange(len(walk()))[:, None, None] / 30 * torch.tensor([1.0, 0.0, 0.0])
    gliding = replace(walk(), poses=walk().poses + glide)
    quality = quality_of(gliding, ground=estimated_ground(walk()))
    assert quality.skating == pytest.approx(1.0, abs=0.35)
    assert "Feet that stand on the floor slide at" in said(quality)
    each = replace(walk(), camera=moving(walk().camera, len(walk())))
    assert quality_of(each).skating == pytest.approx(quality_of(walk()).skating, abs=1e-3)


def test_a_camera_that_moves_does_not_make_feet_slide():
    clip = seen_walker(4.0)
    camera = moving(clip.camera, len(clip))
    shift = torch.arange(len(clip))[:, None] / 30 * torch.tensor([0.8, 0.0, 0.0])
    camera = replace(camera, translation=camera.translation + shift)
    quality = quality_of(replace(clip, poses=clip.poses + shift[:, None], camera=camera))
    assert quality.skating == pytest.approx(quality_of(clip).skating, abs=1e-3)


def test_what_was_filled_in_is_counted_and_does_not_count():
    clip = with_gaps(walk(), 0.4)
    quality = quality_of(clip)
    assert quality.filled == pytest.approx(0.4, abs=0.05)
    assert quality.reprojection_px == pytest.approx(0, abs=0.01)
    assert said(quality).startswith("Of the keypoints 4") and "not seen" in said(quality)


def test_a_place_that_is_assumed_is_said():
    assert "distance from the camera is assumed" in said(
        quality_of(replace(walk(), root_from="assumed"))
    )


def test_a_clip_unlike_the_training_is_said(monkeypatch):
    shapes = (37,), (37, 1), (1, 1), (101,)
    domain = Domain(H36M_17, *(torch.zeros(shape) for shape in shapes))
    monkeypatch.setattr(Domain, "score", lambda *_: DomainScore(0.5, 99.0, 10))
    quality = quality_of(walk(), domain=domain)
    assert (quality.unlike_training, quality.percentile) == (0.5, 99.0)
    assert quality.sentences() == (
        "Of the frames 50 % are unlike all that the lifter was trained on, where 1 % would be "
        "usual; check that the picture is upright, or adapt the lifter to the recording.",
    )


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_short_clips_have_figures_that_json_takes(frames):
    clip = walk()
    short = replace(
        clip,
        keypoints=clip.keypoints[:frames],
        scores=clip.scores[:frames],
        observed=clip.observed[:frames],
        poses=clip.poses[:, :frames],
    )
    quality = quality_of(short)
    text = json.dumps(quality.data(), allow_nan=False)
    assert json.loads(text)["frames"] == frames
    assert quality.doubtful == (frames == 0)


def test_without_a_pose_there_is_nothing_to_judge():
    lost = replace(walk(), poses=torch.full_like(walk().poses, torch.nan))
    bare = replace(walk(), poses=None)
    empty = clip_of(torch.full((5, 17, 2), torch.nan), pinhole(1000, (10, 10)), H36M_17, 30)
    for clip in (lost, bare, empty):
        quality = quality_of(clip)
        assert quality.sentences() == (
            "There is nothing to judge: no frame has a pose; check that a person is in view.",
        )
        json.dumps(quality.data(), allow_nan=False)
        assert quality.rows() == [("joints that were not seen", *_filled(quality))]


def _filled(quality: Quality) -> tuple[str, str]:
    return f"{100 * quality.filled:.0f} %", "25 %"


def test_poses_that_are_partly_missing_are_judged_by_the_rest():
    poses = walk().poses.clone()
    poses[:, 10:20] = torch.nan
    poses[:, :, H36M_17.index("left_wrist")] = torch.nan
    quality = quality_of(replace(walk(), poses=poses))
    assert quality.frames == len(walk()) - 10 and not quality.doubtful
    assert all(math.isfinite(value) for value in vars(quality).values() if value is not None)


def test_another_skeleton_is_judged_by_what_it_has():
    from crosslift.mapping import mapped

    quality = quality_of(mapped(walk(), COCO_17))
    assert quality.skating is not None and quality.reprojection is not None
    json.dumps(quality.data(), allow_nan=False)


def test_absurd_figures_are_not_read_out():
    quality = Quality(1, placed=True, trembling=1e12)
    assert "over 400 mm" in said(quality)


def test_every_check_is_of_a_figure_and_says_what_was_seen():
    for name, check in CHECKS.items():
        bad = Quality(1, placed=True, **{name: 1.5 * check.most})
        (sentence,) = bad.sentences()
        assert check.seen(1.5 * check.most) in sentence and "; " in sentence
        assert not Quality(1, placed=True, **{name: check.most}).doubtful
        assert [row[0] for row in bad.rows()] == [check.title]
