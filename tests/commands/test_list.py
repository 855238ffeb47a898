"""What is installed, in words and as JSON."""

import json

import pytest

from crosslift import registry
from crosslift.cli import main
from crosslift.commands import list as command
from crosslift.lifter_folder import About, save_lifter
from crosslift.lifters.flat import FlatSettings
from crosslift.recipes.guiding_rows import ROWS as GUIDED
from crosslift.recipes.rows import ROWS
from crosslift.skeletons import H36M_17


def test_everything_is_listed_in_words(capsys):
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    for kind in ("lifter", "augmenter", "reader", "writer", "recipe"):
        assert f"{kind}s" in said
        for name in registry.parts(kind):
            assert name in said
    assert "mixste_81_h36m_gt" not in said  # rows are many, and asked for by themselves


def test_everything_is_listed_as_json(capsys):
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == set(command.KINDS) - {"rows", "detector-rows"}
    for kind in registry.FOLDERS:
        parts = registry.parts(kind)
        assert found[f"{kind}s"] == {name: {"what": part.help} for name, part in parts.items()}


def test_one_kind_alone(capsys):
    assert main(["list", "lifters"]) == 0
    said = capsys.readouterr().out
    assert "videopose" in said and "supervised" not in said


def test_rows_come_with_their_figures(capsys):
    assert main(["list", "rows", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["rows"]
    assert set(found) == set(ROWS)
    assert found["mixste_81_h36m_gt"]["expected"] == {"mpjpe_mm": 25.9}
    assert main(["list", "rows"]) == 0
    said = capsys.readouterr().out
    assert "mpjpe_mm 25.9" in said and "none" in said


def test_rows_of_detectors_name_the_lifters_that_guide_them(capsys):
    assert main(["list", "detector-rows", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["detector-rows"]
    assert set(found) == set(GUIDED)
    assert found["l2d_pose_w32_384x288_h36m_mixste"]["lifters"] == "mixste"


def test_lifters_that_ship_say_what_they_are(tmp_path, monkeypatch, capsys):
    for name, made in (("told", {"what": "the small one"}), ("untold", {})):
        about = About("flat", FlatSettings(), H36M_17, made)
        save_lifter(about.build(), about, tmp_path / name)
    monkeypatch.setattr(
        command, "shipped", lambda: {name: tmp_path / name for name in ("told", "untold")}
    )
    assert main(["list", "shipped", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["shipped"]
    assert found == {"told": {"what": "the small one"}, "untold": {"what": "flat"}}


def test_a_kind_of_which_there_is_none_is_an_empty_table(monkeypatch, capsys):
    monkeypatch.setattr(command, "shipped", dict)
    assert main(["list", "shipped"]) == 0
    assert "lifters that come with the package" in capsys.readouterr().out
    assert main(["list"]) == 0
    assert "lifters that come with the package" not in capsys.readouterr().out


@pytest.mark.parametrize("word", ["lifter", "listers"])
def test_an_unknown_kind_is_refused_with_the_nearest(capsys, word):
    assert main(["list", word]) == 2
    assert f'There is no list of "{word}"; did you mean "lifters"?' in capsys.readouterr().err
