"""TRC, C3D and CSV: joints as columns of numbers."""

import csv
import re
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from crosslift.data.c3d import C3d as C3dReader
from crosslift.data.csv_table import Csv as CsvReader
from crosslift.data.trc import Trc as TrcReader
from crosslift.errors import SettingsError
from crosslift.export.c3d import C3d
from crosslift.export.csv import Csv
from crosslift.export.trc import Trc
from crosslift.motion import Motion
from crosslift.skeletons import BODY_25, H36M_17, SKELETONS

from ..people import walker
from .recordings import loose, seen

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the .random. module")  # beartype does


def close(found: Motion, motion: Motion) -> bool:
    return bool(
        torch.allclose(found.positions, motion.positions, rtol=0, atol=1e-5, equal_nan=True)
    )


def plain(name: str) -> str:
    """A name as csv can hold it."""
    return name.replace("\t", "_").strip()


def in_trc(name: str) -> str:
    """A name as TRC can hold it: a run of tabs becomes one line."""
    return re.sub(r"\t+", "_", name).strip()


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_a_trc_file_read_again_is_the_motion(motion):
    for unit in ("m", "mm"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "random.trc"
            Trc(unit=unit).write(motion, path)
            (found,) = TrcReader(names="file").read(path)
        assert close(found, motion)
        assert found.fps == pytest.approx(motion.fps, rel=1e-9)
        assert found.skeleton.joints == tuple(map(in_trc, motion.skeleton.joints))


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_a_c3d_file_read_again_is_the_motion(motion):
    pytest.importorskip("ezc3d")
    for unit, up in (("mm", "z"), ("m", "y")):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "random.c3d"
            C3d(unit=unit, up=up).write(motion, path)
            (found,) = C3dReader().read(path)
        assert close(found, motion)
        assert found.fps == pytest.approx(motion.fps, rel=1e-6)
        assert len(found.skeleton) == len(motion.skeleton)


def test_known_joints_give_back_their_skeleton(tmp_path):
    pytest.importorskip("ezc3d")
    motion = walker(0.5)
    Trc().write(motion, tmp_path / "walk.trc")
    C3d().write(motion, tmp_path / "walk.c3d")
    for reader, name in ((TrcReader(), "walk.trc"), (C3dReader(), "walk.c3d")):
        (found,) = reader.read(tmp_path / name)
        assert found.skeleton == H36M_17
        assert close(found, motion)


def test_a_trc_file_states_rate_counts_unit_and_axes_as_opensim_has_them(tmp_path):
    places = torch.tensor([[[1.0, 2.0, 3.0]] * 25, [[torch.nan] * 3] * 25])
    notes = Trc().write(Motion("x", BODY_25, 29.97, places), tmp_path / "a.trc")
    assert notes == ("25 of 50 joints are missing and are empty cells in the file.",)
    lines = (tmp_path / "a.trc").read_bytes().decode().split("\r\n")
    assert lines[0] == "PathFileType\t4\t(X/Y/Z)\ta.trc"
    assert lines[2].split("\t") == ["29.97", "29.97", "2", "25", "m", "29.97", "1", "2"]
    assert lines[3].startswith("Frame#\tTime\tnose\t\t\tneck\t\t\t")
    assert lines[4].startswith("\t\tX1\tY1\tZ1\tX2")
    assert lines[6].split("\t")[:5] == ["1", "0.000000", "1.000000", "3.000000", "-2.000000"]
    assert lines[7].split("\t") == ["2", "0.033367", *[""] * 75]


def test_a_c3d_file_is_what_ezc3d_reads(tmp_path):
    ezc3d = pytest.importorskip("ezc3d")
    motion = walker(0.5)
    motion.positions[3, 5] = torch.nan
    notes = C3d().write(motion, tmp_path / "a.c3d")
    assert notes == (f"1 of {15 * 17} joints are missing and are points with a negative residual "
                     "in the file.",)  # fmt: skip
    file = ezc3d.c3d(str(tmp_path / "a.c3d"))
    stated = file["parameters"]["POINT"]
    assert stated["UNITS"]["value"] == ["mm"]
    assert stated["RATE"]["value"] == [30]
    assert stated["Y_SCREEN"]["value"] == ["+Z"]
    assert stated["LABELS"]["value"] == list(H36M_17.joints)
    assert (file["data"]["meta_points"]["residuals"][0] < 0).nonzero() == ([5], [3])
    places = file["data"]["points"][:3].transpose(2, 1, 0) / 1000
    assert np.allclose(places, motion.positions, atol=1e-5, equal_nan=True)


def test_a_long_recording_goes_into_c3d(tmp_path):
    pytest.importorskip("ezc3d")
    single = Motion("long", BODY_25, 30.0, torch.rand(66_000, 25, 3))
    (note,) = C3d().write(single, tmp_path / "long.c3d")
    assert note == "Some tools read only the first 65535 of the 66000 frames."
    (found,) = C3dReader().read(tmp_path / "long.c3d")
    assert close(found, single)


def test_c3d_without_ezc3d_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(SettingsError, match=r'pip install "crosslift\[c3d\]"'):
        C3d().write(walker(0.2), tmp_path / "a.c3d")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines))


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_csv_holds_every_position_to_a_hundredth_of_a_millimetre(motion):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.csv"
        Csv().write(motion, path)
        rows = rows_of(path)
    assert len(rows) == len(motion)
    for place, joint in enumerate(motion.skeleton.joints):
        cells = [[row[f"{plain(joint)}_{axis}"] for axis in "xyz"] for row in rows]
        found = torch.tensor([[float(cell or "nan") for cell in row] for row in cells])
        assert torch.allclose(found, motion.positions[:, place], rtol=0, atol=1e-5, equal_nan=True)


