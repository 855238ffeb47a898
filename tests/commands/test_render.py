"""crosslift render: pictures into a store, and on with it."""

import json

import pytest
import torch

from crosslift.camera import project
from crosslift.cli import main
from crosslift.data.images_crop import Framing
from crosslift.data.images_loading import StoredCrops
from crosslift.data.images_store import PictureStore

from ..people import walker
from ..stores import short_clips, stored

FEW = ("--people", "1", "--views", "2", "--seconds", "0.4", "--every", "4", "--size", "24", "32")


def test_people_are_rendered_into_a_store(tmp_path, capsys):
    assert main(["render", "-o", str(tmp_path / "store"), *FEW, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["added"], said["pictures"]) == (2, 6)
    store = PictureStore.open(tmp_path / "store")
    assert store.picture(0)[0].pixels.shape == (48, 36, 3)
    batch = StoredCrops(store, 6, 0, Framing((24, 32))).batch(0, 0)
    whole = project(batch.poses, batch.camera)
    back = batch.keypoints @ batch.to_picture[..., :2].mT + batch.to_picture[:, None, :, 2]
    torch.testing.assert_close(back, whole, atol=0.01, rtol=0)
    assert batch.pictures.std() > 0.05


def test_an_earlier_run_is_continued_and_not_overwritten(tmp_path, capsys):
    store = str(tmp_path / "store")
    assert main(["render", "-o", store, *FEW, "--quiet"]) == 0
    assert main(["render", "-o", store, *FEW, "--quiet"]) == 2
    assert "add --continue" in capsys.readouterr().err
    more = ["--people", "2", *FEW[2:]]
    assert main(["render", "-o", store, *more, "--continue", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == 2
    assert len(PictureStore.open(tmp_path / "store")) == 12


@pytest.mark.parametrize("recording", [short_clips(1, 5)[0], walker(0.3)])
def test_given_recordings_are_rendered(tmp_path, capsys, recording):
    stored(tmp_path / "motion", [recording])
    words = ["--motion", str(tmp_path / "motion"), "--views", "1", *FEW[6:]]
    assert main(["render", "-o", str(tmp_path / "store"), *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["added"] == 1


def test_numbers_that_cannot_be_are_refused(tmp_path, capsys):
    assert main(["render", "-o", str(tmp_path / "store"), "--people", "0"]) == 2
    assert "numbers from 1 upwards" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()
