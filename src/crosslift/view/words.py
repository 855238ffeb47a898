"""What a page says of its recordings beside the pictures."""

from collections.abc import Sequence

from ..clip import Clip
from ..data.record import Recording
from ..uncertainty import OUTSIDE
from .shown import Shown

ROOTS = {
    "measured": "measured",
    "reprojection": "where the picture fits the keypoints",
    "assumed": "an assumed distance from the camera",
}
"""How the place of a body is known, in words."""
FEW = 0.9
"""The share of joints that should be observed."""


def facts_of(clips: Sequence[Shown]) -> dict[str, str]:
    """A table of what is true of all the recordings."""
    tables = [facts(each.recording) for each in clips]
    first, *others = tables
    return {
        key: value for key, value in first.items() if all(each.get(key) == value for each in others)
    }


def facts(recording: Recording) -> dict[str, str]:
    """What one recording is: its skeleton, its camera, what is known of it and whence it comes."""
    told = {"Skeleton": recording.skeleton.name}
    if isinstance(recording, Clip):
        told |= _seen(recording)
    labels = {key.capitalize(): value for key, value in recording.labels.items() if value}
    whence = {key.capitalize(): value for key, value in recording.provenance.items() if value}
    return told | labels | whence


def _seen(clip: Clip) -> dict[str, str]:
    focal = clip.camera.focal.mean() if clip.camera.focal.numel() else None
    told = {}
    if focal is not None:
        told["Focal length"] = f"{float(focal):.0f} px, {clip.camera.focal_from}"
    if clip.observed.numel():
        told["Observed joints"] = f"{100 * float(clip.observed.double().mean()):.1f} %"
    if clip.poses is not None:
        told["Place"] = ROOTS.get(clip.root_from, clip.root_from)
        if len(clip.poses) > 1:
            told["Hypotheses"] = str(len(clip.poses))
    return told


def warnings_of(clips: Sequence[Shown]) -> list[str]:
    """Sentences that a reader of the page must not miss."""
    several = len(clips) > 1
    return [
        f"{each.title}: {sentence}" if several else sentence
        for each in clips
        if isinstance(each.recording, Clip)
        for sentence in warnings(each.recording)
    ]


def warnings(clip: Clip) -> list[str]:
    """What makes one clip less certain than it looks."""
    if not len(clip):
        return ["Nobody was found in this recording."]
    found = []
    observed = float(clip.observed.double().mean())
    if observed < FEW:
        found.append(f"{100 * (1 - observed):.0f} % of the joints were not seen; those that were "
                     "filled in are drawn as rings.")  # fmt: skip
    if clip.poses is not None and clip.camera.focal_from == "assumed":
        found.append("The focal length is assumed, so distances from the camera may be wrong.")
    if clip.poses is not None and clip.root_from == "assumed":
        found.append("Nothing told how far away the person is; the distance is assumed.")
    if clip.provenance.get("uncertainty", "").endswith(OUTSIDE):
        found.append(
            "The keypoints are unlike the lifter's training, so the regions of joints hold less "
            "than they say."
        )
    return found
