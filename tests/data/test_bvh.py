from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.data.bvh import Bvh
from crosslift.errors import DataError, SettingsError, SkeletonError
from crosslift.mapping import mapping
from crosslift.motion import Motion

from .mocap_samples import mocap_samples
from .samples import bvh as sample

ONE = """HIERARCHY
ROOT a
{{
 OFFSET {offset}
 CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
 JOINT b
 {{
  OFFSET 0 1 0
  CHANNELS {inner}
  End Site
  {{
   OFFSET 0 0.5 0
  }}
 }}
}}
MOTION
Frames: {frames}
Frame Time: 0.04
{rows}
"""


def read(folder: Path, **options: object) -> Motion:
    (motion,) = Bvh(**options).read(folder)  # type: ignore[arg-type]
    return motion


def written(
    folder: Path,
    rows: str,
    offset: str = "0 0 0",
    inner: str = "3 Zrotation Yrotation Xrotation",
    frames: int = 1,
) -> Path:
    path = folder / "one.bvh"
    path.write_text(ONE.format(offset=offset, inner=inner, frames=frames, rows=rows))
    return path


def at(motion: Motion, frame: int, joint: str) -> list[float]:
    return motion.positions[frame, motion.skeleton.index(joint)].tolist()


def test_joints_stand_in_metres_with_z_up(tmp_path):
    motion = read(sample.write(tmp_path))
    assert motion.name == "bvh/person"
    assert motion.fps == 30
    assert at(motion, 0, "left_ankle") == pytest.approx([0.1, 0, 0.05])
    assert at(motion, 0, "left_Foot_end") == pytest.approx([0.1, -0.15, 0.05])
    assert at(motion, 1, "left_wrist") == pytest.approx([0.01, 0.8 - 0.02, 1.4], abs=1e-6)
    assert at(motion, 2, "left_wrist") == pytest.approx([0.22, -0.04, 0.8], abs=1e-6)
    assert at(motion, 2, "right_wrist") == pytest.approx([-0.78, -0.04, 1.4], abs=1e-6)


def test_mixamo_names_become_shared_ones(tmp_path):
    skeleton = read(sample.write(tmp_path)).skeleton
    assert skeleton.joints[:4] == ("Hips", "left_hip", "left_knee", "left_ankle")
    assert "head_top" in skeleton
    assert "left_wrist_end" not in skeleton  # an end site on its joint says nothing
    assert mapping(skeleton, "h36m17").missing == ("nose",)  # for want of a neck


def test_the_files_own_names_stay_when_asked(tmp_path):
    joints = read(sample.write(tmp_path), names="file").skeleton.joints
    assert joints[1] == "mixamorig:LeftUpLeg"
    assert joints[-1] == "mixamorig:Head_end"


def test_a_user_names_joints(tmp_path):
    motion = read(sample.write(tmp_path), joints=("pelvis=mixamorig:Hips",))
    assert motion.skeleton.joints[0] == "pelvis"
    with pytest.raises(SkeletonError, match='no joint or marker "Hip", only'):
        read(tmp_path, joints=("pelvis=Hip",))
    with pytest.raises(SettingsError, match='write it as in "left_knee=LKNE"'):
        read(tmp_path, joints=("pelvis",))


def test_angles_have_the_names_of_the_channels(tmp_path):
    motion = read(sample.write(tmp_path))
    assert motion.angles is not None
    column = motion.angle_names.index("left_shoulder.Zrotation")
    assert motion.angles[:, column].tolist() == pytest.approx([0, 0, -np.pi / 2])
    assert motion.angle_names[:3] == ("Hips.Zrotation", "Hips.Xrotation", "Hips.Yrotation")


def test_rotations_multiply_in_the_order_of_the_channels(tmp_path):
    """Rz(90) Rx(90) takes y to z; in the other order y would go to minus x."""
    inner = "3 Zrotation Yrotation Xrotation"
    motion = read(written(tmp_path, "0 0 0 90 0 90  0 0 0", inner=inner), unit="m", up="z")
    assert at(motion, 0, "b") == pytest.approx([0, 0, 1], abs=1e-6)


