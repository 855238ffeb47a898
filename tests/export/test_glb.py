import json
import struct
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from crosslift.export.figure import BALL, figure
from crosslift.export.glb import Glb
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17, SKELETONS

from ..people import walker
from .players import Gltf, Played, play_glb
from .recordings import loose, seen

pytest.importorskip("pygltflib")
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # beartype does


def played(motion: Motion) -> Played:
    with TemporaryDirectory() as folder:
        Glb().write(motion, Path(folder) / "motion.glb")
        return play_glb(Path(folder) / "motion.glb")


def z_up(points: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([x, -z, y], axis=-1)


def off(scene: Played, motion: Motion) -> float:
    """How far the joints are off where they are known, in metres."""
    found = z_up(np.stack([scene.joints[joint] for joint in motion.skeleton.joints], axis=1))
    known = motion.known.numpy()
    return np.abs(found - motion.positions.numpy())[known].max(initial=0)


@settings(max_examples=20, deadline=None)
@given(motion=loose())
def test_a_viewer_sees_every_known_joint_where_it_was(motion):
    scene = played(motion)
    assert off(scene, motion) < 1e-5
    assert np.isfinite(scene.points).all()
    assert np.allclose(scene.times, np.arange(len(motion)) / motion.fps, atol=1e-6)


def test_a_walker_is_exact_to_a_thousandth_of_a_millimetre():
    assert off(played(walker(2.0)), walker(2.0)) < 1e-6


def test_bones_that_change_their_length_are_exact():
    motion = walker(1.0)
    grown = motion.positions * torch.linspace(1, 1.5, len(motion))[:, None, None]
    motion = replace(motion, positions=grown)
    assert off(played(motion), motion) < 1e-6


def test_a_clip_is_written_in_the_world(tmp_path):
    motion = walker(0.5)
    Glb(hypothesis=1).write(seen(motion), tmp_path / "a.glb")
    raised = replace(motion, positions=motion.positions + torch.tensor([0, 0, 1.0]))
    assert off(play_glb(tmp_path / "a.glb"), raised) < 1e-5


def test_the_figure_goes_with_the_joints():
    """Balls stay around their joints, and bones reach from joint to joint, in every frame."""
    motion = walker(1.0)
    scene = played(motion)
    places = np.stack([scene.joints[joint] for joint in H36M_17.joints], axis=1)
    gaps = np.linalg.norm(scene.points[:, :, None] - places[:, None], axis=-1)
    assert gaps.min(axis=-1).max() < 0.1  # every point is near a joint
    at_joints = (gaps < 1e-5).any(axis=-1).all(axis=0)
    assert at_joints.sum() == 2 * len(H36M_17.bones)  # both ends of every bone
    around = (np.abs(gaps - BALL) < 1e-5).all(axis=0)
    assert (around.sum(axis=0) >= 12).all()  # the corners of every ball


@pytest.mark.parametrize("name", SKELETONS)
def test_the_figure_is_closed_and_faces_outwards(name):
    trimesh = pytest.importorskip("trimesh")
    skeleton = SKELETONS[name]
    rng = torch.Generator().manual_seed(3)
    places = torch.rand(len(skeleton), 3, generator=rng, dtype=torch.float64).numpy()
    parts = figure(places, skeleton)
    assert [part.side for part in parts] == ["left", "right", "middle"]
    for part in parts:
        assert part.carriers.max() < len(skeleton) and len(part.carriers) == len(part.points)
        for piece in trimesh.Trimesh(part.points, part.triangles, process=False).split():
            assert piece.is_volume and piece.volume > 0
    assert sum(map(len, (part.carriers for part in parts))) == 12 * len(skeleton) + 6 * len(
        skeleton.bones
    )


def test_trimesh_finds_the_first_frame_of_the_scene(tmp_path):
    trimesh = pytest.importorskip("trimesh")
    motion = walker(0.5)
    Glb().write(motion, tmp_path / "walk.glb")
    scene = trimesh.load(tmp_path / "walk.glb")
    for joint, place in zip(H36M_17.joints, motion.positions[0].numpy(), strict=True):
        matrix, _ = scene.graph[joint]
        assert np.allclose(z_up(matrix[:3, 3]), place, atol=1e-6), joint
    assert len(scene.geometry) == 3
    assert sum(len(part.faces) for part in scene.geometry.values()) == 17 * 20 + 16 * 8


def test_a_bone_turns_with_its_joint_and_not_otherwise():
    """An arm that swings from x to y about z: one rotation, at its upper end."""
    skeleton = Skeleton("arm", ("a", "b", "c"), (-1, 0, 1))
    angle = torch.linspace(0, torch.pi / 2, 5)
    way = torch.stack([angle.cos(), angle.sin(), 0 * angle], dim=-1)
    motion = Motion("arm", skeleton, 10.0, torch.stack([0 * way, way, 2 * way], dim=1))
    with TemporaryDirectory() as folder:
        Glb().write(motion, Path(folder) / "arm.glb")
        gltf = Gltf(Path(folder) / "arm.glb")
    (animation,) = gltf.file.animations
    turns = {
        channel.target.node: gltf.array(animation.samplers[channel.sampler].output)
        for channel in animation.channels
        if channel.target.path == "rotation"
    }
    half = angle.numpy() / 2  # our z is y in the file
    expected = np.stack([0 * half, np.sin(half), 0 * half, np.cos(half)], axis=-1)
    assert np.allclose(turns[0], expected, atol=1e-6)
    assert np.allclose(turns[1], [0, 0, 0, 1], atol=1e-6)
    assert set(turns) == {0, 1}  # nothing hangs on the last


def test_rotations_are_units_that_never_jump_to_the_other_sign():
    motion = walker(3.0)
    with TemporaryDirectory() as folder:
        Glb().write(motion, Path(folder) / "walk.glb")
        gltf = Gltf(Path(folder) / "walk.glb")
    (animation,) = gltf.file.animations
    for channel in animation.channels:
        if channel.target.path == "rotation":
            turns = gltf.array(animation.samplers[channel.sampler].output)
            assert np.allclose(np.linalg.norm(turns, axis=-1), 1, atol=1e-6)
            assert ((turns[1:] * turns[:-1]).sum(axis=-1) > 0).all()


def test_a_missing_joint_keeps_its_place_beside_its_parent_and_is_listed(tmp_path):
    motion = walker(1.0)
    wrist, elbow = motion.skeleton.indices("left_wrist", "left_elbow")
    motion.positions[10:20, wrist] = torch.nan
    motion.positions[25, wrist] = torch.nan
    notes = Glb().write(motion, tmp_path / "gap.glb")
    assert notes == ("11 of 510 joints are missing and are held where they last were, seen from "
                     "their parents, in the file.",)  # fmt: skip
    scene = play_glb(tmp_path / "gap.glb")
    assert off(scene, motion) < 1e-6
    forearm = np.linalg.norm(scene.joints["left_wrist"] - scene.joints["left_elbow"], axis=-1)
    last = (motion.positions[9, wrist] - motion.positions[9, elbow]).norm()
    assert np.allclose(forearm[9:20], last, atol=1e-5)
    extras = Gltf(tmp_path / "gap.glb").file.asset.extras
    assert extras["missing_frames"] == {"left_wrist": "10-19, 25"}


def test_the_file_states_units_axes_rate_and_where_it_comes_from(tmp_path):
    motion = replace(walker(0.2), fps=29.97, provenance={"licence": "CC0 \u2014 frei"})
    Glb().write(motion, tmp_path / "a.glb")
    held = (tmp_path / "a.glb").read_bytes()
    magic, version, length = struct.unpack_from("<4sII", held)
    assert (magic, version, length) == (b"glTF", 2, len(held))
    size, kind = struct.unpack_from("<I4s", held, 12)
    assert kind == b"JSON" and size % 4 == 0
    scene = json.loads(held[20 : 20 + size])
    extras = scene["asset"]["extras"]
    assert extras["units"] == "metres, seconds" and extras["axes"].startswith("y up")
    assert extras["fps"] == 29.97 and extras["skeleton"] == "h36m17"
    assert extras["provenance"] == {"licence": "CC0 \u2014 frei"}
    assert struct.unpack_from("<I4s", held, 20 + size) == (scene["buffers"][0]["byteLength"],
                                                           b"BIN\0")  # fmt: skip


def test_times_of_a_varying_rate_are_kept_from_the_first_frame_on(tmp_path):
    times = torch.tensor([5, 5.1, 5.3, 5.4, 5.5, 5.6])
    Glb().write(replace(seen(walker(0.2)), times=times), tmp_path / "a.glb")
    assert np.allclose(play_glb(tmp_path / "a.glb").times, times - 5, atol=1e-6)


def test_without_frames_there_is_a_figure_that_does_not_move(tmp_path):
    Glb().write(Motion("none", H36M_17, 30.0, torch.zeros(0, 17, 3)), tmp_path / "none.glb")
    gltf = Gltf(tmp_path / "none.glb")
    assert gltf.file.animations == []
    assert len(play_glb(tmp_path / "none.glb").joints) == 17
