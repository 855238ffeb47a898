"""The pictures on which detectors are trained: which store gives which, and what is refused."""

from pathlib import Path

import pytest
import torch

from crosslift.data.images_crop import Changes
from crosslift.data.images_store import FOLDER
from crosslift.data.store import StoreWriter
from crosslift.errors import DataError
from crosslift.recipes.pictures import BATCHES, BATCHES_OF_VALIDATION, pictures_in
from crosslift.render.people import RenderedCrops
from crosslift.skeletons import H36M_17

from ..people import seen_walker
from .jobs import generator

SIZE = (32, 64)


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    """A store of one walking person, without pictures."""
    with StoreWriter(tmp_path / "motion") as writer:
        writer.add(seen_walker(1.0))
    return tmp_path / "motion"


def test_people_are_rendered_from_a_store_without_pictures(motion):
    found = pictures_in([motion], {}, SIZE, 2, generator(), Changes())
    assert isinstance(found, RenderedCrops) and len(found) == BATCHES
    batch = found.batch(0, 0)
    assert batch.pictures.shape == (2, 3, 64, 32) and batch.skeleton == H36M_17
    assert float(batch.pictures.std()) > 0.02
    again = pictures_in([motion], {}, SIZE, 2, generator(), Changes()).batch(0, 0)
    assert torch.equal(again.pictures, batch.pictures)
    other = pictures_in([motion], {}, SIZE, 2, generator(1), Changes()).batch(0, 0)
    assert not torch.equal(other.pictures, batch.pictures)


def test_a_validation_is_short(motion):
    found = pictures_in([motion], {}, SIZE, 2, generator())
    assert len(found) == BATCHES_OF_VALIDATION


def test_pictures_are_taken_from_one_store_only(motion):
    (motion / FOLDER).mkdir()
    with pytest.raises(DataError, match="2 stores were named, but pictures are taken from one"):
        pictures_in([motion, motion], {}, SIZE, 2, generator())
    with pytest.raises(DataError, match="should have pictures of every clip"):
        pictures_in([motion], {}, SIZE, 2, generator())
