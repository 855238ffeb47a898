"""Human3.6M's own files: CDF and MATLAB copies."""

import numpy as np
import pytest

from crosslift.data.cdf import read_cdf
from crosslift.data.h36m_cdf import H36MCdf
from crosslift.errors import DataError

from .samples import h36m, h36m_cdf


@pytest.fixture
def root(tmp_path):
    return h36m_cdf.write(tmp_path)


def test_matlab_copies_are_read(root):
    motions = {motion.name: motion for motion in H36MCdf(keypoints="none").read(root)}
    motion = motions["h36m/S9/WalkDog"]
    np.testing.assert_allclose(motion.positions.numpy(), h36m.world(), atol=1e-6)
    assert motion.labels["action"] == "WalkDog"


def test_cdf_files_are_read(root):
    pytest.importorskip("cdflib")
    motions = {motion.name: motion for motion in H36MCdf(keypoints="none").read(root)}
    assert sorted(motions) == ["h36m/S9/Photo 1", "h36m/S9/WalkDog"]
    np.testing.assert_allclose(
        motions["h36m/S9/Photo 1"].positions.numpy(), h36m.world(), atol=1e-6
    )


def test_the_cameras_see_17_joints(root):
    clips = [clip for clip in H36MCdf().read(root) if "WalkDog" in clip.name]
    assert len(clips) == 4
    np.testing.assert_allclose(clips[0].keypoints.numpy(), h36m.seen("S9")[0], atol=1e-2)


def test_a_folder_without_positions_is_refused(tmp_path):
    with pytest.raises(DataError, match="MyPoseFeatures"):
        list(H36MCdf().read(tmp_path))


def write(path, values, *, whole=0, packed=0, major="row_major", encoding=6, kind=45):
    cdfwrite = pytest.importorskip("cdflib.cdfwrite")
    spec = {"Majority": major, "Encoding": encoding, "Compressed": whole, "rDim_sizes": []}
    file = cdfwrite.CDF(path, cdf_spec=spec)
    shared = {"Num_Elements": 1, "Rec_Vary": True, "Compress": packed}
    other = {**shared, "Variable": "Other", "Data_Type": 45, "Dim_Sizes": []}
    file.write_var(other, var_data=np.arange(3.0))
    pose = {**shared, "Variable": "Pose", "Data_Type": kind, "Dim_Sizes": list(values.shape[1:])}
    file.write_var(pose, var_data=values)
    file.close()
    return path


@pytest.mark.parametrize("whole", [0, 6])
@pytest.mark.parametrize("packed", [0, 6])
@pytest.mark.parametrize("major", ["row_major", "column_major"])
@pytest.mark.parametrize("encoding", [1, 6])
@pytest.mark.parametrize(("kind", "dtype"), [(45, "f8"), (44, "f4")])
def test_every_form_of_cdf_is_read_as_its_library_reads_it(
    tmp_path, whole, packed, major, encoding, kind, dtype
):
    cdflib = pytest.importorskip("cdflib")
    values = np.random.default_rng(0).normal(size=(2, 3, 96)).astype(dtype)
    form = {"whole": whole, "packed": packed, "major": major, "encoding": encoding, "kind": kind}
    path = write(tmp_path / "a.cdf", values, **form)
    expected = cdflib.CDF(path).varget("Pose")
    np.testing.assert_array_equal(read_cdf(path, "Pose"), expected)
    if major == "row_major":  # of the other order the library's writer and reader disagree
        np.testing.assert_array_equal(expected, values)


def test_a_variable_that_is_not_there_is_answered_with_those_that_are(tmp_path):
    path = write(tmp_path / "a.cdf", np.zeros((1, 2, 96)))
    with pytest.raises(DataError, match='"Poses" was expected, but the file holds "Other", "Pose"'):
        read_cdf(path, "Poses")


def test_rows_of_another_length_are_refused(tmp_path):
    folder = tmp_path / h36m_cdf.PLACE
    folder.mkdir(parents=True)
    write(folder / "Photo.cdf", np.zeros((1, 2, 51)))
    with pytest.raises(DataError, match="rows of 96"):
        list(H36MCdf().read(tmp_path))
