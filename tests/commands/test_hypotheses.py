"""Hypotheses on the command line: how many, in how many steps, and one pose of them."""

import json
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.cli import main
from crosslift.clip import unlabelled
from crosslift.data.clip_file import read_clip, write_clip
from crosslift.data.store import Store
from crosslift.geometry import body_lengths
from crosslift.lifter_folder import About, save_lifter
from crosslift.recipes.diffusion import DiffusionRecipe
from crosslift.recipes.job import Job
from crosslift.recipes.supervised import Optimizing
from crosslift.skeletons import COCO_17, H36M_17
from crosslift.training import Fitting, Schedule

from ..lifters.small import small_settings
from ..people import seen_walker
from ..stores import short_clips, stored

DRAWING = ["d3dp", "diff3dhpe"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Lifters that have learned for a moment, and a walker."""
    place = tmp_path_factory.mktemp("hypotheses")
    store = stored(place / "truths", short_clips(2))
    fitting = Fitting(epochs=1000, steps=25, schedule=Schedule("constant"))
    for name in DRAWING:
        job = Job(About(name, small_settings(name), H36M_17), store, torch.Generator())
        recipe = DiffusionRecipe(8, 1, optimizer=Optimizing(rate=3e-3), fitting=fitting)
        save_lifter(recipe.train(job).lifter, job.about, place / name)
    write_clip(place / "walk.clip.safetensors", unlabelled(seen_walker(0.7, 1)))
    return place


def run(capsys, *words, code=0) -> str:
    assert main([str(each) for each in words]) == code
    said = capsys.readouterr()
    return said.out if code == 0 else said.err


def lifted(capsys, folder, out, *words, lifter="d3dp"):
    said = run(capsys, "lift", folder / "walk.clip.safetensors", "-o", out, "--no-page",
               "--lifter", folder / lifter, *words)  # fmt: skip
    return read_clip(out / "walk.clip.safetensors"), " ".join(said.split())


@pytest.mark.parametrize("name", DRAWING)
def test_as_many_hypotheses_are_kept_as_are_asked_for(folder, tmp_path, capsys, name):
    found, _ = lifted(capsys, folder, tmp_path, "--hypotheses", "3", "--steps", "2", lifter=name)
    assert found.poses.shape == (3, 21, 17, 3) and found.poses.isfinite().all()
    assert (found.poses[0] - found.poses[1]).abs().max() > 1e-3


@pytest.mark.parametrize("how", ["mean", "p-agg", "j-agg"])
def test_one_pose_of_them_whose_limbs_keep_their_lengths(folder, tmp_path, capsys, how):
    found, _ = lifted(capsys, folder, tmp_path, "--hypotheses", "4", "--aggregate", how)
    assert found.poses.shape == (1, 21, 17, 3)
    assert found.provenance["aggregated"] == f"{how} of 4 hypotheses"
    shins = body_lengths(found.poses[0], H36M_17)[:, [3, 6]]
    assert_close(shins, shins[:1, :1].expand_as(shins), atol=1e-4, rtol=1e-3)
    assert (found.spread[:, 1:] > 0).any()


def test_the_mean_is_that_of_the_hypotheses(folder, tmp_path, capsys):
    words = ["--hypotheses", "3", "--no-rigid", "--no-steady", "--no-standing"]
    every, _ = lifted(capsys, folder, tmp_path / "every", *words)
    one, _ = lifted(capsys, folder, tmp_path / "one", *words, "--aggregate", "mean")
    assert_close(one.poses[0], every.poses.mean(dim=0), atol=1e-4, rtol=1e-4)


def test_an_aggregate_of_one_hypothesis_and_of_an_unknown_camera_is_remarked_upon(
    folder, tmp_path, capsys
):
    _, said = lifted(capsys, folder, tmp_path / "one", "--aggregate", "j-agg")
    assert "There is one hypothesis alone, so --aggregate has no effect" in said
    clip = read_clip(folder / "walk.clip.safetensors")
    still = clip.keypoints[:1].expand_as(clip.keypoints).clone()  # which tells no focal length
    guessed = replace(clip, keypoints=still, camera=replace(clip.camera, focal_from="assumed"))
    (tmp_path / "in").mkdir()
    write_clip(tmp_path / "in" / "walk.clip.safetensors", guessed)
    said = run(capsys, "lift", tmp_path / "in" / "walk.clip.safetensors", "-o", tmp_path / "out",
               "--no-page", "--lifter", folder / "d3dp", "--hypotheses", "3", "--aggregate",
               "j-agg")  # fmt: skip
    found = read_clip(tmp_path / "out" / "walk.clip.safetensors")
    how = found.provenance["aggregated"]
    told = "the pose is the mean of 3 hypotheses" in " ".join(said.split())
    assert told == (found.camera.focal_from == "assumed") == how.startswith("mean")


@pytest.mark.parametrize("words", [["--hypotheses", "2"], ["--steps", "3"]])
def test_lifters_that_draw_nothing_are_not_told_how(folder, tmp_path, capsys, words):
    said = run(capsys, "lift", folder / "walk.clip.safetensors", "-o", tmp_path, "--lifter", "flat",
               *words, code=2)  # fmt: skip
    assert f'{words[0]} is for lifters that draw poses from noise, but "flat"' in said


@pytest.mark.parametrize("name", DRAWING)
@pytest.mark.parametrize("lost", [False, True])
def test_keypoints_of_coco_are_lifted_on_the_same_road(folder, tmp_path, capsys, name, lost):
    """Joints are mapped, what is missing is filled in, and no NaN reaches a pose."""
    walker = seen_walker(0.7, 1)
    places = [H36M_17.joints.index(joint) if joint in H36M_17.joints else 10
              for joint in COCO_17.joints]  # fmt: skip
    keypoints, scores = walker.keypoints[:, places].clone(), walker.scores[:, places].clone()
    if lost:
        keypoints[5:9, 7:11], scores[5:9, 7:11] = torch.nan, 0.0
        keypoints[12], scores[12] = torch.nan, 0.0
    clip = replace(unlabelled(walker), skeleton=COCO_17, keypoints=keypoints, scores=scores,
                   observed=scores > 0)  # fmt: skip
    write_clip(tmp_path / "walk.clip.safetensors", clip)
    run(capsys, "lift", tmp_path / "walk.clip.safetensors", "-o", tmp_path / "out", "--no-page",
        "--lifter", folder / name, "--hypotheses", "3", "--aggregate", "j-agg")  # fmt: skip
    found = read_clip(tmp_path / "out" / "walk.clip.safetensors")
    assert found.skeleton == H36M_17 and found.poses.shape == (1, 21, 17, 3)
    assert found.poses.isfinite().all()
    assert found.observed[12].any() != lost


def report(capsys, *words) -> dict:
    return json.loads(run(capsys, "evaluate", *words, "--json"))


def test_an_evaluation_draws_as_it_is_told_and_oracles_are_bounds(folder, capsys):
    words = [folder / "d3dp", folder / "truths", "--hypotheses", "6"]
    choices = ["mean", "p-agg", "j-agg", "oracle-p-best", "oracle-j-best"]
    found = {each: report(capsys, *words, "--aggregate", each) for each in choices}
    errors = {each: one["figures"]["mpjpe"] for each, one in found.items()}
    assert errors["mean"] == errors["p-agg"] == report(capsys, *words)["figures"]["mpjpe"]
    assert errors["oracle-j-best"] < errors["oracle-p-best"] <= errors["mean"] * 1.2
    assert errors["oracle-j-best"] < errors["j-agg"]
    side = found["j-agg"]["stamp"]["estimates"]
    assert side["aggregate"] == "j-agg" and side["hypotheses"] == 6


def test_hypotheses_in_files_are_aggregated_too(folder, tmp_path, capsys):
    run(capsys, "lift", folder / "truths", "-o", tmp_path, "--lifter", folder / "d3dp",
        "--hypotheses", "3")  # fmt: skip
    store = tmp_path / "truths"
    assert Store.open(store)[0].poses.shape[0] == 3
    mean, best = (report(capsys, store, folder / "truths", "--aggregate", each)["figures"]["mpjpe"]
                  for each in ("mean", "oracle-j-best"))  # fmt: skip
    assert best < mean
    said = run(capsys, "evaluate", store, folder / "truths", "--steps", "2", code=2)
    assert "holds poses that are drawn already; leave them out" in " ".join(said.split())


def test_more_steps_or_hypotheses_are_another_run(folder, tmp_path, capsys):
    """Parts that were kept of a run with other settings are not taken."""
    few, _ = lifted(capsys, folder, tmp_path / "few", "--hypotheses", "2")
    many, _ = lifted(capsys, folder, tmp_path / "many", "--hypotheses", "2", "--steps", "4")
    assert (few.poses - many.poses).abs().max() > 1e-3
