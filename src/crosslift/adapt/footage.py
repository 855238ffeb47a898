"""What somebody filmed, as adaptation is given it: keypoints, lenses, and nothing in 3D.

Poses, bone lengths and the places of cameras are left behind even where the files have them. The
recordings are put in an order that follows from their keypoints alone, so that neither their names
nor their order say anything: whoever pairs them with labelled recordings by chance cannot profit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import torch
import tyro
from jaxtyping import Float
from torch import Generator, Tensor

from ..augment.footprints import Pool
from ..augment.target import Bones, Target
from ..body import Body, estimate_body, read_body
from ..clip import Clip, unlabelled
from ..data.store import MARKER, Store, StoreWriter
from ..errors import DataError, SkeletonError
from ..find_lifter import Found
from ..focal import Lens
from ..geometry import stature
from ..joint_order import check_order
from ..lift_job import with_camera, with_likely_focal
from ..mapping import mapped
from ..protocols import Lifter
from ..resampling import needs_resampling, resampled
from ..skeleton import Skeleton
from ..typical import typical_body

FEW = 200
"""Frames below which the result hangs on chance, which is said."""
KEPT_LABELS = ("subject", "camera")
"""Who is in a recording and which camera stood still, since whoever filmed knows that."""


@dataclass(frozen=True)
class Telling:
    """What is told of the people and the camera besides their keypoints."""

    lens: tyro.conf.OmitArgPrefixes[Lens] = Lens()  # noqa: RUF009  frozen
    body: Path | None = None
    """The person's bone lengths, as crosslift body writes them."""
    height: float | None = None
    """The person's stature in metres; 1.70 unless told."""


@dataclass(frozen=True, eq=False)
class Lengths:
    """A body in the skeleton of a lifter."""

    lengths: Float[Tensor, " joints"]
    spread: Float[Tensor, " joints"]
    skeleton: Skeleton


@dataclass(frozen=True, eq=False)
class Footage:
    """The recordings, in the skeleton and at the frame rate of a lifter."""

    clips: tuple[Clip, ...]
    """Each with its person's estimated bone lengths."""
    people: Mapping[str, Body]
    """By name, as they were estimated."""
    bones: Mapping[str, Bones]
    """The same in the skeleton of the lifter."""
    remarks: tuple[str, ...] = ()
    """Sentences that a user should read."""

    @cached_property
    def target(self) -> Target:
        """What alignment needs of it."""
        return Target.of(self.clips, tuple(self.bones.values()))

    @property
    def frames(self) -> int:
        """Of all recordings."""
        return sum(map(len, self.clips))

    @property
    def hash(self) -> str:
        """Of all that is known of the target."""
        told = "".join(map(key_of, self.clips)) + "".join(
            str(each.lengths.tolist()) for each in self.bones.values()
        )
        return sha256(told.encode()).hexdigest()[:16]

    def body_for(self, clip: Clip) -> Float[Tensor, " joints"]:
        """The bone lengths of the person in a clip, or of the first where nobody says who it is."""
        found = self.bones.get(person_in(clip), next(iter(self.bones.values())))
        return found.lengths.to(clip.keypoints)

    def store(self, folder: Path) -> Store:
        """The recordings as a store, made if it is not there."""
        if not (folder / MARKER).is_file():
            with StoreWriter(folder) as writer:
                for clip in self.clips:
                    writer.add(clip)
        return Store.open(folder)


def footage_of(clips: Iterable[Clip], found: Found, telling: Telling, rng: Generator) -> Footage:
    """The recordings made ready for a lifter; refused with a sentence where nothing can be learned.

    Args:
        found: The lifter, which helps to find a focal length that nobody tells.
    """
    remarks: list[str] = []
    given = in_order([withheld(clip) for clip in clips if len(clip)])
    check_any(given)
    given = [with_camera(clip, telling.lens) for clip in of_right_order(given, remarks)]
    given = [mapped(clip, found.lifter.skeleton.name) for clip in given]
    given = with_focal(given, found, rng, remarks)
    Pool.of(Target.of(given))  # refuses a target in which nobody can be seen
    people = bodies_of(given, telling)
    bones = {name: in_skeleton(body, found.lifter.skeleton) for name, body in people.items()}
    told = [replace(clip, body=bones[person_in(clip)].lengths) for clip in given]
    told = [at_rate_of(found.lifter, clip) for clip in told]
    frames = sum(map(len, told))
    if frames < FEW:
        remarks.append(
            f"The target has only {frames:,} frames: what is learned of its cameras and its person "
            "hangs on few pictures, so give more if you have them."
        )
    return Footage(tuple(told), people, bones, tuple(remarks))


def withheld(clip: Clip) -> Clip:
    """The clip without poses, bone lengths and where its camera stood."""
    camera = clip.camera
    eye = torch.eye(3, dtype=camera.rotation.dtype, device=camera.rotation.device)
    camera = replace(
        camera,
        rotation=eye.expand_as(camera.rotation).clone(),
        translation=torch.zeros_like(camera.translation),
    )
    labels = {key: clip.labels[key] for key in KEPT_LABELS if key in clip.labels}
    return replace(unlabelled(clip), camera=camera, labels=labels, provenance={})


