"""A body and its file."""

import json
from dataclasses import replace

import pytest
import torch

from crosslift.body import Body, read_body, write_body
from crosslift.errors import DataError
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17

from .people import long_legged

BODY = Body(long_legged(), 0.02 * long_legged(), H36M_17, "by hand", 12, "given")


def test_what_is_written_is_read_again(tmp_path):
    write_body(tmp_path / "body.json", BODY)
    again = read_body(tmp_path / "body.json")
    torch.testing.assert_close(again.lengths, BODY.lengths, atol=6e-6, rtol=0)
    torch.testing.assert_close(again.spread, BODY.spread, atol=6e-6, rtol=0)
    assert (again.skeleton, again.how, again.frames) == (H36M_17, "by hand", 12)
    assert again.size_from == "given"


def test_a_skeleton_of_ones_own_is_kept(tmp_path):
    own = Skeleton("pair", ("pelvis", "head"), (-1, 0))
    body = Body(torch.tensor([0.0, 0.7]), torch.tensor([0.0, 0.1]), own, "by hand", 1)
    write_body(tmp_path / "body.json", body)
    assert read_body(tmp_path / "body.json").skeleton == own


def test_the_file_says_its_units_and_names_the_joints(tmp_path):
    write_body(tmp_path / "body.json", BODY)
    words = json.loads((tmp_path / "body.json").read_text())
    assert "metres" in words["words"]
    assert words["lengths"]["pelvis"] == 0
    assert words["lengths"]["left_ankle"] == pytest.approx(float(BODY.lengths[6]), abs=1e-5)


def test_the_stature_is_the_librarys_rule():
    assert BODY.stature == pytest.approx(1.70, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lengths": torch.full((17,), torch.nan)}, "numbers from 0 upwards"),
        ({"spread": -BODY.spread}, "numbers from 0 upwards"),
        ({"lengths": torch.ones(3), "spread": torch.ones(3)}, "has 17 lengths .* but 3 and 3"),
    ],
)
def test_lengths_that_no_body_has_are_refused(change, words):
    with pytest.raises(DataError, match=words):
        replace(BODY, **change)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "is another JSON file"),
        ("{", "should be a body file"),
        ('{"format": "crosslift body", "version": 99}', "has version 99"),
        ('{"format": "crosslift body", "version": 1}', "skeleton"),
    ],
)
def test_other_files_are_refused(tmp_path, text, words):
    path = tmp_path / "body.json"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        read_body(path)


def test_a_file_whose_size_is_known_from_nowhere_is_refused(tmp_path):
    path = tmp_path / "body.json"
    write_body(path, BODY)
    path.write_text(path.read_text().replace('"given"', '"guessed"'))
    with pytest.raises(DataError, match='"guessed" was found'):
        read_body(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_body(tmp_path / "body.json")
