"""Bone lengths from keypoints."""

from dataclasses import replace
from importlib.resources import files

import pytest
import torch

from crosslift.body import Body, estimate_body, visibility_of_bones
from crosslift.body.bones import FIRM, KINDS, of_kinds
from crosslift.body.estimate import PIECES, RUNS, pieces_of, runs_of, thinned
from crosslift.camera import pinhole
from crosslift.clip import Clip, clip_of
from crosslift.errors import DataError, SettingsError
from crosslift.mapping import mapped
from crosslift.skeletons import H36M_17

from ..people import seen_walker
from .people import average_body, clips_of, long_legged, off


@pytest.fixture(scope="module")
def clips() -> list[Clip]:
    return clips_of(long_legged(), count=6)


def sane(body: Body) -> bool:
    """Whether all numbers are numbers, and every bone but the root's has a length and a spread."""
    return bool((body.lengths[1:] > 0.02).all() and (body.spread[1:] > 0).all())


def test_the_bones_of_somebody_unusual_are_found(clips):
    found, truth = estimate_body(clips), long_legged()
    assert off(found.lengths, truth).abs().mean() < 0.04
    assert off(average_body(), truth).abs().mean() > 0.08
    assert found.stature == pytest.approx(1.70, abs=1e-4) and found.size_from == "assumed"


def test_the_spread_says_how_far_off_it_is(clips):
    found = estimate_body(clips)
    error = off(found.lengths, long_legged()) * of_kinds(long_legged())
    assert (error.abs() < 3 * of_kinds(found.spread)).all()


def test_noise_does_not_make_bones_longer(clips):
    noisy = clips_of(long_legged(), count=6, pixels=4.0)
    found = off(estimate_body(noisy).lengths, long_legged())
    assert found.abs().mean() < 0.06


def test_more_clips_make_it_surer(clips):
    few, many = (of_kinds(estimate_body(some).spread) for some in (clips[:1], clips))
    long = [KINDS.index(name) for name in FIRM]
    assert (many[long] < 0.9 * few[long]).all()


def test_noise_makes_it_less_sure(clips):
    noisy = clips_of(long_legged(), count=6, pixels=6.0)
    assert estimate_body(noisy).spread.mean() > estimate_body(clips).spread.mean()


def test_the_order_of_clips_does_not_matter(clips):
    one, other = estimate_body(clips), estimate_body(clips[::-1])
    torch.testing.assert_close(one.lengths, other.lengths, atol=1e-5, rtol=1e-4)


def test_clips_may_be_of_any_length(clips):
    short = clip_of(clips[1].keypoints[:20], clips[1].camera, H36M_17, 30.0)
    one = clip_of(clips[2].keypoints[:1], clips[2].camera, H36M_17, 30.0)
    found = estimate_body([clips[0], short, one])
    assert found.frames == len(clips[0]) + 20 + 1 and sane(found)


def test_poses_and_bones_that_a_clip_has_are_not_looked_at():
    clip = seen_walker(2.0)
    wrong = replace(clip, poses=7 * clip.poses, body=7 * clip.body)
    assert estimate_body([wrong]).lengths.equal(estimate_body([clip]).lengths)


def test_both_sides_are_alike(clips):
    lengths = estimate_body(clips).lengths
    assert lengths.equal(lengths[list(H36M_17.mirror)])


@pytest.mark.parametrize("height", [1.52, 1.98])
def test_a_stature_makes_all_bones_longer_or_shorter(clips, height):
    typical, given = estimate_body(clips), estimate_body(clips, height=height)
    torch.testing.assert_close(given.lengths, typical.lengths * height / 1.70, rtol=1e-4, atol=1e-5)
    assert given.size_from == "given" and f"{height:g} m given" in given.how


def test_a_measured_bone_is_kept_and_tells_the_size(clips):
    taller = 1.1 * long_legged()
    tape = float(taller[H36M_17.index("left_ankle")])
    found = estimate_body(clips, measured={"knee-ankle": tape})
    assert float(found.lengths[6]) == pytest.approx(tape) == float(found.lengths[3])
    assert off(found.lengths, taller).abs().mean() < 0.05
    assert found.size_from == "measured" and "knee-ankle measured" in found.how


def test_a_keypoint_that_is_missing_or_doubtful_does_not_count(clips):
    clip = clips[0]
    doubtful = torch.rand(clip.scores.shape, generator=torch.Generator().manual_seed(0)) < 0.2
    wild = torch.where(doubtful[..., None], clip.keypoints + 300, clip.keypoints)
    scored = replace(clip, keypoints=wild, scores=torch.where(doubtful, 0.05, 1.0))
    gone = replace(
        clip,
        keypoints=torch.where(doubtful[..., None], torch.nan, clip.keypoints),
        scores=torch.where(doubtful, 0.0, 1.0),
        observed=~doubtful,
    )
    filled = replace(gone, keypoints=wild)
    expected = estimate_body([gone]).lengths
    for other in (scored, filled):
        torch.testing.assert_close(estimate_body([other]).lengths, expected)