def test_csv_states_units_and_holds_the_bodys_angles(tmp_path):
    motion = walker(0.5)
    assert motion.angles is not None
    Csv(up="y").write(motion, tmp_path / "walk.csv")
    first = (tmp_path / "walk.csv").read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(
        ": metres in the world, y up; angles in degrees; seconds; 30 frames a second"
    )
    rows = rows_of(tmp_path / "walk.csv")
    assert [row["frame"] for row in rows[:2]] == ["0", "1"]
    assert rows[1]["time"] == "0.033333"
    assert float(rows[7]["pelvis_y"]) == pytest.approx(float(motion.positions[7, 0, 2]), abs=1e-5)
    for column, name in enumerate(motion.angle_names):
        expected = float(motion.angles[7, column].rad2deg())
        assert float(rows[7][f"{name} [deg]"]) == pytest.approx(expected, abs=1e-3)
    Csv(preface=False).write(motion, tmp_path / "plain.csv")
    assert (tmp_path / "plain.csv").read_text().startswith("frame,time,pelvis_x,")


@settings(max_examples=40, deadline=None)
@given(motion=loose())
def test_a_csv_table_read_again_is_the_motion(motion):
    for up in ("z", "y"):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "random.csv"
            Csv(up=up).write(motion, path)
            (found,) = CsvReader().read(path)
        assert isinstance(found, Motion)
        assert close(found, motion)
        if len(motion) > 1:
            assert found.fps == pytest.approx(motion.fps, rel=1e-5)


@pytest.mark.parametrize("preface", [True, False])
def test_our_own_reader_reads_our_csv_with_its_angles(tmp_path, preface):
    motion = walker(0.5)
    motion.positions[3, 5] = torch.nan
    motion.positions[9] = torch.nan
    Csv(preface=preface).write(replace(motion, name="y up; metres, 7"), tmp_path / "walk.csv")
    (found,) = CsvReader().read(tmp_path / "walk.csv")
    assert isinstance(found, Motion)
    assert found.skeleton == motion.skeleton
    assert found.fps == motion.fps
    assert close(found, motion)
    assert found.angle_names == motion.angle_names
    assert found.angles is not None and motion.angles is not None
    assert torch.allclose(found.angles, motion.angles, rtol=0, atol=2e-6)


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=SKELETONS)
def test_every_known_skeleton_comes_back_from_our_csv(tmp_path, skeleton):
    motion = Motion("all", skeleton, 25.0, torch.rand(3, len(skeleton), 3))
    Csv().write(seen(motion), tmp_path / "all.csv")
    (found,) = CsvReader().read(tmp_path / "all.csv")
    assert isinstance(found, Motion)
    assert found.skeleton == skeleton
    assert close(found, motion)


def test_times_of_a_varying_rate_are_written(tmp_path):
    clip = seen(walker(0.2))
    times = torch.tensor([0, 0.1, 0.3, 0.4, 0.5, 0.6])
    clip = replace(clip, times=times)
    Csv().write(clip, tmp_path / "a.csv")
    assert [float(row["time"]) for row in rows_of(tmp_path / "a.csv")] == pytest.approx(
        times.tolist()
    )
    Trc().write(clip, tmp_path / "a.trc")
    assert "\n3\t0.300000\t" in (tmp_path / "a.trc").read_text()
