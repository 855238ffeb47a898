"""What is asked of a training beside its settings, whether of a lifter or of a detector."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError, SettingsError


@dataclass(frozen=True)
class Asked:
    """The words of the command that are no settings."""

    stores: tuple[Path, ...]
    validation: tuple[Path, ...]
    where: tuple[str, ...]
    output: Path | None
    start: Path | None
    resume: bool

    def folder(self, recipe: str, result: str) -> Path:
        """Of the run; refused where there is none, nothing to train on, or no need.

        Args:
            result: What lies in the folder when a run is finished.
        """
        if self.output is None or not self.stores:
            raise SettingsError(
                "Training needs stores to train on and a folder for the run; say crosslift train "
                f"{recipe} STORE -o RUN."
            )
        check_unfinished(self.output, result)
        return self.output


def check_unfinished(folder: Path, result: str) -> None:
    """Refuse to train where a training has ended."""
    if (folder / result).exists():
        raise DataError(
            f'The run in "{folder}" is finished: "{folder / result}" is there; name another '
            "folder for a new one."
        )
