"""MATLAB files: equal to SciPy's reading, and nothing but numbers and cells."""

import numpy as np
import pytest
import scipy.io
from scipy.io.matlab import MatlabFunction, MatlabObject

from crosslift.data.matlab import read_matlab
from crosslift.errors import DataError


def saved(path, content, **how):
    scipy.io.savemat(path, content, **how)
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_numbers_are_read_as_scipy_reads_them(tmp_path, packed, dtype):
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    path = saved(tmp_path / "a.mat", {"other": 1.0, "x": values}, do_compression=packed)
    found = read_matlab(path, "x")["x"]
    expected = scipy.io.loadmat(path)["x"]
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_cells_are_lists_column_by_column(tmp_path):
    cell = np.empty((2, 2), object)
    for row in range(2):
        for column in range(2):
            cell[row, column] = np.full((1, row + 1), 10 * row + column)
    found = read_matlab(saved(tmp_path / "a.mat", {"x": cell}), "x")["x"]
    assert [entry.tolist() for entry in found] == [[[0]], [[10, 10]], [[1]], [[11, 11]]]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"field": 1.0}, "a structure"),
        ("words", "text"),
        (np.array([1j]), "complex numbers"),
        (scipy.sparse.eye_array(3).tocsc(), "a sparse matrix"),
        (MatlabObject(np.zeros((1, 1), [("a", object)]), "Harm"), "an object"),
    ],
)
def test_what_is_neither_numbers_nor_cells_is_refused(tmp_path, value, what):
    path = saved(tmp_path / "a.mat", {"x": value, "y": 2.0})
    with pytest.raises(DataError, match=f'"x" should be real numbers.*{what} was found'):
        read_matlab(path, "x")
    assert read_matlab(path, "y")["y"].item() == 2


@pytest.mark.parametrize(("kind", "what"), [(16, "a function"), (17, "an opaque object")])
def test_functions_and_opaque_data_are_refused(tmp_path, kind, what):
    path = saved(tmp_path / "a.mat", {"x": 1.0})
    content = bytearray(path.read_bytes())
    content[128 + 16] = kind  # the class in the flags of the first variable
    path.write_bytes(content)
    with pytest.raises(DataError, match=what):
        read_matlab(path, "x")
    assert MatlabFunction is not None


def test_a_missing_variable_is_answered_with_those_that_are_there(tmp_path):
    path = saved(tmp_path / "a.mat", {"annot2": 1.0})
    with pytest.raises(DataError, match='"annot3" was expected, but the file holds "annot2"'):
        read_matlab(path, "annot3")


def test_counts_that_the_bytes_do_not_bear_out_are_refused(tmp_path):
    path = saved(tmp_path / "a.mat", {"x": np.arange(100.0)})
    content = path.read_bytes()
    shape = np.array([1, 100], "<i4").tobytes()
    absurd = np.array([2**30, 2**30], "<i4").tobytes()
    path.write_bytes(content.replace(shape, absurd))
    with pytest.raises(DataError, match="holds 100 numbers"):
        read_matlab(path, "x")
    path.write_bytes(content[:-100])
    with pytest.raises(DataError, match="cut off"):
        read_matlab(path, "x")


def test_a_variable_that_unpacks_to_more_than_is_sensible_is_refused(tmp_path):
    bomb = {"x": np.zeros((1, 80 << 20), np.uint8)}
    path = saved(tmp_path / "a.mat", bomb, do_compression=True)
    with pytest.raises(DataError, match="too dense"):
        read_matlab(path, "x")


def test_cells_in_cells_in_cells_are_refused_before_they_fill_the_stack(tmp_path):
    cell = np.array(1.0)
    for _ in range(6):
        outer = np.empty((1, 1), object)
        outer[0, 0] = cell
        cell = outer
    with pytest.raises(DataError, match="class 1"):
        read_matlab(saved(tmp_path / "a.mat", {"x": cell}), "x")
