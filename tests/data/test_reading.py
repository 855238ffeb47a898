"""Files that cannot do harm, and errors in one sentence."""

import io
import stat
import zipfile

import numpy as np
import pytest

from crosslift.data.reading import archive, read_json, read_npz, reading
from crosslift.errors import CameraError, DataError


def npz(folder, **arrays):
    path = folder / "a.npz"
    np.savez_compressed(path, **arrays)
    return path


def test_arrays_come_back(tmp_path):
    path = npz(
        tmp_path, a=np.arange(6).reshape(2, 3), b=np.asfortranarray(np.eye(3)), c=np.str_("x")
    )
    found = read_npz(path)
    np.testing.assert_array_equal(found["a"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(found["b"], np.eye(3))
    assert found["c"].item() == "x"


def test_object_arrays_are_read_on_request_only(tmp_path):
    path = npz(tmp_path, data=np.array({"S1": np.arange(3)}, dtype=object))
    np.testing.assert_array_equal(read_npz(path, objects=True)["data"]["S1"], [0, 1, 2])
    with pytest.raises(DataError, match="holds Python objects"):
        read_npz(path)


def header(shape: str, descr: str = "'<f4'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (63 - (len(text) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "shape", ["(1000000000000,)", "(3, 10**9)", "(99999, 99999, 99999)", "(5,)"]
)
def test_an_array_that_claims_more_than_it_has_is_refused(tmp_path, shape):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.npy", header(shape.replace("10**9", "1000000000")) + b"\0" * 16)
    with pytest.raises(DataError), reading("an npz file", path):
        read_npz(path)


@pytest.mark.parametrize(
    "name", ["../a.npy", "/etc/a.npy", "b/../../a.npy", "C:/a.npy", "..\\a.npy"]
)
def test_members_that_point_out_of_the_archive_are_refused(tmp_path, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, b"")
    with pytest.raises(DataError, match="points out of it"), archive(path):
        pass


def test_links_in_archives_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("a.npy")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="points out of it"), archive(path):
        pass


def test_a_bomb_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.npy", header("(50000000,)") + bytes(200_000_000))
    with pytest.raises(DataError, match="packed so densely"):
        read_npz(path)


def test_whatever_goes_wrong_becomes_one_sentence_with_the_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("{" * 100_000)
    with pytest.raises(DataError, match="should be a JSON file, but") as caught:
        with reading("a JSON file", path):
            read_json(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match='missing.json" does not exist.*check the path'):
        with reading("a JSON file", tmp_path / "missing.json"):
            read_json(tmp_path / "missing.json")


def test_our_own_errors_keep_their_kind_and_learn_the_file(tmp_path):
    with pytest.raises(CameraError, match="^no camera$"), reading("a clip", tmp_path):
        raise CameraError("no camera")
    with pytest.raises(DataError, match="could not be read as a clip: too short"):
        with reading("a clip", tmp_path):
            raise DataError("too short")


def test_what_the_reader_of_a_recording_does_is_not_the_files_fault(tmp_path):
    def numbers():
        with reading("numbers", tmp_path):
            yield from range(3)

    with pytest.raises(ZeroDivisionError):
        for number in numbers():
            1 / (1 - number)


def test_a_truncated_archive_is_one_sentence(tmp_path):
    path = npz(tmp_path, a=np.random.default_rng(0).random(1000))
    whole = path.read_bytes()
    for length in (0, 1, 50, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError), reading("an npz file", path):
            read_npz(path)


def test_streams_of_bytes_are_read_as_well():
    from crosslift.data.reading import read_npy

    buffer = io.BytesIO()
    np.save(buffer, np.arange(4))
    size = buffer.tell()
    buffer.seek(0)
    np.testing.assert_array_equal(read_npy(buffer, size), [0, 1, 2, 3])
