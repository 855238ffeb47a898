"""The page on which a body is posed: one file, served or by itself."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...files import whole
from ..template import filled
from .cameras import Offered, camera_words
from .pose_file import FORMAT, VERSION, WORDS, words_of
from .start import Start, presets
from .tables import body_tables

SCRIPTS = (
    "basics",
    "theme",
    "shortcuts",
    "orbit",
    "scene",
    "picture",
    "posing/vectors",
    "posing/body",
    "posing/reach",
    "posing/between",
    "posing/document",
    "posing/lens",
    "posing/sliders",
    "posing/timeline",
    "posing/dragging",
    "posing/tracing",
    "posing/exchange",
    "posing/panels",
    "posing/keys",
    "posing/pose",
)
"""Each one may use those before it."""
STYLES = ("base", "posing/pose")


class Saving(NamedTuple):
    """Where the page sends what it has made."""

    files: Sequence[Path]
    token: str
    """A secret of this run, without which nothing is taken."""


def page_text(start: Start, cameras: Sequence[Offered], saving: Saving | None = None) -> str:
    """The page; without `saving` it can copy and download a pose, but write no other file."""
    return filled(
        "posing/pose.html",
        f"Pose: {start.keyed.name}",
        content_of(start, cameras, saving),
        SCRIPTS,
        STYLES,
    )


def write_pose_page(path: Path, start: Start, cameras: Sequence[Offered]) -> None:
    """Write the page as a file that needs neither server nor network, whole or not at all."""
    with whole(path) as draft:
        draft.write_text(page_text(start, cameras), "utf-8")


def subtitle_of(start: Start) -> str:
    """The name of what is posed, and how near the body came to it."""
    name = start.keyed.name
    return name if start.error is None else f"{name} · met to {1000 * start.error:.0f} mm"


def content_of(start: Start, cameras: Sequence[Offered], saving: Saving | None) -> dict[str, Any]:
    """What the page's script reads."""
    seen = None if start.keypoints is None else start.keypoints.flatten().tolist()
    return {
        "subtitle": subtitle_of(start),
        "format": {"format": FORMAT, "version": VERSION, "words": WORDS},
        "body": body_tables(),
        "start": words_of(start.keyed),
        "presets": {
            name: words_of(keyed)["keyframes"][0]
            for name, keyed in presets(start.keyed.lengths).items()
        },
        "cameras": [{"label": each.label, **camera_words(each.camera)} for each in cameras],
        "keypoints": seen and [None if math.isnan(value) else value for value in seen],
        "save": saving and {"files": [path.name for path in saving.files], "token": saving.token},
    }
