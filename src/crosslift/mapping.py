"""From one skeleton's joints to another's: what is copied, what is synthesised, what is missing.

Joints are found by their shared names. What a format lacks is synthesised as a weighted sum of
joints that it has, by the rules below; all weights of a joint add up to one, so that a rule does
not care where the person is. A joint that is neither there nor can be made is NaN with score 0.

From COCO's joints to Human3.6M's there are three rules besides the bare names:

- "anatomical", the default of COCO and its extension by feet: the thorax is a third of the way
  from mid shoulders to the nose, joint 9 three quarters of that way, the head above the ears by
  three tenths of their height over the shoulders. It is the same sum along every axis, so it means
  the same in a picture and in space, however the person is turned. On motion capture the third
  puts the thorax 22 mm from the true one on average, mid shoulders 40 mm; on a walking woman's 3D
  landmarks thorax to nose and nose to head come out as 88 and 133 mm, where Human3.6M has 100 to
  126 and 80 to 137 and the midpoints give 212 and 39.
- "midpoints" of hips, shoulders, and eyes, with the nose as it is: simple and common.
- "adjusted": what public video demonstrations use with lifters of Human3.6M. It takes a picture's y
  for the body's height, so it is for upright people in pictures and is refused in 3D.

None removes the bias of COCO's hips and shoulders, which are points of the surface.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from .clip import Batch, Clip
from .errors import SettingsError, SkeletonError, unknown_name
from .geometry import body_lengths
from .motion import Motion
from .skeleton import Skeleton
from .skeletons import skeleton_named

Kind = Literal["copied", "synthesised", "missing"]
Sum = dict[str, float]
Recording = TypeVar("Recording", Clip, Batch, Motion)


class Recipe(NamedTuple):
    """How a joint is made of others."""

    words: str
    x: Sum
    """The weight of each joint, or of the midpoint of a pair: `hips`, `shoulders`, ..."""
    y: Sum | None = None
    """Along a picture's y axis, where that differs; such a recipe means nothing in 3D."""


PAIRS = {
    name: (f"left_{name[:-1]}", f"right_{name[:-1]}")
    for name in ("hips", "shoulders", "eyes", "ears")
}


def _read(table: str) -> list[tuple[str, Recipe]]:
    """Recipes from lines of `joint = sum: words`, or `joint = sum along x | sum along y: words`."""
    read = []
    for line in filter(None, map(str.strip, table.splitlines())):
        joint, _, rest = line.partition(" = ")
        sums, _, words = rest.partition(": ")
        x, _, y = sums.partition(" | ")
        recipe = Recipe(words.strip() or f"{x} in its place", _sum(x), _sum(y) if y else None)
        read.append((joint, recipe))
    return read


def _sum(text: str) -> Sum:
    """The weights of a sum such as "2/3 shoulders + 1/3 nose"."""
    terms = [term.split() for term in text.replace(" - ", " + -").split(" + ")]
    return {term[-1]: float(Fraction(term[0])) if term[1:] else 1.0 for term in terms}


_THORAX = "thorax = 2/3 shoulders + 1/3 nose: mid shoulders, a third of the way to the nose"
_SPINE = "spine = 1/2 pelvis + 1/2 thorax: midpoint of pelvis and thorax"
_HEAD = "head = 1.3 ears - 0.3 shoulders: over the ears by 0.3 of their height over the shoulders"
_NOSE = "nose = 3/4 nose + 1/4 shoulders: nose, a quarter of the way to mid shoulders"
_PELVIS = "pelvis = hips: midpoint of the hips"

BY_NAME = _read(f"""
    {_PELVIS}
    thorax = neck
    {_THORAX}
    thorax = shoulders: midpoint of the shoulders
    neck = thorax
    neck = shoulders: midpoint of the shoulders
    upper_neck = 2/3 thorax + 1/3 head: a third of the way from thorax to head
    upper_neck = 2/3 neck + 1/3 head_top: a third of the way from neck to head top
    {_SPINE}
    nose = head_centre
    nose = jaw
    nose = 1/2 thorax + 1/2 head: midpoint of thorax and head, so not in front of them
    nose = 1/2 upper_neck + 1/2 head_top: midpoint of upper neck and head top
    nose = 1/2 neck + 1/2 head_top: midpoint of neck and head top
    nose = 1/2 neck + 1/2 head_base: midpoint of neck and head base
    head = head_top
    head = head_base
    {_HEAD}
    head = 0.65 nose + 0.6 thorax - 0.25 pelvis: where it is on average from nose, thorax, pelvis
    head_top = head
    head_top = 1.7 ears - 0.7 shoulders: over the ears by 0.7 of their height over the shoulders
    head_centre = ears: midpoint of the ears
    head_centre = 1/2 neck + 1/2 head_top: midpoint of neck and head top
    head_centre = nose
    jaw = 3/4 nose + 1/4 shoulders: nose, a quarter of the way to mid shoulders
    spine_base = pelvis
    left_neck_base = thorax
    right_neck_base = thorax
    left_thumb_base = left_wrist
    right_thumb_base = right_wrist
    left_big_toe = left_foot_index
    right_big_toe = right_foot_index
    left_foot_index = left_big_toe
    right_foot_index = right_big_toe
""")
"""How to make what the source lacks, the best way first."""

