"""The road from one recording's keypoints to a clip that people can use, and words about it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import torch
import tyro
from jaxtyping import Float
from torch import Generator, Tensor

from .aggregation import How, aggregated
from .body import Body, estimate_body, read_body
from .clip import Clip, unlabelled
from .errors import SkeletonError
from .find_lifter import Found
from .focal import Lens, assumed, camera_for, refined
from .geometry import scale_to_stature
from .ground import estimated_ground, is_placed, standing
from .joint_order import check_order
from .lifters.direct import Direct
from .lifting import USUALLY, Going, lift, some_frames
from .mapping import mapped
from .quality import Quality, quality_of
from .refine import Refined, Refining, refined_clip
from .rigid import rigid
from .smoothing import Kind, Smoothing, smoothed
from .steady import steadied
from .uncertainty import doubt, with_uncertainty

GLIMPSE = 3000
"""Frames that are lifted to estimate a focal length."""


@dataclass(frozen=True)
class Lifting:
    """What is told of the person and the camera."""

    lens: tyro.conf.Suppress[Lens] = field(default_factory=Lens)
    """Of keypoints and videos alike, so that a command tells it with what it tells of these."""
    body: Path | None = None
    """The person's bone lengths, as crosslift body writes them."""
    height: float | None = None
    """The person's stature in metres; sizes are those of a person of 1.70 m unless told."""
    smooth: Kind = "none"
    """How poses are smoothed over time: not at all, looking back only (one_euro), or both ways
    (spline)."""
    rigid: bool = True
    """Whether the bones of arms and legs keep one length each, left and right alike."""
    cutoff: float = 6.0
    """Hz above which movement fades where it is smoothed."""
    steady: bool = True
    """Whether the distance from the camera is brought together over neighbouring frames where it
    trembles more than people move."""
    aggregate: How | None = None
    """What is made of several hypotheses: their mean (mean; D3DP's name for it is p-agg), or joint
    by joint the one that is seen nearest to the keypoint (j-agg). All are kept unless given."""
    standing: bool = True
    """Whether the world's vertical and its floor are found from the feet, where the camera's place
    is not known, so that what is written stands upright."""
    refine: tyro.conf.Suppress[Refining | None] = None
    """How poses are made to agree with the recording's keypoints, where that is asked for; a
    command tells its budget in words."""


class Lifted(NamedTuple):
    """What became of one recording."""

    clip: Clip
    remarks: tuple[str, ...]
    """Sentences that a user should read."""
    quality: Quality
    refined: Refined | None = None
    """What refining did, where it was asked for."""


def lift_recording(
    recording: Clip,
    found: Found,
    settings: Lifting,
    rng: Generator,
    *,
    name: str,
    going: Going = USUALLY,
) -> Lifted:
    """The recording's poses; what it knows of them already is not looked at.

    Where nobody was seen in any frame, all poses are NaN.

    Args:
        name: Of the lifter, for the clip's provenance.
        going: How a long recording is gone through in parts.
    """
    remarks: list[str] = []
    seen = with_camera(unlabelled(recording), settings.lens)
    verdict = check_order(seen)
    if not verdict.ok:
        remarks.append(f"The joints seem to be in a wrong order. {verdict.guess}")
    if seen.skeleton != found.lifter.skeleton:
        seen = mapped(seen, found.lifter.skeleton.name)
    remarks += absence(seen)
    told = tells_body(found)
    seen, how = with_body(seen, settings, remarks, told=told)
    seen = with_likely_focal(seen, found, rng, remarks)
    drawn = lift(seen, found.lifter, rng, rigid_limbs=settings.rigid, going=going)
    refinement = refinement_of(drawn, found, settings, rng, told=told, going=going)
    if refinement is not None:
        drawn = refinement.clip
        remarks += refinement.sentences()
    lifted = one_of_all(drawn, settings, remarks)
    lifted = finished(lifted, settings, scaled=not told)
    if "resampled" in lifted.provenance:
        remarks.append(f"It was {lifted.provenance['resampled']}.")
    ground = estimated_ground(lifted) if settings.standing and len(lifted) else None
    quality = quality_of(lifted, domain=found.domain(), ground=ground)
    hypotheses = in_size(drawn, settings, scaled=not told)
    beyond = quality.unlike_training
    lifted = with_uncertainty(lifted, hypotheses, found.calibration(), beyond=beyond)
    if lifted.radii is not None and (doubtful := doubt(beyond)):
        remarks.append(doubtful)
    if ground is not None and not is_placed(lifted.camera):
        lifted = standing(lifted, ground)
        if ground.how == "assumed":
            remarks.append(f"The floor is assumed: {ground.reason}.")
    flip = found.lifter.flip if isinstance(found.lifter, Direct) else False
    said = {"lifter": name, "lifter_hash": found.hash, "flip": "averaged" if flip else "none"}
    told_of = {**lifted.provenance, **said, "size": how}
    remarks += quality.sentences()
    return Lifted(replace(lifted, provenance=told_of), tuple(remarks), quality, refinement)


