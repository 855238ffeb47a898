"""2D human keypoints in, 3D human motion out.

The names below are what most people need. They are imported when they are first used, so that
`import crosslift` is quick; `crosslift.<module>` has the rest.
"""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .body import Body, estimate_body
    from .camera import Camera, looking_at, pinhole, project
    from .clip import Batch, Clip, clip_of, unlabelled
    from .data.clip_file import read_clip, write_clip
    from .data.store import Store, StoreWriter
    from .errors import CrossliftError
    from .evaluation import Scores, score
    from .joint_order import check_order
    from .lifter_folder import load_lifter, save_lifter
    from .lifting import lift
    from .mapping import mapped
    from .motion import Motion
    from .protocols import Augmenter, Detector, Lifter, Reader, Writer
    from .skeleton import Skeleton
    from .skeletons import H36M_16, H36M_17, skeleton_named
    from .training import Fitting, Schedule, Step, fit
    from .view import Shown, write_film, write_page
    from .windows import Windowing, stitch

from .version import __version__


@cache
def _homes() -> dict[str, str]:
    """The module of each public name, read off the imports above, which only type checkers run."""
    imports = ast.walk(ast.parse(Path(__file__).read_text("utf-8")))
    return {
        alias.name: f"{__name__}.{node.module}"
        for node in imports
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
        if not alias.name.startswith("__")
    }


def __getattr__(name: str) -> Any:
    """A public name, imported now."""
    if name.startswith("__") or name not in _homes():
        raise AttributeError(f'module "{__name__}" has no name "{name}"')
    return getattr(import_module(_homes()[name]), name)


def __dir__() -> list[str]:
    """What the package offers."""
    return sorted([*globals(), *_homes()])
