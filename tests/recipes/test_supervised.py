"""Supervised training: every lifter learns, by the objective that is asked for."""

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from crosslift import registry
from crosslift.clip import Clip
from crosslift.data.windows_of_store import StoreWindows
from crosslift.errors import DataError, SettingsError
from crosslift.lifters.direct import at_once
from crosslift.lifters.inputs import Inputs, Seen
from crosslift.networks.simple_baseline import Statistics
from crosslift.recipes.supervised import (
    Objective,
    Optimizing,
    Supervised,
    answered,
    errors,
    evenly,
    examples_for,
    falling_momentum,
    held_out,
    judge,
    loss_of,
    relative_truth,
    windows_for,
    with_statistics,
)
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Run
from crosslift.windows import Windowing, windows

from ..lifters.small import draws, small_settings, takes_inputs
from ..stores import short_clips, stored, with_gaps
from .jobs import generator, job_for, short

NETWORKS = [
    name for name in sorted(registry.parts("lifter")) if takes_inputs(name) and not draws(name)
]


BATCHES = {"simple_baseline": 80, "stgcn": 12}
"""Where 25 are too few, or more than are needed."""


def losses(folder) -> list[float]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [line["lifter.position"] for line in lines if "lifter.position" in line]


def error_of(lifter, store) -> float:
    found = StoreWindows(store, Windowing(lifter.frames, predict=lifter.predict))
    return errors(lifter, found, evenly(len(found), 64), 64)["mpjpe_mm"]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_lifter_learns(tmp_path, walkers, name):
    job = job_for(name, walkers, run=Run(tmp_path))
    batches = BATCHES.get(name, 25)
    trained = short(batches).train(job)
    found = losses(tmp_path)
    assert len(found) == trained.fitted.steps == batches and trained.fitted.skipped == 0
    assert sum(found[-3:]) < 0.6 * sum(found[:3])
    assert not trained.lifter.network.training


def test_gaps_and_more_inputs_can_be_learned_from(tmp_path):
    store = stored(tmp_path / "store", [with_gaps(clip) for clip in short_clips(2)])
    job = job_for("simple_baseline", store, inputs=Inputs("relative", scores=True, body=True),
                  run=Run(tmp_path))  # fmt: skip
    fitted = short(80).train(job).fitted
    found = losses(tmp_path)
    assert fitted.skipped == 0 and sum(found[-3:]) < 0.6 * sum(found[:3])


