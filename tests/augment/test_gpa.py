"""Source people where target people are seen."""

from dataclasses import replace

import pytest
import torch

from crosslift.augment.depths import exact_depth, published_alignment, weak_depth
from crosslift.augment.footprints import Footprints
from crosslift.augment.gpa import GPASettings, along_curve
from crosslift.augment.target import Target
from crosslift.camera import pinhole, to_image_plane
from crosslift.clip import clip_of
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.geometry import bone_vectors, extent
from crosslift.skeletons import COCO_17, H36M_17

from ..plain.gpa import plain_alignment
from .targets import body, lens, source, target, target_clips
from .test_contract import generator

WAYS = ("window", "track", "frame")


def square(half: float, depth: float = 0.0) -> torch.Tensor:
    """The root in the middle of a square of joints in a plane across the view."""
    corners = [[0, 0], [half, half], [-half, half], [half, -half], [-half, -half]]
    return torch.tensor([[*corner, depth if any(corner) else 0.0] for corner in corners])[None]


def square_in_picture(half: float, ray: tuple[float, float]) -> Footprints:
    seen = torch.ones(1, 5, dtype=torch.bool)
    return Footprints(torch.tensor([ray]), torch.tensor([4.0 * half]), seen,
                      torch.tensor([[1000.0, 1000.0]]))  # fmt: skip


def test_a_flat_square_is_as_far_away_as_its_size_tells():
    pose, wanted = square(0.5), square_in_picture(100, (0.1, -0.2))
    assert float(weak_depth(pose, wanted)) == pytest.approx(5.0)  # 1000 * 0.5 / 100
    assert float(exact_depth(pose, wanted, torch.tensor([0.3]))) == pytest.approx(5.0, abs=1e-5)


def test_corners_that_are_nearer_than_the_root_push_the_square_further_away():
    pose, wanted = square(0.5, -0.4), square_in_picture(100, (0.0, 0.0))
    assert float(weak_depth(pose, wanted)) == pytest.approx(5.0)
    assert float(exact_depth(pose, wanted, torch.tensor([0.7]))) == pytest.approx(5.4, abs=1e-5)


def test_no_joint_comes_nearer_than_allowed():
    pose, wanted = square(0.5, -0.4), square_in_picture(5000, (0.0, 0.0))
    assert float(exact_depth(pose, wanted, torch.tensor([0.7]))) == pytest.approx(0.7)


def test_joints_that_the_target_misses_do_not_count_in_the_source():
    pose, wanted = square(0.5), square_in_picture(100, (0.0, 0.0))
    seen = torch.tensor([[True, True, False, False, True]])  # two opposite corners: the same box
    wide = pose.clone()
    wide[0, 2] = 9.0
    masked = replace(wanted, seen=seen)
    for given in (pose, wide):
        assert float(weak_depth(given, masked)) == pytest.approx(5.0)
        assert float(exact_depth(given, masked, torch.tensor([0.3]))) == pytest.approx(5.0)


@pytest.mark.parametrize("exact", [False, True])
def test_alignment_agrees_with_its_plain_twin(exact):
    settings = GPASettings(depth="exact" if exact else "weak", tries=1)
    aligned, batch = settings.build(target()), source(1)
    found = aligned(batch, generator(4))
    rows = aligned.drawn(len(batch), 1, generator(4))[:, 0]
    frames = usable_frames(aligned.target)[rows]
    keypoints = torch.where(aligned.target.seen[..., None], aligned.target.keypoints, torch.nan)
    poses, seen = plain_alignment(
        batch.poses[:, 0], keypoints[frames],
        aligned.target.cameras[aligned.target.seen_by[frames]], exact=exact,
    )  # fmt: skip
    torch.testing.assert_close(found.poses[:, 0], poses, atol=2e-4, rtol=2e-5)
    torch.testing.assert_close(found.keypoints[:, 0], seen, atol=0.05, rtol=0)


