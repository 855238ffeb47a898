"""Files that appear whole or not at all."""

import json
import stat

import pytest

from crosslift.files import whole, write_json


def test_a_file_appears_once_it_is_written(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with whole(path) as draft:
        draft.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")
    with pytest.raises(RuntimeError, match="halfway"), whole(path) as draft:
        draft.write_text("half")
        raise RuntimeError("halfway")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_has_the_suffix_of_its_file(tmp_path):
    with whole(tmp_path / "picture.png") as draft:
        assert draft.suffix == ".png"


def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    plain = tmp_path / "plain"
    plain.touch()
    with whole(tmp_path / "ours") as draft:
        draft.write_text("")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "ours", plain)]
    assert modes[0] == modes[1]


def test_json_holds_numbers_only_that_json_knows(tmp_path):
    write_json(tmp_path / "a.json", {"error": 1.5})
    assert json.loads((tmp_path / "a.json").read_text()) == {"error": 1.5}
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"error": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text()) == {"error": 1.5}
