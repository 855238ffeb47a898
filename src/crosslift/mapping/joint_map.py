"""The mapping between two skeletons: what becomes of the joints of one in the other."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import SettingsError, SkeletonError, unknown_name
from ..skeleton import Skeleton
from ..skeletons import skeleton_named
from .derivations import Derivation, Kind, derive, rules


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
        self._check_count(keypoints.shape[-2])
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
        self._check_count(poses.shape[-2])
        if self.flat:
            raise SkeletonError(
                f'The rule "{self.rule}" takes a picture\'s y for the height of the body and means '
                'nothing in 3D; map poses by the rule "anatomical".'
            )
        found = poses.isfinite().all(dim=-1)
        made = self.weights(poses)[0] @ torch.where(found[..., None], poses, 0)
        return torch.where(self.all_of(found)[..., None], made, torch.nan)

    def _check_count(self, found: int) -> None:
        """Refuse an array whose joints axis is not the source's."""
        if found != len(self.source):
            raise SkeletonError(
                f'The mapping from "{self.source.name}" takes {len(self.source)} joints, but '
                f"{found} were found; name the skeleton that the data is in."
            )

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
        rows += [(made.joint, made.kind, made.words, made.terms) for made in self.derivations]
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
    made = derive(source, target, rule)
    if made[target.root].kind == "missing":
        raise SkeletonError(
            f'The root of "{target.name}" is "{made[target.root].joint}", but "{source.name}" has '
            "neither that joint nor others to make it of; choose another target skeleton."
        )
    return Mapping(source, target, rule, made)
