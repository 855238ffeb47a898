import math
from pathlib import Path

import pytest
import torch

from crosslift.geometry import mirror
from crosslift.geometry.rotations import matrix_to_euler, rotation_about
from crosslift.joint_angles import joint_angles, landmarks, pelvis_axes, trunk_axes
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.skeleton import Skeleton
from crosslift.skeletons import COCO_17, H36M_16, H36M_17, H36M_32, HALPE_26, SMPL_24

from ..people import walker
from .people import ARM, FOOT, LEG, PELVIS, UPPER_BODY, Person

MIDDLE = (
    *("pelvis_tilt", "pelvis_obliquity", "pelvis_rotation"),
    *("trunk_lean", "trunk_side_bend", "trunk_twist"),
)
LIMBS = (
    *("hip_flexion", "hip_abduction", "hip_rotation", "knee_flexion"),
    *("shoulder_flexion", "shoulder_abduction", "shoulder_elevation", "shoulder_plane"),
    *("shoulder_rotation", "elbow_flexion"),
)
ODD = ("pelvis_obliquity", "trunk_side_bend", "trunk_twist")
"""Whose sign is a side of the body."""


def degrees(positions, skeleton=H36M_17) -> dict[str, torch.Tensor]:
    return {name: angle.rad2deg() for name, angle in joint_angles(positions, skeleton).items()}


def people(count: int = 40) -> torch.Tensor:
    """Poses of all kinds: a walker with joints moved by some centimetres."""
    rng = torch.Generator().manual_seed(4)
    poses = walker(2.0).positions.double()[:count]
    noise = torch.randn(poses.shape, generator=rng, dtype=torch.float64)
    return poses + torch.tensor([0.03, 0.15])[torch.arange(len(poses)) % 2, None, None] * noise


def test_who_stands_straight_has_no_angles():
    angles = degrees(Person().with_feet(), HALPE_26)
    told = {name: float(angle) for name, angle in angles.items() if angle.isfinite()}
    untold = {"hip_rotation", "shoulder_rotation", "shoulder_plane"}
    assert {name.split("_", 1)[1] for name in angles if name not in told} == untold
    assert told == pytest.approx(dict.fromkeys(told, 0), abs=1e-9)


