import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from crosslift.data.asf_amc import AsfAmc
from crosslift.data.bvh import Bvh as Reader
from crosslift.export.bvh import Bvh
from crosslift.geometry.rotations import euler_to_matrix
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton

from ..data.mocap_samples import mocap_samples
from ..people import walker
from .recordings import constant, loose

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # beartype does


def again(
    motion: Motion, folder: Path, unit: str = "cm", up: str = "y", **options: object
) -> Motion:
    """The motion as our own reader finds it in the file."""
    path = folder / "motion.bvh"
    Bvh(unit=unit, up=up, **options).write(motion, path)  # type: ignore[arg-type]
    (found,) = Reader(unit=unit, up=up, names="file").read(path)  # type: ignore[arg-type]
    return found


def channels(path: Path) -> np.ndarray:
    lines = path.read_text().splitlines()
    return np.loadtxt(lines[lines.index("MOTION") + 3 :], ndmin=2)


def in_its_order(found: Motion, motion: Motion) -> torch.Tensor:
    """Positions in the order of the motion; a file has no blanks and braces in names."""
    names = [re.sub(r"[\s{}]+", "_", name) for name in motion.skeleton.joints]
    return found.positions[:, found.skeleton.indices(*names)]


@settings(max_examples=60, deadline=None)
@given(motion=constant())
def test_motions_with_constant_bones_come_back_to_a_tenth_of_a_millimetre(motion):
    with TemporaryDirectory() as folder:
        found = again(motion, Path(folder))
        assert (in_its_order(found, motion) - motion.positions).abs().max() < 1e-4
        assert found.fps == motion.fps


@settings(max_examples=30, deadline=None)
@given(motion=constant())
def test_a_file_read_and_written_again_has_the_same_channels(motion):
    with TemporaryDirectory() as folder:
        found = again(motion, Path(folder))
        first = channels(Path(folder) / "motion.bvh")
        again(found, Path(folder))
        second = channels(Path(folder) / "motion.bvh")
        assert np.abs(first[:, :3] - second[:, :3]).max() < 1e-3  # centimetres
        turns = [
            euler_to_matrix(torch.from_numpy(rows[:, 3:]).unflatten(1, (-1, 3)).deg2rad(), "zxy")
            for rows in (first, second)
        ]
        apart = torch.linalg.matrix_norm(turns[0] - turns[1]) / 2**0.5  # radians
        assert apart.max().rad2deg() < 0.01
        locked = np.abs(np.abs(first[:, 4::3] % 360 - 180) - 90) < 10  # the middle angle near 90
        off = np.abs((first[:, 3:] - second[:, 3:] + 180) % 360 - 180).reshape(len(first), -1, 3)
        assert off[~locked].max(initial=0) < 0.01


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_any_motion_gives_a_file_that_can_be_read(motion):
    with TemporaryDirectory() as folder:
        found = again(motion, Path(folder))
        assert len(found) == len(motion)
        assert len(found.skeleton) == len(motion.skeleton)
        assert bool(found.known.all())


@pytest.mark.parametrize("up", ["y", "z"])
@pytest.mark.parametrize("order", ["zxy", "xyz"])
@pytest.mark.parametrize("rest", ["t-pose", "first"])
def test_axes_orders_and_rest_poses_change_the_file_and_not_the_motion(tmp_path, up, order, rest):
    motion = walker(1.0)
    found = again(motion, tmp_path, up=up, order=order, rest=rest, unit="m")
    assert found.skeleton == motion.skeleton  # known again, although the order of a file is its own
    assert (found.positions - motion.positions).abs().max() < 1e-5


def test_the_rest_pose_is_a_t_pose_in_centimetres_that_faces_z(tmp_path):
    motion = walker(1.0)
    path = tmp_path / "walk.bvh"
    Bvh().write(motion, path)
    text = path.read_text()
    text = text[: text.index("MOTION")] + "MOTION\nFrames: 1\nFrame Time: 1\n"
    path.write_text(text + " ".join(["0"] * channels_of(text)))
    (rest,) = Reader(up="z", unit="cm").read(path)  # as the file has them
    knee, ankle, elbow, wrist, head, thorax = rest.positions[0][
        rest.skeleton.indices(
            "left_knee", "left_ankle", "right_elbow", "right_wrist", "head", "thorax"
        )
    ]
    lower = (ankle - knee) / (ankle - knee).norm()
    assert lower.tolist() == pytest.approx([0, -1, 0], abs=1e-5)
    outer = (wrist - elbow) / (wrist - elbow).norm()
    assert outer.tolist() == pytest.approx([-1, 0, 0], abs=1e-5)
    assert head[1] > thorax[1] > 0


def channels_of(text: str) -> int:
    return sum(int(line.split()[1]) for line in text.splitlines() if "CHANNELS" in line)


