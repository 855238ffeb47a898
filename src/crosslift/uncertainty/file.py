"""The calibration of a lifter, as a file in the lifter's folder."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from ..errors import CheckpointError, SettingsError
from ..files import whole, write_json
from ..lifter_folder import SUMS, check_sums, read_about
from ..settings import from_data, read_settings
from ..version import __version__
from .calibration import Calibration

CALIBRATION = "calibration.json"
FORMAT = "crosslift calibration"
VERSION = 1


def write_calibration(folder: Path, calibration: Calibration) -> Path:
    """Put a calibration into a lifter's folder, in the place of an earlier one; its path.

    The folder is whole at every moment: its checksums name the old file and the new one until the
    one has taken the other's place.
    """
    check_sums(folder)
    path = folder / CALIBRATION
    words = {"format": FORMAT, "version": VERSION, "crosslift": __version__}
    lines = [line for line in _sums(folder) if _name(line) != CALIBRATION]
    earlier = [line for line in _sums(folder) if _name(line) == CALIBRATION]
    with whole(path) as draft:
        write_json(draft, words | asdict(calibration))
        line = f"{_sha256(draft)}  {CALIBRATION}"
        _write_sums(folder, [*lines, *earlier, line])
    _write_sums(folder, [*lines, line])
    return path


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration in a lifter's folder, if there is one."""
    path = folder / CALIBRATION
    if not path.is_file():
        return None
    if f"{_sha256(path)}  {CALIBRATION}" not in _sums(folder):
        raise CheckpointError(
            f'The checksum of "{path}" is not the one that was written with it: the file was cut '
            "off or changed; calibrate the lifter anew."
        )
    words = read_settings(path)
    told = words.pop("format", None), words.pop("version", None)
    words.pop("crosslift", None)
    try:
        if told != (FORMAT, VERSION):
            raise SettingsError(f"it says {told[0]}, version {told[1]}")
        calibration = from_data(Calibration, words)
    except SettingsError as problem:
        raise CheckpointError(
            f'"{path}" is no calibration that this crosslift knows ({problem}); calibrate the '
            "lifter anew."
        ) from problem
    joints = read_about(folder).skeleton.joints
    if calibration.joints != joints:
        raise CheckpointError(
            f'"{path}" is the calibration of {len(calibration.joints)} other joints than the '
            f"lifter's {len(joints)}; calibrate the lifter anew."
        )
    return calibration


def _sums(folder: Path) -> list[str]:
    try:
        return (folder / SUMS).read_text("utf-8").splitlines()
    except (OSError, ValueError) as problem:
        raise CheckpointError(
            f'"{folder / SUMS}" should list the checksums of the lifter\'s files, but {problem}; '
            "copy the folder anew."
        ) from problem


def _write_sums(folder: Path, lines: Iterable[str]) -> None:
    with whole(folder / SUMS) as draft:
        draft.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _name(line: str) -> str:
    return line.partition("  ")[2]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
