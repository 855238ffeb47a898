from pathlib import Path

import h5py
import numpy as np
import pytest

from crosslift.data.hdf5_tables import has, read_frame, read_texts
from crosslift.errors import DataError


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A file whose groups and arrays lead to another one in every way, and a table to nowhere."""
    secret = str(tmp_path / "secret.h5")
    with h5py.File(secret, "w") as file:
        file["names"] = np.array([b"a", b"b"])
        file["group/names"] = np.array([b"a", b"b"])
    with h5py.File(tmp_path / "linked.h5", "w") as file:
        file["own"] = np.array([b"c"])
        file["names"] = h5py.ExternalLink(secret, "names")
        file["group"] = h5py.ExternalLink(secret, "group")
        file["soft"] = h5py.SoftLink("/group")
        file["inner/group"] = h5py.ExternalLink(secret, "group")
        file.create_dataset("raw", (8,), "S1", external=[(secret, 0, 8)])
    return tmp_path / "linked.h5"


def test_texts_of_the_file_itself_are_read(linked: Path):
    assert read_texts(linked, "own") == ["c"]


@pytest.mark.parametrize("name", ["names", "group/names", "soft/names", "inner/group/names", "raw"])
def test_no_link_on_the_way_to_a_text_is_followed(linked: Path, name: str):
    with pytest.raises(DataError, match="points elsewhere"):
        read_texts(linked, name)


def test_an_entry_is_there_wherever_it_leads(linked: Path):
    linked.with_name("secret.h5").unlink()
    assert has(linked, "own")
    assert has(linked, "names")
    assert not has(linked, "other")


@pytest.mark.parametrize(
    ("kind", "entry"),
    [("frame_table", "table"), ("frame", "block0_items_level0"), ("frame", "block0_values")],
)
def test_no_link_inside_a_table_is_followed(linked: Path, kind: str, entry: str):
    with h5py.File(linked, "a") as file:
        group = file.create_group("df")
        group.attrs["pandas_type"] = kind
        group[entry] = h5py.ExternalLink(str(linked.with_name("secret.h5")), "names")
    with pytest.raises(DataError, match="points elsewhere"):
        read_frame(linked)