def test_our_reader_guesses_the_unit_of_our_file(tmp_path):
    motion = walker(1.0)
    path = tmp_path / "walk.bvh"
    for unit in ("m", "cm", "mm", "in"):
        Bvh(unit=unit).write(motion, path)  # type: ignore[arg-type]
        (found,) = Reader().read(path)
        assert (found.positions - motion.positions).abs().max() < 1e-4


def test_a_bone_is_turned_the_shortest_way():
    """Two bones in a row; the first turns by 90 degrees about z, the second goes with it."""
    skeleton = Skeleton("row", ("a", "b", "c"), (-1, 0, 1))
    places = torch.tensor(
        [[[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 0, 0], [0, 1, 0], [0, 2, 0]]], dtype=torch.float32
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "row.bvh"
        Bvh(unit="m", up="z").write(Motion("row", skeleton, 10.0, places), path)
        rows = channels(path)
    assert rows.shape == (2, 12)
    assert rows[0] == pytest.approx(np.zeros(12), abs=1e-6)
    assert rows[1] == pytest.approx([0, 0, 0, 90, 0, 0, *[0] * 6], abs=1e-4)


def test_a_fork_is_turned_by_the_best_fit():
    """Hips and trunk as one body: no additional joints, one rotation at the root."""
    skeleton = Skeleton("fork", ("a", "b", "c", "d"), (-1, 0, 0, 0))
    fork = torch.tensor([[0, 0, 0], [1, 0, 0], [-1, 0, -0.2], [0, 0, 1]], dtype=torch.float64)
    angle = torch.tensor([[0.0, 0, 0], [30, 20, 10]], dtype=torch.float64).deg2rad()
    turned = torch.einsum("fij, pj -> fpi", euler_to_matrix(angle, "zxy"), fork).float()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fork.bvh"
        Bvh(unit="m", up="z").write(Motion("fork", skeleton, 10.0, turned), path)
        rows = channels(path)
        assert "_to_" not in path.read_text()
    assert rows[1] == pytest.approx([0, 0, 0, 30, 20, 10, *[0] * 9], abs=1e-4)


def test_branches_that_do_not_move_as_one_get_joints_of_their_own(tmp_path):
    motion = walker(1.0)
    Bvh().write(motion, tmp_path / "exact.bvh")
    assert "JOINT thorax_to_left_shoulder" in (tmp_path / "exact.bvh").read_text()
    found = again(motion, tmp_path, branches="rigid")
    assert "_to_" not in (tmp_path / "motion.bvh").read_text()
    assert 1e-4 < (found.positions - motion.positions).abs().max() < 0.1


def test_missing_joints_hold_the_last_known_rotation_and_are_told(tmp_path):
    motion = walker(1.0)
    wrist = motion.skeleton.index("left_wrist")
    motion.positions[10:, wrist] = torch.nan
    notes = Bvh().write(motion, tmp_path / "gap.bvh")
    assert notes == (
        "Joints are missing in some of the 30 frames, where the last known rotation is held: "
        "left_wrist (20).",
    )
    (found,) = Reader().read(tmp_path / "gap.bvh")
    known = motion.known
    assert (found.positions - motion.positions)[known].abs().max() < 1e-4
    assert found.angles is not None
    elbow = [k for k, name in enumerate(found.angle_names) if name.startswith("left_elbow.")]
    assert torch.allclose(found.angles[9:, elbow], found.angles[9, elbow].expand(21, 3), atol=1e-5)


def test_bones_that_vary_get_their_mean_and_are_told(tmp_path):
    skeleton = Skeleton("bone", ("a", "b"), (-1, 0))
    places = torch.tensor([[[0, 0, 0], [0, 0, 1.0]], [[0, 0, 0], [0, 0, 1.2]]])
    notes = Bvh().write(Motion("bone", skeleton, 10.0, places), tmp_path / "bone.bvh")
    assert notes == ("Lengths of bones vary by up to 200 mm; the file holds their means.",)
    (found,) = Reader(unit="cm").read(tmp_path / "bone.bvh")
    assert found.positions[:, 1, 2].tolist() == pytest.approx([1.1, 1.1])


def test_real_motion_comes_back():
    folder = mocap_samples()
    (motion,) = AsfAmc().read(folder)
    with TemporaryDirectory() as place:
        found = again(motion, Path(place))
    assert (in_its_order(found, motion) - motion.positions).abs().max() < 1e-4


def test_an_independent_reader_finds_the_same_tree(tmp_path):
    bvh = pytest.importorskip("bvh")
    motion = walker(1.0)
    path = tmp_path / "walk.bvh"
    Bvh(rest="first").write(motion, path)
    tree = bvh.Bvh(path.read_text())
    assert tree.nframes == len(motion)
    assert 1 / tree.frame_time == pytest.approx(30)
    assert set(motion.skeleton.joints) <= set(tree.get_joints_names())
    assert tree.joint_parent("left_knee").name == "left_hip"
