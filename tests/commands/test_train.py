"""The command from a store to a lifter's folder: settings, interruption, refusals."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from crosslift.cli import main
from crosslift.data.shuffled import Shuffled
from crosslift.lifter_folder import load_lifter
from crosslift.recipes.rows import ROWS
from crosslift.settings import as_data, from_data

from ..people import walker
from ..stores import short_clips, stored

SMALL = ("--lifter.network.width", "16")
QUICK = ("--batch", "10", "--fitting.steps", "8", "--fitting.log-every", "1")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "store"
    stored(folder, short_clips(3))
    return str(folder)


def train(store, run, *words, recipe="supervised", small=SMALL) -> int:
    return main(["train", recipe, store, "-o", str(run), *QUICK, *small, "--quiet", *words])


def settings(capsys, *words) -> dict:
    assert main(["train", *words, "--print-settings"]) == 0
    return json.loads(capsys.readouterr().out)


def weights(run) -> dict[str, torch.Tensor]:
    return load_file(run / "lifter" / "model.safetensors")


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


# --- a training ---


def test_a_run_leaves_a_lifter_its_settings_and_a_log(store, tmp_path, capsys):
    run = tmp_path / "run"
    words = ["--validation", store, "--where", "split=train", "subject=S1,S2", *QUICK, *SMALL]
    assert main(["train", "supervised", store, "-o", str(run), *words]) == 0
    said = capsys.readouterr().out
    for part in ("8 batches", "all epochs were trained", "mpjpe_mm", "(kept)", "run/lifter."):
        assert part in said.replace("\n", "")
    assert {"lifter", "settings.json", "log.jsonl", "checkpoint.safetensors"} == {
        path.name for path in run.iterdir()
    }
    lifter, about = load_lifter(run / "lifter")
    assert about.name == "simple_baseline" and about.settings.network.width == 16
    assert about.made["recipe"] == "supervised" and about.made["seed"] == 0
    assert about.made["settings"]["batch"] == 10 and about.made["trained"]["batches"] == 8
    assert not lifter.network.training
    assert len((run / "log.jsonl").read_text().splitlines()) >= 8


def test_the_same_as_json(store, tmp_path, capsys):
    run = tmp_path / "run"
    words = ["--json", "--seed", "3", *QUICK, *SMALL]
    assert main(["train", "supervised", store, "-o", str(run), *words]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["run"] == str(run) and data["made"]["seed"] == 3
    assert data["made"]["trained"]["batches"] == 8


def test_the_same_seed_gives_the_same_lifter_and_another_one_another(store, tmp_path):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert train(store, tmp_path / name, "--seed", seed) == 0
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_a_run_that_was_stopped_and_continued_ends_with_the_same_weights(
    store, tmp_path, monkeypatch, capsys
):
    assert train(store, tmp_path / "whole") == 0
    with monkeypatch.context() as patched:
        batches, part = [], Shuffled.part

        def stopping(self, batch, *share):
            batches.append(batch)
            if len(batches) == 4:
                raise KeyboardInterrupt
            return part(self, batch, *share)

        patched.setattr(Shuffled, "part", stopping)
        assert train(store, tmp_path / "stopped") == 130
    assert not (tmp_path / "stopped" / "lifter").exists()
    begun = (tmp_path / "stopped" / "settings.json").read_text()
    capsys.readouterr()
    assert train(store, tmp_path / "stopped") == 2
    assert "add --continue to go on with it" in capsys.readouterr().err
    assert train(store, tmp_path / "stopped", "--continue", "--optimizer.rate", "0.5") == 2
    assert 'was begun with another "optimizer"' in capsys.readouterr().err
    assert (tmp_path / "stopped" / "settings.json").read_text() == begun
    assert train(store, tmp_path / "stopped", "--continue") == 0
    assert same(weights(tmp_path / "stopped"), weights(tmp_path / "whole"))


def test_a_finished_run_is_left_alone(store, tmp_path, capsys):
    assert train(store, tmp_path / "run") == 0
    before = weights(tmp_path / "run")
    capsys.readouterr()
    for more in ([], ["--continue"]):
        assert train(store, tmp_path / "run", *more) == 2
        assert "is finished" in capsys.readouterr().err
    assert same(weights(tmp_path / "run"), before)


def test_training_goes_on_from_another_lifter(store, tmp_path):
    assert train(store, tmp_path / "first") == 0
    still = ("--fitting.steps", "1", "--optimizer.rate", "0")
    start = ("--start-from", str(tmp_path / "first" / "lifter"))
    assert train(store, tmp_path / "second", *start, *still) == 0
    first, second = weights(tmp_path / "first"), weights(tmp_path / "second")
    assert all(torch.equal(first[key], second[key]) for key in first if key.endswith("weight"))


def test_the_frame_rate_of_the_data_becomes_the_lifters(store, tmp_path, capsys):
    tiny = ("--lifter", "videopose", "--lifter.network.channels", "8",
            "--lifter.network.filter-widths", "3", "3")  # fmt: skip
    assert train(store, tmp_path / "run", small=tiny) == 0
    assert load_lifter(tmp_path / "run" / "lifter")[0].fps == 50
    capsys.readouterr()
    assert train(store, tmp_path / "other", "--lifter.fps", "30", small=tiny) == 2
    assert "trained at 30 frames a second, but the data has 50" in capsys.readouterr().err
    slow = tmp_path / "slow"
    stored(slow, [replace(short_clips()[0], fps=25.0)])
    assert main(["train", "supervised", store, str(slow), "-o", str(tmp_path / "x"), *tiny]) == 2
    assert "should have one frame rate, but these have 25, 50" in capsys.readouterr().err


def test_pre_training_is_a_recipe_like_any_other(store, tmp_path):
    tiny = ("--lifter", "pstmo", "--lifter.network.frames", "9",
            "--lifter.network.strides", "3", "3", "--lifter.network.width", "8",
            "--lifter.network.hidden", "16", "--lifter.network.depth", "1",
            "--lifter.network.heads", "2")  # fmt: skip
    first = (*tiny, "--masking.share", "0.3")
    assert train(store, tmp_path / "one", recipe="pstmo_pretraining", small=first) == 0
    _, about = load_lifter(tmp_path / "one" / "lifter")
    assert (about.name, about.made["recipe"]) == ("pstmo", "pstmo_pretraining")
    start = ("--start-from", str(tmp_path / "one" / "lifter"))
    assert train(store, tmp_path / "two", *start, small=tiny) == 0


# --- its settings ---


def test_printed_settings_can_be_read_back(capsys, tmp_path):
    words = ["supervised", "--lifter", "mixste", "--batch", "7", "--lifter.network.depth", "3"]
    found = settings(capsys, *words)
    assert (found["recipe"], found["lifter"]["name"], found["batch"]) == ("supervised", "mixste", 7)
    (tmp_path / "settings.json").write_text(json.dumps(found))
    assert settings(capsys, "supervised", "--settings", str(tmp_path / "settings.json")) == found


def test_the_command_line_overrides_a_file_which_overrides_a_row(capsys, tmp_path):
    (tmp_path / "own.toml").write_text("batch = 99\nstride = 2\n[lifter]\nflip = false\n")
    words = ["supervised", "--row", "poseda_stgcn", f"--settings={tmp_path / 'own.toml'}"]
    found = settings(capsys, *words, "--stride", "1")
    row = ROWS["poseda_stgcn"]
    assert (found["batch"], found["stride"], found["lifter"]["flip"]) == (99, 1, False)
    assert found["lifter"]["inputs"] == as_data(row.settings.inputs)
    assert found["optimizer"] == as_data(row.recipe.optimizer)
    other = settings(capsys, *words, "--lifter", "iganet")
    assert other["lifter"]["name"] == "iganet" and not other["lifter"]["flip"]
    assert other["batch"] == 99


@pytest.mark.parametrize("name", ["mixste_81_h36m_gt", "pstmo_s_81_3dhp_gt_stage1"])
def test_a_row_is_named_settings(capsys, name):
    row = ROWS[name]
    recipe = "pstmo_pretraining" if name.endswith("stage1") else "supervised"
    found = settings(capsys, recipe, "--row", name)
    assert found.pop("recipe") == recipe
    lifter = found.pop("lifter")
    assert lifter.pop("name") == row.lifter
    assert from_data(type(row.settings), lifter) == row.settings
    assert from_data(type(row.recipe), found) == row.recipe


def test_a_file_may_name_another_lifter_than_the_row(capsys, tmp_path):
    (tmp_path / "own.json").write_text('{"lifter": {"name": "semgcn"}}')
    words = ["supervised", "--row", "poseda_stgcn", "--settings", str(tmp_path / "own.json")]
    found = settings(capsys, *words)
    assert found["lifter"]["name"] == "semgcn" and found["lifter"]["inputs"]["unit"] == "plane"
    assert found["batch"] == 1024


def test_a_run_can_be_repeated_from_its_own_settings(store, tmp_path):
    assert train(store, tmp_path / "first") == 0
    own = str(tmp_path / "first" / "settings.json")
    words = ["train", "supervised", store, "-o", str(tmp_path / "again"), "--settings", own]
    assert main([*words, "--quiet"]) == 0
    assert same(weights(tmp_path / "first"), weights(tmp_path / "again"))


def test_a_file_of_one_lifter_says_nothing_to_another(capsys, tmp_path):
    (tmp_path / "own.json").write_text('{"lifter": {"name": "mixste", "network": {"depth": 3}}}')
    words = ["supervised", "--settings", str(tmp_path / "own.json")]
    assert settings(capsys, *words)["lifter"]["network"]["depth"] == 3
    assert settings(capsys, *words, "--lifter", "iganet")["lifter"]["depth"] == 3  # its default


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"bach": 3}', 'no setting called "bach"; did you mean "batch"?'),
        ('{"lifter": {"flp": true}}', 'no setting of "lifter" called "flp"; did you mean "flip"?'),
        ('{"lifter": "mixste"}', '"lifter" in'),
        ('{"lifter": {"name": "mixst"}}', 'no lifter "mixst"; did you mean "mixste"?'),
        ('{"lifter": {"name": ["flat"]}}', "There is no lifter"),
        ('{"batch": "many"}', '"batch" should be a whole number, but "many" was found'),
        ('{"recipe": "pstmo_pretraining"}', 'of the recipe "pstmo_pretraining", but "supervised"'),
        ('{"fitting": {"epochs": 0}}', "needs 1 or more epochs"),
        ("[]", "should hold a table of settings"),
    ],
)
def test_mistakes_in_a_file_are_told_in_words(capsys, tmp_path, text, sentence):
    (tmp_path / "own.json").write_text(text)
    assert main(["train", "supervised", "--settings", str(tmp_path / "own.json")]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["supervisd"], 'no recipe "supervisd"; did you mean "supervised"?'),
        (["supervised", "--row", "poseda_stgc"], 'no row "poseda_stgc"; did you mean'),
        (["supervised", "--row", "pstmo_s_81_h36m_gt_stage1"], "say crosslift train pstmo_pre"),
        (["pstmo_pretraining", "--row", "poseda_stgcn"], 'are of the recipe "supervised"'),
        (["supervised", "--lifter", "mixt"], 'no lifter "mixt"; did you mean "mixste"?'),
        (["supervised", "--lifter"], "--lifter takes a value, but none follows"),
        (["supervised"], "needs stores to train on and a folder for the run"),
        (["supervised", "-o", "run"], "needs stores to train on and a folder for the run"),
    ],
)  # fmt: skip
def test_mistakes_in_the_words_are_told_in_words(capsys, words, sentence):
    assert main(["train", *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--where", "subject=S9"], "No clip of the stores has the labels asked for"),
        (["--where", "subjct=S1"], 'no label in this store "subjct"; did you mean "subject"?'),
        (["--where", "S1"], 'labels and values such as subject=S1,S5, but "S1" was given'),
        (["--batch", "1000"], "A batch of 1000 windows needs as many"),
        (["--lifter", "flat"], '"flat" has no network to train'),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_no_lifter(
    store, tmp_path, capsys, words, sentence
):
    small = () if "flat" in words else SMALL
    assert train(store, tmp_path / "run", *words, small=small) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "run" / "lifter").exists()


def test_motions_without_cameras_are_refused(tmp_path, capsys):
    stored(tmp_path / "motions", [walker(0.2)])
    assert train(str(tmp_path / "motions"), tmp_path / "run") == 2
    assert "is a motion without a camera" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_the_recipes_are_listed(capsys, words):
    assert main(["train", *words]) == 0
    said = capsys.readouterr().out
    assert "usage: crosslift train RECIPE STORE" in said and "pstmo_pretraining" in said


def test_the_help_of_a_recipe_tells_the_settings_of_the_lifter(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", "supervised", "--lifter", "videopose", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    for part in ("--lifter.network.filter-widths", "--objective.velocity", "--continue", "--batch"):
        assert part in said
