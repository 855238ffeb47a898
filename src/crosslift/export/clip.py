"""Our own file for one recording: everything in it, exactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .. import registry
from ..data.clip_file import SUFFIX, write_clip
from ..data.record import Recording


@registry.writer("clip")
@dataclass(frozen=True)
class ClipFile:
    """Clip file: all of a recording, exactly; what crosslift itself reads best.

    Units and axes: as everywhere in crosslift, and stated in the file: metres, pixels, radians; the
    world's z up, the camera's x right, y down, z forward.
    """

    suffix: ClassVar[str] = SUFFIX

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file; nothing is left out."""
        write_clip(path, recording)
        return ()