RULES = {
    "anatomical": _read(f"""
        {_PELVIS}
        {_SPINE}
        {_THORAX}
        {_NOSE}
        {_HEAD}
    """),
    "midpoints": _read(f"""
        {_PELVIS}
        spine = 1/2 hips + 1/2 shoulders: midpoint of mid hips and mid shoulders
        thorax = shoulders: midpoint of the shoulders
        nose = nose
        head = eyes: midpoint of the eyes
    """),
    "adjusted": _read(f"""
        {_PELVIS}
        spine = 5/6 shoulders + 1/2 hips - 1/3 nose | 1/2 shoulders + 1/2 hips: \
            midpoint of shoulders and hips, moved sideways away from the line pelvis to thorax
        thorax = 2/3 shoulders + 1/3 nose | 2/3 shoulders + 1 nose - 2/3 eyes: \
            mid shoulders, a third of the way to the nose, raised by 2/3 of the eyes over the nose
        {_NOSE}
        head = 1/2 eyes + 1/2 ears | 2 eyes - 1 nose: \
            mean of eyes and ears, as far over the eyes as these are over the nose
    """),
}
"""From any skeleton with COCO's face and limbs to Human3.6M's 17 or 16 joints."""

PUBLISHED = {
    "mpii16": _read("""
        spine = thorax
        thorax = upper_neck
        head = head_top
    """),  # of hourglasses trained further on Human3.6M, so that their thorax became a spine
    "smpl24": _read("""
        spine = 1/2 lower_spine + 1/2 middle_spine: midpoint of lower and middle spine
        thorax = neck
        nose = 1/2 neck + 1/2 head_base: midpoint of neck and head base
        head = head_base
    """),
    "spin24": _read("""
        thorax = neck
        nose = jaw
    """),
}
"""Index maps of published work to Human3.6M's joints that names alone would not give."""

H36M = ("h36m17", "h36m16")
NECK_IS_MID_SHOULDERS = ("body25", "openpose18")


@dataclass(frozen=True)
class Derivation:
    """Where one joint of the target comes from."""

    joint: str
    kind: Kind
    words: str
    weights: tuple[tuple[str, float, float], ...] = ()
    """Each source joint with its weight along x and y; along z it is that of x."""


class Mapped(NamedTuple):
    """Keypoints in another skeleton."""

    keypoints: Float[Tensor, "*batch joints 2"]
    """NaN where the joint is missing or one that it is made of is."""
    scores: Float[Tensor, "*batch joints"]
    """The least of those of the joints that it is made of."""
    observed: Bool[Tensor, "*batch joints"]
    """Whether all joints that it is made of were observed, synthesised or not."""


