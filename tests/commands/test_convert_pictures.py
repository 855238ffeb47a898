"""crosslift convert of data sets with pictures."""

import json

from crosslift.cli import main
from crosslift.data.images_store import PictureStore

from ..data.test_picture_sets import coco  # noqa: F401  a fixture


def test_pictures_are_converted_and_the_rest_is_skipped(coco, tmp_path, capsys):  # noqa: F811
    words = ["convert", "coco-images", str(coco), str(tmp_path / "store"), "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["pictures"] == 3
    assert len(PictureStore.open(tmp_path / "store")) == 3
    assert main(words) == 2
    assert "add --continue" in capsys.readouterr().err
    assert main([*words, "--continue"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "store": str(tmp_path / "store"), "added": 0, "pictures": 0, "skipped": 3,
    }  # fmt: skip


def test_the_list_of_formats_names_them(capsys):
    assert main(["convert"]) == 0
    assert "CMU Panoptic's pictures of single people" in capsys.readouterr().out
    assert main(["convert", "coco-imags", "a", "b"]) == 2
    assert 'did you mean "coco-images"?' in capsys.readouterr().err


def test_a_folder_without_people_makes_no_store(coco, tmp_path, capsys):  # noqa: F811
    path = coco / "annotations/person_keypoints_val2017.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"annotations": []}))
    assert main(["convert", "coco-images", str(coco), str(tmp_path / "store"), "--quiet"]) == 2
    assert "no picture of anybody" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()
