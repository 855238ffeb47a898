"""What a recipe is given, and what is kept of its result."""

from dataclasses import replace

import pytest
import torch

from crosslift.errors import CheckpointError, SettingsError
from crosslift.lifter_folder import About, load_lifter, save_lifter
from crosslift.lifters.inputs import Inputs
from crosslift.lifters.ridge import RidgeSettings
from crosslift.networks.semgcn import SemGCNSettings
from crosslift.recipes.job import Recipe, keep
from crosslift.recipes.supervised import Supervised
from crosslift.skeletons import H36M_16, H36M_17

from .jobs import job_for, short


def saved(job, folder):
    save_lifter(job.lifter(), job.about, folder)
    return folder


def test_fresh_weights_follow_from_the_generator_alone(walkers):
    torch.manual_seed(1)
    first = job_for("semgcn", walkers).lifter().state()
    wanted = torch.rand(1)
    torch.manual_seed(1)
    job_for("semgcn", walkers).lifter()
    assert torch.equal(torch.rand(1), wanted)
    other = job_for("semgcn", walkers, seed=5).lifter().state()
    assert any(not torch.equal(first[name], other[name]) for name in first)
    again = job_for("semgcn", walkers).lifter().state()
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_weights_come_from_the_folder_to_start_from(tmp_path, walkers):
    begun = job_for("semgcn", walkers, seed=5)
    wanted = replace(begun, rng=torch.Generator().manual_seed(5)).lifter().state()
    found = job_for("semgcn", walkers, start=saved(begun, tmp_path / "begun")).lifter().state()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_a_start_from_another_kind_skeleton_size_or_unit_is_refused(tmp_path, walkers):
    folder = saved(job_for("semgcn", walkers), tmp_path / "begun")
    with pytest.raises(SettingsError, match='from a lifter "iganet" for.*is "semgcn" for "h36m17"'):
        job_for("iganet", walkers, start=folder).lifter()
    with pytest.raises(SettingsError, match='skeleton "h36m16", but.*is "semgcn" for "h36m17"'):
        job_for("semgcn", walkers, skeleton=H36M_16, start=folder).lifter()
    with pytest.raises(SettingsError, match="weights would mean something else"):
        job_for("semgcn", walkers, inputs=Inputs("screen"), start=folder).lifter()
    with pytest.raises(CheckpointError, match="should have the shape"):
        job_for("semgcn", walkers, network=SemGCNSettings(width=8, blocks=1), start=folder).lifter()
    with pytest.raises(CheckpointError, match="should be the folder of a lifter"):
        job_for("semgcn", walkers, start=tmp_path).lifter()


def test_a_lifter_without_a_network_is_refused_started_or_not(tmp_path, walkers):
    for name in ("flat", "ridge"):
        with pytest.raises(SettingsError, match=f'"{name}" has no network to train'):
            job_for(name, walkers).lifter()
    about = About("ridge", RidgeSettings(features=64), H36M_17)
    save_lifter(about.build(), about, tmp_path / "ridge")
    with pytest.raises(SettingsError, match='"ridge" has no network to train'):
        job_for("ridge", walkers, start=tmp_path / "ridge").lifter()


def test_what_is_kept_says_how_it_was_made(tmp_path, walkers):
    assert isinstance(Supervised(), Recipe)
    job = job_for("simple_baseline", walkers, validation=walkers)
    result = short(4).train(job)
    about = keep(result, job, tmp_path / "lifter", {"seed": 3})
    lifter, told = load_lifter(tmp_path / "lifter")
    assert told == about and told.made["seed"] == 3
    assert told.made["data"] == walkers.hash()
    trained = told.made["trained"]
    assert (trained["batches"], trained["skipped"], trained["best"]) == (4, 0, result.fitted.best)
    assert trained["last"]["step"] == 4
    kept = result.lifter.state()
    assert all(torch.equal(each, kept[name]) for name, each in lifter.state().items())


def test_without_a_validation_there_are_no_figures(tmp_path, walkers):
    job = job_for("simple_baseline", walkers)
    about = keep(short(1).train(job), job, tmp_path / "lifter", {})
    assert about.made["trained"]["best"] is None and about.made["trained"]["last"] == {}
