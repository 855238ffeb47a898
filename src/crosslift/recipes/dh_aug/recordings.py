"""Labelled recordings of what a generator makes: single poses one after the other, or motion."""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from ...augment.dh_body import as_16, lengths_of, placed
from ...augment.dh_generator import BodyGenerator
from ...camera import camera_to_world
from ...clip import Clip
from ...data.store import Store
from ...errors import DataError, SettingsError
from ...kinematics import ANGLES
from ...mapping import mapped
from ...motion import Motion
from ...observe import observe, perfect
from ...skeleton import Skeleton
from ...skeletons import H36M_16, H36M_17
from ...synth import Settings, draw_body, preset_named
from ...synth.curves import pick
from ...synth.presets import child_seed
from ...synth.recordings import seen, subject

PROVENANCE = {
    "source": "crosslift: made by a generator of the kinematic body, no recording of a person in it"
}


def settings_for(generator: BodyGenerator, settings: Settings) -> Settings:
    """The settings with the length and the rate of what the generator makes at once."""
    if settings.kinds:
        raise SettingsError(
            "Kinds of movement are those of crosslift's own actors, but a generator makes what it "
            f"has learned; leave out the kinds {', '.join(settings.kinds)}, or the generator."
        )
    if generator.frames == 1:
        return settings
    fps = generator.fps or settings.fps
    return replace(settings, fps=fps, seconds=generator.frames / fps)


def generated(
    generator: BodyGenerator,
    settings: Settings,
    rng: Generator,
    *,
    start: int = 0,
    every: int = 1,
    skip: Collection[str] = (),
) -> Iterator[Clip]:
    """Clips of made bodies, one for each camera of each recording; see `synth.recordings`.

    A generator of single poses gives recordings whose frames have nothing to do with each other.
    """
    preset = preset_named(settings.preset)
    base = int(torch.randint(2**48, (), generator=rng, device=rng.device))
    for number in range(start, settings.recordings, every):
        who = subject(settings, number)
        if who in skip:
            continue
        own = Generator().manual_seed(child_seed(base, number, preset.stream))
        body = draw_body(own, preset.bodies).float()
        motion = motion_of(generator, body, settings, who, own)
        rigs = settings.cameras or preset.rigs
        first = pick(own, len(rigs))
        turn = itertools.cycle(rigs[first:] + rigs[:first])
        detector = perfect if settings.exact else settings.detector
        for view, rig in zip(range(settings.views), turn, strict=False):
            yield seen(motion, rig, f"{view}-{rig}", detector, own)


def motion_of(
    generator: BodyGenerator, body: Tensor, settings: Settings, who: str, rng: Generator
) -> Motion:
    """A made recording of one body, its lowest joint on the floor."""
    frames = max(round(settings.seconds * settings.fps), 1)
    positions, angles = bodies(generator, body, frames, rng)
    together = generator.frames > 1
    low = positions[..., 2].amin(dim=(0, 1) if together else 1)
    positions = positions - torch.nn.functional.pad(low.reshape(-1, 1, 1), (2, 0))
    action = "motion" if together else "poses"
    return Motion(
        name=f"dh/{who}/{action}",
        skeleton=H36M_17,
        fps=settings.fps,
        positions=positions,
        angles=angles,
        angle_names=ANGLES,
        labels={"subject": who, "action": action},
        provenance=PROVENANCE,
    )


def bodies(
    generator: BodyGenerator,
    lengths: Float[Tensor, "15"],
    frames: int,
    rng: Generator,
    skeleton: Skeleton = H36M_17,
) -> tuple[Float[Tensor, "frames joints 3"], Float[Tensor, "frames 33"]]:
    """Joints and angles of one body, over the world's origin in the middle frame."""
    at_once = generator.frames
    with torch.no_grad():
        made = generator.made(-(-frames // at_once), at_once, rng)
        about = made.root - made.root[:, [at_once // 2]]
        joints = placed(made._replace(root=about), lengths, generator.meaning, skeleton)
    return joints.flatten(0, 1)[:frames], made.angles.flatten(0, 1)[:frames]


def like_those_of(
    generator: BodyGenerator, settings: Settings, store: Store, rng: Generator
) -> Iterator[Clip]:
    """Clips of made poses by the bones of a store's people, before its cameras, where they stood.

    With MPI-INF-3DHP's store and a generator that learned from Human3.6M this is a set of the kind
    of the publication's DH-3DHP; how its own was laid out is not known.
    """
    if generator.frames > 1:
        raise SettingsError(
            f"Poses for a store's cameras are single ones, but this generator makes motion of "
            f"{generator.frames} frames; train one for a lifter of single frames."
        )
    frames, each = 0, max(round(settings.seconds * settings.fps), 1)
    for number in itertools.count():
        if frames >= settings.frames:
            return
        clip = clip_like_one(generator, store, number, min(each, settings.frames - frames), rng)
        frames += len(clip)
        yield clip


def clip_like_one(
    generator: BodyGenerator, store: Store, number: int, frames: int, rng: Generator
) -> Clip:
    """So many poses before the camera of one of the store's clips."""
    given = store[number % len(store)]
    if not isinstance(given, Clip) or given.poses is None:
        raise DataError(
            f'Bones and cameras are those of labelled clips, but "{given.name}" has no poses '
            "before a camera; give a store that crosslift convert mpi_inf_3dhp has made."
        )
    clip = given if given.skeleton in (H36M_16, H36M_17) else mapped(given, H36M_16.name)
    assert clip.poses is not None, "mapping keeps poses"
    poses = as_16(clip.poses[0], clip.skeleton)
    known = poses.isfinite().flatten(1).all(dim=1).nonzero()[:, 0]
    if not len(known):
        raise DataError(
            f'Bones are measured on whole poses, but "{given.name}" has none; leave it out.'
        )
    which = known[torch.randint(len(known), (frames,), generator=rng)]
    lengths = lengths_of(poses[known], H36M_16).median(dim=0).values
    joints, angles = bodies(generator, lengths, frames, rng, H36M_16)
    camera = clip.camera if clip.camera.focal.ndim == 1 else clip.camera[which]
    root = camera_to_world(poses[which][:, :1], camera)
    round_ = number // len(store)
    motion = Motion(
        name=f"dh/{given.name}/{round_}",
        skeleton=H36M_16,
        fps=given.fps,
        positions=joints + root,
        angles=angles,
        angle_names=ANGLES,
        labels={**given.labels, "action": "poses"},
        provenance={**PROVENANCE, "like": given.name},
    )
    return observe(motion, camera, perfect, rng)
