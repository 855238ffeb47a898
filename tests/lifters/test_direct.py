"""Lifters that are one pass of a network: mirror images, whole sequences, gaps, frame rates."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from crosslift import registry
from crosslift.clip import Clip
from crosslift.errors import CheckpointError, SettingsError, SkeletonError
from crosslift.geometry import mirror, mirror_camera, swap_sides
from crosslift.lifters.direct import Direct, Sliding, load_strictly
from crosslift.lifters.inputs import Inputs, Seen
from crosslift.lifters.poseformer import PoseFormerLifter
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.lifting import lift, root_relative
from crosslift.networks.poseformer import PoseFormerSettings
from crosslift.networks.semgcn import SemGCNSettings
from crosslift.networks.simple_baseline import SimpleBaselineSettings, Statistics
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.resampling import without_gaps
from crosslift.skeletons import H36M_17, skeleton_named
from crosslift.typical import typical_body
from crosslift.windows import Windowing, plan, stitch, windows

from ..people import seen_walker
from ..stores import moving, short_clips, with_gaps
from .small import draws, small_settings, takes_inputs

NETWORKS = [
    name for name in sorted(registry.parts("lifter")) if takes_inputs(name) and not draws(name)
]
TWO = [name for name in NETWORKS if name in {"iganet", "pstmo", "semgcn", "stgcn"}]
CAUSAL = VideoPoseLifter(VideoPoseSettings(filter_widths=(3, 3), channels=16, causal=True))
EVEN = PoseFormerLifter(PoseFormerSettings(frames=8, joint_width=8, depth=1, heads=2))
ALONG = {
    **{name: small_settings(name) for name in ("poseformer", "pstmo", "videopose")},
    "videopose, causal": CAUSAL,
    "poseformer, even": EVEN,
}


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def built(settings, skeleton=H36M_17, **more) -> Direct:
    """The lifter with weights that tell left from right, and one frame from another."""
    torch.manual_seed(3)
    lifter = replace(settings, **more).build(skeleton)
    with torch.no_grad():
        for each in lifter.network.parameters():
            each.add_(0.05 * torch.randn_like(each))
    lifter.network.eval()
    return lifter


def mirrored(clip: Clip) -> Clip:
    middle = clip.camera.size[..., 0] / 2
    return replace(
        clip,
        camera=mirror_camera(clip.camera, middle=middle),
        keypoints=mirror(clip.keypoints, H36M_17, middle=middle),
        scores=swap_sides(clip.scores, H36M_17),
        observed=clip.observed[:, list(H36M_17.mirror)],
        body=None if clip.body is None else swap_sides(clip.body, H36M_17),
        poses=None,
    )


def one_sided(clip: Clip) -> Clip:
    """Gaps, scores and bone lengths that are another on the left than on the right."""
    body = typical_body(H36M_17) * torch.linspace(0.9, 1.1, 17)
    return replace(with_gaps(clip), body=body)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_lift_of_a_mirror_image_is_the_mirror_image_of_the_lift(name):
    more = {} if name in TWO else {"inputs": Inputs("relative", scores=True, body=True)}
    clip = one_sided(short_clips()[0])
    lifter = built(small_settings(name), flip=True, **more)
    here, there = (root_relative(each, lifter, generator()) for each in (clip, mirrored(clip)))
    torch.testing.assert_close(there, mirror(here, H36M_17), atol=1e-5, rtol=0)
    plain = replace(lifter, flip=False)
    here, there = (root_relative(each, plain, generator()) for each in (clip, mirrored(clip)))
    assert (there - mirror(here, H36M_17)).abs().max() > 1e-3


@pytest.mark.parametrize("name", NETWORKS)
def test_without_mirror_images_and_in_training_the_network_alone_answers(name):
    lifter = built(small_settings(name))
    batch = windows(short_clips()[0], Windowing(lifter.frames, predict=lifter.predict))
    plain = replace(lifter, flip=False)
    alone = lifter.lift(batch.keypoints, batch.camera, generator())
    said = plain.answers(Seen(batch.keypoints, batch.camera))[0]
    found = plain.lift(batch.keypoints, batch.camera, generator())[:, 0]
    torch.testing.assert_close(found, plain.about_root(said))
    assert (found[..., 0, :] == 0).all()
    assert not torch.equal(alone[:, 0], found)


def test_dropout_acts_in_training_alone_and_nothing_is_averaged_then():
    lifter = built(
        small_settings("simple_baseline", network=SimpleBaselineSettings(width=32, dropout=0.5))
    )
    clip = short_clips()[0]
    resting = root_relative(clip, lifter, generator())
    assert torch.equal(resting, root_relative(clip, lifter, generator()))
    lifter.network.train()
    first, second = (root_relative(clip, lifter, generator()) for _ in range(2))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("frames", [1, 4, 9, 15])
@pytest.mark.parametrize("name", ALONG)
def test_a_whole_sequence_gives_what_its_windows_give(name, frames):
    lifter = built(ALONG[name])
    assert isinstance(lifter, Sliding) and lifter.predict == (
        "last" if "causal" in name else "centre"
    )
    clip = one_sided(short_clips()[0])
    clip = replace(clip, keypoints=clip.keypoints[:frames], scores=clip.scores[:frames],
                   observed=clip.observed[:frames], poses=None)  # fmt: skip
    clip = without_gaps(clip)
    at_once = root_relative(clip, lifter, generator())
    windowing = Windowing(lifter.frames, predict=lifter.predict)
    batch = windows(clip, windowing)
    each = lifter.lift(
        batch.keypoints, batch.camera, generator(), scores=batch.scores, body=batch.body
    )
    slowly = stitch(each, plan(frames, windowing))
    torch.testing.assert_close(at_once, slowly, atol=2e-5, rtol=0)


def test_a_single_frame_of_videopose_is_lifted_frame_by_frame():
    lifter = built(VideoPoseLifter(VideoPoseSettings(filter_widths=(1, 1), channels=16)))
    assert (lifter.frames, lifter.predict, lifter.fps) == (1, "all", None)
    clip = short_clips()[0]
    found = root_relative(clip, lifter, generator())
    slid = lifter.slide(clip.keypoints[None], clip.camera[None][None], generator())[0]
    torch.testing.assert_close(found, slid, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["videopose", "simple_baseline"])
def test_a_moving_camera_that_stands_still_changes_nothing(name):
    lifter, clip = built(small_settings(name)), short_clips()[0]
    stirred = replace(clip, camera=moving(clip.camera, len(clip)))
    here, there = (root_relative(each, lifter, generator()) for each in (clip, stirred))
    torch.testing.assert_close(there, here)


def test_a_burst_of_missing_keypoints_is_bridged_before_a_lifter_of_single_frames_sees_it():
    clip = seen_walker(0.5)
    lifter = of_a_persons_size(built(small_settings("simple_baseline")), clip)
    wrist = H36M_17.index("left_wrist")
    straight = clip.keypoints.clone()
    first, last = straight[[3, 8], wrist]
    straight[3:9, wrist] = torch.lerp(first, last, torch.linspace(0, 1, 6)[:, None])
    scores = clip.scores.clone()
    scores[4:8, wrist] = 0
    gone = torch.where(scores[..., None] == 0, torch.nan, straight)
    holed = replace(clip, keypoints=gone, scores=scores, observed=scores > 0)
    found, wanted = (about_root(lift(each, lifter, generator())) for each in
                     (holed, replace(clip, keypoints=straight)))  # fmt: skip
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=0)


def of_a_persons_size(lifter: Direct, clip: Clip) -> Direct:
    """The lifter with answers near the clip's first pose, so that they can be placed."""
    mean = (clip.poses - clip.poses[..., :1, :])[0, 0]
    return replace(lifter, pose_statistics=Statistics(mean, torch.full((17, 3), 0.1)))