def usable_frames(of: Target) -> torch.Tensor:
    enough = of.seen.float().mean(dim=-1) >= 0.5
    return (enough & of.seen[:, 0]).nonzero()[:, 0]


@pytest.mark.parametrize("per", WAYS)
@pytest.mark.parametrize("depth", ["weak", "exact"])
def test_bones_stay_as_the_camera_sees_them(per, depth):
    batch = source()
    found = GPASettings(per=per, depth=depth).build(target())(batch, generator())
    bones, before = (bone_vectors(each.poses, H36M_17) for each in (found, batch))
    torch.testing.assert_close(bones, before, atol=2e-5, rtol=0)
    assert torch.equal(found.body, batch.body)


def test_the_root_is_on_a_target_s_root_and_the_box_as_large():
    batch, aligned = source(1), GPASettings(depth="exact", tries=1).build(target())
    found = aligned(batch, generator(2))
    wanted = aligned.pool.footprints.at(aligned.drawn(len(batch), 1, generator(2)), batch.poses)
    plane = to_image_plane(found.keypoints, found.camera)
    torch.testing.assert_close(plane[:, :, 0], wanted.ray, atol=1e-5, rtol=0)
    sizes = (found.camera.focal * extent(plane, wanted.seen)).sum(dim=-1)
    torch.testing.assert_close(sizes, wanted.size, atol=0.05, rtol=0)


def test_cameras_travel_with_their_targets_and_stand_at_the_origin():
    narrow, wide = target_clips()[0], target_clips()[1]
    of = Target.of([replace(narrow, camera=lens(1200.0)), replace(wide, camera=lens(2000.0))])
    aligned = GPASettings(tries=1).build(of)
    found = aligned(source(1), generator())
    rows = aligned.drawn(len(found), 1, generator())
    focal = torch.where((of.clip[usable_frames(of)[rows]] == 0)[..., None], 1200.0, 2000.0)
    torch.testing.assert_close(found.camera.focal[..., :1], focal)
    assert {1200.0, 2000.0} == set(found.camera.focal[..., 0].flatten().tolist())
    assert torch.equal(found.camera.rotation, torch.eye(3).expand(len(found), 1, 3, 3))
    assert (found.camera.translation == 0).all()


def test_a_window_keeps_its_own_way():
    batch = source()
    found = GPASettings(per="window").build(target())(batch, generator())
    steps, before = (each.poses.diff(dim=1) for each in (found, batch))
    torch.testing.assert_close(steps, before, atol=2e-5, rtol=0)
    assert found.camera.focal.shape[1] == 1


def test_a_track_is_smooth_and_frames_by_themselves_are_not():
    jerks = {}
    for per in WAYS:
        found = GPASettings(per=per).build(target())(source(8), generator())
        jerks[per] = float(found.poses[:, :, 0].diff(n=3, dim=1).norm(dim=-1).mean())
    assert jerks["window"] < 0.02 and jerks["track"] < 0.05 < jerks["frame"]


def test_a_track_goes_where_its_target_goes():
    clip = target_clips()[0]
    across = torch.linspace(300, 700, len(clip))[:, None].expand(-1, 2)
    keypoints = across[:, None] + 60 * torch.randn(17, 2, generator=generator())
    walk = clip_of(keypoints, pinhole(1500.0, (1000, 1000)), H36M_17, 30.0)
    aligned = GPASettings(per="track", tries=1).build(Target.of([walk]))
    found = aligned(source(8), generator())
    rows = aligned.drawn(len(found), 8, generator())
    torch.testing.assert_close(found.keypoints[:, :, 0], keypoints[rows][:, :, 0],
                               atol=0.5, rtol=0)  # fmt: skip