BENT = {
    "a knee bent to a right angle": (
        lambda p: p.limb("left", ("ankle",), "knee", "y", 90),
        {"left_knee_flexion": 90, "left_hip_rotation": 0, "left_hip_flexion": 0,
         "right_knee_flexion": 0},
    ),
    "a thigh raised forwards": (
        lambda p: p.limb("right", LEG, "hip", "y", -60),
        {"right_hip_flexion": 60, "right_hip_abduction": 0, "right_knee_flexion": 0},
    ),
    "a leg stretched backwards": (
        lambda p: p.limb("left", LEG, "hip", "y", 20), {"left_hip_flexion": -20},
    ),
    "both legs apart": (
        lambda p: p.limb("left", LEG, "hip", "x", 25).limb("right", LEG, "hip", "x", -25),
        {"left_hip_abduction": 25, "right_hip_abduction": 25, "left_hip_flexion": 0},
    ),
    "legs crossed": (
        lambda p: p.limb("left", LEG, "hip", "x", -10).limb("right", LEG, "hip", "x", 10),
        {"left_hip_abduction": -10, "right_hip_abduction": -10},
    ),
    "bent knees turned inwards": (
        lambda p: p.limb("left", ("ankle",), "knee", "y", 80).limb("left", LEG, "hip", "z", -30)
        .limb("right", ("ankle",), "knee", "y", 80).limb("right", LEG, "hip", "z", 30),
        {"left_hip_rotation": 30, "right_hip_rotation": 30, "left_knee_flexion": 80,
         "left_hip_flexion": 0},
    ),
    "sitting with a foot to the inside, the hip turned outwards": (
        lambda p: p.limb("left", ("ankle",), "knee", "y", 90).limb("left", LEG, "hip", "y", -90)
        .limb("left", ("ankle",), "knee", "x", -40),
        {"left_hip_flexion": 90, "left_hip_rotation": -40, "left_knee_flexion": 90},
    ),
    "a raised toe": (
        lambda p: p.limb("left", FOOT, "ankle", "y", -15),
        {"left_ankle_dorsiflexion": 15, "right_ankle_dorsiflexion": 0},
    ),
    "standing on tiptoe": (
        lambda p: p.limb("right", FOOT, "ankle", "y", 35), {"right_ankle_dorsiflexion": -35},
    ),
    "a bent elbow": (
        lambda p: p.limb("left", ("wrist",), "elbow", "y", -90),
        {"left_elbow_flexion": 90, "left_shoulder_rotation": 0, "left_shoulder_elevation": 0},
    ),
    "a bent arm turned across the belly": (
        lambda p: p.limb("left", ("wrist",), "elbow", "y", -90).limb("left", ARM, "elbow", "z", -50)
        .limb("right", ("wrist",), "elbow", "y", -90).limb("right", ARM, "elbow", "z", 50),
        {"left_shoulder_rotation": 50, "right_shoulder_rotation": 50},
    ),
    "arms straight ahead": (
        lambda p: p.limb("left", ARM, "shoulder", "y", -90)
        .limb("right", ARM, "shoulder", "y", -90),
        {"left_shoulder_flexion": 90, "left_shoulder_abduction": 0, "left_shoulder_elevation": 90,
         "left_shoulder_plane": 90, "right_shoulder_plane": 90},
    ),
    "arms out to the sides": (
        lambda p: p.limb("left", ARM, "shoulder", "x", 90).limb("right", ARM, "shoulder", "x", -90),
        {"left_shoulder_elevation": 90, "left_shoulder_plane": 0, "right_shoulder_plane": 0,
         "left_shoulder_abduction": 90, "right_shoulder_abduction": 90,
         "left_shoulder_flexion": math.nan},
    ),
    "an arm high above the side": (
        lambda p: p.limb("right", ARM, "shoulder", "x", -150),
        {"right_shoulder_elevation": 150, "right_shoulder_plane": 0,
         "right_shoulder_flexion": 180, "right_shoulder_abduction": 30},
    ),
    "an arm behind": (
        lambda p: p.limb("right", ARM, "shoulder", "y", 40),
        {"right_shoulder_flexion": -40, "right_shoulder_plane": -90,
         "right_shoulder_elevation": 40},
    ),
    "hands up": (
        lambda p: p.limb("right", ("wrist",), "elbow", "y", -90)
        .limb("right", ARM, "shoulder", "x", -90).limb("right", ARM, "elbow", "y", -90),
        {"right_shoulder_elevation": 90, "right_elbow_flexion": 90, "right_shoulder_rotation": -90},
    ),
    "a bow with the legs upright": (
        lambda p: p.turn(UPPER_BODY, "pelvis", "y", 30),
        {"trunk_lean": 30, "pelvis_tilt": 30, "left_hip_flexion": 30, "trunk_twist": 0},
    ),
    "a lean to the right": (
        lambda p: p.turn(UPPER_BODY, "pelvis", "x", 20),
        {"trunk_side_bend": 20, "trunk_lean": 0, "pelvis_tilt": 0, "pelvis_obliquity": 0},
    ),
    "shoulders turned to the left": (
        lambda p: p.turn(UPPER_BODY, "pelvis", "z", 35),
        {"trunk_twist": 35, "trunk_lean": 0, "pelvis_rotation": 0},
    ),
    "the left hip higher": (
        lambda p: p.turn(PELVIS, "pelvis", "x", 12),
        {"pelvis_obliquity": 12, "pelvis_rotation": 0, "trunk_side_bend": 0},
    ),
    "someone who has turned to the left": (
        lambda p: p.turn((*PELVIS, *UPPER_BODY), "pelvis", "z", 100),
        {"pelvis_rotation": 100, "pelvis_tilt": 0, "trunk_twist": 0, "trunk_lean": 0},
    ),
    "someone on the back": (
        lambda p: p.turn((*PELVIS, *UPPER_BODY), "pelvis", "y", -90),
        {"pelvis_tilt": -90, "trunk_lean": -90, "left_hip_flexion": 0, "pelvis_rotation": 0},
    ),
    "someone on the right side": (
        lambda p: p.turn((*PELVIS, *UPPER_BODY), "pelvis", "x", 90),
        {"pelvis_obliquity": 90, "pelvis_rotation": math.nan, "trunk_lean": math.nan,
         "left_hip_flexion": 0, "trunk_twist": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("pose", BENT)
def test_angles_worked_by_hand(pose):
    bend, expected = BENT[pose]
    angles = degrees(bend(Person()).with_feet(), HALPE_26)
    angles |= degrees(bend(Person()).positions())  # the same where both have it
    found = {name: float(angles[name]) for name in expected}
    found = {name: 180 if angle < -179.9 else angle for name, angle in found.items()}  # alike
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_mirrored_people_have_mirrored_angles():
    poses = people()
    angles, seen = degrees(poses), degrees(mirror(poses, H36M_17))
    assert angles.keys() == seen.keys()
    for name, angle in angles.items():
        other = name.replace("left_", "@").replace("right_", "left_").replace("@", "right_")
        expected = {True: -angle, False: angle}[name in ODD]
        if name == "pelvis_rotation":
            expected = 180 - angle  # the mirror stands across x
        off = (seen[other] - expected + 180) % 360 - 180
        assert torch.equal(off.isnan(), angle.isnan()), name
        assert off.nan_to_num().abs().max() < 1e-9, name


def test_moving_turning_and_size_change_nothing_but_the_heading():
    poses = people()
    turn = rotation_about("z", torch.tensor(0.7, dtype=torch.float64))
    shift = torch.tensor([3.0, -2.0, 5.0], dtype=torch.float64)
    angles, seen = degrees(poses), degrees(1.7 * (poses @ turn.T) + shift)
    for name, angle in angles.items():
        expected = angle + (math.degrees(0.7) if name == "pelvis_rotation" else 0)
        off = (seen[name] - expected + 180) % 360 - 180
        assert torch.equal(off.isnan(), angle.isnan()), name
        assert off.nan_to_num().abs().max() < 1e-8, name


DRIVEN = {
    "right_hip_flexion": {"right_hip_flexion": 1},
    "left_hip_flexion": {"left_hip_flexion": 1},
    "right_knee_flexion": {"right_knee_flexion": -1},
    "left_elbow_flexion": {"left_elbow_flexion": 1},
    "right_shoulder_flexion": {"right_shoulder_flexion": 1, "right_shoulder_elevation": 1},
    "left_shoulder_flexion": {"left_shoulder_flexion": 1, "left_shoulder_elevation": 1},
    "pelvis_flexion": {"trunk_lean": 1, "pelvis_tilt": 1, "left_hip_flexion": 1},
}


@pytest.mark.parametrize("driven", DRIVEN)
def test_the_body_model_bends_by_the_angle_that_is_measured(driven):
    """One angle of the kinematic body at a time, which has its own signs."""
    turned = torch.zeros(5, len(ANGLES), dtype=torch.float64)
    turned[:, ANGLES.index(driven)] = torch.linspace(0, -1.2 if "knee" in driven else 1.2, 5)
    rest = degrees(forward_with_nose(torch.zeros_like(turned), torch.tensor(AVERAGE)))
    angles = degrees(forward_with_nose(turned, torch.tensor(AVERAGE)))
    for name, sign in DRIVEN[driven].items():
        expected = sign * turned[:, ANGLES.index(driven)].rad2deg() + rest[name]
        assert torch.allclose(angles[name], expected, atol=1e-9), name


def test_rotation_of_the_hip_is_the_third_angle_of_the_whole_decomposition():
    """The slow and obvious way: a frame of the thigh, its matrix, its three angles."""
    poses = people()
    points, angles = landmarks(poses, H36M_17), joint_angles(poses, H36M_17)
    for side, sense in (("right", 1), ("left", -1)):
        hip, knee, ankle = (points[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
        up = torch.nn.functional.normalize(hip - knee, dim=-1)
        left = torch.nn.functional.normalize(torch.linalg.cross(ankle - knee, up), dim=-1)
        thigh = torch.stack([torch.linalg.cross(left, up), left, up], dim=-1)
        flexion, abduction, turn = matrix_to_euler(pelvis_axes(points).mT @ thigh, "yxz").unbind(-1)
        told = angles[f"{side}_hip_rotation"].isfinite()
        assert told.sum() > 10
        for name, expected in (
            ("flexion", -flexion), ("abduction", -sense * abduction), ("rotation", sense * turn)
        ):  # fmt: skip
            assert torch.allclose(angles[f"{side}_hip_{name}"][told], expected[told]), name


def test_rotation_of_the_shoulder_is_that_of_the_isb_less_the_plane():
    poses = people()
    points, angles = landmarks(poses, H36M_17), joint_angles(poses, H36M_17)
    shoulder, elbow, wrist = (points[f"left_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
    up = torch.nn.functional.normalize(shoulder - elbow, dim=-1)
    left = torch.nn.functional.normalize(torch.linalg.cross(up, wrist - elbow), dim=-1)
    arm = torch.stack([torch.linalg.cross(left, up), left, up], dim=-1)
    plane, raised, turn = matrix_to_euler(trunk_axes(points).mT @ arm, "zxz").unbind(-1)
    told = angles["left_shoulder_rotation"].isfinite() & angles["left_shoulder_plane"].isfinite()
    assert told.sum() > 3
    assert torch.allclose(angles["left_shoulder_elevation"][told], raised[told])
    assert torch.allclose(angles["left_shoulder_plane"][told], -plane[told])
    off = angles["left_shoulder_rotation"] + turn + plane
    assert torch.sin(off / 2)[told].abs().max() < 1e-9


@pytest.mark.parametrize("bend", [1.0, 19.0, 21.0, 159.0, 161.0])
def test_rotation_is_told_only_where_the_next_joint_is_bent(bend):
    person = Person().limb("left", ("ankle",), "knee", "y", bend)
    angles = degrees(person.limb("left", ("wrist",), "elbow", "y", -bend).positions())
    for name in ("left_hip_rotation", "left_shoulder_rotation"):
        assert bool(angles[name].isfinite()) == (20 < bend < 160)


def test_a_missing_joint_takes_only_its_own_angles_along():
    poses = people()
    poses[3, H36M_17.index("left_ankle")] = torch.nan
    angles, whole = joint_angles(poses, H36M_17), joint_angles(people(), H36M_17)
    lost = {
        name for name in angles if not torch.allclose(angles[name], whole[name], equal_nan=True)
    }
    assert lost == {"left_knee_flexion"} | ({"left_hip_rotation"} & lost)
    assert angles["left_hip_rotation"][3].isnan() and angles["left_knee_flexion"][3].isnan()
    assert angles["left_hip_flexion"][3].isfinite()


def test_each_skeleton_gets_the_angles_that_it_has_joints_for():
    both = {f"{side}_{name}" for side in ("left", "right") for name in LIMBS}
    ankles = {"left_ankle_dorsiflexion", "right_ankle_dorsiflexion"}
    for skeleton in (H36M_17, H36M_16, COCO_17):
        assert set(joint_angles(torch.rand(len(skeleton), 3), skeleton)) == both | set(MIDDLE)
    for skeleton in (H36M_32, HALPE_26):
        found = set(joint_angles(torch.rand(len(skeleton), 3), skeleton))
        assert found == both | set(MIDDLE) | ankles
    leg = Skeleton("leg", ("right_knee", "right_ankle", "right_hip", "left_knee", "left_ankle",
                           "left_hip"), (-1, 0, 0, 0, 3, 3))  # fmt: skip
    assert set(joint_angles(torch.rand(6, 3), leg)) == {"left_knee_flexion", "right_knee_flexion"}
    assert joint_angles(torch.rand(2, 3), Skeleton("two", ("a", "b"), (-1, 0))) == {}


@pytest.mark.parametrize(
    "skeleton", [H36M_17, COCO_17, HALPE_26, SMPL_24], ids=lambda each: each.name
)
def test_leading_axes_and_precision_are_kept(skeleton):
    rng = torch.Generator().manual_seed(1)
    poses = torch.rand(2, 3, len(skeleton), 3, generator=rng)
    for name, angle in joint_angles(poses, skeleton).items():
        assert angle.shape == (2, 3) and angle.dtype == torch.float32, name
        alone = joint_angles(poses[1, 2], skeleton)[name]
        assert torch.allclose(angle[1, 2], alone, atol=1e-5, equal_nan=True), name


def test_the_page_tells_the_convention_of_every_angle():
    page = (Path(__file__).parents[2] / "docs" / "joint_angles.md").read_text("utf-8")
    for name in joint_angles(torch.rand(len(HALPE_26), 3), HALPE_26):
        general = name.replace("left_", "*_").replace("right_", "*_")
        assert f"\n| `{general}` | " in page, name