def about_root(clip: Clip) -> torch.Tensor:
    """Poses as the lifter gave them, up to what is lost by placing them metres away."""
    return clip.poses - clip.poses[..., :1, :]


def test_a_clip_of_another_frame_rate_is_lifted_at_the_lifters_and_says_so():
    lifter = built(small_settings("videopose", fps=50.0))
    clip = seen_walker(1.0)  # 30 frames a second
    found = lift(clip, lifter, generator())
    assert len(found) == len(clip) and found.fps == 30 and found.poses.isfinite().all()
    said = "lifted at 50 frames a second, where the recording has 30"
    assert found.provenance["resampled"] == said
    assert "resampled" not in lift(replace(clip, fps=50.0), lifter, generator()).provenance


def test_an_even_motion_is_lifted_alike_at_any_frame_rate():
    clip = seen_walker(0.5)
    lifter = of_a_persons_size(built(small_settings("videopose", fps=50.0)), clip)
    step = (clip.keypoints[1] - clip.keypoints[0])[None] * torch.arange(21.0)[:, None, None] / 4

    def of(keypoints, fps, times=None):
        scores = torch.ones_like(keypoints[..., 0])
        some = replace(clip, keypoints=keypoints, scores=scores, observed=scores > 0, fps=fps,
                       poses=None, times=times)  # fmt: skip
        return about_root(lift(some, lifter, generator()))

    whole = of(clip.keypoints[0] + step, 50.0)[:, ::2]
    half = of(clip.keypoints[0] + step[::2], 25.0)
    timed = of(clip.keypoints[0] + step[::2], 30.0, torch.arange(11) / 25)
    torch.testing.assert_close(half, whole, atol=1e-3, rtol=0)
    torch.testing.assert_close(timed, whole, atol=1e-3, rtol=0)