@dataclass(frozen=True)
class Mapping:
    """What becomes of the joints of one skeleton in another; `print` it to see the table."""

    source: Skeleton
    target: Skeleton
    rule: str
    derivations: tuple[Derivation, ...]
    """One for each joint of the target, in its order."""

    @property
    def synthesised(self) -> tuple[str, ...]:
        """The target's joints that are made of several others."""
        return self._of_kind("synthesised")

    @property
    def missing(self) -> tuple[str, ...]:
        """The target's joints that cannot be made."""
        return self._of_kind("missing")

    def _of_kind(self, kind: Kind) -> tuple[str, ...]:
        return tuple(made.joint for made in self.derivations if made.kind == kind)

    @property
    def flat(self) -> bool:
        """Whether it takes a picture's x and y differently, and so means nothing in 3D."""
        return any(x != y for made in self.derivations for _, x, y in made.weights)

    @cached_property
    def uses(self) -> tuple[tuple[int, ...], ...]:
        """For each joint of the target, the joints of the source that it is made of."""
        return tuple(
            tuple(self.source.index(joint) for joint, _, _ in made.weights)
            for made in self.derivations
        )

    def weights(self, like: Float[Tensor, "..."]) -> Float[Tensor, "2 target source"]:
        """The weights along x and y, on the device and in the precision of `like`."""
        rows = [{name: (x, y) for name, x, y in made.weights} for made in self.derivations]
        table = [
            [[row.get(name, (0.0, 0.0))[axis] for name in self.source.joints] for row in rows]
            for axis in (0, 1)
        ]
        return torch.tensor(table, dtype=like.dtype, device=like.device)

    def apply2d(
        self,
        keypoints: Float[Tensor, "*batch source 2"],
        scores: Float[Tensor, "*batch source"] | None = None,
        observed: Bool[Tensor, "*batch source"] | None = None,
    ) -> Mapped:
        """The keypoints in the target skeleton.

        Args:
            scores: 1 for each keypoint that is a number unless given.
            observed: Whatever is a number and has a score unless given.
        """
        check_count(self, keypoints.shape[-2])
        found = keypoints.isfinite().all(dim=-1)
        scores = found.to(keypoints.dtype) if scores is None else scores
        observed = found & (scores > 0) if observed is None else observed & found
        plain = torch.where(found[..., None], keypoints, 0)
        weights = self.weights(keypoints)
        if self.flat:
            made = torch.einsum("...sa, ats -> ...ta", plain, weights)
        else:
            made = weights[0] @ plain
        known = self.all_of(found)
        least = torch.where(known, self.least_of(scores), 0)
        return Mapped(torch.where(known[..., None], made, torch.nan), least, self.all_of(observed))

    def apply3d(self, poses: Float[Tensor, "*batch source 3"]) -> Float[Tensor, "*batch target 3"]:
        """The poses in the target skeleton, in the units and axes that they have."""
        check_count(self, poses.shape[-2])
        if self.flat:
            raise SkeletonError(
                f'The rule "{self.rule}" takes a picture\'s y for the height of the body and means '
                'nothing in 3D; map poses by the rule "anatomical".'
            )
        found = poses.isfinite().all(dim=-1)
        made = self.weights(poses)[0] @ torch.where(found[..., None], poses, 0)
        return torch.where(self.all_of(found)[..., None], made, torch.nan)

    def _padded(self) -> tuple[list[list[int]], list[bool]]:
        """`uses` with each row as long as the longest, and which rows hold anything."""
        longest = max(len(used) for used in self.uses)
        rows = [(used + used[:1] * longest)[:longest] or (0,) * longest for used in self.uses]
        return [list(row) for row in rows], [bool(used) for used in self.uses]

    def least_of(self, values: Float[Tensor, "*batch source"]) -> Float[Tensor, "*batch target"]:
        """The least of what each joint of the target is made of; 0 for a missing one."""
        rows, there = self._padded()
        least = values[..., torch.tensor(rows, device=values.device)].amin(dim=-1)
        return torch.where(torch.tensor(there, device=values.device), least, 0)

    def all_of(self, flags: Bool[Tensor, "*batch source"]) -> Bool[Tensor, "*batch target"]:
        """Whether the flag holds for all that a joint of the target is made of; not if missing."""
        rows, there = self._padded()
        held = flags[..., torch.tensor(rows, device=flags.device)].all(dim=-1)
        return held & torch.tensor(there, device=flags.device)

    def describe(self) -> str:
        """The mapping as a table for people: joint, what becomes of it, how, of what."""
        rows = [("joint", "", "how", "made of")]
        rows += [(made.joint, made.kind, made.words, _terms(made)) for made in self.derivations]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([self.title, *lines])

    @property
    def title(self) -> str:
        """One line for a heading or a note."""
        return f'{self.source.name} to {self.target.name} by the rule "{self.rule}"'

    def __str__(self) -> str:
        return self.describe()


def _terms(made: Derivation) -> str:
    """The weights in words, such as "0.5 left_hip + 0.5 right_hip"."""
    along = [
        " + ".join(
            joint if weight == 1 else f"{weight:.3g} {joint}"
            for joint, *weights in made.weights
            if (weight := weights[axis])
        ).replace("+ -", "- ")
        for axis in (0, 1)
    ]
    return along[0] if along[0] == along[1] else f"x: {along[0]}; y: {along[1]}"


