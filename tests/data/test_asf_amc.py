from pathlib import Path

import numpy as np
import pytest

from crosslift.data.asf_amc import AsfAmc
from crosslift.errors import DataError, SettingsError
from crosslift.mapping import mapping
from crosslift.motion import Motion

from .mocap_samples import mocap_samples
from .samples import asf_amc as sample

UNIT = 0.0254 / 0.45


def read(path: Path, **options: object) -> Motion:
    (motion,) = AsfAmc(**options).read(path)  # type: ignore[arg-type]
    return motion


def test_bones_end_where_they_should(tmp_path):
    motion = read(sample.write(tmp_path))
    assert motion.name == "asf_amc/07_03"
    assert motion.fps == 120
    assert motion.labels == {"subject": "07", "action": "03"}
    assert motion.skeleton.joints == ("root", "back", "lleg", "rleg")
    assert motion.skeleton.parents == (-1, 0, 0, 0)
    places = motion.positions / UNIT
    assert places[0].tolist() == [
        pytest.approx(place, abs=1e-5) for place in ([0, 0, 9], [0, 0, 19], [0, 0, 1], [0, 0, 1])
    ]
    # The root turns left by 90 degrees; the back bends forwards about its x; the left leg's axes
    # are turned by 90 degrees about z, so that it turns about the body's y, along itself.
    assert places[1, 1].tolist() == pytest.approx([1 + 10, -2, 9], abs=1e-4)
    assert places[1, 2].tolist() == pytest.approx([1, -2, 1], abs=1e-4)


def test_angles_are_radians_with_the_names_of_bones_and_axes(tmp_path):
    motion = read(sample.write(tmp_path))
    assert motion.angle_names[:5] == ("root.rx", "root.ry", "root.rz", "back.rx", "back.ry")
    assert motion.angles is not None
    assert motion.angles[1].tolist() == pytest.approx([0, np.pi / 2, 0, np.pi / 2, 0, 0, np.pi / 2])


def test_radians_and_other_units_are_read_as_stated(tmp_path):
    path = sample.write(tmp_path)
    expected = read(path)
    asf = tmp_path / "07.asf"
    asf.write_text(sample.ASF.replace("angle deg", "angle rad").replace(" 90 XYZ", " 1.570796 XYZ"))
    path.write_text(sample.AMC.replace("90", "1.5707963").replace("9.0e+001", "1.5707963"))
    assert np.allclose(read(path).positions, expected.positions, atol=1e-5)
    assert np.allclose(read(path, unit="m").positions * UNIT, expected.positions, atol=1e-5)


def test_the_skeleton_is_found_beside_the_motion_or_named(tmp_path):
    path = sample.write(tmp_path)
    own = tmp_path / "skeletons" / "body.asf"
    own.parent.mkdir()
    (tmp_path / "07.asf").rename(own)
    with pytest.raises(DataError, match=r"there are 0 and none begins its name; name the file"):
        read(path)
    assert len(read(path, asf=own)) == 2
    (tmp_path / "body.asf").write_text(sample.ASF)
    assert len(read(path)) == 2
    (tmp_path / "other.asf").write_text(sample.ASF)
    with pytest.raises(DataError, match="there are 2"):
        read(path)


def test_bytes_and_line_ends_of_other_systems_are_read(tmp_path):
    path = sample.write(tmp_path)
    expected = read(path).positions
    for name, text in (("07.asf", sample.ASF), ("07_03.amc", sample.AMC)):
        changed = "\ufeff" + text.replace("\n", "\r\n").replace("  ", "\t")
        (tmp_path / name).write_bytes(changed.encode("utf-8"))
    assert np.array_equal(read(path).positions, expected)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[: t.index(":hierarchy")], 'section ":hierarchy" is missing'),
        (lambda t: "", "is missing; the file is cut off"),
        (lambda t: t.replace("root back lleg rleg", "root back lleg"), '"rleg" hangs from nothing'),
        (lambda t: t.replace("root back", "root back root"), 'names "root" twice'),
        (lambda t: t.replace("root back", "root arm back"), 'names "arm" twice or without'),
        (lambda t: t.replace("dof rx ry", "dof l ry"), 'The bone "back" should turn about rx'),
        (lambda t: t.replace("name rleg", "name lleg"), 'the bone "lleg" twice'),
        (lambda t: t.replace("length 10", "length nan"), "number 1 of 1 is nan"),
        (
            lambda t: t.replace("direction 0 1 0", "direction 0 1"),
            '"back" should have a direction of three',
        ),
        (lambda t: t.replace("length 0.45", "length 0"), "ZeroDivisionError"),
        (lambda t: t.replace("     axis 0 0 0 XYZ\n", ""), "does not say the axis of the bone"),
        (lambda t: t.replace("0 90 XYZ", "0 90 XYW"), 'such as XYZ, but has "0 0 90 XYW"'),
    ],
)
def test_a_broken_skeleton_is_refused_in_a_sentence(tmp_path, change, words):
    path = sample.write(tmp_path)
    (tmp_path / "07.asf").write_text(change(sample.ASF))
    with pytest.raises(DataError, match=words) as caught:
        read(path)
    assert "07.asf" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[: t.rindex("lleg")], "Frame 2 has no numbers of the bone"),
        (lambda t: t.replace("lleg 0\n", ""), 'Frame 1 has no numbers of the bone "lleg"'),
        (lambda t: t.replace("lleg 0\n", "lleg 0\nlleg 0\n"), 'numbers once, but has "lleg 0"'),
        (lambda t: t.replace("lleg 0\n", "lleg 0 0\n"), 'but has "lleg 0 0"'),
        (lambda t: t.replace("lleg 0\n", "arm 0\n"), 'but has "arm 0"'),
        (lambda t: t.replace("lleg 0\n", "lleg inf\n"), "is inf"),
        (lambda t: t.replace("1\nroot", "root"), 'Frame 0 should give|but has "root'),
    ],
)
def test_a_broken_motion_is_refused_in_a_sentence(tmp_path, change, words):
    path = sample.write(tmp_path)
    path.write_text(change(sample.AMC))
    with pytest.raises(DataError, match=words) as caught:
        read(path)
    assert "07_03.amc" in str(caught.value)


def test_an_empty_motion_is_a_motion_without_frames(tmp_path):
    path = sample.write(tmp_path)
    path.write_text("")
    assert len(read(path)) == 0


def test_a_frame_rate_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="positive number, but 0"):
        read(sample.write(tmp_path), fps=0)


def test_real_cmu_files_agree_with_independent_kinematics():
    folder = mocap_samples()
    with np.load(folder / "expected.npz") as expected:
        bones, ends = [str(bone) for bone in expected["amc_bones"]], expected["amc_end"]
    motion = read(folder, names="file")
    x, y, z = np.moveaxis(motion.positions.numpy() / UNIT, -1, 0)
    order = [bones.index(joint) for joint in motion.skeleton.joints]
    assert set(motion.skeleton.joints) == set(bones)
    assert np.abs(np.stack([x, z, -y], axis=-1) - ends[:, order]).max() < 1e-4


def test_real_cmu_bones_lead_to_the_17_joints():
    motion = read(mocap_samples())
    made = mapping(motion.skeleton, "h36m17")
    assert not made.missing
    assert made.synthesised == ("pelvis", "spine", "nose")
    poses = made.apply3d(motion.positions)
    ankle = motion.positions[:, motion.skeleton.index("left_ankle")]
    assert np.array_equal(poses[:, made.target.index("left_ankle")], ankle)
