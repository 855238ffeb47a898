"""Training of lifters that draw poses: they learn, by the objective that is asked for."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.data.windows_of_store import StoreWindows
from crosslift.diffusion import draw_times, gaussian, time_weights
from crosslift.errors import SettingsError
from crosslift.lifter_folder import About
from crosslift.lifters.d3dp import D3DPLifter
from crosslift.lifters.diff3dhpe import Diff3DHPELifter
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.inputs import Seen
from crosslift.networks.grand import GrandSettings
from crosslift.networks.mixste import MixSTESettings
from crosslift.recipes.diffusion import (
    D3DP_243,
    DIFF3DHPE_81,
    Denoising,
    DiffusionRecipe,
    in_unit_of,
    loss_of,
)
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing, held_out, relative_truth
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Schedule
from crosslift.windows import Windowing

from ..stores import short_clips, stored, with_gaps

SIZES = {"frames": 5, "width": 32, "depth": 1, "heads": 2}
SMALL = {
    "d3dp": D3DPLifter(MixSTESettings(**SIZES)),
    "diff3dhpe": Diff3DHPELifter(GrandSettings(**SIZES)),
    "middle": Diff3DHPELifter(GrandSettings(**SIZES, centre=True), steps=2),
}
OBJECTIVES = {
    "d3dp": Denoising(),
    "diff3dhpe": Denoising("squared", by_time=True),
    "middle": Denoising("squared"),
}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def job_for(name: str, store, **more) -> Job:
    about = About(name.replace("middle", "diff3dhpe"), SMALL[name], H36M_17)
    return Job(about, store, generator(), **more)


def short(name: str, batches: int) -> DiffusionRecipe:
    fitting = Fitting(epochs=1000, steps=batches, schedule=Schedule("constant"), log_every=1)
    return DiffusionRecipe(
        16, 1, objective=OBJECTIVES[name], optimizer=Optimizing(rate=3e-3), fitting=fitting
    )


def batch_of(store, lifter, count: int = 6):
    return StoreWindows(store, Windowing(lifter.frames, 1, lifter.predict)).take(range(count))


@pytest.mark.parametrize("name", SMALL)
def test_every_lifter_learns(walkers, name):
    trained = short(name, 30).train(job_for(name, walkers))
    assert trained.fitted.skipped == 0 and not trained.lifter.network.training
    fresh = job_for(name, walkers).lifter()  # as it was before
    fresh = replace(fresh, pose_statistics=trained.lifter.pose_statistics)
    fresh.network.eval()
    batch = batch_of(walkers, fresh, 20)
    before, after = (float(loss_of(each, OBJECTIVES[name])(batch, generator())["position"].detach())
                     for each in (fresh, trained.lifter))  # fmt: skip
    assert after < 0.6 * before


def test_it_is_validated_by_the_poses_that_it_draws(walkers):
    job = job_for("diff3dhpe", walkers, validation=walkers)
    trained = short("diff3dhpe", 8).train(job)
    errors = [row["validation.mpjpe_mm"] for row in trained.fitted.history]
    assert trained.fitted.best == min(errors) and errors[-1] < errors[0]
    assert held_out("again", trained.lifter, walkers).measure()["mpjpe_mm"] == pytest.approx(
        trained.fitted.best, rel=1e-4
    )


def test_the_same_seed_trains_the_same_lifter(walkers):
    first, again = (short("d3dp", 3).train(job_for("d3dp", walkers)).lifter.state()
                    for _ in range(2))  # fmt: skip
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_the_unit_is_the_largest_coordinate_of_the_data_and_stays(walkers):
    lifter = job_for("diff3dhpe", walkers).lifter()
    windows = StoreWindows(walkers, Windowing(5, 1))
    truth, _ = relative_truth(windows.take(range(len(windows))))
    found = in_unit_of(lifter, windows)
    assert float(found.pose_statistics.std[0, 0]) == pytest.approx(float(truth.abs().max()))
    assert in_unit_of(lifter.with_largest(3.0), windows).pose_statistics.std[0, 0] == 3.0
    assert in_unit_of(job_for("d3dp", walkers).lifter(), windows).pose_statistics is None


@pytest.mark.parametrize(("shared", "from_noise"), [(False, 0.0), (True, 0.0), (False, 0.5)])
@pytest.mark.parametrize("name", SMALL)
def test_the_loss_is_that_of_the_publication(walkers, name, shared, from_noise):
    lifter = job_for(name, walkers).lifter().with_largest(1.5)
    lifter.network.eval()
    objective = replace(OBJECTIVES[name], shared_time=shared, from_noise=from_noise)
    batch = batch_of(walkers, lifter)
    found = loss_of(lifter, objective)(batch, generator())["position"]
    truth, _ = relative_truth(batch)
    clean = (truth if lifter.predict == "all" else truth[:, [2]]) / 1.5
    rng = generator()
    times = draw_times(len(batch), 1000, rng, shared=shared, last=from_noise)
    noise = gaussian(clean, rng)
    off = lifter.denoised(Seen(batch.keypoints, batch.camera), clean, times, noise) - clean
    each = off.square().mean(dim=-1) if objective.position == "squared" else off.norm(dim=-1)
    if objective.by_time:
        weights = time_weights(lifter.process.noise().signal[times], 3.0).float()
        each = each * weights[:, None, None]
    assert_close(found, each.mean(), rtol=1e-4, atol=1e-6)


def test_by_itself_scales_the_gradient_by_the_loss(walkers):
    lifter = job_for("d3dp", walkers).lifter()
    lifter.network.eval()
    batch, weight = batch_of(walkers, lifter), lifter.network.head[1].weight
    gradients, losses = [], []
    for by_itself in (False, True):
        loss = loss_of(lifter, Denoising(by_itself=by_itself))(batch, generator())["position"]
        losses.append(float(loss.detach()))
        gradients.append(*torch.autograd.grad(loss, weight))
    assert losses[1] == pytest.approx(losses[0] ** 2)
    assert_close(gradients[1], losses[0] * gradients[0])


def test_joints_that_are_not_known_do_not_count(tmp_path, walkers):
    lifter = job_for("d3dp", walkers).lifter()
    lifter.network.eval()
    clip = with_gaps(short_clips()[0])
    poses = clip.poses.clone()
    poses[:, 3, 4:7] = torch.nan
    store = stored(tmp_path / "store", [replace(clip, poses=poses)])
    loss = loss_of(lifter, Denoising())(batch_of(store, lifter), generator())["position"]
    loss.backward()
    assert loss.isfinite() and lifter.network.head[1].weight.grad.isfinite().all()


def test_published_rows_draw_all_times_alike_and_a_share_above_one_is_refused():
    assert D3DP_243.objective.from_noise == DIFF3DHPE_81.objective.from_noise == 0
    with pytest.raises(SettingsError, match="between 0 and 1, but 1.5 was given"):
        Denoising(from_noise=1.5)


def test_other_lifters_are_refused(walkers):
    from ..lifters.small import small_settings

    about = About("mixste", small_settings("mixste"), H36M_17)
    with pytest.raises(SettingsError, match='"mixste" is none; say --lifter d3dp, or crosslift'):
        DiffusionRecipe().train(Job(about, walkers, generator()))
    with pytest.raises(SettingsError, match='"flat" has no network to train'):
        DiffusionRecipe().train(Job(About("flat", FlatSettings(), H36M_17), walkers, generator()))