def test_answers_in_standard_deviations_become_metres():
    lifter = built(small_settings("simple_baseline"))
    statistics = Statistics(torch.randn(17, 3), torch.rand(17, 3) + 0.5)
    poses = torch.randn(2, 1, 17, 3)
    told = replace(lifter, pose_statistics=statistics)
    torch.testing.assert_close(told.in_metres(poses), poses * statistics.std + statistics.mean)
    assert lifter.in_metres(poses) is poses


def test_statistics_are_kept_with_the_weights():
    some = {kind: Statistics(torch.rand(17, n), torch.rand(17, n) + 1)
            for kind, n in (("keypoint_statistics", 2), ("pose_statistics", 3))}  # fmt: skip
    lifter = replace(built(small_settings("simple_baseline"), inputs=Inputs("standard")), **some)
    fresh = small_settings("simple_baseline", inputs=Inputs("standard")).build(H36M_17)
    again = fresh.with_state(lifter.state())
    clip = short_clips()[0]
    assert torch.equal(*(root_relative(clip, each, generator()) for each in (lifter, again)))


def test_double_precision_is_computed_in_it():
    lifter, clip = built(small_settings("simple_baseline")), short_clips()[0]
    single = root_relative(clip, lifter, generator())
    double = root_relative(
        clip.to("cpu", torch.float64), lifter.to("cpu", torch.float64), generator()
    )
    assert lifter.dtype == double.dtype == torch.float64
    torch.testing.assert_close(double.float(), single, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("bias"), 'those of Linear in these settings, but "bias" is missing'),
        (lambda s: s.update(more=torch.zeros(1)), 'but "more" has no place'),
        (
            lambda s: s.update(bias=torch.zeros(3)),
            r'"bias" of Linear should have the shape \(2,\).*has \(3,\)',
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, sentence):
    state = dict(nn.Linear(4, 2).state_dict())
    change(state)
    with pytest.raises(CheckpointError, match=sentence):
        load_strictly(nn.Linear(4, 2), state)


@pytest.mark.parametrize("name", TWO)
def test_networks_of_two_numbers_a_joint_refuse_more(name):
    with pytest.raises(SettingsError, match="takes two numbers for each joint"):
        small_settings(name, inputs=Inputs(scores=True)).build(H36M_17)


def test_skeletons_that_a_network_has_no_graph_for_are_refused():
    with pytest.raises(SkeletonError, match='"h36m17" and "h36m16", but was given "coco17"'):
        small_settings("stgcn").build(skeleton_named("coco17"))
    groups = SemGCNSettings(groups=((0, 1), (2, 3)))
    with pytest.raises(SettingsError, match='name 4 joints, but the skeleton "h36m17" has 17'):
        small_settings("semgcn", network=groups).build(H36M_17)


def test_joints_that_are_not_looked_at_change_nothing():
    lifter, clip = built(small_settings("simple_baseline", unseen=("nose",))), short_clips()[0]
    keypoints = clip.keypoints.clone()
    keypoints[:, H36M_17.index("nose")] += 50
    moved = replace(clip, keypoints=keypoints)
    here, there = (root_relative(each, lifter, generator()) for each in (clip, moved))
    assert here.shape[-2] == 17 and torch.equal(here, there)
    other = built(small_settings("simple_baseline"))
    assert not torch.equal(*(root_relative(each, other, generator()) for each in (clip, moved)))


def test_a_joint_that_is_not_to_be_seen_must_be_one():
    with pytest.raises(SkeletonError, match="nose_tip"):
        small_settings("simple_baseline", unseen=("nose_tip",)).build(H36M_17)
