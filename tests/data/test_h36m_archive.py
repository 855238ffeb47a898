"""The archive of SemGCN: positions, the hourglass's order, zips that are refused."""

import io
import zipfile

import h5py
import numpy as np
import pytest
import torch

from crosslift.camera import project
from crosslift.data.h36m_archive import H36MArchive
from crosslift.data.hdf5 import read_h5
from crosslift.errors import DataError

from .samples import h36m, h36m_archive
from .samples.h36m_archive import write


@pytest.fixture
def root(tmp_path):
    return write(tmp_path)


@pytest.fixture
def folder(tmp_path):
    for name, content in h36m_archive.members().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return tmp_path


def test_the_flat_numbers_are_32_joints_in_millimetres(root):
    (motion,) = H36MArchive(keypoints="none").read(root)
    assert motion.name == "h36m/S9/Photo 1"
    np.testing.assert_allclose(motion.positions.numpy(), h36m.world(), atol=1e-6)


def test_a_zip_and_its_folder_read_alike(root, folder):
    inner = folder / "h36m"
    for place in (folder, inner):
        for packed, plain in zip(H36MArchive().read(root), H36MArchive().read(place), strict=True):
            assert packed.name == plain.name
            assert torch.equal(packed.keypoints, plain.keypoints)


def test_hourglass_keypoints_come_in_human36ms_order(root):
    (clip,) = H36MArchive(keypoints="sh_pt_mpii").read(root)
    assert clip.name == "h36m/S9/Photo 1/54138969"
    assert clip.skeleton.name == "h36m16"
    assert clip.provenance["keypoints_from"] == "sh_pt_mpii"
    expected = np.delete(h36m.seen("S9")[0], 9, axis=1)
    np.testing.assert_allclose(clip.keypoints.numpy(), expected, atol=1e-3)
    torch.testing.assert_close(
        project(clip.poses[0], clip.camera), clip.keypoints, atol=1e-2, rtol=0
    )


def test_hourglass_keypoints_that_are_not_there_are_refused(root):
    with pytest.raises(DataError, match='no keypoints in "StackedHourglassFineTuned240"'):
        list(H36MArchive(keypoints="sh_ft_h36m").read(root))


def test_an_archive_that_points_out_of_itself_is_refused(tmp_path):
    path = tmp_path / "h36m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../S9/MyPoses/3D_positions/Photo.h5", b"")
    with pytest.raises(DataError, match="points out of it"):
        list(H36MArchive().read(path))


def test_an_archive_that_holds_something_else_is_refused(tmp_path):
    path = tmp_path / "h36m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    with pytest.raises(DataError, match="3D_positions"):
        list(H36MArchive().read(path))


def h5(**arrays):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return stream


def test_hdf5_arrays_of_other_things_than_numbers_are_refused():
    with pytest.raises(DataError, match='"x" was expected, but the file holds "y"'):
        read_h5(h5(y=np.ones(2)), "x")
    with pytest.raises(DataError, match="should be an array of numbers"):
        read_h5(h5(x=np.array([b"text"])), "x")


def test_hdf5_links_to_other_files_are_refused(tmp_path):
    (tmp_path / "secret.h5").write_bytes(h5(x=np.ones(3)).getvalue())
    path = tmp_path / "linked.h5"
    with h5py.File(path, "w") as file:
        file["x"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "x")
        file["s"] = h5py.SoftLink("/x")
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", (3,))
        file.create_virtual_dataset("v", layout)
        outside = [(str(tmp_path / "secret.h5"), 0, 24)]
        file.create_dataset("e", (3,), "f8", external=outside)
        file["g"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/")
    for name in ("x", "s", "v", "e", "g/x"):
        with pytest.raises(DataError, match="points elsewhere"):
            read_h5(path, name)


def test_an_hdf5_array_that_claims_more_than_the_file_can_hold_is_refused(tmp_path):
    path = tmp_path / "big.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1 << 20, 1 << 10), "f8", chunks=(1024, 1024), compression="gzip")
    with pytest.raises(DataError, match="claims"):
        read_h5(path, "x")
