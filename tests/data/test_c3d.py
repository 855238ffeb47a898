from pathlib import Path

import numpy as np
import pytest

from crosslift.data.c3d import BLOCK, DEC, MIPS, C3d
from crosslift.errors import DataError
from crosslift.motion import Motion

from .samples import c3d as sample


def read(path: Path, **options: object) -> Motion:
    (motion,) = C3d(**options).read(path)  # type: ignore[arg-type]
    return motion


def test_markers_are_points_in_metres(tmp_path):
    motion = read(sample.write(tmp_path))
    expected = sample.POINTS / 1000
    expected[sample.GAP] = np.nan
    assert motion.name == "c3d/trial"
    assert motion.fps == 120
    assert motion.skeleton.joints == sample.MARKERS
    assert motion.skeleton.parents == (-1, 0, 0)
    assert np.allclose(motion.positions, expected, atol=1e-6, equal_nan=True)


def test_a_negative_residual_is_a_missing_marker(tmp_path):
    assert (~read(sample.write(tmp_path)).known).nonzero().tolist() == [list(sample.GAP)]


def test_the_file_states_unit_and_upright_axis(tmp_path):
    path = sample.write(tmp_path, {"UNITS": ["cm"], "Y_SCREEN": ["+Y"], "X_SCREEN": ["+X"]})
    assert read(path).positions[0, 1].tolist() == pytest.approx([3, -5, 4])
    assert read(path, unit="mm", up="z").positions[0, 1].tolist() == pytest.approx([0.3, 0.4, 0.5])
    assert read(path, unit="mm", up="-z").positions[0, 1].tolist() == pytest.approx(
        [0.3, -0.4, -0.5]
    )
    path = sample.write(tmp_path, {"UNITS": []})
    assert read(path).positions[0, 1].tolist() == pytest.approx([0.3, 0.4, 0.5])


def test_joints_are_made_of_markers_only_as_the_user_says(tmp_path):
    path = sample.write(tmp_path)
    motion = read(path, joints=("left_knee=LKNE+LKNM",), skeleton="h36m17", fps=60)
    knee = motion.positions[:, motion.skeleton.index("left_knee")]
    assert motion.fps == 60
    assert knee[0].tolist() == pytest.approx([0.15, 0.25, 0.35])
    assert motion.known.sum() == 4


def test_many_markers_and_frames_are_read_as_ezc3d_reads_them(tmp_path):
    ezc3d = pytest.importorskip("ezc3d")
    points = np.random.default_rng(0).normal(size=(300, 290, 3)) * 1000
    names = tuple(f"M{place}" for place in range(290))
    path = sample.write(tmp_path, points=points, markers=names)
    file = ezc3d.c3d(str(path))
    motion = read(path)
    labels = file["parameters"]["POINT"]
    assert motion.skeleton.joints == (*labels["LABELS"]["value"], *labels["LABELS2"]["value"])
    there = file["data"]["points"][:3].transpose(2, 1, 0) / 1000
    assert np.abs(motion.positions.numpy() - there).max() < 1e-6


def test_more_frames_than_the_header_can_count_are_read(tmp_path):
    points = np.arange(70_000 * 3, dtype=np.float64).reshape(-1, 1, 3)
    assert len(read(sample.write(tmp_path, points=points, markers=("A",), samples=0))) == 70_000


def _resaved(path: Path, processor: int) -> None:
    """The sample as another kind of computer writes it, in place: every number in its order."""
    raw = bytearray(path.read_bytes())
    start = (raw[0] - 1) * BLOCK
    raw[start + 3] = processor

    def words(begin: int, count: int) -> None:
        part = np.frombuffer(raw[begin : begin + 2 * count], "<u2")
        raw[begin : begin + 2 * count] = part.astype(
            ">u2" if processor == MIPS else "<u2"
        ).tobytes()

    def floats(begin: int, count: int) -> None:
        part = np.frombuffer(raw[begin : begin + 4 * count], "<f4")
        if processor == MIPS:
            swapped = part.astype(">f4").tobytes()
        else:
            halves = (part * np.float32(4)).view("<u2").reshape(-1, 2)[:, ::-1]
            swapped = np.ascontiguousarray(halves).tobytes()
        raw[begin : begin + 4 * count] = swapped

    data = (int.from_bytes(raw[16:18], "little") - 1) * BLOCK
    words(2, 4)
    floats(12, 1)
    words(16, 2)
    floats(20, 1)
    at = start + 4
    while raw[at]:
        name, group = raw[at], raw[at + 1]
        after = at + 2 + (name if name < 128 else 256 - name)
        step = int.from_bytes(raw[after : after + 2], "little")
        words(after, 1)
        if group < 128:
            kind, rank = raw[after + 2], raw[after + 3]
            count = int(np.prod(list(raw[after + 4 : after + 4 + rank]))) if rank else 1
            if kind in (2, 4):
                (words if kind == 2 else floats)(after + 4 + rank, count)
        if not step:
            break
        at = after + step
    floats(data, (len(raw) - data) // 4)
    path.write_bytes(raw)


@pytest.mark.parametrize("processor", [MIPS, DEC])
def test_numbers_of_other_computers_are_read(tmp_path, processor):
    path = sample.write(tmp_path)
    expected = read(path)
    _resaved(path, processor)
    motion = read(path)
    assert motion.fps == 120
    assert motion.skeleton.joints == sample.MARKERS
    assert np.allclose(motion.positions, expected.positions, atol=1e-6, equal_nan=True)


def test_points_as_integers_are_scaled(tmp_path):
    path = sample.write(tmp_path, samples=0)
    expected = read(path).positions
    raw = bytearray(path.read_bytes())
    data = (int.from_bytes(raw[16:18], "little") - 1) * BLOCK
    whole = np.frombuffer(raw[data : data + 4 * 48], "<f4") * np.tile([2, 2, 2, 1], 12)
    raw = raw.replace(np.float32(-1).tobytes(), np.float32(0.5).tobytes())  # header and parameter
    raw[data:] = whole.astype("<i2").tobytes()
    path.write_bytes(raw)
    assert np.allclose(read(path).positions, expected, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: b"", "first block should be a header of 512 bytes"),
        (lambda raw: b"\0" * 2000, "with 80 in the second"),
        (lambda raw: raw[:400], "a header of 512 bytes"),
        (lambda raw: raw[:600], "cut off"),
        (lambda raw: raw[:-400], "the file is cut off"),
        (lambda raw: raw[:2] + b"\xff\xff" + raw[4:], "1 to 1000 joints or markers"),
        (lambda raw: raw[:8] + b"\xfe\xff" + raw[10:], "states 65534 frames of"),
        (lambda raw: b"\x09" + raw[1:], "kind of numbers|cut off"),
    ],
)
def test_what_is_no_c3d_file_is_refused_in_a_sentence(tmp_path, change, words):
    path = sample.write(tmp_path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=words) as caught:
        read(path)
    assert str(path) in str(caught.value)