def test_the_root_moves_from_its_offset(tmp_path):
    motion = read(written(tmp_path, "1 2 3 0 0 0 0 0 0", offset="0 0 10"), unit="m", up="z")
    assert at(motion, 0, "a") == [1, 2, 13]


INNER = "6 Xposition Yposition Zposition Zrotation Yrotation Xrotation"


@pytest.mark.parametrize(
    ("row", "inner", "expected"),
    [
        ("0 0 0 0 0 0  0 1 0.001 0 0 0", "auto", 1.0),  # repeats the offset
        ("0 0 0 0 0 0  0 0.1 0 0 0 0", "auto", 1.1),
        ("0 0 0 0 0 0  0 0.1 0 0 0 0", "replace", 0.1),
        ("0 0 0 0 0 0  0 1 0 0 0 0", "add", 2.0),
    ],
)
def test_inner_positions_replace_the_offset_or_are_added(tmp_path, row, inner, expected):
    path = written(tmp_path, row, inner=INNER)
    motion = read(path, unit="m", up="z", inner=inner)
    assert at(motion, 0, "b")[1] == pytest.approx(expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace("0.04\n", "4e-2\n").replace("Frames: 2", "Frames:\t2"),
        lambda text: text.replace("1 2 3", "1.0E+00\n 2 \n\n 3e0"),
        lambda text: text.replace("Frames: 2", "frames : 2").replace("JOINT", "Joint"),
    ],
)
def test_the_file_is_one_stream_of_words(tmp_path, change):
    path = written(tmp_path, "1 2 3 0 0 0 0 0 0\n1 2 3 0 0 0 0 0 0", frames=2)
    expected = read(path, unit="m")
    path.write_bytes(change(path.read_text()).encode("utf-8"))
    motion = read(path, unit="m")
    assert motion.fps == 25
    assert motion.skeleton == expected.skeleton
    assert torch.equal(motion.positions, expected.positions)


@pytest.mark.parametrize(
    ("scale", "unit"), [(1, "m"), (0.01, "cm"), (0.001, "mm"), (0.0254, "in"), (0.0564444, "cmu")]
)
def test_the_unit_is_guessed_from_the_height(tmp_path, scale, unit):
    rows, offset = "0 0 0 0 0 0 0 0 0", "0 0 0"
    path = written(tmp_path, rows, offset)
    text = path.read_text().replace("OFFSET 0 1 0", f"OFFSET 0 {1.2 / scale} 0")
    path.write_text(text.replace("OFFSET 0 0.5 0", f"OFFSET 0 {0.5 / scale} 0"))
    assert at(read(path), 0, "b")[2] == pytest.approx(1.2, rel=1e-4)
    assert at(read(path, unit=unit), 0, "b")[2] == pytest.approx(1.2, rel=1e-4)


def test_a_unit_that_cannot_be_guessed_is_asked_for(tmp_path):
    path = written(tmp_path, "0 0 0 0 0 0 0 0 0")
    path.write_text(path.read_text().replace("0.5", "2.5"))
    with pytest.raises(DataError, match=r"rest pose, which is 3.5 high; give the unit \(m, cm"):
        read(path)


def test_the_first_frame_is_left_out_when_asked(tmp_path):
    motion = read(sample.write(tmp_path), drop_first=True)
    assert len(motion) == 2
    assert motion.angles is not None
    assert len(motion.angles) == 2
    assert at(motion, 0, "Hips") == pytest.approx([0.01, -0.02, 0.9])


def test_bandai_names_give_labels_and_the_licence(tmp_path):
    path = sample.write(tmp_path) / "person.bvh"
    motion = read(path.rename(tmp_path / "dataset-1_bow_active_001.bvh"))
    assert motion.labels == {"action": "bow", "style": "active"}
    assert motion.provenance["licence"] == "CC-BY-NC-4.0"
    assert read(tmp_path, licence="mine").provenance["licence"] == "mine"