def check_count(mapping: Mapping, found: int) -> None:
    """Refuse an array whose joints axis is not the source's."""
    if found != len(mapping.source):
        raise SkeletonError(
            f'The mapping from "{mapping.source.name}" takes {len(mapping.source)} joints, but '
            f"{found} were found; name the skeleton that the data is in."
        )


def mapping(source: Skeleton | str, target: Skeleton | str, rule: str | None = None) -> Mapping:
    """The mapping from one skeleton to another, by name or as it is.

    Args:
        rule: One of `rules(source, target)`; the first of them unless given.
    """
    source = skeleton_named(source) if isinstance(source, str) else source
    target = skeleton_named(target) if isinstance(target, str) else target
    known = rules(source, target)
    rule = known[0] if rule is None else rule
    if rule not in known:
        what = f'rule for mapping "{source.name}" to "{target.name}" called'
        raise SettingsError(unknown_name(what, rule, known))
    table = _table(source, target, rule)
    made = tuple(_derivation(joint, source, table) for joint in target.joints)
    if made[target.root].kind == "missing":
        raise SkeletonError(
            f'The root of "{target.name}" is "{made[target.root].joint}", but "{source.name}" has '
            "neither that joint nor others to make it of; choose another target skeleton."
        )
    return Mapping(source, target, rule, made)


def rules(source: Skeleton, target: Skeleton) -> tuple[str, ...]:
    """The rules by which one skeleton can be mapped to another, the default first."""
    named = ["names"]
    if target.name in H36M:
        if source.name in PUBLISHED:
            named.insert(0, "published")
        for rule, table in RULES.items():
            if all(_resolved(recipe.x, source, dict(table)) for _, recipe in table):
                named.append(rule)
        if source.name in ("coco17", "coco_wholebody_body"):
            named.sort(key=lambda rule: rule != "anatomical")
    return tuple(named)


def _table(source: Skeleton, target: Skeleton, rule: str) -> dict[str, Recipe]:
    """The recipes that come before the names."""
    if rule == "published":
        return dict(PUBLISHED[source.name])
    if target.name in NECK_IS_MID_SHOULDERS and source.name not in NECK_IS_MID_SHOULDERS:
        return dict(_read("neck = shoulders: midpoint of the shoulders, which its neck is"))
    return dict(RULES.get(rule, []))


def _derivation(joint: str, source: Skeleton, table: dict[str, Recipe]) -> Derivation:
    """Where a joint comes from: by the table, by its name, or made of others."""
    for recipe in _recipes(joint, source, table):
        along_x = _resolved(recipe.x, source, table)
        along_y = along_x if recipe.y is None else _resolved(recipe.y, source, table)
        if along_x is None or along_y is None:
            continue
        used = [name for name in source.joints if name in along_x or name in along_y]
        weights = tuple((name, along_x.get(name, 0.0), along_y.get(name, 0.0)) for name in used)
        if [(x, y) for _, x, y in weights] == [(1, 1)]:
            return Derivation(joint, "copied", recipe.words, weights)
        return Derivation(joint, "synthesised", recipe.words, weights)
    return Derivation(joint, "missing", "no joint to make it of")


def _recipes(joint: str, source: Skeleton, table: dict[str, Recipe]) -> Iterator[Recipe]:
    if joint in table:
        yield table[joint]
    if joint in source:
        yield Recipe("", {joint: 1.0})
    yield from (recipe for name, recipe in BY_NAME if name == joint)


def _resolved(
    weights: Sum, source: Skeleton, table: dict[str, Recipe], above: tuple[str, ...] = ()
) -> Sum | None:
    """A sum in terms of the source's own joints; None where it cannot be had.

    Pelvis and thorax may themselves be made of others; whatever else the sum names has to be there.
    """
    total: Sum = {}
    for name, weight in weights.items():
        if name in PAIRS:
            parts = dict.fromkeys(PAIRS[name], 0.5)
        else:
            parts = _part(name, source, table, above)
        if parts is None or any(joint not in source for joint in parts):
            return None
        for joint, share in parts.items():
            total[joint] = total.get(joint, 0.0) + weight * share
    return total


def _part(
    name: str, source: Skeleton, table: dict[str, Recipe], above: tuple[str, ...]
) -> Sum | None:
    """A joint inside a sum, in terms of the source's own joints."""
    if name in source:
        return {name: 1.0}
    if name not in ("pelvis", "thorax") or name in above:
        return None
    for recipe in _recipes(name, source, table):
        if found := _resolved(recipe.x, source, table, (*above, name)):
            return found
    return None


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
