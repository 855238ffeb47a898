"""The lifters' pages and pictures are those of today's code."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from crosslift import registry

ROOT = Path(__file__).parents[1]
facts = import_module("docs.lifter_facts")
pages = import_module("docs.make_lifters")
pictures = import_module("docs.draw_lifters")

WITHOUT_A_NETWORK = {"flat", "ridge"}
"""Which which_lifter.md tells about."""


def test_every_lifter_has_a_page_and_a_picture():
    known = set(registry.parts("lifter")) - WITHOUT_A_NETWORK
    assert known == set(facts.LIFTERS) == set(pages.PAGES) == set(pictures.PICTURES)


@pytest.mark.parametrize("name", facts.LIFTERS)
def test_the_tables_of_a_page_are_current(name):
    text = pages.PAGES[name].read_text("utf-8")
    assert text == pages.with_tables(text, name), "run `python -m docs.make_lifters`"
    for table in pages.OF_A_LIFTER:
        assert f"<!-- made: {table} -->" in text


def test_the_tables_of_the_page_that_helps_to_choose_are_current():
    text = pages.WHICH.read_text("utf-8")
    assert text == pages.with_tables(text), "run `python -m docs.make_lifters`"
    for table in pages.OF_ALL:
        assert f"<!-- made: {table} -->" in text


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_picture_is_current_and_small(name):
    path = pictures.FOLDER / f"{name}.svg"
    assert path.read_text("utf-8") == pictures.PICTURES[name]().svg(), (
        "run `python -m docs.draw_lifters`"
    )
    assert path.stat().st_size < 60_000
    assert f"(../pictures/lifters/{name}.svg)" in pages.PAGES[name].read_text("utf-8")


def test_forms_have_the_published_numbers_of_weights():
    counted = {
        form.name if name != "d3dp" else f"D3DP {form.frames}": form.weights
        for name in facts.LIFTERS
        for form in facts.forms(name)
        if form.name not in ("L2D_POSE",)  # of two networks
    }
    assert counted["MIXSTE_243"] == 33_783_811
    assert counted["VIDEOPOSE_243"] == 16_952_371
    assert counted["SEMGCN"] == 267_343
    assert counted["SEMGCN_NON_LOCAL"] == 434_703
    assert counted["STGCN_1"] == 3_627_847
    assert counted["PSTMO_S_243"] == 6_482_278
    assert counted["IGANET_H36M"] == 10_623_663
    assert counted["POSEFORMER_9"] == 9_563_645
    assert counted["DIFF3DHPE_27"] == 33_674_755
    assert counted["DIFF3DHPE_81"] == 43_674_115
    assert counted["DIFF3DHPE_243"] == 43_757_059
    assert counted["D3DP 243"] == 34_835_459


def test_a_lifter_that_was_not_published_says_so():
    assert facts.forms("bodywise") == []
    assert "published here" in pages.of_forms("bodywise")
    assert "no row" in pages.of_figures("bodywise")


def test_what_a_network_is_told_by_default_counts_and_is_said():
    told = facts.built("bodywise", facts.H36M_17)
    assert told.inputs.channels == 4 and told.network.settings.coordinates == 4
    assert facts.built("mixste", facts.H36M_17).inputs.channels == 2
    said = {each.path: each.default for each in facts.settings("bodywise")}
    assert said["inputs"] == "unit facing, scores, body"


def test_settings_that_a_class_inherits_keep_their_words():
    grand = {each.path: each.says for each in facts.settings("diff3dhpe")}
    mixste = {each.path: each.says for each in facts.settings("mixste")}
    assert grand["network.frames"] == mixste["network.frames"]
    assert grand["network.centre"].startswith("Whether the pose of the middle frame")


GOING_FURTHER = ("pstmo_pretraining", "poseda", "poseaug", "dh_aug", "posynda")
"""Recipes of rows that train a lifter in more than the usual way."""


def test_pages_and_rows_name_the_recipe_that_trains_a_lifter():
    for name in facts.LIFTERS:
        kind = facts.recipe(name)
        assert kind == ("diffusion" if name in ("d3dp", "diff3dhpe") else "supervised")
        text = pages.PAGES[name].read_text("utf-8")
        assert f"`crosslift train {kind} STORE -o RUN --lifter {name}`" in " ".join(text.split())
        for row in (each for each in pages.ROWS.values() if each.lifter == name):
            assert registry.name_of("recipe", row.recipe) in {kind, *GOING_FURTHER}


@pytest.mark.parametrize("name", facts.LIFTERS)
def test_the_words_of_a_form_make_that_form(name):
    choose = import_module("crosslift.commands.train").choose
    tyro = import_module("tyro")
    for form in facts.forms(name):
        if not form.words.startswith("--"):
            continue
        words = [facts.recipe(name), "--lifter", name, *form.words.split(), "--print-settings"]
        made = tyro.cli(choose(words)[0], args=choose(words)[1]).data["lifter"]["network"]
        wanted = getattr(facts.NETWORKS[name], form.name)
        for field, value in made.items():
            if field not in facts.following(name):
                expected = getattr(wanted, field)
                assert value == (list(expected) if isinstance(expected, tuple) else expected)


def test_words_are_read_off_below_fields_and_constants():
    said = facts.documented(facts.NETWORKS["pstmo"])
    assert said["PSTMO_243"] == "P-STMO itself."
    assert "PSTMO_S_243" not in said
    assert facts.documented(facts.NETWORKS["pstmo"].PSTMOSettings)["frames"] == "Of a window."


def test_results_become_rows(monkeypatch):
    line = {
        "what": "first run", "lifter": "pstmo", "settings": {"frames": 27}, "data": "made-up",
        "minutes": 30, "mpjpe_mm": 61.24, "mean_pose_mm": 212.0, "command": "crosslift train",
    }  # fmt: skip
    monkeypatch.setattr(pages, "results", lambda file: [line])
    made = pages.of_trained("pstmo")
    assert "| first run | frames 27 | made-up | 30 | 61.2 | 212.0 |" in made
    assert "```\ncrosslift train\n```" in made
    assert pages.of_trained("mixste") == pages.NOTHING
    assert "[pstmo](methods/pstmo.md)" in pages.of_trained()


def test_shipped_figures_become_rows_of_whichever_lifter_they_are(monkeypatch):
    line = {
        "people": "target_val", "rig": "target", "detector": "model", "body": "ten",
        "stature": "typical", "mpjpe_mm": 71.26, "n_mpjpe_mm": 60.0, "p_mpjpe_mm": 41.0,
        "pck_percent": 93.35, "clips": 3, "frames": 900,
    }  # fmt: skip
    run = {"what": "run", "lifter": "general", "hash": "abc"}
    monkeypatch.setattr(pages, "results", lambda file: [run, line, line | {"lifter": "live"}])
    made = pages.of_shipped()
    wanted = "target_val | target | with a detector's errors | estimated from ten clips | 1.70 m"
    assert f"| `general` | {wanted} | 71.3 | 60.0 | 41.0 | 93.3 |" in made
    assert f"| `live` | {wanted} |" in made
    place = "<!-- made: shipped -->\nstale\n<!-- end -->"
    assert pages.with_tables(place) == pages.with_tables(place, "bodywise")
    assert "stale" not in pages.with_tables(place)
    monkeypatch.setattr(pages, "results", lambda file: [])
    assert pages.of_shipped() == pages.NOTHING


def test_speeds_become_rows(monkeypatch):
    line = {
        "what": "P-STMO-S, 243 frames", "precision": "bfloat16", "poses_a_second": 12345,
        "ratio": 3.26, "threads": 1,
    }  # fmt: skip
    monkeypatch.setattr(pages, "results", lambda file: [line])
    wanted = "| P-STMO-S, 243 frames | bfloat16 | 1 | 12,345 | 3.3 times as long |"
    assert wanted in pages.of_speed("pstmo")
    assert wanted in pages.of_speed()
    assert pages.of_speed("mixste") == pages.NOTHING


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    named = set(re.findall(r"\]\(([^)]+\.md)\)", index))
    for page in (ROOT / "docs").rglob("*.md"):
        path = page.relative_to(ROOT / "docs").as_posix()
        assert path == "README.md" or path in named, f"docs/README.md does not name {path}"