def test_a_folder_gives_its_files_in_order_and_by_their_place(tmp_path):
    for name in ("b", "a/c"):
        (tmp_path / name).mkdir(parents=True)
        sample.write(tmp_path / name)
    assert [motion.name for motion in Bvh().read(tmp_path)] == ["bvh/a/c/person", "bvh/b/person"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "", "ends without the word MOTION; the file is cut off"),
        (
            lambda text: text[: text.index("CHANNELS") + 9],
            "ends in the middle; the file",
        ),
        (lambda text: text[: text.index("MOTION")], "without the word MOTION"),
        (lambda text: text[: text.index("MOTION") + 6], "ends in the middle; the file"),
        (lambda text: text[: text.index("Time")], "ends in the middle; the file"),
        (lambda text: text[:-4], "should hold 9 numbers, but 7 follow|but 8 follow"),
        (lambda text: text + "1", "should hold 9 numbers, but 10 follow"),
        (lambda text: text.replace("Frames: 1", "Frames: 999999999999"), "should hold 8999999"),
        (lambda text: text.replace("0.04", "0"), "between two frames should be above 0 s"),
        (lambda text: text.replace("0.04", "nan"), "between two frames should be above 0 s"),
        (lambda text: text.replace(" 0 0 0 0\n", " 0 0 0 nan\n"), "number 9 of 9 is nan"),
        (lambda text: text.replace(" 0 0 0 0\n", " 0 0 0 1e300\n"), "number 9 of 9 is 1e\\+300"),
        (
            lambda text: text.replace(" 0 0 0 0\n", " 0 0 0 zero\n"),
            "should stand where 'zero' stands",
        ),
        (lambda text: text.replace("Xposition", "Xscale"), 'but "Xscale" was found'),
        (lambda text: text.replace("CHANNELS 6", "CHANNELS 600"), "which of 6 channels"),
        (lambda text: text.replace("JOINT", "ROOT"), 'followed by the root "b"; put each person'),
        (lambda text: text.replace("ROOT", "JOINT"), '"a" hangs from nothing'),
        (lambda text: text.replace("OFFSET", "SHIFT"), 'but has "SHIFT"'),
        (lambda text: text.replace("Frame Time", "Time"), 'Time: SECONDS", but'),
        (lambda text: "x" * 100_000, "not text with blanks between its words"),
    ],
)
def test_what_is_no_bvh_file_is_refused_in_a_sentence(tmp_path, change, words):
    path = written(tmp_path, "0 0 0 0 0 0 0 0 0")
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=words) as caught:
        read(path, unit="m")
    assert str(path) in str(caught.value)


def test_a_deep_tree_is_refused(tmp_path):
    path = tmp_path / "deep.bvh"
    path.write_text("HIERARCHY ROOT a { " + "JOINT b { OFFSET 0 0 0 " * 200_000)
    with pytest.raises(DataError, match="1 to 1000 joints"):
        read(path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(DataError, match="does not exist, but should be a BVH file"):
        read(tmp_path / "none.bvh")
    with pytest.raises(DataError, match=r"should hold a BVH file \(.bvh\) at least"):
        read(tmp_path)


def test_real_cmu_file_agrees_with_independent_kinematics():
    folder = mocap_samples()
    with np.load(folder / "expected.npz") as expected:
        joints, places = [str(joint) for joint in expected["bvh_joints"]], expected["bvh_pos"]
    motion = read(folder / "cmu_01_01_first121.bvh", names="file")
    assert motion.fps == 120
    assert set(motion.skeleton.joints) == set(joints)
    x, y, z = np.moveaxis(motion.positions.numpy() / (0.0254 / 0.45), -1, 0)
    order = [joints.index(joint) for joint in motion.skeleton.joints]
    assert np.abs(np.stack([x, z, -y], axis=-1) - places[:, order]).max() < 1e-4


def test_real_cmu_names_lead_to_the_17_joints():
    motion = read(mocap_samples() / "cmu_01_01_first121.bvh", drop_first=True)
    made = mapping(motion.skeleton, "h36m17")
    assert len(motion) == 120
    assert not made.missing
    assert made.synthesised == ("pelvis", "spine", "nose")
