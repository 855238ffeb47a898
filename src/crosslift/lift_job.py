"""The road from one recording's keypoints to a clip that people can use, and words about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from torch import Generator

from .body import Body, estimate_body, read_body
from .clip import Clip, unlabelled
from .errors import SkeletonError
from .find_lifter import Found
from .focal import Lens, camera_for
from .geometry import scale_to_stature
from .ground import estimated_ground, is_placed, standing
from .joint_order import check_order
from .lifters.direct import Direct
from .lifting import lift
from .mapping import mapped
from .quality import Quality, quality_of
from .smoothing import Kind, Smoothing, smoothed


@dataclass(frozen=True)
class Lifting:
    """What is told of the person and the camera."""

    lens: Lens = field(default_factory=Lens)
    body: Path | None = None
    """The person's bone lengths, as crosslift body writes them."""
    height: float | None = None
    """The person's stature in metres; sizes are those of a person of 1.70 m unless told."""
    smooth: Kind = "none"
    """How poses are smoothed over time: not at all, looking back only (one_euro), or both ways
    (spline)."""
    cutoff: float = 6.0
    """Hz above which movement fades where it is smoothed."""
    standing: bool = True
    """Whether the world's vertical and its floor are found from the feet, where the camera's place
    is not known, so that what is written stands upright."""


class Lifted(NamedTuple):
    """What became of one recording."""

    clip: Clip
    remarks: tuple[str, ...]
    """Sentences that a user should read."""
    quality: Quality


def lift_recording(
    recording: Clip, found: Found, settings: Lifting, rng: Generator, *, name: str
) -> Lifted:
    """The recording's poses; what it knows of them already is not looked at.

    Args:
        name: Of the lifter, for the clip's provenance.
    """
    remarks: list[str] = []
    seen = with_camera(unlabelled(recording), settings.lens, remarks)
    verdict = check_order(seen)
    if not verdict.ok:
        remarks.append(f"The joints seem to be in a wrong order. {verdict.guess}")
    if seen.skeleton != found.lifter.skeleton:
        seen = mapped(seen, found.lifter.skeleton.name)
    told = tells_body(found)
    seen, how = with_body(seen, settings, remarks, told=told)
    lifted = lift(seen, found.lifter, rng)
    if not told and settings.height is not None and lifted.poses is not None:
        poses = scale_to_stature(lifted.poses, lifted.skeleton, settings.height)
        lifted = replace(lifted, poses=poses)
    if "resampled" in lifted.provenance:
        remarks.append(f"It was {lifted.provenance['resampled']}.")
    lifted = smoothed(lifted, Smoothing(settings.smooth, settings.cutoff))
    ground = estimated_ground(lifted) if settings.standing and len(lifted) else None
    quality = quality_of(lifted, ground=ground)
    if ground is not None and not is_placed(lifted.camera):
        lifted = standing(lifted, ground)
        if ground.how == "assumed":
            remarks.append(f"The floor is assumed: {ground.reason}.")
    flip = found.lifter.flip if isinstance(found.lifter, Direct) else False
    said = {"lifter": name, "lifter_hash": found.hash, "flip": "averaged" if flip else "none"}
    told_of = {**lifted.provenance, **said, "size": how}
    remarks += quality.sentences()
    return Lifted(replace(lifted, provenance=told_of), tuple(remarks), quality)


def with_camera(clip: Clip, lens: Lens, remarks: list[str]) -> Clip:
    """The clip with the camera that the user tells, if they tell one."""
    if (lens.camera, lens.focal, lens.fov) != (None, None, None):
        width, height = clip.camera.size.reshape(-1, 2)[0].round().int().tolist()
        camera, _ = camera_for((width, height), lens)
        return replace(clip, camera=camera)
    if clip.camera.focal_from != "given":
        focal = float(clip.camera.focal.mean())
        remarks.append(
            f"The focal length of {focal:.0f} px is {clip.camera.focal_from}; tell the true one "
            "with --focal, --fov or --camera, if you know it."
        )
    return clip


def tells_body(found: Found) -> bool:
    """Whether the lifter takes bone lengths."""
    return isinstance(found.lifter, Direct) and found.lifter.inputs.body


def with_body(clip: Clip, settings: Lifting, remarks: list[str], *, told: bool) -> tuple[Clip, str]:
    """The clip with bone lengths, if the lifter takes them; and where its size comes from."""
    if not told:
        if settings.body is not None:
            remarks.append("This lifter cannot be told the body; --body has no effect on it.")
        if settings.height is None:
            return clip, "as the lifter learned it"
        return clip, f"scaled to a stature of {settings.height:.2f} m"
    body = body_of(clip, settings)
    if body.skeleton != clip.skeleton:
        raise SkeletonError(
            f'The body is one of the skeleton "{body.skeleton.name}", but the lifter takes '
            f'"{clip.skeleton.name}"; estimate it anew with crosslift body.'
        )
    return replace(clip, body=body.lengths), f"{body.how}; stature {body.stature:.2f} m"


def body_of(clip: Clip, settings: Lifting) -> Body:
    """The body from a file, or estimated from this clip."""
    if settings.body is not None:
        return read_body(settings.body)
    return estimate_body([clip], height=settings.height)