def test_a_joint_that_is_never_seen_is_less_sure(clips):
    blind = []
    for clip in clips:
        keypoints, observed = clip.keypoints.clone(), clip.observed.clone()
        hidden = H36M_17.indices("left_wrist", "right_wrist")
        keypoints[:, hidden], observed[:, hidden] = torch.nan, False
        blind.append(replace(clip, keypoints=keypoints, observed=observed, scores=observed.float()))
    forearm = KINDS.index("elbow-wrist")
    unseen, seen = (of_kinds(estimate_body(some).spread)[forearm] for some in (blind, clips))
    assert unseen > 3 * seen
    assert visibility_of_bones(blind)[H36M_17.index("left_wrist")] == 0


def degenerate() -> dict[str, Clip]:
    """Clips that tell little or nothing."""
    torch.manual_seed(0)
    clip = seen_walker(1.0)
    still = clip.keypoints[:1].expand(30, -1, -1)
    camera = pinhole(1000.0, (1000, 1000))
    return {
        "one frame": clip_of(clip.keypoints[:1], clip.camera, H36M_17, 30.0),
        "two frames": clip_of(clip.keypoints[:2], clip.camera, H36M_17, 30.0),
        "no frame": clip_of(clip.keypoints[:0], clip.camera, H36M_17, 30.0),
        "identical frames": clip_of(still, clip.camera, H36M_17, 30.0),
        "nothing seen": clip_of(torch.full((9, 17, 2), torch.nan), camera, H36M_17, 30.0),
        "a point": clip_of(torch.full((9, 17, 2), 500.0), camera, H36M_17, 30.0),
        "a line": clip_of(torch.rand(9, 17, 1).expand(-1, -1, 2) * 900, camera, H36M_17, 30.0),
        "noise": clip_of(torch.rand(9, 17, 2) * 1000, camera, H36M_17, 30.0),
        "one picture a second": clip_of(clip.keypoints, clip.camera, H36M_17, 1.0),
        "far outside": clip_of(torch.rand(9, 17, 2) * 1e7, camera, H36M_17, 30.0),
    }


@pytest.mark.parametrize("name", degenerate())
def test_what_tells_little_is_answered_with_numbers_and_a_large_spread(name):
    body = estimate_body([degenerate()[name]])
    assert sane(body)
    if name != "one picture a second":  # which tells enough
        assert (body.spread[1:] / body.lengths[1:]).mean() > 0.05


def test_a_frame_that_is_repeated_tells_no_more_than_once():
    one, often = (estimate_body([degenerate()[name]]) for name in ("one frame", "identical frames"))
    torch.testing.assert_close(one.lengths, often.lengths, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(one.spread, often.spread, atol=1e-5, rtol=1e-3)
    assert (one.frames, often.frames) == (1, 1)


@pytest.mark.parametrize("name", ["no frame", "nothing seen", "a point"])
def test_without_any_frame_it_is_the_average_body(name):
    body = estimate_body([degenerate()[name]], height=1.70)
    assert body.frames == 0 and "the average's" in body.how
    torch.testing.assert_close(of_kinds(body.lengths), of_kinds(average_body()))


@pytest.mark.parametrize("name", ["h36m16", "panoptic15", "mpii16"])
def test_a_clip_in_another_skeleton_is_mapped(clips, name):
    other = [mapped(clip, name) for clip in clips]
    found = estimate_body(other)
    assert found.skeleton == H36M_17 and sane(found)
    legs = [KINDS.index("hip-knee"), KINDS.index("knee-ankle")]
    assert off(found.lengths, long_legged())[legs].abs().max() < 0.06


def test_another_precision_stays_as_it_is(clips):
    double = [clip.to("cpu", torch.float64) for clip in clips[:2]]
    found = estimate_body(double)
    assert found.lengths.dtype == torch.float64
    torch.testing.assert_close(
        found.lengths.float(), estimate_body(clips[:2]).lengths, atol=1e-4, rtol=1e-3
    )


def test_no_clip_at_all_is_refused():
    with pytest.raises(DataError, match="at least one clip"):
        estimate_body([])


def test_centimetres_are_refused(clips):
    with pytest.raises(SettingsError, match="give metres, such as 1.75"):
        estimate_body(clips, height=175)


@pytest.mark.parametrize(("fps", "step"), [(30.0, 1), (60.0, 2), (120.0, 4)])
def test_neighbours_are_a_thirtieth_of_a_second_apart(fps, step):
    frames = torch.rand(17, 2) + torch.arange(50.0)[:, None, None]
    runs = runs_of(frames, fps)
    torch.testing.assert_close(runs[0], frames[[0, step, 2 * step]])
    torch.testing.assert_close(runs[-1, -1], frames[-1])


def test_a_clip_that_is_a_little_too_long_is_cut_in_the_middle():
    frames = torch.rand(902, 17, 2)
    first, second = pieces_of(frames, 30.0)
    torch.testing.assert_close(first[-1, -1], frames[450])
    torch.testing.assert_close(second[0, 0], frames[451])


def test_a_moment_in_a_long_clip_is_not_missed():
    frames = torch.full((900, 17, 2), torch.nan)
    frames[500:503] = torch.rand(3, 17, 2)
    assert runs_of(frames, 30.0).isfinite().all(dim=(-2, -1)).sum() == 3 + 2 * 2


def test_a_long_clip_is_looked_at_here_and_there():
    assert len(runs_of(torch.rand(900, 17, 2), 30.0)) == RUNS
    assert len(thinned([torch.zeros(1, 3, 17, 2)] * 2000)) == PIECES


def test_the_shipped_weights_are_small():
    assert len(files("crosslift").joinpath("assets", "body.safetensors").read_bytes()) < 500_000
