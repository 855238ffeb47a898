"""Joint angles as csv and as OpenSim's coordinates."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from crosslift.errors import SkeletonError
from crosslift.export.angles import Angles
from crosslift.export.mot import Mot
from crosslift.geometry.rotations import rotation_about
from crosslift.joint_angles import joint_angles
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17, HALPE_26

from ..joint_angles.people import ARM, LEG, PELVIS, UPPER_BODY, Person
from ..people import walker
from .recordings import seen


def table(path: Path) -> tuple[str, dict[str, np.ndarray]]:
    """The first line, and the columns with NaN for empty cells."""
    with path.open(encoding="utf-8", newline="") as file:
        first = file.readline()
        rows = list(csv.DictReader(file))
    return first, {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}


def mot(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """The header and the columns, as OpenSim's documentation describes the format."""
    head, _, body = path.read_text("utf-8").partition("endheader\n")
    lines = body.splitlines()
    names = lines[0].split("\t")
    rows = np.array([[float(cell) for cell in line.split("\t")] for line in lines[1:]])
    lines = head.splitlines()
    assert f"nRows={len(rows)}" in lines and f"nColumns={len(names)}" in lines
    return lines, dict(zip(names, rows.reshape(len(rows), len(names)).T, strict=True))


def moving(*people: Person) -> Motion:
    return Motion("by hand", HALPE_26, 10.0, torch.stack([p.with_feet().float() for p in people]))


def test_the_table_holds_the_measured_angles_in_degrees(tmp_path):
    motion = walker(1.0)
    motion.positions[3, H36M_17.index("left_ankle")] = torch.nan
    notes = Angles().write(replace(motion, name="to\nwork"), tmp_path / "a.angles.csv")
    assert notes == (
        "1 of 510 joints are missing and are empty cells of their angles in the file.",
    )
    first, columns = table(tmp_path / "a.angles.csv")
    assert first.startswith("# to work: joint angles in degrees (0 in a person who stands")
    assert first.endswith("seconds; 30 frames a second\r\n")
    expected = joint_angles(motion.positions.double(), H36M_17)
    assert list(columns) == ["frame", "time", *(f"{name} [deg]" for name in expected)]
    for name, angle in expected.items():
        found = columns[f"{name} [deg]"]
        assert np.allclose(found, angle.rad2deg(), atol=6e-5, equal_nan=True), name
    assert np.isnan(columns["left_knee_flexion [deg]"]).nonzero()[0].tolist() == [3]
    assert columns["time"][[1, 29]] == pytest.approx([1 / 30, 29 / 30], abs=1e-6)
    Angles(preface=False).write(motion, tmp_path / "plain.angles.csv")
    assert (tmp_path / "plain.angles.csv").read_text().startswith("frame,time,pelvis_tilt [deg],")


def test_a_clip_is_measured_in_the_world(tmp_path):
    Angles(hypothesis=1).write(seen(walker(0.5)), tmp_path / "clip.angles.csv")
    Angles().write(walker(0.5), tmp_path / "motion.angles.csv")
    clip, motion = (table(tmp_path / f"{name}.angles.csv")[1] for name in ("clip", "motion"))
    for name in motion:
        assert np.allclose(clip[name], motion[name], atol=0.01, equal_nan=True), name


OPENSIM = {
    "standing": (Person(), {"pelvis_tilt": 0, "hip_flexion_r": 0, "knee_angle_l": 0,
                            "ankle_angle_r": 0, "arm_flex_l": 0, "lumbar_extension": 0}),
    "leaning forwards is tilt and extension below zero": (
        Person().turn((*UPPER_BODY, *PELVIS), "pelvis", "y", 20),
        {"pelvis_tilt": -20, "lumbar_extension": 0, "hip_flexion_r": 0}),
    "turning to the left": (
        Person().turn((*UPPER_BODY, *PELVIS), "pelvis", "z", 50), {"pelvis_rotation": 50}),
    "the right hip lower": (
        Person().turn((*UPPER_BODY, *PELVIS), "pelvis", "x", 10),
        {"pelvis_list": 10, "lumbar_bending": 0, "pelvis_rotation": 0}),
    "a thigh raised, a knee bent": (
        Person().limb("right", ("ankle", "heel", "big_toe", "small_toe"), "knee", "y", 70)
        .limb("right", LEG, "hip", "y", -40),
        {"hip_flexion_r": 40, "knee_angle_r": 70, "hip_rotation_r": 0, "hip_adduction_r": 0}),
    "legs apart": (
        Person().limb("left", LEG, "hip", "x", 15), {"hip_adduction_l": -15}),
    "an arm across the belly": (
        Person().limb("left", ("wrist",), "elbow", "y", -90).limb("left", ARM, "elbow", "z", -40),
        {"elbow_flex_l": 90, "arm_rot_l": 40, "arm_add_l": 0}),
    "an arm ahead and a little out": (
        Person().limb("right", ARM, "shoulder", "x", -10).limb("right", ARM, "shoulder", "y", -30),
        {"arm_flex_r": 30, "arm_add_r": -10}),
    "shoulders turned to the left": (
        Person().turn(UPPER_BODY, "pelvis", "z", 25), {"lumbar_rotation": 25}),
}  # fmt: skip


