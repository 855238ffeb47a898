"""The calibration of a lifter, as a file in the lifter's folder."""

from dataclasses import asdict
from pathlib import Path

from ..errors import CheckpointError, SettingsError
from ..files import whole, write_json
from ..lifter_folder import check_files, read_about
from ..settings import from_data, read_settings
from ..summed_folder import read_sums, sha256, write_sums
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
    check_files(folder)
    path = folder / CALIBRATION
    words = {"format": FORMAT, "version": VERSION, "crosslift": __version__}
    before = read_sums(folder)
    others = [each for each in before if each[1] != CALIBRATION]
    with whole(path) as draft:
        write_json(draft, words | asdict(calibration))
        new = sha256(draft), CALIBRATION
        write_sums(folder, [*before, new])
    write_sums(folder, [*others, new])
    return path


def read_calibration(folder: Path) -> Calibration | None:
    """The calibration in a lifter's folder, if there is one."""
    path = folder / CALIBRATION
    if not path.is_file():
        return None
    if (sha256(path), CALIBRATION) not in read_sums(folder):
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