def refinement_of(
    drawn: Clip, found: Found, settings: Lifting, rng: Generator, *, told: bool, going: Going
) -> Refined | None:
    """What refining makes of a lifted clip, if it is asked for; a body from a file stays as it is.

    Args:
        told: Whether the lifter was told the body.
    """
    if settings.refine is None:
        return None
    held = told and settings.body is not None
    return refined_clip(drawn, found.lifter, settings.refine, rng,
                        held=held, rigid_limbs=settings.rigid, going=going)  # fmt: skip


def in_size(
    drawn: Clip, settings: Lifting, *, scaled: bool
) -> Float[Tensor, "hypotheses frames joints 3"] | None:
    """All hypotheses in the person's size, where one was told."""
    if drawn.poses is None or not scaled or settings.height is None:
        return drawn.poses
    return scale_to_stature(drawn.poses, drawn.skeleton, settings.height)


def one_of_all(lifted: Clip, settings: Lifting, remarks: list[str]) -> Clip:
    """The clip with one pose of its hypotheses, if that is asked for.

    A pose of several that were rigid is not, and is made so again.
    """
    if settings.aggregate is None or lifted.poses is None:
        return lifted
    if len(lifted.poses) == 1:
        remarks.append(
            "There is one hypothesis alone, so --aggregate has no effect; a lifter that draws its "
            "poses makes more with --hypotheses."
        )
        return lifted
    one = aggregated(lifted, settings.aggregate)
    said = one.provenance["aggregated"]
    if not said.startswith(settings.aggregate):
        remarks.append(
            f"The focal length is assumed, so that pictures cannot judge hypotheses: the pose is "
            f"the {said}."
        )
    if settings.rigid and one.poses is not None:
        one = replace(one, poses=rigid(one.poses, one.skeleton, one.body))
    return one


def finished(lifted: Clip, settings: Lifting, *, scaled: bool) -> Clip:
    """The poses in the person's size and as smooth as asked for; NaN if nobody was ever seen."""
    if lifted.poses is None or not bool(lifted.observed.any()):
        poses = None if lifted.poses is None else torch.full_like(lifted.poses, torch.nan)
        return replace(lifted, poses=poses)
    if scaled and settings.height is not None:
        poses = scale_to_stature(lifted.poses, lifted.skeleton, settings.height)
        lifted = replace(lifted, poses=poses)
    if settings.steady:
        lifted = steadied(lifted)
    smooth = smoothed(lifted, Smoothing(settings.smooth, settings.cutoff))
    if settings.rigid and smooth is not lifted and smooth.poses is not None:
        told = None if scaled else smooth.body
        smooth = replace(smooth, poses=rigid(smooth.poses, smooth.skeleton, told))
    return smooth


def absence(clip: Clip) -> list[str]:
    """In how many frames nobody was seen, as a sentence; nothing if somebody always was."""
    if not len(clip):
        return ["The recording has no frames."]
    empty = int((~clip.observed.any(dim=-1)).sum())
    if empty == len(clip):
        return ["Nobody was seen in any frame, so there are no poses."]
    if not empty:
        return []
    return [
        f"Nobody was seen in {empty:,} of {len(clip):,} frames; the poses there are filled in from "
        "the frames around them, and marked as not observed."
    ]


def with_likely_focal(clip: Clip, found: Found, rng: Generator, remarks: list[str]) -> Clip:
    """The clip with the focal length that the person's bones tell, where it is only assumed.

    The first frames are lifted for it.
    """
    camera = clip.camera
    if camera.focal_from == "assumed" and camera.focal.ndim == 1 and len(clip):
        width, height = camera.size.round().int().tolist()
        before = assumed((width, height))._replace(value=float(camera.focal.mean()))
        glimpse = lift(some_frames(clip, slice(GLIMPSE)), found.lifter, rng)
        focal = refined(glimpse, before, rng)
        if focal.origin == "estimated":
            both = torch.full_like(camera.focal, focal.value)
            camera = replace(camera, focal=both, focal_from="estimated")
            told = {**clip.provenance, "focal": f"{focal.short}: {focal.reason}"}
            clip = replace(clip, camera=camera, provenance=told)
    if clip.camera.focal_from != "given":
        focal = float(clip.camera.focal.mean())
        remarks.append(
            f"The focal length of {focal:.0f} px is {clip.camera.focal_from}; tell the true one "
            "with --focal, --fov or --camera, if you know it."
        )
    return clip


def with_camera(clip: Clip, lens: Lens) -> Clip:
    """The clip with the camera that the user tells, if they tell one."""
    if (lens.camera, lens.focal, lens.fov) == (None, None, None):
        return clip
    width, height = clip.camera.size.reshape(-1, 2)[0].round().int().tolist()
    camera, _ = camera_for((width, height), lens)
    return replace(clip, camera=camera)


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