def test_the_same_seed_trains_the_same_lifter_and_another_one_another(walkers):
    first, again, other = (
        short(2).train(job_for("simple_baseline", walkers, seed=seed)).lifter.state()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_the_best_weights_by_a_validation_are_kept(walkers):
    job = job_for("simple_baseline", walkers, validation=walkers)
    trained = short(9).train(job)
    fitted = trained.fitted
    assert [set(row) for row in fitted.history] == [
        {"step", "validation.mpjpe_mm", "validation.n_mpjpe_mm", "validation.p_mpjpe_mm"}
    ] * len(fitted.history)
    assert fitted.best == min(row["validation.mpjpe_mm"] for row in fitted.history)
    assert error_of(trained.lifter, walkers) == pytest.approx(fitted.best, rel=1e-4)


def test_a_validation_on_the_targets_labels_is_refused(tmp_path, walkers):
    clip = short_clips()[0]
    target = replace(clip, labels={**clip.labels, "domain": "target"})
    store = stored(tmp_path / "target", [target])
    with pytest.raises(SettingsError, match="labelled clips of the target domain"):
        short(1).train(job_for("simple_baseline", walkers, validation=store))
    source = stored(tmp_path / "source", [replace(clip, labels={"domain": "source"})])
    assert held_out("validation", job_for("simple_baseline", walkers).lifter(), source)


def test_a_validation_without_whole_poses_is_refused(tmp_path, walkers):
    clip = short_clips()[0]
    poses = clip.poses.clone()
    poses[:, :, 4] = torch.nan
    store = stored(tmp_path / "store", [replace(clip, poses=poses)])
    measured = held_out("validation", job_for("simple_baseline", walkers).lifter(), store)
    with pytest.raises(DataError, match="frames in which the poses of all joints are known"):
        measured.measure()


class Shifted(nn.Module):
    """Answers with one pose for all frames."""

    def __init__(self, pose: torch.Tensor) -> None:
        super().__init__()
        self.pose = nn.Parameter(pose)

    def forward(self, given):
        return self.pose.expand(*given.shape[:2], 17, 3)


def test_errors_are_millimetres_of_whole_frames(tmp_path):
    clip = short_clips()[0]
    still = clip.poses[:, :1].expand(-1, len(clip), -1, -1).clone()
    still[:, 3, 5] = torch.nan
    store = stored(tmp_path / "still", [replace(clip, poses=still)])
    pose = (clip.poses[0, 0] - clip.poses[0, 0, 0]).clone()
    pose[5, 1] += 0.17
    lifter = replace(job_for("simple_baseline", store).lifter(), network=Shifted(pose), flip=False)
    lifter = replace(lifter, read=at_once)
    found = errors(lifter, StoreWindows(store, Windowing(1)), evenly(len(clip), 99), 4)
    assert found["mpjpe_mm"] == pytest.approx(10, abs=1e-3)
    assert 0 < found["n_mpjpe_mm"] < 170 / 4 and 0 < found["p_mpjpe_mm"] < 170 / 4


def test_windows_overlap_by_what_a_lifter_answers_for(walkers):
    frames = int(sum(walkers.frames))
    assert len(windows_for(job_for("simple_baseline", walkers).lifter(), walkers, None)) == frames
    assert len(windows_for(job_for("videopose", walkers).lifter(), walkers, None)) == frames
    mixste = job_for("mixste", walkers).lifter()
    assert windows_for(mixste, walkers, None).windowing.step == 3
    assert windows_for(mixste, walkers, 5).windowing.step == 5


def test_evenly_spread_numbers_have_both_ends_and_none_beyond_however_many():
    assert evenly(5, 99).tolist() == [0, 1, 2, 3, 4] and evenly(101, 3).tolist() == [0, 50, 100]
    count = 20_000_000  # single precision would round the last one up
    assert evenly(count, 7)[-1] == count - 1


def test_augmenters_come_before_the_mirror(walkers):
    lifter = job_for("simple_baseline", walkers).lifter()
    marks = []

    def mark(batch, rng):
        marks.append(len(batch))
        return batch

    plain = examples_for(lifter, walkers, short(flip=False), generator())
    both = examples_for(lifter, walkers, short(), generator(), [mark])
    assert len(plain.augment) == 0 and len(both.augment) == 2
    both.batch(0, 0)
    assert marks == [16]


# --- the objective ---


def poses(*frames: float) -> torch.Tensor:
    """One joint along a line."""
    return torch.tensor(frames).view(1, -1, 1, 1) * torch.tensor([1.0, 0, 0])


def test_an_objective_is_the_sum_of_its_weighted_terms():
    truth, estimate = poses(0.0, 0, 0), poses(0.0, 1, 3)
    known = torch.ones(1, 3, 1, dtype=torch.bool)
    terms = judge(estimate, truth, known, Objective(velocity=2.0, rest=0.5))
    assert {key: float(value) for key, value in terms.items()} == pytest.approx(
        {"position": 4 / 3, "velocity": 2 * 1.5, "rest": 0.5 * 5 / 6}
    )
    assert set(judge(estimate, truth, known, Objective())) == {"position"}
    both = Objective(velocity=1.0, rest=1.0)
    assert set(judge(estimate[:, :1], truth[:, :1], known[:, :1], both)) == {"position"}
    squared = judge(estimate, truth, known, Objective("squared", weights=(2.0,)))
    assert float(squared["position"]) == pytest.approx(2 * 10 / 9)


@pytest.mark.parametrize(
    ("predict", "frames", "wanted"),
    [("all", 5, [0, 1, 2, 3, 4]), ("centre", 1, [2]), ("centre", 3, [1, 2, 3]), ("last", 1, [4])],
)
def test_answers_are_compared_with_the_frames_that_they_are_of(predict, frames, wanted):
    truth = poses(0.0, 1, 2, 3, 4)
    known = torch.tensor([[[True], [False], [True], [True], [False]]])
    found, there = answered(torch.zeros(1, frames, 1, 3), truth, known, predict)
    assert found[0, :, 0, 0].tolist() == wanted
    assert torch.equal(there, known[:, wanted])


def test_the_middle_of_an_even_window_is_the_one_that_windows_are_put_together_by():
    batch = windows(short_clips()[0], Windowing(8, predict="centre"))
    truth, known = relative_truth(batch)
    middle, _ = answered(torch.zeros(len(batch), 1, 17, 3), truth, known, "centre")
    pose = short_clips()[0].poses[0]
    torch.testing.assert_close(middle[:, 0], pose - pose[:, :1])


def test_copies_at_the_ends_and_unknown_joints_do_not_count():
    batch = windows(short_clips()[0], Windowing(9, predict="centre"))
    batch.poses[3, 2, 5] = torch.nan
    truth, known = relative_truth(batch)
    assert (truth[..., 0, :] == 0).all()
    assert not known[0, 0].any() and known[4].all() and not known[3, 2, 5]
    with pytest.raises(SettingsError, match="needs poses, but the batch has keypoints alone"):
        relative_truth(replace(batch, poses=None))


def test_all_that_a_network_says_is_judged(walkers):
    job = job_for("pstmo", walkers)
    lifter = job.lifter()
    lifter.network.eval()
    batch = examples_for(lifter, walkers, short(), generator()).batch(0, 0)
    truth, known = relative_truth(batch)
    middle, every = lifter.answers(Seen(batch.keypoints, batch.camera, batch.scores, batch.body))
    assert middle.shape[1] == 1 and every.shape[1] == 9
    wanted = sum(
        judge(each, *answered(each, truth, known, "centre"), Objective())["position"]
        for each in (middle, every)
    )
    torch.testing.assert_close(loss_of(lifter, Objective())(batch, generator())["position"], wanted)


def test_a_loss_scaled_by_itself_has_the_gradient_of_half_its_square(walkers):
    lifter = job_for("mixste", walkers).lifter()
    lifter.network.eval()
    batch = examples_for(lifter, walkers, short(), generator()).batch(0, 0)
    weights = list(lifter.network.parameters())
    objective = Objective(velocity=1.0, rest=1.0)

    def gradient(loss):
        found = torch.autograd.grad(loss, weights, allow_unused=True)
        return torch.cat([each.flatten() for each in found if each is not None])

    plain = sum(loss_of(lifter, objective)(batch, generator()).values())
    scaled = sum(loss_of(lifter, replace(objective, by_itself=True))(batch, generator()).values())
    torch.testing.assert_close(gradient(scaled), gradient(plain**2 / 2), rtol=1e-4, atol=1e-6)


def test_weights_must_be_one_for_each_joint(walkers):
    recipe = short(1, objective=Objective(weights=(1.0, 2.0)))
    with pytest.raises(SettingsError, match='each of the 17 joints of "h36m17", but has 2'):
        recipe.train(job_for("simple_baseline", walkers))


@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_optimisers_are_as_asked_for(kind):
    parameters = [nn.Parameter(torch.ones(2))]
    found = Optimizing(kind, 0.5, 0.25, amsgrad=True).build(parameters)
    assert type(found).__name__.lower() == kind
    group = found.param_groups[0]
    assert (group["lr"], group["weight_decay"], group["amsgrad"]) == (0.5, 0.25, True)


# --- statistics and momentum ---


def test_standard_scores_get_the_statistics_of_the_data(walkers):
    job = job_for("simple_baseline", walkers, inputs=Inputs("standard"))
    trained = short(1).train(job)
    every = torch.cat([clip.keypoints for clip in walkers if isinstance(clip, Clip)])
    found = trained.lifter.keypoint_statistics
    torch.testing.assert_close(found.mean, every.mean(dim=0))
    torch.testing.assert_close(found.std, every.std(dim=0).clamp_min(1))
    assert any(name.startswith("keypoint_statistics") for name in trained.lifter.state())


def test_statistics_are_kept_where_they_are_and_left_out_where_they_are_of_no_use(walkers):
    plain = job_for("simple_baseline", walkers).lifter()
    assert with_statistics(plain, windows_for(plain, walkers, 1)) is plain
    lifter = job_for("simple_baseline", walkers, inputs=Inputs("standard")).lifter()
    begun = replace(lifter, keypoint_statistics=Statistics(torch.zeros(17, 2), torch.ones(17, 2)))
    assert with_statistics(begun, windows_for(begun, walkers, 1)) is begun


def test_momentum_falls_from_a_tenth_to_a_thousandth(walkers):
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 3), nn.BatchNorm2d(3))
    fall = falling_momentum(network, 10)
    found = []
    for epoch in (0, 5, 10):
        fall(epoch)
        assert network[0].momentum == network[2].momentum
        found.append(network[0].momentum)
    assert found == pytest.approx([0.1, 0.01, 0.001])
    trained = short(8, falling_momentum=True, fitting=Fitting(epochs=2)).train(
        job_for("videopose", walkers)
    )
    layers = [each for each in trained.lifter.network.modules() if isinstance(each, nn.BatchNorm1d)]
    assert layers and all(each.momentum == pytest.approx(0.01) for each in layers)


def test_augmenters_are_applied_by_their_names(tmp_path):
    store = stored(tmp_path / "store", short_clips(3, 15))
    lifter = small_settings("simple_baseline").build(H36M_17)
    plain = examples_for(lifter, store, Supervised(batch=16, flip=False), generator())
    names = ("bodies", "cameras", "detector", "body_doubt")
    other = examples_for(lifter, store, Supervised(16, flip=False, augment=names), generator())
    one, two, again = plain.batch(0, 0), other.batch(0, 0), other.batch(0, 0)
    assert not torch.equal(one.poses, two.poses)
    assert torch.equal(two.poses, again.poses)
    with pytest.raises(SettingsError, match='no augmenter "bodys"; did you mean "bodies"'):
        examples_for(lifter, store, Supervised(16, augment=("bodys",)), generator())