def test_a_curve_is_found_again_under_noise_and_short_tracks_stay():
    time = torch.linspace(-1, 1, 40)
    curve = torch.stack([1 + time, time**2 - time], dim=-1)[None]
    noisy = curve + 0.01 * torch.randn(1, 40, 2, generator=generator())
    torch.testing.assert_close(along_curve(curve), curve)
    assert (along_curve(noisy) - curve).abs().mean() < 0.004
    assert torch.equal(along_curve(noisy[:, :2]), noisy[:, :2])


def test_bodies_do_not_come_nearer_or_go_further_than_asked():
    batch = source()
    near = GPASettings(nearest=20.0, tries=1).build(target())(batch, generator())
    lowest = near.poses[..., 2].flatten(1).amin(dim=1)
    torch.testing.assert_close(lowest, torch.full_like(lowest, 20.0), atol=1e-3, rtol=0)
    far = GPASettings(farthest=1.5, nearest=0.1, tries=1).build(target())(batch, generator())
    torch.testing.assert_close(far.poses[:, 2, 0, 2], torch.full((len(batch),), 1.5))


def test_another_target_is_drawn_where_too_much_is_outside_the_picture():
    inside, beside = target_clips()[0], target_clips()[2]
    beside = replace(beside, keypoints=beside.keypoints + beside.camera.size)
    of = Target.of([inside, beside])
    shares = {}
    for tries in (1, 12):
        aligned = GPASettings(tries=tries).build(of)
        found = aligned(source(1), generator())
        out = (found.keypoints < 0) | (found.keypoints > found.camera.size[:, :, None])
        shares[tries] = float((out.any(dim=-1).float().mean(dim=(1, 2)) > 0.1).float().mean())
    assert shares[1] > 0.2 and shares[12] == 0


def test_what_cannot_be_aligned_is_refused():
    clip = target_clips()[0]
    other = replace(clip, skeleton=COCO_17, poses=None, body=None)
    with pytest.raises(SkeletonError, match='source has "h36m17" and the target "coco17"'):
        GPASettings().build(Target.of([other]))(source(), generator())
    with pytest.raises(SettingsError, match="above 0 and below the farthest, but 3 and 2 metres"):
        GPASettings(nearest=3.0, farthest=2.0)
    with pytest.raises(SettingsError, match="0 tries were asked for"):
        GPASettings(tries=0)


def test_the_published_form_takes_the_first_row_s_focal_length_for_all_depths():
    poses = source(1).poses[:2, 0]
    clip = target_clips()[0]
    keypoints, camera = clip.keypoints[:2].nan_to_num(500.0), lens()
    rows = camera.map(lambda each: each.expand(2, *each.shape))
    longer = replace(rows, focal=rows.focal * torch.tensor([[1.0], [3.0]]))
    found, other = (published_alignment(poses, keypoints, each) for each in (rows, longer))
    assert torch.equal(found[0], other[0])
    assert float(found[1, 0, 2]) == pytest.approx(float(other[1, 0, 2]))
    torch.testing.assert_close(other[1, 0, :2], found[1, 0, :2] / 3)
    with pytest.raises(DataError, match="as many target as source poses"):
        published_alignment(poses, keypoints[:1], camera)


def test_places_are_differentiable_in_the_pose():
    pose = source(1).poses[:1, 0].double()
    about = (pose - pose[:, :1]).requires_grad_()
    wanted = Footprints(torch.tensor([[0.1, 0.05]]).double(), torch.tensor([700.0]).double(),
                        torch.ones(1, 17, dtype=torch.bool),
                        torch.tensor([[1000.0, 1010.0]]).double())  # fmt: skip
    nearest = torch.tensor([1.5]).double()
    assert torch.autograd.gradcheck(lambda x: weak_depth(x, wanted), (about,))
    assert torch.autograd.gradcheck(lambda x: exact_depth(x, wanted, nearest), (about,))


def test_people_are_no_part_of_alignment():
    without = GPASettings().build(Target.of(target_clips()))
    with_people = GPASettings().build(Target.of(target_clips(), [body()]))
    found = [each(source(), generator()).poses for each in (without, with_people)]
    assert torch.equal(*found)