def in_order(clips: Sequence[Clip]) -> list[Clip]:
    """The clips by their content, with names that say their place."""
    ordered = sorted(clips, key=key_of)
    return [replace(clip, name=f"target/{number:05}") for number, clip in enumerate(ordered)]


def key_of(clip: Clip) -> str:
    """A hash of what a camera saw."""
    digest = sha256(f"{clip.skeleton.name} {clip.fps} {person_in(clip)}".encode())
    camera = clip.camera
    seen = [clip.keypoints, clip.scores, camera.focal, camera.centre, camera.size]
    for values in [*seen, *([] if camera.distortion is None else [camera.distortion])]:
        digest.update(values.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def check_any(clips: Sequence[Clip]) -> None:
    """Refuse a target without a single frame."""
    if not clips:
        raise DataError(
            "A target should show at least one frame, but there is none; give files of keypoints "
            "in which somebody was found."
        )


def of_right_order(clips: list[Clip], remarks: list[str]) -> list[Clip]:
    """The clips whose joints are where their skeleton says; refused where most are not."""
    verdicts = [check_order(clip) for clip in clips]
    wrong = [(clip, each) for clip, each in zip(clips, verdicts, strict=True) if not each.ok]
    if not wrong:
        return clips
    guess = wrong[0][1].guess
    if 2 * sum(len(clip) for clip, _ in wrong) > sum(map(len, clips)):
        raise SkeletonError(
            f"The target's joints should be in the order of their skeleton, but seem not to be: "
            f"{guess[0].lower()}{guess[1:]}"
        )
    remarks.append(
        f"{len(wrong):,} of {len(clips):,} recordings are left out, for their joints seem to be in "
        f"a wrong order: {guess[0].lower()}{guess[1:]}"
    )
    bad = {clip.name for clip, _ in wrong}
    return [clip for clip in clips if clip.name not in bad]


def with_focal(
    clips: Sequence[Clip], found: Found, rng: Generator, remarks: list[str]
) -> list[Clip]:
    """The clips with the focal length that the longest one tells, where it is only assumed.

    Recordings of one picture size are taken for those of one camera.
    """
    longest: dict[tuple[float, ...], Clip] = {}
    for clip in filter(guessed_focal, clips):
        longest[size_of(clip)] = max(longest.get(size_of(clip), clip), clip, key=len)
    known = {
        size: with_likely_focal(clip, found, rng, remarks).camera for size, clip in longest.items()
    }
    return [
        replace(clip, camera=known[size_of(clip)]) if guessed_focal(clip) else clip
        for clip in clips
    ]


def guessed_focal(clip: Clip) -> bool:
    """Whether nobody knows the focal length of a clip's one camera."""
    return clip.camera.focal_from == "assumed" and clip.camera.focal.ndim == 1


def size_of(clip: Clip) -> tuple[float, ...]:
    """Width and height of the picture."""
    return tuple(clip.camera.size.reshape(-1, 2)[0].tolist())


def bodies_of(clips: Sequence[Clip], telling: Telling) -> dict[str, Body]:
    """The body of each person: from a file, or estimated from all recordings of theirs."""
    names = sorted({person_in(clip) for clip in clips})
    if telling.body is not None:
        return dict.fromkeys(names, read_body(telling.body))
    return {
        name: estimate_body(
            [clip for clip in clips if person_in(clip) == name], height=telling.height
        )
        for name in names
    }


def person_in(clip: Clip) -> str:
    """What the person in a clip is called; empty if they have no name."""
    return " ".join(name for name in (clip.labels.get("subject"), clip.person) if name)


def in_skeleton(body: Body, skeleton: Skeleton) -> Bones:
    """The body's bones in another skeleton: the same ones, and the others as long as is typical."""
    if body.skeleton == skeleton:
        return body
    typical = typical_body(skeleton)
    share = body.stature / float(stature(typical_body(body.skeleton), body.skeleton))
    lengths, spread = share * typical.nan_to_num(0), torch.zeros_like(typical)
    for joint, name in enumerate(skeleton.joints):
        if joint != skeleton.root and name in body.skeleton:
            other = body.skeleton.index(name)
            if parent_name(skeleton, joint) == parent_name(body.skeleton, other):
                lengths[joint], spread[joint] = body.lengths[other], body.spread[other]
    return Lengths(lengths, spread, skeleton)


def parent_name(skeleton: Skeleton, joint: int) -> str:
    """What a joint hangs on; empty at the root."""
    parent = skeleton.parents[joint]
    return "" if parent < 0 else skeleton.joints[parent]


def at_rate_of(lifter: Lifter, clip: Clip) -> Clip:
    """The clip at the frame rate that the lifter sees motion at."""
    if lifter.fps is None or not needs_resampling(clip, lifter.fps):
        return clip
    return resampled(clip, lifter.fps)
