"""A page for the browser: one file with the recordings, the script and nothing from elsewhere."""

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from ..camera import Camera, project
from ..clip import Clip
from ..data.record import Recording
from ..files import whole
from .figure import lines, side_of, side_of_line
from .packing import pack, pack_exact, pack_mask, pack_poses
from .regions import Regions, regions_of
from .series import Series, distance, usual_series
from .shown import Palette, Shown, check_shown, comparable, palettes
from .template import filled
from .upright import Upright, upright

SCRIPTS = (
    "basics",
    "theme",
    "shortcuts",
    "packing",
    "recording",
    "orbit",
    "scene",
    "stage",
    "picture",
    "plots",
    "player",
    "panels",
    "keys",
    "clip",
)
"""Each one may use those before it."""
STYLES = ("base", "clip")
GHOSTS = 8
"""Further hypotheses that a page holds beside the first."""


def write_page(
    path: Path,
    clips: Sequence[Shown],
    *,
    title: str = "",
    overlay: bool | None = None,
    facts: Mapping[str, str] | None = None,
    warnings: Sequence[str] = (),
) -> None:
    """Write recordings as one page that can be turned, played and scrubbed without a network.

    Args:
        title: The heading; the recordings' labels unless given.
        overlay: Begin with all in one view, or with one beside the other; the former where they
            are of the same moments, unless given.
        facts: What is said in a table beside them, in this order.
        warnings: Sentences that a reader must not miss.
    """
    check_shown(clips)
    title = title or ", ".join(dict.fromkeys(each.recording.name for each in clips))
    content = {
        "title": title,
        "overlay": comparable(clips) if overlay is None else overlay,
        "clips": [clip_data(*each) for each in zip(clips, palettes(clips), strict=True)],
        "curves": curves(clips),
        "facts": dict(facts or {}),
        "warnings": list(warnings),
    }
    with whole(path) as draft:
        draft.write_text(filled("clip.html", title, content, SCRIPTS, STYLES), "utf-8")


def clip_data(shown: Shown, palette: Palette) -> dict[str, Any]:
    """One recording as the page's script reads it."""
    recording, placed = shown.recording, upright(shown.recording)
    data: dict[str, Any] = {
        "label": shown.title,
        "name": recording.name,
        "truth": shown.truth,
        "palette": palette._asdict(),
        "joints": [joint.replace("_", " ") for joint in recording.skeleton.joints],
        "sides": [side_of(joint) for joint in recording.skeleton.joints],
        "lines": [
            {"from": start, "to": end, "side": side_of_line(recording.skeleton, start, end)}
            for start, end in lines(recording.skeleton)
        ],
        "root": recording.skeleton.root,
        "skeleton": recording.skeleton.name,
        "frames": len(recording),
        "fps": recording.fps,
        "poses": pack_poses(placed.poses[: 1 + GHOSTS]) if len(placed.poses) else None,
        "placed": placed.known,
        "azimuth": azimuth(recording, placed),
        "captions": list(shown.captions) or None,
        "regions": regions_data(regions_of(recording, placed)),
    }
    return data | (seen_data(recording, shown) if isinstance(recording, Clip) else {})


def regions_data(regions: Regions | None) -> dict[str, Any] | None:
    """Where joints may be, as the page's script reads it."""
    if regions is None:
        return None
    return {
        "factors": pack(regions.factors),
        "radii": [[round(float(each), 4) for each in row] for row in regions.radii],
        "measured": regions.measured,
    }


def seen_data(clip: Clip, shown: Shown) -> dict[str, Any]:
    """What a camera adds: keypoints, scores, spread, pictures, and where poses appear in them."""
    size = clip.camera.size.reshape(-1, 2)[:1]
    spread, times = clip.spread, clip.times
    again = None if clip.poses is None else project(clip.poses[0], clip.camera)
    return {
        "size": size[0].tolist() if len(size) else [1, 1],
        "keypoints": pack(clip.keypoints),
        "scores": pack(clip.scores),
        "observed": None if bool(clip.observed.all()) else pack_mask(clip.observed),
        "spread": None if spread is None else pack(spread),
        "reprojected": None if again is None else pack(kept_near(again, size)),
        "start": 0.0 if times is None or not len(times) else float(times[0]),
        "times": None if times is None else pack_exact(times - times[:1]),
        "pictures": [
            {"time": picture.time, "base64": b64encode(picture.jpeg).decode("ascii")}
            for picture in shown.pictures
        ],
    }


def kept_near(points: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
    """Pixels without those so far outside the picture that they would coarsen all others' steps."""
    near = (points.abs() < 4 * size.amax()).all(dim=-1, keepdim=True) if len(size) else False
    return torch.where(torch.as_tensor(near), points, torch.nan)


def azimuth(recording: Recording, placed: Upright) -> float:
    """The direction, clockwise from the world's y in radians, in which one looks at the person.

    With the camera, or a motion's person in the face.
    """
    if placed.camera is not None:
        x, y = _forward(placed.camera)
    else:
        x, y = _from_the_front(recording, placed)
    return math.atan2(x, y)


def _forward(camera: Camera) -> tuple[float, float]:
    x, y, _ = camera.rotation.reshape(-1, 3, 3)[:, 2].mean(dim=0).tolist()
    return x, y


def _from_the_front(recording: Recording, placed: Upright) -> tuple[float, float]:
    skeleton = recording.skeleton
    if "left_hip" not in skeleton or not len(recording):
        return 0.0, 1.0
    left, right = (placed.poses[0, :, skeleton.index(f"{side}_hip")] for side in ("left", "right"))
    x, y, _ = (right - left).nanmean(dim=0).nan_to_num().tolist()
    return y, -x


def curves(clips: Sequence[Shown]) -> list[dict[str, Any]]:
    """The plots of the page: for each title the curves of all recordings."""
    truth = next((each.recording for each in clips if each.truth), None)
    plots: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for index, shown in enumerate(clips):
        for each in series_of(shown, truth) if len(shown.recording) else ():
            line = {"clip": index, "side": each.side, "values": pack(each.values)}
            plots.setdefault((each.title, each.unit), []).append(line)
    return [{"title": title, "unit": unit, "lines": some} for (title, unit), some in plots.items()]


def series_of(shown: Shown, truth: Recording | None) -> list[Series]:
    """The curves of one recording: its distance to the truth first, if there is one."""
    own = usual_series(shown.recording) if shown.series is None else list(shown.series)
    off = None if truth is None or shown.truth else distance(shown.recording, truth)
    return own if off is None else [off, *own]
