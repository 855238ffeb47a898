from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from crosslift.data.motion_axes import to_z_up
from crosslift.export.usda import Usda
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_17

from ..people import walker
from .players import UsdText, play_usda
from .recordings import loose, seen

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # beartype does

ODD = Skeleton("odd", ("1 knee", "left_kn\u00e9e", "right_kn\u00e9e", 'a"\\b', "a/b", "\u819d"),
               (-1, 0, 0, 0, 3, 4))  # fmt: skip


def off(found: list[np.ndarray], motion: Motion, up: str = "z") -> float:
    """How far the joints are off where they are known, in metres."""
    places, known = to_z_up(np.stack(found, axis=1), up), motion.known.numpy()
    return np.abs(places - motion.positions.numpy())[known].max(initial=0)


@settings(max_examples=15, deadline=None)
@given(motion=loose())
def test_every_known_joint_is_where_it_was(motion):
    for up in ("z", "y"):
        with TemporaryDirectory() as folder:
            Usda(up=up).write(motion, Path(folder) / "a.usda")
            codes, joints = play_usda(Path(folder) / "a.usda")
        assert off(list(joints.values()), motion, up) < 1e-5
        assert codes.tolist() == list(range(len(motion)))


def test_the_layer_states_units_axes_and_rate(tmp_path):
    motion = replace(walker(0.5), fps=29.97, provenance={"licence": 'CC0 "frei"\n\u2014'})
    for up in ("z", "y"):
        Usda(up=up).write(motion, tmp_path / "a.usda")
        layer = UsdText((tmp_path / "a.usda").read_text("utf-8"))
        assert layer.text.startswith("#usda 1.0\n(\n")
        assert layer.header("metersPerUnit") == "1"
        assert layer.header("upAxis") == up.upper()
        assert layer.header("timeCodesPerSecond") == layer.header("framesPerSecond") == "29.97"
        assert (layer.header("startTimeCode"), layer.header("endTimeCode")) == ("0", "14")
        assert r"\"licence\":\"CC0 \\\"frei\\\"\\n" in layer.text


def test_names_that_usd_does_not_allow_are_written_beside_plain_ones(tmp_path):
    Usda().write(Motion("a\nb", ODD, 30.0, torch.rand(2, 6, 3)), tmp_path / "odd.usda")
    layer = UsdText((tmp_path / "odd.usda").read_text("utf-8"))
    assert layer.words("joints") == [
        "_1_knee", "_1_knee/left_kn_e", "_1_knee/right_kn_e", "_1_knee/a__b", "_1_knee/a__b/a_b",
        "_1_knee/a__b/a_b/_",
    ]  # fmt: skip
    assert layer.words("jointNames") == ["1 knee", "left_kn\u00e9e", "right_kn\u00e9e",
                                         r"a\"\\b", "a/b", "\u819d"]  # fmt: skip


def test_missing_joints_are_held_and_listed(tmp_path):
    motion = walker(1.0)
    head = motion.skeleton.index("head")
    motion.positions[:7, head] = torch.nan
    notes = Usda().write(motion, tmp_path / "a.usda")
    assert notes == ("7 of 510 joints are missing and are held where they last were, seen from "
                     "their parents, in the file.",)  # fmt: skip
    assert r'"{\"head\":\"0-6\"}"' in (tmp_path / "a.usda").read_text()
    _, joints = play_usda(tmp_path / "a.usda")
    assert off(list(joints.values()), motion) < 1e-6


def test_frames_of_a_varying_rate_lie_between_time_codes(tmp_path):
    times = torch.tensor([0, 0.1, 0.3, 0.4, 0.5, 0.55])
    Usda().write(replace(seen(walker(0.2)), times=times), tmp_path / "a.usda")
    assert play_usda(tmp_path / "a.usda")[0] == pytest.approx([0, 3, 9, 12, 15, 16.5], abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("up", ["z", "y"])
def test_openusd_poses_the_same_skeleton(tmp_path, up):
    usd = pytest.importorskip("pxr.Usd")
    from pxr import UsdGeom, UsdSkel

    motion = replace(walker(2.0), fps=25.0)
    motion.positions[4:9, 3] = torch.nan
    Usda(up=up).write(motion, tmp_path / "walk.usda")
    stage = usd.Stage.Open(str(tmp_path / "walk.usda"))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert UsdGeom.GetStageUpAxis(stage) == up.upper()
    assert (stage.GetTimeCodesPerSecond(), stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (
        25, 0, 59
    )  # fmt: skip
    root = stage.GetDefaultPrim()
    cache = UsdSkel.Cache()
    cache.Populate(UsdSkel.Root(root), usd.PrimDefaultPredicate)
    (binding,) = cache.ComputeSkelBindings(UsdSkel.Root(root), usd.PrimDefaultPredicate)
    query = cache.GetSkelQuery(binding.GetSkeleton())
    assert list(binding.GetSkeleton().GetJointNamesAttr().Get()) == list(H36M_17.joints)
    frames = [np.array(query.ComputeJointSkelTransforms(code)) for code in range(60)]
    places = np.stack(frames)[:, :, 3, :3]
    assert off(list(places.swapaxes(0, 1)), motion, up) < 1e-6


@pytest.mark.slow
def test_openusd_carries_the_figure_along(tmp_path):
    usd = pytest.importorskip("pxr.Usd")
    from pxr import UsdGeom, UsdSkel

    motion = walker(0.5)
    Usda().write(motion, tmp_path / "walk.usda")
    stage = usd.Stage.Open(str(tmp_path / "walk.usda"))
    assert UsdSkel.BakeSkinning(UsdSkel.Root(stage.GetDefaultPrim()))
    bodies = [UsdGeom.Mesh(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    assert [body.GetPrim().GetName() for body in bodies] == ["left", "right", "middle"]
    for frame in (0, 7, 14):
        points = np.concatenate([np.array(body.GetPointsAttr().Get(frame)) for body in bodies])
        places = motion.positions[frame].numpy()
        gaps = np.linalg.norm(points[:, None] - places, axis=-1)
        assert (gaps.min(axis=0) < 1e-5).all()  # a bone ends on every joint
        assert gaps.min(axis=1).max() < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("frames", [0, 1, 5])
def test_openusd_finds_nothing_wrong(tmp_path, frames):
    usd = pytest.importorskip("pxr.Usd")
    from pxr import UsdValidation

    for skeleton in (H36M_17, ODD, Skeleton("point", ("a",), (-1,))):
        motion = Motion("some", skeleton, 30.0, torch.rand(frames, len(skeleton), 3))
        Usda().write(motion, tmp_path / "some.usda")
        stage = usd.Stage.Open(str(tmp_path / "some.usda"))
        checks = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
        assert len(checks) > 5
        found = UsdValidation.ValidationContext(checks).Validate(stage)
        assert [error.GetMessage() for error in found] == []
        stage.Unload()
        (tmp_path / "some.usda").unlink()