@pytest.mark.parametrize("pose", OPENSIM)
def test_coordinates_have_the_signs_of_opensims_model(tmp_path, pose):
    person, expected = OPENSIM[pose]
    Mot().write(moving(person, person), tmp_path / "a.mot")
    _, columns = mot(tmp_path / "a.mot")
    assert {name: columns[name][0] for name in expected} == pytest.approx(expected, abs=1e-4)


def test_the_pelvis_coordinates_put_the_hips_back_in_place(tmp_path):
    """OpenSim's own way: move, then turn about z, x and y of a world whose y is up."""
    motion = walker(1.0)
    Mot().write(motion, tmp_path / "a.mot")
    _, columns = mot(tmp_path / "a.mot")
    hips = motion.positions[:, H36M_17.indices("right_hip", "left_hip")].numpy()
    wide = np.linalg.norm(hips[:, 0] - hips[:, 1], axis=-1) / 2
    for frame in range(len(motion)):
        turn = np.eye(3)
        for axis, name in (("z", "pelvis_tilt"), ("x", "pelvis_list"), ("y", "pelvis_rotation")):
            angle = torch.tensor(math.radians(columns[name][frame]), dtype=torch.float64)
            turn = turn @ rotation_about(axis, angle).numpy()
        middle = [columns[f"pelvis_t{axis}"][frame] for axis in "xyz"]
        x, y, z = np.array(middle) + turn[:, 2] * wide[frame]  # the model's z is to the right
        assert np.allclose([x, -z, y], hips[frame, 0], atol=1e-5)


def test_the_header_is_opensims(tmp_path):
    motion = replace(walker(0.5), name="a=b\nendheader c")
    Mot().write(motion, tmp_path / "a.mot")
    lines, columns = mot(tmp_path / "a.mot")
    assert lines[:2] == ["a b endheader c", "version=1"]
    assert lines[2:5] == ["nRows=15", f"nColumns={len(columns)}", "inDegrees=yes"]
    assert "30 frames a second" in lines[6] and lines[7].startswith("y points up")
    assert next(iter(columns)) == "time"
    assert columns["time"] == pytest.approx(np.arange(15) / 30, abs=1e-8)


def test_what_a_pose_does_not_tell_is_interpolated_and_said(tmp_path):
    motion = walker(1.0)
    knee = [H36M_17.index("left_ankle")]
    motion.positions[10:13, knee] = torch.nan
    notes = Mot().write(motion, tmp_path / "a.mot")
    assert len(notes) == 1 and "knee_angle_l (3)" in notes[0]
    assert notes[0].startswith("What some frames do not tell is interpolated there: ")
    _, columns = mot(tmp_path / "a.mot")
    assert all(np.isfinite(column).all() for column in columns.values())
    bend = columns["knee_angle_l"][9:14]
    assert bend == pytest.approx(np.linspace(bend[0], bend[-1], 5))


def test_a_heading_goes_on_beyond_half_a_turn(tmp_path):
    people = [Person().turn((*UPPER_BODY, *PELVIS), "pelvis", "z", turn) for turn in (170, 190)]
    Mot().write(moving(*people), tmp_path / "a.mot")
    assert np.ptp(mot(tmp_path / "a.mot")[1]["pelvis_rotation"]) == pytest.approx(20, abs=1e-4)


def test_coordinates_that_are_never_told_are_left_out_and_named(tmp_path):
    notes = Mot().write(moving(Person()), tmp_path / "a.mot")
    assert notes == (
        "Coordinates that no frame tells are left out: hip_rotation_r, arm_rot_r, hip_rotation_l, "
        "arm_rot_l.",
    )
    assert not {"hip_rotation_r", "arm_rot_l"} & mot(tmp_path / "a.mot")[1].keys()


def test_our_own_angles_can_be_had_in_the_same_format(tmp_path):
    motion = walker(1.0)
    Mot(coordinates="ours").write(motion, tmp_path / "a.mot")
    _, columns = mot(tmp_path / "a.mot")
    expected = joint_angles(motion.positions.double(), H36M_17)
    assert list(columns) == ["time", *(n for n, a in expected.items() if a.isfinite().any())]
    for name in ("left_knee_flexion", "trunk_lean", "right_hip_abduction"):
        assert np.allclose(columns[name], expected[name].rad2deg(), atol=1e-6)


@pytest.mark.parametrize("writer", [Angles(), Mot(), Mot(coordinates="ours")])
def test_joints_between_which_nothing_is_measured_are_refused(writer, tmp_path):
    loose = Motion("dots", Skeleton("dots", ("a", "b"), (-1, 0)), 30.0, torch.rand(3, 2, 3))
    with pytest.raises(SkeletonError, match='"dots" of "dots" has none of the joints .* "h36m17"'):
        writer.write(loose, tmp_path / "a")
    assert not list(tmp_path.iterdir())
