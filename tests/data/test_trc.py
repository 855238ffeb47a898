from pathlib import Path

import numpy as np
import pytest

from crosslift.data.trc import Trc
from crosslift.errors import CrossliftError, DataError, SettingsError, SkeletonError
from crosslift.motion import Motion

from .samples import trc as sample


def read(path: Path, **options: object) -> Motion:
    (motion,) = Trc(**options).read(path)  # type: ignore[arg-type]
    return motion


def changed(folder: Path, old: str, new: str) -> Path:
    path = sample.write(folder)
    path.write_text(sample.TEXT.replace(old, new), "utf-8")
    return path


def test_markers_of_pose2sim_are_joints_in_metres_with_z_up(tmp_path):
    motion = read(sample.write(tmp_path))
    assert motion.name == "trc/trial"
    assert motion.fps == 60
    assert motion.skeleton.joints[:5] == (
        *("pelvis", "right_hip", "right_knee", "right_ankle", "right_big_toe"),
    )
    assert motion.skeleton.joints[13:16] == ("neck", "head_top", "nose")
    parents = [motion.skeleton.joints[parent] for parent in motion.skeleton.parents[1:]]
    assert parents[:4] == ["pelvis", "right_hip", "right_knee", "right_ankle"]
    assert parents[12:15] == ["pelvis", "nose", "neck"]
    assert motion.positions[2, 10].tolist() == pytest.approx([0.2, 0.2, 0.5])


def test_empty_cells_are_missing(tmp_path):
    motion = read(sample.write(tmp_path))
    assert (~motion.known).nonzero().tolist() == [list(sample.GAP)]


def test_units_axes_and_rate_can_be_overridden(tmp_path):
    path = changed(tmp_path, "\tm\t60", "\tmm\t60")
    assert read(path).positions[1, 10].tolist() == pytest.approx([1e-4, 2e-4, 5e-4])
    motion = read(path, unit="cm", up="z", fps=25)
    assert motion.positions[1, 10].tolist() == pytest.approx([1e-3, 5e-3, -2e-3])
    assert motion.fps == 25


def test_joints_are_made_of_markers(tmp_path):
    path = sample.write(tmp_path)
    motion = read(path, joints=("middle=RKnee+LKnee", "pelvis=Hip"))
    assert motion.skeleton.joints == ("middle", "pelvis")
    assert motion.positions[0, 0].tolist() == pytest.approx([0, 0.1, 0.25])
    assert not motion.known[1, 0]
    arranged = read(path, joints=("pelvis=Hip",), skeleton="h36m17")
    assert arranged.skeleton.name == "h36m17"
    assert arranged.known.sum(dim=0).tolist() == [3] + [0] * 16
    with pytest.raises(SkeletonError, match='no joint or marker "LKNE"'):
        read(path, joints=("left_knee=LKNE",))
    with pytest.raises(SkeletonError, match='"h36m17" called "middle"'):
        read(path, joints=("middle=Hip",), skeleton="h36m17")


def test_unknown_markers_hang_on_the_first(tmp_path):
    path = changed(tmp_path, "RHip\t\t\tRKnee", "left_x\t\t\tHip")
    skeleton = read(path).skeleton
    assert skeleton.joints[:4] == ("Hip", "only_left_x", "Hip_2", "RAnkle")
    assert skeleton.parents == (-1, *[0] * 21)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n", "\t\n"),
        lambda text: text.replace("\t\t\t\t0.1", "\tnan\tNaN\t\t0.1"),
    ],
)
def test_files_of_other_systems_are_read(tmp_path, change):
    path = sample.write(tmp_path)
    expected = read(path)
    path.write_bytes(change(sample.TEXT).encode("utf-8"))
    assert np.array_equal(read(path).positions, expected.positions, equal_nan=True)


LAST = "0.100\t1.050\t-0.420"  # of the second frame


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: "", 'begin with "PathFileType", but begins with ""'),
        (lambda t: t.replace("NumMarkers", "Markers"), 'do not state "nummarkers"'),
        (lambda t: t.replace("\tLHip", "\t"), "states 22 markers, but names 21"),
        (lambda t: t.replace("60\t3\t22", "60\t3\t3000000000"), "1 to 1000 joints or markers"),
        (
            lambda t: t.replace("60\t3\t22", "60\t900000000\t22"),
            "900000000 frames, but holds",
        ),
        (lambda t: t[: t.rindex("3\t0.03")], "states 3 frames, but holds 2; the file is cut off"),
        (lambda t: t[: t.rindex("\t-0.420")], "row of frame 3 ends within a marker"),
        (
            lambda t: t.replace(LAST, LAST + "\t7"),
            "one of frame 2 holds more",
        ),
        (
            lambda t: t.replace(LAST, "0\t0\tinf"),
            "row of frame 2 holds a coordinate",
        ),
        (
            lambda t: t.replace(LAST, "0\t0\t-1.2e99"),
            "row of frame 2 holds a coordinate",
        ),
        (lambda t: t.replace(LAST, "0\t0\there"), "holds what is no number"),
        (lambda t: t.replace("60\t60", "0\t60"), "positive number of frames a second"),
        (lambda t: t.replace("\tm\t60", "\tmiles\t60"), 'no unit of length "miles"'),
    ],
)
def test_what_is_no_trc_file_is_refused_in_a_sentence(tmp_path, change, words):
    path = sample.write(tmp_path)
    path.write_text(change(sample.TEXT), "utf-8")
    with pytest.raises(DataError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value) or "fps" in str(caught.value)


def test_options_that_make_no_sense_are_refused(tmp_path):
    path = sample.write(tmp_path)
    with pytest.raises(SettingsError, match='write it as in "left_knee=LKNE"'):
        read(path, joints=("left_knee",))
    with pytest.raises(CrossliftError, match='no skeleton "h36"'):
        read(path, skeleton="h36")
