"""Poses as JSON."""

import copy

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError
from crosslift.kinematics import AVERAGE
from crosslift.view.posing import keyframes_of, read_pose, words_of, write_pose

from .bodies import at_random, of_angle


def test_what_is_written_is_read(tmp_path):
    keyed = at_random(4)
    write_pose(tmp_path / "a.json", keyed)
    again = read_pose(tmp_path / "a.json")
    assert (again.name, again.fps) == (keyed.name, keyed.fps)
    for part in ("lengths", "times", "angles", "turn", "root"):
        assert_close(getattr(again, part), getattr(keyed, part), atol=1e-12, rtol=0)


def test_what_is_not_said_is_rest_on_the_average_body():
    words = words_of(of_angle("left_knee_flexion", -30))
    short = {"format": words["format"], "version": 1, "keyframes": [{"angles": {"neck_twist": 90}}]}
    keyed = keyframes_of(short)
    assert_close(keyed.lengths, torch.from_numpy(AVERAGE.copy()))
    assert int((keyed.angles != 0).sum()) == 1 and float(keyed.angles.max()) == torch.pi / 2
    assert keyed.root.tolist() == [[0, 0, 0]]


def mended(path: tuple, value: object) -> dict:
    """A good file's words with one of them replaced."""
    words = copy.deepcopy(words_of(of_angle("neck_twist", 10)))
    place = words
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return words


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("format",), "other", 'should say "format": "crosslift pose"'),
        (("version",), 2, "version 2 was found, but this crosslift reads version 1"),
        (("keyframes",), 3, "should be a list of poses, but 3"),
        (("keyframes",), [], "1 to 1000 keyframes, but has 0"),
        (("keyframes", 0, "angles", "tail_wag"), 3, 'but "tail_wag" was found'),
        (
            ("keyframes", 0, "angles", "neck_twist"),
            "3",
            "\"neck_twist\" should be a number, but '3'",
        ),
        (("keyframes", 0, "angles"), [1], "should be numbers by their names"),
        (("keyframes", 0, "root"), [1, 2], "three numbers for x, y and z"),
        (("keyframes", 0, "time"), True, '"time" should be a number, but True'),
        (("keyframes", 0, "turn", 2), float("nan"), '"turn" should be a number, but nan'),
        (("lengths", "head"), -1, "longer than nothing"),
        (("fps",), None, '"fps" should be a number, but None'),
    ],
)
def test_what_is_wrong_is_named(path, value, sentence):
    with pytest.raises(DataError, match=sentence):
        keyframes_of(mended(path, value))


@pytest.mark.parametrize("text", ["", "[1, 2", "[1, 2]", "null"])
def test_another_file_is_refused_by_its_path(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match="a.json"):
        read_pose(tmp_path / "a.json")
