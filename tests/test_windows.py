"""Windows: what is cut can be put together, against slow twins; and frames that moved."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.testing import assert_close

from crosslift.camera import Camera, pinhole, stacked
from crosslift.clip import Clip, clip_of
from crosslift.errors import CameraError, DataError, SettingsError, SkeletonError
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.thinning import moved_frames
from crosslift.windows import Plan, Windowing, batches, plan, stitch, windows

CAMERA = pinhole(1000.0, (1000, 800))


@st.composite
def windowings(draw: st.DrawFn) -> Windowing:
    frames = draw(st.integers(1, 12))
    return Windowing(
        frames,
        draw(st.none() | st.integers(1, frames)),
        draw(st.sampled_from(["all", "centre"])),
        draw(st.sampled_from(["slide", "centred"])),
        draw(st.sampled_from(["right_edge", "left_edge"])),
    )


def clip_with(frames: int, seed: int = 0, name: str = "clip", camera: Camera = CAMERA) -> Clip:
    rng = torch.Generator().manual_seed(seed)
    keypoints = 500 * torch.rand(frames, 17, 2, generator=rng)
    clip = clip_of(keypoints, camera, H36M_17, 50.0, name=name)
    return replace(
        clip,
        scores=torch.rand(frames, 17, generator=rng),
        poses=torch.randn(2, frames, 17, 3, generator=rng),
        body=torch.rand(17, generator=rng),
    )


def moving_camera(frames: int) -> Camera:
    cameras = [pinhole(900.0 + frame, (1000, 800)) for frame in range(frames)]
    return stacked(cameras) if cameras else CAMERA[None][:0]


def twin_starts(length: int, windowing: Windowing) -> list[int]:
    """Where windows begin, found by walking."""
    size, step = windowing.frames, windowing.step
    if windowing.predict == "centre":
        return [frame - (size - step) // 2 for frame in range(0, length, step)]
    if length == 0:
        return []
    starts = [0]
    while starts[-1] + size < length:
        starts.append(starts[-1] + step)
    if windowing.end == "centred":
        return [start - (starts[-1] + size - length) // 2 for start in starts]
    if length >= size or windowing.short == "left_edge":
        starts[-1] = length - size
    return starts


# the law and the twin


@given(length=st.integers(0, 40), windowing=windowings(), blend=st.booleans())
@settings(max_examples=80, deadline=None)
def test_what_is_cut_and_stitched_is_as_it_was(
    length: int, windowing: Windowing, blend: bool
) -> None:
    clip = clip_with(length)
    where = plan(length, windowing)
    back = stitch(windows(clip, windowing).keypoints[:, None], where, blend=blend)
    assert back.shape == (1, length, 17, 2)
    assert back.dtype == clip.keypoints.dtype
    if blend:
        assert_close(back[0] / 500, clip.keypoints / 500, rtol=0, atol=1e-6)
    else:
        assert torch.equal(back[0], clip.keypoints)


@given(length=st.integers(0, 40), windowing=windowings())
@settings(max_examples=80, deadline=None)
def test_a_plan_is_what_walking_along_the_sequence_finds(length: int, windowing: Windowing) -> None:
    where = plan(length, windowing)
    starts = twin_starts(length, windowing)
    assert where.starts.tolist() == starts
    for row, start in enumerate(starts):
        at = range(start, start + windowing.frames)
        assert where.frames[row].tolist() == [min(max(frame, 0), length - 1) for frame in at]
        assert where.valid[row].tolist() == [0 <= frame < length for frame in at]


@given(length=st.integers(0, 40), windowing=windowings())
@settings(max_examples=80, deadline=None)
def test_every_frame_is_kept_exactly_once(length: int, windowing: Windowing) -> None:
    where = plan(length, windowing)
    assert where.frames[where.keep & where.valid].tolist() == list(range(length))
    if windowing.short == "right_edge":
        assert not (where.keep & ~where.valid).any()


@given(length=st.integers(0, 30), windowing=windowings(), size=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_batches_are_the_windows_a_few_at_a_time(
    length: int, windowing: Windowing, size: int
) -> None:
    clip = clip_with(length, camera=moving_camera(length))
    whole, parts = windows(clip, windowing), list(batches(clip, windowing, size))
    assert parts
    assert all(len(part) <= size for part in parts)
    for name in ("keypoints", "scores", "valid", "poses", "body"):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))
    assert torch.equal(torch.cat([part.camera.focal for part in parts]), whole.camera.focal)
    streamed = stitch((part.keypoints[:, None] for part in parts), plan(length, windowing))
    assert torch.equal(streamed[0], clip.keypoints)


@given(length=st.integers(0, 30), windowing=windowings())
@settings(max_examples=40, deadline=None)
def test_a_slice_of_a_plan_is_the_plan_of_those_windows(length: int, windowing: Windowing) -> None:
    where = plan(length, windowing)
    for name in ("frames", "valid", "keep"):
        assert torch.equal(getattr(where[1:3], name), getattr(where, name)[1:3])


# values worked by hand


def test_the_last_window_slides_back_and_keeps_only_what_is_new() -> None:
    where = plan(7, Windowing(3))
    assert where.frames.tolist() == [[0, 1, 2], [3, 4, 5], [4, 5, 6]]
    assert where.keep.tolist() == [[True] * 3, [True] * 3, [False, False, True]]


def test_a_short_sequence_is_continued_to_the_right_and_marked() -> None:
    where = plan(2, Windowing(5))
    assert where.frames.tolist() == [[0, 1, 1, 1, 1]]
    assert where.valid.tolist() == [[True, True, False, False, False]]
    assert torch.equal(where.keep, where.valid)


def test_the_release_pads_short_sequences_on_the_left_and_counts_the_copies() -> None:
    where = plan(2, Windowing(5, short="left_edge"))
    assert where.frames.tolist() == [[0, 0, 0, 0, 1]]
    assert where.valid.tolist() == [[False, False, False, True, True]]
    assert bool(where.keep.all())


def test_centred_windows_share_the_surplus_between_both_ends() -> None:
    where = plan(5, Windowing(4, end="centred"))
    assert where.starts.tolist() == [-1, 3]
    assert where.frames.tolist() == [[0, 0, 1, 2], [3, 4, 4, 4]]
    assert where.keep.tolist() == [[False, True, True, True], [True, True, False, False]]


def test_a_window_for_each_frame_has_it_in_its_middle() -> None:
    where = plan(3, Windowing(5, predict="centre"))
    assert where.frames.tolist() == [[0, 0, 0, 1, 2], [0, 0, 1, 2, 2], [0, 1, 2, 2, 2]]
    assert where.frames[:, 2].tolist() == [0, 1, 2]
    assert where.keep.tolist() == [[False, False, True, False, False]] * 3


def test_overlapping_windows_are_blended_with_the_nearer_one_counting_more() -> None:
    where = plan(6, Windowing(4, 2))
    first, second = torch.zeros(1, 4, 1), torch.ones(1, 4, 1)
    blended = stitch(torch.stack([first, second]), where, blend=True)[0, :, 0]
    assert_close(blended[[0, 1, 4, 5]], torch.tensor([0.0, 0.0, 1.0, 1.0]))
    assert 0 < blended[2] < 0.5 < blended[3] < 1
    assert_close(blended[2] + blended[3], torch.tensor(1.0))
    kept = stitch(torch.stack([first, second]), where)[0, :, 0]
    assert kept.tolist() == [0, 0, 0, 0, 1, 1]


def test_a_plan_of_an_hour_is_a_few_numbers_for_each_window() -> None:
    where = plan(108_000, Windowing(243, 1))
    assert len(where) == 108_000 - 242
    assert where.starts.numel() + where.kept.numel() == 3 * len(where)
    assert where[-2:].frames.tolist() == [list(range(s, s + 243)) for s in (107_756, 107_757)]


# outputs of other shapes


def test_outputs_may_have_hypotheses_and_any_trailing_axes() -> None:
    windowing, rng = Windowing(5, 3), torch.Generator().manual_seed(0)
    where = plan(11, windowing)
    truth = torch.randn(4, 11, 7, 2, 3, generator=rng)
    cut = truth[:, where.frames].movedim(0, 1)
    assert torch.equal(stitch(cut, where), truth)
    assert stitch(cut[..., 0, 0, 0], where).shape == (4, 11)


def test_outputs_of_the_middle_alone_are_put_where_the_middle_is() -> None:
    for windowing in (Windowing(7, predict="centre"), Windowing(7, 3, predict="centre")):
        clip, where = clip_with(10), plan(10, windowing)
        first = (7 - windowing.step) // 2
        middle = windows(clip, windowing).keypoints[:, None, first : first + windowing.step]
        assert torch.equal(stitch(middle, where)[0], clip.keypoints)
        assert_close(stitch(middle, where, blend=True)[0], clip.keypoints)


@pytest.mark.parametrize("blend", [False, True])
def test_what_a_window_says_of_copies_beyond_the_end_is_left_out(blend: bool) -> None:
    where = plan(4, Windowing(6))
    outputs = torch.ones(1, 1, 6, 1)
    outputs[:, :, 4:] = torch.nan
    assert bool((stitch(outputs, where, blend=blend) == 1).all())


@pytest.mark.parametrize("blend", [False, True])
def test_gradients_reach_every_kept_output(blend: bool) -> None:
    where = plan(7, Windowing(4, 2))
    outputs = torch.randn(len(where), 2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: stitch(x, where, blend=blend), outputs)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_stitching_keeps_the_precision_of_the_outputs(dtype: torch.dtype) -> None:
    where = plan(40, Windowing(9, 1))
    truth = torch.rand(1, 40, 2).to(dtype)
    cut = truth[:, where.frames].movedim(0, 1)
    for blend in (False, True):
        back = stitch(cut, where, blend=blend)
        assert back.dtype == dtype
        assert_close(back, truth, rtol=0, atol=1e-6)


# what a batch holds


def test_a_batch_holds_what_the_clip_does_at_the_planned_frames() -> None:
    clip, windowing = clip_with(8), Windowing(5)
    batch, at = windows(clip, windowing), plan(8, windowing).frames
    assert clip.poses is not None
    assert batch.poses is not None
    assert torch.equal(batch.keypoints, clip.keypoints[at])
    assert torch.equal(batch.scores, clip.scores[at])
    assert torch.equal(batch.poses, clip.poses[0][at])
    assert torch.equal(batch.body, torch.stack([clip.body, clip.body]))
    assert batch.skeleton == clip.skeleton


def test_a_camera_that_stands_still_has_one_frame() -> None:
    bent = replace(CAMERA, distortion=torch.rand(5), model="h36m", focal_from="assumed")
    batch = windows(clip_with(8, camera=bent), Windowing(5))
    assert batch.camera.focal.shape == (2, 1, 2)
    assert batch.camera.rotation.shape == (2, 1, 3, 3)
    assert batch.camera.distortion is not None
    assert torch.equal(batch.camera.distortion[1, 0], bent.distortion)
    assert batch.camera.model == "h36m"
    assert batch.camera.focal_from == "assumed"


def test_a_camera_that_moves_goes_with_its_frames() -> None:
    camera = moving_camera(8)
    batch = windows(clip_with(8, camera=camera), Windowing(5))
    assert torch.equal(batch.camera.focal, camera.focal[plan(8, Windowing(5)).frames])


def test_several_clips_lie_one_after_the_other() -> None:
    clips = [
        clip_with(8, 1),
        clip_with(0, 2),
        clip_with(3, 3, camera=moving_camera(3)),
        clip_with(5, 4, camera=replace(CAMERA, distortion=torch.rand(5))),
    ]
    windowing = Windowing(5)
    together = windows(clips, windowing)
    apart = [windows(clip, windowing) for clip in clips]
    numbers = [len(batch) for batch in apart]
    assert numbers == [2, 0, 1, 1]
    for name in ("keypoints", "scores", "valid", "poses", "body"):
        assert torch.equal(getattr(together, name), torch.cat([getattr(b, name) for b in apart]))
    for ours, batch in zip(together.camera.focal.split(numbers), apart, strict=True):
        assert torch.equal(ours, batch.camera.focal.expand(len(batch), 5, 2))
    assert together.camera.distortion is not None
    assert not together.camera.distortion[:3].any()


def test_bodies_are_given_only_if_every_clip_has_one() -> None:
    clips = [clip_with(5, 1), replace(clip_with(5, 2), body=None)]
    assert windows(clips, Windowing(5)).body is None


def test_a_clip_without_frames_gives_an_empty_batch() -> None:
    batch = windows(clip_with(0), Windowing(5))
    assert batch.keypoints.shape == (0, 5, 17, 2)
    assert batch.camera.focal.shape == (0, 1, 2)
    assert batch.valid.shape == (0, 5)
    assert stitch(torch.zeros(0, 3, 5, 17, 3), plan(0, Windowing(5))).shape == (3, 0, 17, 3)


# refusals


@pytest.mark.parametrize(
    ("frames", "stride", "words"),
    [
        (0, None, "at least one frame, but 0"),
        (5, 0, "1 to 5 frames apart, but a stride of 0"),
        (5, 6, "but a stride of 6 was asked for; choose"),
    ],
)
def test_windows_that_cannot_be_are_refused(frames: int, stride: int | None, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Windowing(frames, stride)


def test_clips_of_two_skeletons_are_refused_by_name() -> None:
    other = clip_of(torch.rand(5, 17, 2), CAMERA, COCO_17, 50.0, name="other")
    with pytest.raises(SkeletonError, match='"clip" has "h36m17" and "other" has "coco17"; remap'):
        windows([clip_with(5), other], Windowing(5))


def test_clips_with_and_without_poses_are_refused_by_name() -> None:
    without = replace(clip_with(5, name="bare"), poses=None)
    for clips in ([clip_with(5), without], [without, clip_with(5)]):
        with pytest.raises(DataError, match='but "clip" has them and "bare" has not'):
            windows(clips, Windowing(5))


def test_no_clips_are_refused() -> None:
    with pytest.raises(DataError, match="at least one clip, but none"):
        windows([], Windowing(5))


def test_lenses_of_two_kinds_are_refused() -> None:
    one = clip_with(5, camera=replace(CAMERA, distortion=torch.rand(5)))
    other = clip_with(5, camera=replace(CAMERA, distortion=torch.rand(5), model="h36m"))
    with pytest.raises(CameraError, match="cannot be in one batch"):
        windows([one, other], Windowing(5))


def test_batches_of_no_window_are_refused() -> None:
    with pytest.raises(SettingsError, match="at least one window, but 0"):
        next(batches(clip_with(5), Windowing(5), 0))


@pytest.mark.parametrize(("number", "found"), [(0, "0"), (2, "2"), (4, "more")])
def test_outputs_of_another_number_of_windows_are_refused(number: int, found: str) -> None:
    where = plan(15, Windowing(5))
    outputs: list[Tensor] = [torch.zeros(1, 1, 5, 2)] * number
    with pytest.raises(DataError, match=f"outputs of 3 windows.*those of {found} were found"):
        stitch(iter(outputs), where)


def test_outputs_that_lack_kept_frames_are_refused() -> None:
    where: Plan = plan(15, Windowing(5))
    for frames in (3, 6):
        with pytest.raises(DataError, match=f"have {frames} frames for each window"):
            stitch(torch.zeros(3, 1, frames, 2), where)


# frames that moved


def twin_moved(poses: Tensor, threshold: float) -> list[int]:
    kept = [0] if len(poses) else []
    for frame in range(1, len(poses)):
        far = [float((poses[frame, j] - poses[kept[-1], j]).norm()) for j in range(poses.shape[1])]
        if max(far) >= threshold:
            kept.append(frame)
    return kept


@given(frames=st.integers(0, 200), seed=st.integers(0, 10**6), threshold=st.floats(0.01, 3))
@settings(max_examples=15, deadline=None)
def test_moved_frames_are_those_that_a_loop_keeps(frames: int, seed: int, threshold: float) -> None:
    rng = torch.Generator().manual_seed(seed)
    poses = (0.05 * torch.randn(frames, 3, 3, generator=rng, dtype=torch.float64)).cumsum(dim=0)
    assert moved_frames(poses, threshold).tolist() == twin_moved(poses, threshold)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_move_of_exactly_the_threshold_is_enough(dtype: torch.dtype) -> None:
    poses = torch.zeros(4, 2, 3, dtype=dtype)
    poses[1, 0] = torch.tensor([0.12, 0.16, 0.0], dtype=dtype)
    poses[2, 0] = torch.tensor([0.12, 0.16, 0.1], dtype=dtype)
    poses[3, 0] = torch.tensor([0.12, 0.16, -0.2], dtype=dtype)
    assert moved_frames(poses).tolist() == [0, 1, 3]


def test_a_joint_that_is_not_known_has_not_moved() -> None:
    poses = torch.zeros(3, 2, 3)
    poses[1, 0] = torch.nan
    poses[2, 1, 0] = 1.0
    assert moved_frames(poses).tolist() == [0, 2]
