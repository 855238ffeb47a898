"""Our own files: whatever `crosslift` wrote, read back as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import registry
from ..clip import Clip
from ..errors import CrossliftError, DataError
from ..motion import Motion
from .clip_file import SUFFIX, read_clip
from .motion_text import files_below
from .reading import reading
from .store import MARKER, Store


@registry.reader("clip")
@dataclass(frozen=True)
class ClipFiles:
    """Our own clip files and stores, clips or motions.

    Layout: safetensors whose header carries names, rates, skeleton, labels, provenance and
    licence. `root` is one file, a folder with files that end in .clip.safetensors at any depth, or
    a store.
    Units: metres, pixels, seconds, radians.
    Axes: world z up; camera x right, y down, z forward.
    Joints: any skeleton, all of it written in the file where it is not a known one.
    Example: crosslift convert clip results STORE
    """

    def read(self, root: Path) -> Iterator[Clip | Motion]:
        """One recording after the other."""
        if (root / MARKER).is_file():
            yield from Store.open(root)
            return
        found = files_below(root, ".safetensors", "a clip file")
        ours = [path for path in found if path == root or path.name.endswith(SUFFIX)]
        if not ours:
            raise DataError(
                f'The folder "{root}" should hold files that end in {SUFFIX}, but holds none; name '
                "the file or the folder that has it."
            )
        for path in ours:
            with reading("a clip file", path):
                yield _recording(path)


def _recording(path: Path) -> Clip | Motion:
    try:
        return read_clip(path)
    except CrossliftError as problem:  # a camera or skeleton in the file that cannot be
        raise DataError(str(problem)) from problem
