"""A calibration in a lifter's folder: it comes back, and the folder is whole at every moment."""

import json
from pathlib import Path

import pytest

from crosslift import lifter_folder
from crosslift.errors import CheckpointError
from crosslift.lifter_folder import check_files, load_lifter
from crosslift.skeletons import H36M_17
from crosslift.uncertainty import CALIBRATION, Calibration, read_calibration, write_calibration
from crosslift.uncertainty import file as module

from ..test_lifter_folder import made


def calibration(temperature: float = 2.0, **more) -> Calibration:
    radii = ((1.25,) * 17, (2.5,) * 17)
    return Calibration(H36M_17.joints, (temperature,) * 17, radii, 5, 2, on="a store", **more)


@pytest.fixture
def folder(tmp_path) -> Path:
    lifter_folder.save_lifter(*made("d3dp"), tmp_path / "lifter")
    return tmp_path / "lifter"


def test_it_comes_back_and_its_checksum_is_with_the_others(folder):
    assert read_calibration(folder) is None
    assert write_calibration(folder, calibration()) == folder / CALIBRATION
    assert read_calibration(folder) == calibration()
    check_files(folder)
    assert load_lifter(folder)[1].name == "d3dp"
    names = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert names.count(CALIBRATION) == 1 and len(names) == 4


def test_another_one_takes_its_place(folder):
    for temperature in (2.0, 3.0):
        write_calibration(folder, calibration(temperature))
    assert read_calibration(folder).temperatures[0] == 3.0
    assert (folder / "SHA256SUMS").read_text().count(CALIBRATION) == 1


@pytest.mark.parametrize("writes", [0, 1])
def test_stopped_at_any_moment_the_folder_has_the_old_one_or_the_new_one(
    folder, monkeypatch, writes
):
    """Before the list of checksums is written, or between the file and the last list."""
    write_calibration(folder, calibration())
    write, left = module.write_sums, [writes]

    def stop_after_some(*arguments):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(*arguments)

    monkeypatch.setattr(module, "write_sums", stop_after_some)
    with pytest.raises(KeyboardInterrupt):
        write_calibration(folder, calibration(3.0))
    assert read_calibration(folder).temperatures[0] == (3.0 if writes else 2.0)
    check_files(folder)
    assert sorted(each.name for each in folder.iterdir()) == sorted(
        ["SHA256SUMS", CALIBRATION, "card.md", "model.safetensors", "settings.json"]
    )


def test_a_changed_file_is_refused(folder):
    write_calibration(folder, calibration())
    path = folder / CALIBRATION
    path.write_text(path.read_text().replace("2.0", "9.0"))
    with pytest.raises(CheckpointError, match="checksum .* calibrate the lifter anew"):
        read_calibration(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 2"),
        ({"format": "a poem"}, "a poem"),
        ({"hypotheses": "many"}, "hypotheses"),
        ({"joints": ["one"] * 17}, "17 other joints"),
        ({"radii": [[1.0] * 17]}, "some are missing"),
        ({"secret": 1}, "secret"),
    ],
)
def test_what_is_no_calibration_is_refused(folder, change, words):
    write_calibration(folder, calibration())
    path = folder / CALIBRATION
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    lines = (folder / "SHA256SUMS").read_text().splitlines()[:3]
    (folder / "SHA256SUMS").write_text(
        "\n".join([*lines, f"{module.sha256(path)}  {CALIBRATION}"]) + "\n"
    )
    with pytest.raises(CheckpointError, match=words):
        read_calibration(folder)


def test_a_broken_lifter_is_not_calibrated(folder):
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="checksum"):
        write_calibration(folder, calibration())
    assert not (folder / CALIBRATION).exists()
