"""Guided training as a recipe: what moves, what stays, what is kept, what can be continued."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from crosslift.data.images_crop import NO_CHANGES
from crosslift.detect.map_detector import MapDetector
from crosslift.errors import SettingsError, TrainingError
from crosslift.recipes.guided_loss import Balance, Guidance
from crosslift.recipes.guiding import PUBLISHED, REPAIRED, GuidedJob, L2DPoseRecipe, rising
from crosslift.recipes.l2d_pose import guide_of, loss_of
from crosslift.recipes.l2d_pose.moves import told as said
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import H36M_17
from crosslift.training import Fitting, Run, Schedule
from crosslift.training.precision import lowered

from .jobs import generator
from .l2d_pose.people import Posed, copied, small_lifter
from .test_detector import WIDER, WIDER_RESNET, detector

MUCH = replace(REPAIRED, across=2.0, depth=4.0, hard_space=2.0)


def guides(*names: str):
    return [guide_of(name, small_lifter(name), H36M_17) for name in names]


def recipe(steps: int = 8, **more) -> L2DPoseRecipe:
    fitting = Fitting(epochs=100, steps=steps, schedule=Schedule("constant"), log_every=1)
    plain = L2DPoseRecipe(batch=4, sheets=0, optimizer=Optimizing(rate=3e-3), fitting=fitting)
    return replace(plain, **more)


def job(own: MapDetector | None = None, *names: str, **more) -> GuidedJob:
    return GuidedJob(own or detector(), more.pop("train", Posed()), generator(),
                     guides=guides(*names), **more)  # fmt: skip


def space(own: MapDetector, guide, batch) -> float:
    """How far poses are off behind a guide, squared, as it is seen in training."""
    own.network.train()
    with torch.no_grad():
        maps = own.maps(batch.pictures)
        return float(said(own, maps, batch, [guide], MUCH, generator()).space[0])


@pytest.mark.parametrize(
    ("settings", "name"),
    [(WIDER, "iganet"), (WIDER_RESNET, "simple_baseline")],
    ids=["hrnet", "pose_resnet"],
)
def test_guides_teach_what_they_see(settings, name):
    own, guide, batch = detector(settings), guides(name)[0], Posed(1).batch(0, 0)
    before = space(own, guide, batch)
    alone = replace(MUCH, maps=0.0, hard=0.0)
    recipe(20, guidance=alone).train(GuidedJob(own, Posed(1), generator(), guides=[guide]))
    assert space(own, guide, batch) < before


def test_any_network_with_maps_can_be_guided():
    class Patches(nn.Module):
        """One layer that looks at patches of 4 x 4 pixels."""

        def __init__(self) -> None:
            super().__init__()
            self.look = nn.Conv2d(3, 17, 4, stride=4)

        def forward(self, pictures: Tensor) -> Tensor:
            return self.look(pictures)

    own = MapDetector(H36M_17, Patches(), (32, 64))
    before = copied(own)
    result = recipe(3).train(job(own, "simple_baseline", "videopose", "mixste", "iganet"))
    assert result.fitted.steps == 3
    assert any(not torch.equal(each, before[name]) for name, each in own.state().items())


def test_lifters_stay_as_they_are():
    some = guides("simple_baseline", "videopose")
    nets = [each.lifter.lifter.network for each in some]
    before = [{name: each.clone() for name, each in net.state_dict().items()} for net in nets]
    recipe(3).train(GuidedJob(detector(), Posed(), generator(), guides=some))
    for net, kept in zip(nets, before, strict=True):
        assert all(torch.equal(each, kept[name]) for name, each in net.state_dict().items())
        assert all(each.grad is None for each in net.parameters())
        assert not net.training


def test_without_guides_the_training_is_the_plain_one():
    own, batch = detector(), Posed().batch(0, 0)
    terms = loss_of(own, [], REPAIRED, Balance(0))(batch, generator())
    guided = loss_of(own, guides("iganet"), REPAIRED, Balance(1))(batch, generator())
    assert list(terms) == ["maps"]
    assert torch.allclose(terms["maps"], guided["maps"])
    result = recipe(2).train(job(own))
    assert result.fitted.steps == 2


def test_a_run_that_was_stopped_goes_on_to_the_same_end(tmp_path: Path):
    names = ("simple_baseline", "iganet")
    how = {"guidance": replace(REPAIRED, balanced=True, one_less=True)}
    whole = recipe(7, **how).train(job(None, *names)).detector.state()
    recipe(3, **how).train(job(None, *names, run=Run(tmp_path)))
    again = job(detector(seed=9), *names, run=Run(tmp_path, resume=True))
    found = recipe(7, **how).train(again).detector.state()
    assert all(torch.equal(each, whole[name]) for name, each in found.items())


def test_another_batch_of_settings_is_not_gone_on_with(tmp_path: Path):
    names = ("iganet",)
    recipe(2).train(job(None, *names, run=Run(tmp_path, about={"lifters": {"iganet": "a"}})))
    other = Run(tmp_path, resume=True, about={"lifters": {"iganet": "b"}})
    with pytest.raises(TrainingError, match='begun with another "lifters"'):
        recipe(4).train(job(None, *names, run=other))


def test_weights_of_guides_follow_their_losses_only_if_asked():
    some, batch = guides("simple_baseline", "iganet"), Posed().batch(0, 0)
    own, balance = detector(), Balance(2)
    balance.history = torch.tensor([[1.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    even = loss_of(own, some, REPAIRED, Balance(2))(batch, generator())
    same = loss_of(own, some, REPAIRED, balance)(batch, generator())
    assert torch.equal(even["depth"], same["depth"])
    uneven = Balance(2)
    uneven.history = torch.tensor([[1.0, 1.0], [1.0, 3.0]], dtype=torch.float64)
    other = loss_of(own, some, replace(REPAIRED, balanced=True), uneven)(batch, generator())
    assert not torch.equal(even["depth"], other["depth"])
    assert torch.allclose(uneven.history[0], torch.tensor([1.0, 3.0], dtype=torch.float64))


def test_a_loss_that_is_no_number_is_not_remembered():
    own, balance, batch = detector(), Balance(1), Posed().batch(0, 0)
    lost = replace(batch, to_picture=batch.to_picture * torch.nan)
    before = balance.history.clone()
    with torch.no_grad():
        loss_of(own, guides("iganet"), replace(REPAIRED, balanced=True), balance)(
            replace(lost, poses=batch.poses), generator()
        )
    assert torch.equal(balance.history, before) or bool(balance.history.isfinite().all())


def test_guides_are_asked_in_full_precision():
    own, some, batch = detector(), guides("simple_baseline", "mixste"), Posed().batch(0, 0)
    with torch.no_grad():
        maps = own.maps(batch.pictures)
        whole = said(own, maps, batch, some, REPAIRED, generator())
        with lowered([own.network], torch.device("cpu"), "bfloat16"):
            lower = said(own, maps, batch, some, REPAIRED, generator())
    assert all(torch.equal(lower.terms[name], each) for name, each in whole.terms.items())


def test_best_weights_are_those_behind_the_guides_and_others_decide_nothing(tmp_path: Path):
    own = job(None, "iganet", validation=Posed(2), run=Run(tmp_path))
    fitted = recipe(8).train(replace(own, unseen=guides("mixste"))).fitted
    row = fitted.history[0]
    told = {"pixels", "pdj", "pckh", "mpjpe_mm", "iganet.mpjpe_mm", "unseen.mixste.mpjpe_mm"}
    assert {f"validation.{each}" for each in told} <= set(row)
    assert fitted.best == min(row["validation.mpjpe_mm"] for row in fitted.history)
    assert row["validation.mpjpe_mm"] == row["validation.iganet.mpjpe_mm"]
    plain = recipe(4).train(job(None, validation=Posed(2))).fitted
    assert plain.best == plain.history[0]["validation.pixels"]


def test_sheets_show_what_is_found(tmp_path: Path):
    recipe(8, sheets=1).train(job(None, "iganet", run=Run(tmp_path)))
    names = sorted(each.name for each in (tmp_path / "sheets").iterdir())
    assert names == ["epoch-0000.png", "epoch-0001.png", "kept.png"]


def test_lifters_of_motion_are_taught_by_windows():
    own = detector()
    before = copied(own)
    result = recipe(3, frames=2).train(job(own, "videopose", "simple_baseline"))
    assert result.fitted.steps == 3
    assert any(not torch.equal(each, before[name]) for name, each in own.state().items())


def test_the_result_is_read_as_the_guides_read_it():
    assert recipe(1).train(job(None, "iganet")).detector.decoding == "soft"
    quarter = recipe(1, guidance=replace(REPAIRED, quarter=True))
    assert quarter.train(job(None, "iganet")).detector.decoding == "soft_quarter"


def test_the_release_is_a_name():
    own = PUBLISHED.guidance
    assert (own.quarter, own.rerooted, own.balanced, own.hard_space) == (True, False, True, 0.0)
    assert (own.maps, own.hard, own.across, own.depth, own.single) == (0.5, 0.3, 0.02, 0.04, 0.8)
    assert PUBLISHED.changes == NO_CHANGES and PUBLISHED.batch == 64
    assert Guidance() == replace(REPAIRED, together=0.0, agreement=0.0)


def test_the_releases_rate_rises_once():
    factor = rising(PUBLISHED.fitting.schedule, PUBLISHED)
    told_by_epoch = {0: 1.0, 4: 1.0, 5: 0.67, 30: 0.67**6, 31: 5 * 0.67**6, 40: 5 * 0.67**8}
    for epoch, expected in told_by_epoch.items():
        assert factor(0, epoch, 0.0) == pytest.approx(expected)
    usual = L2DPoseRecipe()
    assert rising(usual.fitting.schedule, usual)(0, 99, 0.5) == usual.fitting.schedule(0, 99, 0.5)


def test_settings_that_guide_nothing_are_refused():
    with pytest.raises(SettingsError, match="whole windows, with sheets of 0 or more, but batch"):
        L2DPoseRecipe(batch=6, frames=4)


def test_pictures_without_poses_guide_nobody():
    class Bare(Posed):
        def batch(self, epoch, index):
            return replace(super().batch(epoch, index), poses=None)

    with pytest.raises(SettingsError, match="the pictures have keypoints alone"):
        recipe().train(job(None, "iganet", train=Bare()))
    assert recipe(1).train(job(None, train=Bare())).fitted.steps == 1  # the plain training
