"""Clips, batches and motions in another skeleton."""

from dataclasses import replace
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from ..clip import Batch, Clip
from ..geometry import body_lengths
from ..motion import Motion
from ..skeleton import Skeleton
from .joint_map import Mapping, mapping

Recording = TypeVar("Recording", Clip, Batch, Motion)


def mapped(recording: Recording, target: Skeleton | str, rule: str | None = None) -> Recording:
    """The clip, batch or motion in another skeleton.

    A synthesised joint counts as observed where all joints that it is made of are: it is no gap.
    Which joints were synthesised stands in the provenance of a clip or motion, under "synthesised".
    """
    change = mapping(recording.skeleton, target, rule)
    if change.target == change.source:
        return recording
    if isinstance(recording, Motion):
        return replace(
            recording,
            skeleton=change.target,
            positions=change.apply3d(recording.positions),
            provenance=_provenance(recording, change),
        )
    if isinstance(recording, Batch):
        return _mapped_batch(recording, change)
    return _mapped_clip(recording, change)


def _mapped_batch(batch: Batch, change: Mapping) -> Batch:
    keypoints, scores, _ = change.apply2d(batch.keypoints, batch.scores)
    poses = None if batch.poses is None else change.apply3d(batch.poses)
    body = None if batch.body is None else _mapped_body(batch.body, poses, change)
    return replace(
        batch, skeleton=change.target, keypoints=keypoints, scores=scores, poses=poses, body=body
    )


def _mapped_clip(clip: Clip, change: Mapping) -> Clip:
    keypoints, scores, observed = change.apply2d(clip.keypoints, clip.scores, clip.observed)
    poses = None if clip.poses is None else change.apply3d(clip.poses)
    body = None
    if clip.body is not None:
        alone = None if poses is None else poses.flatten(0, 1)[None]
        whole = _mapped_body(clip.body[None], alone, change)
        body = None if whole is None else whole[0]
    return replace(
        clip,
        skeleton=change.target,
        keypoints=keypoints,
        scores=scores,
        observed=observed,
        poses=poses,
        spread=None if clip.spread is None else mapped_spread(clip.spread, change),
        covariance=None,  # of joints that are made of several, nobody knows how these go together
        radii=None,
        body=body,
        provenance=_provenance(clip, change),
    )


def mapped_spread(
    spread: Float[Tensor, "*batch source"], change: Mapping
) -> Float[Tensor, "*batch target"]:
    """Standard deviations of mapped joints, at most.

    The errors of neighbouring joints go together to an unknown degree, so this is the sum for
    errors that agree: a synthesised joint is never said to be surer than it is.
    """
    found = spread.isfinite()
    weights = change.weights(spread)[0].abs()
    total = torch.where(found, spread, 0) @ weights.mT
    return torch.where(change.all_of(found), total, torch.nan)


def _mapped_body(
    body: Float[Tensor, "batch source"],
    poses: Float[Tensor, "batch frames target 3"] | None,
    change: Mapping,
) -> Float[Tensor, "batch target"] | None:
    """Bone lengths: those of the same bone, others from the poses, None where neither is known."""
    kept = [_same_bone(bone, change) for bone in range(len(change.target))]
    lengths = torch.stack(
        [body.new_zeros(len(body)) if place is None else body[:, place] for place in kept], dim=-1
    )
    new = [bone for bone, place in enumerate(kept) if place is None and bone != change.target.root]
    if not new:
        return lengths
    if poses is None:
        return None
    measured = body_lengths(poses, change.target)[..., new].nanmedian(dim=1).values
    lengths[:, new] = measured
    return lengths if bool(measured.isfinite().all()) else None


def _same_bone(bone: int, change: Mapping) -> int | None:
    """The joint of the source at the end of the same bone, if it has that bone."""
    parent = change.target.parents[bone]
    if parent < 0:
        return None
    ends = change.derivations[bone], change.derivations[parent]
    if any(end.kind != "copied" for end in ends):
        return None
    (here,), (there,) = change.uses[bone], change.uses[parent]
    return here if change.source.parents[here] == there else None


def _provenance(recording: Clip | Motion, change: Mapping) -> dict[str, str]:
    """The recording's provenance with the mapping noted; joints once synthesised stay so."""
    before = recording.provenance.get("synthesised", "").split()
    made = [
        derivation.joint
        for derivation in change.derivations
        if derivation.kind == "synthesised"
        or any(joint in before for joint, _, _ in derivation.weights)
    ]
    steps = [recording.provenance[key] for key in ("mapping",) if key in recording.provenance]
    notes = {"mapping": "; ".join([*steps, change.title])}
    kept = {key: value for key, value in recording.provenance.items() if key != "synthesised"}
    return kept | notes | ({"synthesised": " ".join(made)} if made else {})
