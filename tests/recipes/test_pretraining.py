"""P-STMO's two stages: keypoints alone first, then poses from what was learned."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.errors import SettingsError
from crosslift.lifter_folder import save_lifter
from crosslift.lifters.inputs import Inputs
from crosslift.networks.pstmo_pretraining import Masking
from crosslift.recipes.pretraining import PSTMOPretrainingRecipe
from crosslift.recipes.supervised import Optimizing
from crosslift.training import Fitting, Run, Schedule

from ..stores import short_clips, stored, with_gaps
from .jobs import job_for, short


def recipe(batches: int = 40, **more) -> PSTMOPretrainingRecipe:
    fitting = Fitting(epochs=1000, steps=batches, schedule=Schedule("constant"), log_every=1)
    plain = PSTMOPretrainingRecipe(Masking(0.3, 2), batch=16, optimizer=Optimizing(rate=3e-3),
                                   fitting=fitting)  # fmt: skip
    return replace(plain, **more)


def test_the_encoder_learns_from_keypoints_without_poses(tmp_path):
    bare = [replace(with_gaps(clip), poses=None) for clip in short_clips()]
    job = job_for("pstmo", stored(tmp_path / "bare", bare), run=Run(tmp_path))
    before = {name: each.clone() for name, each in job.lifter().state().items()}
    trained = recipe().train(replace(job, rng=torch.Generator().manual_seed(0)))
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    found = [line["encoder.guess"] for line in lines]
    assert len(found) == 40 and sum(found[-5:]) < 0.7 * sum(found[:5])
    after = trained.lifter.state()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    stayed = {name.split(".")[0] for name in after} - moved
    assert moved and stayed


def test_supervised_training_starts_from_it(tmp_path, walkers):
    job = job_for("pstmo", walkers)
    trained = recipe(3).train(job)
    save_lifter(trained.lifter, job.about, tmp_path / "stage1")
    second = job_for("pstmo", walkers, start=tmp_path / "stage1")
    begun, kept = second.lifter().state(), trained.lifter.state()
    assert all(torch.equal(begun[name], kept[name]) for name in kept)
    assert short(2).train(second).fitted.steps == 2


def test_it_is_repeatable_and_mirrors_if_asked(walkers):
    first, again, plain = (
        recipe(2, flip=flip).train(job_for("pstmo", walkers)).lifter.state()
        for flip in (True, True, False)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], plain[name]) for name in first)


def test_other_lifters_validations_and_standard_scores_are_refused(walkers):
    with pytest.raises(SettingsError, match='of the lifter "pstmo", but "videopose" was asked for'):
        recipe(1).train(job_for("videopose", walkers))
    with pytest.raises(SettingsError, match="nothing that a validation could measure"):
        recipe(1).train(job_for("pstmo", walkers, validation=walkers))
    with pytest.raises(SettingsError, match="need the mean and the spread"):
        recipe(1).train(job_for("pstmo", walkers, inputs=Inputs("standard")))
