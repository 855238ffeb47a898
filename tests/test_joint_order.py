"""Wrong joint orders are noticed and named; right ones are left alone."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from crosslift.camera import pinhole
from crosslift.clip import clip_of
from crosslift.errors import SkeletonError
from crosslift.joint_order import (
    LIMBS,
    VOCABULARY,
    Verdict,
    check_keypoints,
    check_order,
    check_poses,
    classes,
    log_distances,
    reference,
    refuse_wrong_order,
    spots_of,
)
from crosslift.mapping import mapping
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, MPI_INF_3DHP_17, SKELETONS

CORPUS = os.environ.get("CROSSLIFT_DATA")
needs_corpus = pytest.mark.skipif(
    CORPUS is None, reason="set CROSSLIFT_DATA to the folder that holds mocap/"
)


def uniform(low: float, high: float, shape: tuple[int, ...], rng: Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=rng)


def swing(people: int, frames: int, low: float, high: float, rng: Generator) -> Tensor:
    """An angle for each person and frame that goes to and fro within a part of its range."""
    ends = uniform(low, high, (2, people, 1), rng)
    phase, pace = uniform(0, 2 * math.pi, (people, 1), rng), uniform(0.05, 0.25, (people, 1), rng)
    beat = (torch.arange(frames) * pace + phase).sin()
    return ends.mean(dim=0) + beat * (ends[0] - ends[1]) / 2


def turned(points: Tensor, angle: Tensor, axis: int) -> Tensor:
    """Points turned about x, y or z by an angle for each person and frame."""
    one, other = (axis + 1) % 3, (axis + 2) % 3
    turned = points.clone()
    cosine, sine = angle.cos()[..., None], angle.sin()[..., None]
    turned[..., one] = cosine * points[..., one] - sine * points[..., other]
    turned[..., other] = sine * points[..., one] + cosine * points[..., other]
    return turned


def limb(
    people: int, frames: int, flexion: float, out: float, rng: Generator
) -> tuple[Tensor, Tensor]:
    """Directions of the two halves of a left limb that hangs down; it bends at its middle.

    Args:
        flexion: How far the lower half may turn, in radians: forwards if above zero.
        out: How far the limb may be spread to its side.
    """
    down = torch.tensor([0.0, 0.0, -1.0]).expand(people, frames, 1, 3)
    bend = swing(people, frames, 0.05, abs(flexion), rng) * math.copysign(1, flexion)
    raise_, spread = swing(people, frames, -0.5, 1.2, rng), swing(people, frames, 0, out, rng)
    upper = turned(turned(down, -raise_, 1), spread, 0)
    lower = turned(turned(down, -(raise_ + bend), 1), spread, 0)
    return upper, lower


def walkers(people: int, frames: int, rng: Generator) -> Tensor:
    """People of our own making who move arms, legs and trunk: x forwards, y left, z up."""
    size = uniform(0.85, 1.15, (people, 1, 1), rng)

    def place(x: float, y: float, z: float) -> Tensor:
        wobble = 1 + 0.06 * torch.randn(people, 1, 1, 3, generator=rng)
        return (torch.tensor([x, y, z]) * wobble).expand(people, frames, 1, 3)

    joints = {"pelvis": place(0, 0, 0), "spine": place(-0.02, 0, 0.24), "thorax": place(0, 0, 0.5)}
    joints["nose"] = joints["thorax"] + place(0.08, 0, 0.09)
    joints["head"] = joints["thorax"] + place(0.02, 0, 0.19)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        other = torch.tensor([1.0, sign, 1.0])
        hip, shoulder = place(0, 0.11, -0.02), joints["thorax"] * other + place(0, 0.16, -0.05)
        thigh, shin = limb(people, frames, -1.5, 0.4, rng)
        upper, lower = limb(people, frames, 1.8, 1.4, rng)
        leg = [hip, hip + 0.43 * thigh, hip + 0.43 * thigh + 0.42 * shin]
        arm = [shoulder, shoulder + 0.28 * upper, shoulder + 0.28 * upper + 0.25 * lower]
        for name, point in zip(("hip", "knee", "ankle", "shoulder", "elbow", "wrist"), leg + arm,
                               strict=True):  # fmt: skip
            joints[f"{side}_{name}"] = point * other
    posed = torch.cat([joints[joint] for joint in H36M_17.joints], dim=2) * size[..., None]
    upper_body = [j for j, name in enumerate(H36M_17.joints) if "thorax" in chain(name)]
    twisted = turned(posed[:, :, upper_body], swing(people, frames, -0.5, 0.5, rng), 2)
    posed[:, :, upper_body] = twisted
    for axis, reach in ((0, 0.3), (1, 0.5), (2, math.pi)):
        posed = turned(posed, swing(people, frames, -reach, reach, rng), axis)
    return posed


def chain(joint: str) -> list[str]:
    return [H36M_17.joints[above] for above in H36M_17.chain(H36M_17.index(joint))]


def seen(poses: Tensor, rng: Generator) -> Tensor:
    """Keypoints of upright people some 300 px tall, 5 px off, a tenth missing."""
    height = uniform(-0.5, 1.0, poses.shape[:1], rng)[:, None, None]  # of the camera, at 5.5 m
    x, y, depth = poses[..., 1], -(poses[..., 2] - height * poses[..., 0] / 5.5), poses[..., 0]
    keypoints = 1000 * torch.stack([x, y], dim=-1) / (depth + 5.5)[..., None] + 500
    keypoints = keypoints + 5 * torch.randn(keypoints.shape, generator=rng)
    lost = torch.rand(keypoints.shape[:-1], generator=rng) < 0.1
    return torch.where(lost[..., None], torch.nan, keypoints)


def many(people: int, axes: int, seed: int, frames: int = 27) -> tuple[Tensor, Generator]:
    rng = torch.Generator().manual_seed(seed)
    poses = walkers(people, frames, rng)
    return (poses if axes == 3 else seen(poses, rng)), rng


def check(points: Tensor, skeleton: Skeleton) -> Verdict:
    return (check_poses if points.shape[-1] == 3 else check_keypoints)(points, skeleton)


def with_sides_exchanged(*joints: str) -> list[int]:
    order = list(range(17))
    for joint in joints:
        left, right = H36M_17.indices(f"left_{joint}", f"right_{joint}")
        order[left], order[right] = right, left
    return order


@pytest.mark.parametrize("axes", [2, 3])
def test_at_most_one_good_clip_in_a_hundred_is_accused(axes):
    clips, _ = many(1000, axes, seed=1)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 10


@pytest.mark.parametrize("axes", [2, 3])
def test_nearly_every_permutation_is_noticed(axes):
    clips, rng = many(200, axes, seed=2)
    permuted = [clip[:, torch.randperm(17, generator=rng)] for clip in clips]
    assert sum(not check(clip, H36M_17).ok for clip in permuted) >= 198


@pytest.mark.parametrize("axes", [2, 3])
def test_single_frames_are_not_accused_without_evidence(axes):
    clips, _ = many(100, axes, seed=3, frames=1)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 1


@pytest.mark.parametrize("axes", [2, 3])
def test_the_order_of_another_skeleton_is_named(axes):
    clips, _ = many(30, axes, seed=4)
    order = spots_of(MPI_INF_3DHP_17)
    assert order is not None
    places = [H36M_17.index(VOCABULARY[place]) for place in order.places]
    verdicts = [check(clip[:, places], H36M_17) for clip in clips]
    assert sum(verdict.skeleton == "mpi_inf_3dhp17" for verdict in verdicts) >= 28
    back = [check(clip, MPI_INF_3DHP_17) for clip in clips]
    assert sum(verdict.skeleton == "h36m17" for verdict in back) >= 28
    assert '"mpi_inf_3dhp17"; name that as their skeleton.' in verdicts[0].guess


def test_a_permutation_in_space_is_undone_by_the_order_that_is_guessed():
    clips, rng = many(20, 3, seed=5)
    right = 0
    for clip in clips:
        permutation = torch.randperm(17, generator=rng)
        verdict = check_poses(clip[:, permutation], H36M_17)
        assert verdict.order is not None
        right += permutation[list(verdict.order)].tolist() == list(range(17))
    assert right >= 18


@pytest.mark.parametrize(
    ("joints", "words"),
    [
        (LIMBS, "in the whole body, or the axes are those of a mirror"),
        (LIMBS[:3], "in the arms;"),
        (LIMBS[3:], "in the legs;"),
        (("wrist",), "at the wrists;"),
        (("elbow", "wrist"), "at the wrists and elbows;"),
    ],
)
def test_exchanged_sides_are_told_apart_in_space(joints, words):
    clips, _ = many(40, 3, seed=6)
    guesses = [check_poses(clip[:, with_sides_exchanged(*joints)], H36M_17).guess for clip in clips]
    assert sum(words in guess for guess in guesses) >= 38


def test_pictures_tell_that_arms_and_legs_disagree_but_not_which_are_wrong():
    clips, _ = many(60, 2, seed=7, frames=81)
    arms = [check_keypoints(clip[:, with_sides_exchanged(*LIMBS[:3])], H36M_17) for clip in clips]
    legs = [check_keypoints(clip[:, with_sides_exchanged(*LIMBS[3:])], H36M_17) for clip in clips]
    assert sum("either in the arms or in the legs" in verdict.guess for verdict in arms) >= 48
    assert [verdict.ok for verdict in arms] == [verdict.ok for verdict in legs]


def test_pictures_do_not_tell_a_body_from_its_mirror_image():
    clips, _ = many(60, 2, seed=8)
    swapped = [check_keypoints(clip[:, list(H36M_17.mirror)], H36M_17) for clip in clips]
    assert all(verdict.ok for verdict in swapped)


def test_axes_of_a_mirror_are_noticed_in_space():
    clips, _ = many(20, 3, seed=9)
    mirrored = clips * torch.tensor([1.0, -1.0, 1.0])
    assert all("of a mirror" in check_poses(clip, H36M_17).guess for clip in mirrored)


@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_good_clips_of_every_known_skeleton_pass(name, axes):
    clips, _ = many(10, axes, seed=10)
    change = mapping(H36M_17, SKELETONS[name])
    for clip in clips:
        made = change.apply3d(clip) if axes == 3 else change.apply2d(clip).keypoints
        assert check(made, SKELETONS[name]).ok


@pytest.mark.parametrize("skeleton", [H36M_16, COCO_17])
def test_permutations_of_other_skeletons_are_noticed(skeleton):
    clips, rng = many(20, 3, seed=11)
    permuted = mapping(H36M_17, skeleton).apply3d(clips)[
        :, :, torch.randperm(len(skeleton), generator=rng)
    ]
    assert sum(not check_poses(clip, skeleton).ok for clip in permuted) >= 19


def test_size_place_and_unit_do_not_matter():
    clips, _ = many(5, 3, seed=12)
    for clip in clips:
        near, far = check_poses(clip, H36M_17), check_poses(1000 * clip + 5000, H36M_17)
        assert near.ok == far.ok
        assert near.score == pytest.approx(far.score, abs=1e-3)


def test_nothing_to_go_by_accuses_nobody():
    assert check_keypoints(torch.full((9, 17, 2), torch.nan), H36M_17) == Verdict(True, 0.0)
    assert check_keypoints(torch.zeros(0, 17, 2), H36M_17) == Verdict(True, 0.0)
    assert check_poses(torch.zeros(5, 17, 3), H36M_17).ok
    few = torch.rand(5, 17, 2)
    assert check_keypoints(few, H36M_17, (torch.arange(17) < 6).float().expand(5, 17)).ok
    hand = Skeleton("hand", ("wrist", "tip"), (-1, 0))
    assert check_poses(torch.rand(5, 2, 3), hand) == Verdict(True, 0.0)


def test_keypoints_without_a_score_are_left_out():
    clips, rng = many(1, 2, seed=13)
    clip = clips[0].nan_to_num(0)
    scores = clips[0].isfinite().all(dim=-1).float()
    assert check_keypoints(clip, H36M_17, scores) == check_keypoints(clips[0], H36M_17)
    permuted = torch.randperm(17, generator=rng)
    assert not check_keypoints(clip[:, permuted], H36M_17, scores[:, permuted]).ok


def test_a_recording_in_a_wrong_order_is_refused_in_a_sentence():
    clips, _ = many(1, 3, seed=14)
    spots = spots_of(MPI_INF_3DHP_17)
    assert spots is not None
    wrong = clips[0][:, [H36M_17.index(VOCABULARY[place]) for place in spots.places]]
    with pytest.raises(SkeletonError) as refusal:
        refuse_wrong_order(Motion("walk", H36M_17, 30, wrong))
    assert str(refusal.value) == (
        'In "walk" the joints should be those of the skeleton "h36m17", but their distances are '
        'those of "mpi_inf_3dhp17"; name that as their skeleton.'
    )
    refuse_wrong_order(Motion("walk", H36M_17, 30, clips[0]))


def test_a_permuted_recording_is_refused_with_examples():
    clips, _ = many(1, 3, seed=15)
    wrong = clips[0][:, [10, *range(1, 10), 0, *range(11, 17)]]
    words = 'joint 0 looks like "head", joint 10 looks like "pelvis" .2 of 17 look like another one'
    with pytest.raises(SkeletonError, match=words):
        refuse_wrong_order(Motion("walk", H36M_17, 30, wrong))


def test_a_clip_is_judged_by_its_keypoints_and_its_poses():
    poses, rng = many(1, 3, seed=16, frames=60)
    keypoints = seen(poses, rng)[0]
    clip = clip_of(keypoints, pinhole(1000, (1000, 1000)), H36M_17, 30)
    assert check_order(clip).ok
    swapped = poses[..., list(H36M_17.mirror), :]
    with_poses = type(clip)(**{**vars(clip), "poses": swapped})
    assert "whole body" in check_order(with_poses).guess


def test_distances_are_those_of_a_plain_loop():
    clips, _ = many(1, 2, seed=17)
    points = clips[0].double().numpy()
    table = log_distances(points)
    for i, j in ((0, 3), (5, 16)):
        apart = np.linalg.norm(points[:, i] - points[:, j], axis=-1)
        assert table[i, j] == pytest.approx(np.log(np.nanmean(apart**2)) / 2)


def test_the_reference_is_symmetric_and_mirrored():
    mirror = [VOCABULARY.index(name.replace("left", "@").replace("right", "left")
                               .replace("@", "right")) for name in VOCABULARY]  # fmt: skip
    assert len(list(classes())) == 114
    for axes in (2, 3):
        for table in reference(axes):
            assert np.array_equal(table, table.T)
            assert np.array_equal(table, table[np.ix_(mirror, mirror)])


@needs_corpus
@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("domain", ["source_val", "target_val"])
def test_real_motion_is_judged_rightly(domain, axes):
    folder = Path(str(CORPUS)) / "mocap"
    assert json.loads((folder / "index.json").read_text("utf-8"))["joints"] == "h36m-17"
    with np.load(folder / f"{domain}.npz") as file:
        points = torch.from_numpy(file["xyz"].astype(np.float32)) * float(file["unit_m"])
        starts = file["clip_start"]
    rng = torch.Generator().manual_seed(0)
    picks = torch.randint(len(points) - 27, (100,), generator=rng).tolist()
    inside = [start for start in picks if not ((starts > start) & (starts < start + 27)).any()]
    clips = torch.stack([points[start : start + 27] for start in inside])
    clips = clips - clips[:, :, :1].mean(dim=1, keepdim=True)
    if axes == 2:
        turn = uniform(-math.pi, math.pi, (len(clips), 1), rng).expand(-1, 27)
        clips = seen(turned(clips, turn, 2), rng)
    assert sum(not check(clip, H36M_17).ok for clip in clips) <= 1
    permuted = [clip[:, torch.randperm(17, generator=rng)] for clip in clips]
    assert sum(not check(clip, H36M_17).ok for clip in permuted) >= len(permuted) - 1
