"""Many estimates against their truths, one pair at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from math import isnan, nan

import torch

from ..clip import Clip
from ..errors import DataError
from ..skeleton import Skeleton
from .checks import check_pair, check_truth, either, misfit
from .protocols import PLAIN, Protocol, averaged_by, correct_joints, told
from .selection import WHOLE, Selection
from .tally import Tally, tally, total

LISTED = 50
"""Names that a report lists at most; it says how many there are beyond."""
WORST = 5
NOTED = {
    "truth": ("format", "annotation", "split", "rig"),
    "estimate": ("keypoints_from", "flip", "lifter"),
}
"""What a report tells of the compared clips as far as they tell it."""


@dataclass
class Names:
    """A list of names that does not grow without bounds."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count a name, and keep it if few were there before."""
        self.count += 1
        if len(self.first) < LISTED:
            self.first.append(name)


@dataclass
class Gathered:
    """What is known after some pairs; it grows with groups and not with clips."""

    skeleton: Skeleton | None = None
    total: Tally | None = None
    groups: dict[str, dict[str, Tally]] = field(default_factory=dict)
    worst: list[tuple[float, str]] = field(default_factory=list)
    missing: Names = field(default_factory=Names)
    """Truths without an estimate."""
    left_out: int = 0
    """Truths that are none of the protocol's or of the selection's."""
    apart: set[tuple[str, str]] = field(default_factory=set)
    """Some of the labels, with their values, by which truths are none of the protocol's."""
    seen: dict[str, set[str]] = field(default_factory=dict)
    """Which of the expected values of each label occurred."""
    noted: dict[str, Counter[str]] = field(default_factory=dict)
    hypotheses: tuple[int, int] = (0, 0)
    """The fewest and the most of an estimate."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What came out of a comparison, as sums and counts."""

    protocol: Protocol
    selection: Selection
    skeleton: Skeleton
    total: Tally
    groups: Mapping[str, Mapping[str, Tally]]
    """By label and its value."""
    worst: Sequence[tuple[float, str]]
    """The largest MPJPE of a clip in metres and its name, the worst first."""
    missing: Names
    left_out: int
    """Truths that are none of the protocol's or of the selection's."""
    lacking: Mapping[str, tuple[str, ...]]
    """Values that the protocol expects of a label and that no clip has."""
    noted: Mapping[str, Mapping[str, int]]
    """What the clips tell of themselves, and how many do."""
    hypotheses: tuple[int, int]

    def figures(self, *, average: bool = True) -> dict[str, float]:
        """Every measure, averaged as the protocol says, or with every frame the same."""
        label = averaged_by(self.protocol) if average else None
        groups = [self.total] if label is None else list(self.groups_by(label).values())
        rows = [self.figures_of(group) for group in groups]
        return {name: _mean([row[name] for row in rows]) for name in rows[0]}

    def figures_of(self, group: Tally) -> dict[str, float]:
        """Every measure of a group, over the joints that the protocol takes it over."""
        correct = correct_joints(self.protocol, self.skeleton)
        of_some = {"pck": correct, "auc": correct}
        return {name: group.mean(name, of_some.get(name)) for name in group.sums}

    def groups_by(self, label: str) -> dict[str, Tally]:
        """The tally of each value of a label; of actions, by prefix where the protocol says so."""
        groups = self.groups[label]
        if label == "action" and self.protocol.average == "prefixes":
            return {name: total(_beginning(name, groups)) for name in sorted(groups)}
        return {name: groups[name] for name in sorted(groups)}


def _mean(values: Sequence[float]) -> float:
    """The mean of the groups in which something was measured."""
    there = [value for value in values if not isnan(value)]
    return sum(there) / len(there) if there else nan


def _beginning(prefix: str, groups: Mapping[str, Tally]) -> list[Tally]:
    return [group for name, group in groups.items() if name.startswith(prefix)]


def evaluate(
    pairs: Iterable[tuple[Clip | None, Clip]],
    protocol: Protocol = PLAIN,
    *,
    by: Sequence[str] = (),
    selection: Selection = WHOLE,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Evaluation:
    """How far estimates are from their truths.

    Truths that are none of the protocol's are left out; those that claim to be and are not (of
    another data set, another kind of annotation, another skeleton) are refused.

    Args:
        pairs: An estimate and its truth; None where there is no estimate.
        by: Labels to give figures for each value of, such as "action".
    """
    gathered = Gathered()
    label = averaged_by(protocol)
    labels = tuple(dict.fromkeys((*by, *([label] if label else ()))))
    for estimate, truth in pairs:
        if not belongs(truth, protocol, selection):
            _leave_out(gathered, truth, protocol)
        elif estimate is None:
            gathered.missing.add(truth.name)
        else:
            check_truth(truth, protocol)
            check_pair(estimate, truth, protocol)
            check_same_skeleton(gathered, truth)
            frames = selection.frames(truth.name, len(truth))
            moved = estimate.to(device, dtype), truth.to(device, dtype)
            found = tally(*moved, protocol, frames)
            _gather(gathered, found, estimate, truth, labels)
            _note(gathered, estimate, truth, protocol)
    return concluded(gathered, protocol, selection)


def belongs(truth: Clip, protocol: Protocol, selection: Selection = WHOLE) -> bool:
    """Whether a clip is of the protocol and of the selection; whoever lifts can skip it if not."""
    return misfit(truth, protocol) is None and selection.takes(truth)


def check_same_skeleton(gathered: Gathered, truth: Clip) -> None:
    """Refuse to pool joints that are not the same."""
    if gathered.skeleton not in (None, truth.skeleton):
        assert gathered.skeleton is not None
        raise DataError(
            f'All clips should have one skeleton, but "{truth.name}" has "{truth.skeleton.name}" '
            f'and others have "{gathered.skeleton.name}"; add --skeleton to map all to one.'
        )


def _leave_out(gathered: Gathered, truth: Clip, protocol: Protocol) -> None:
    gathered.left_out += 1
    key = misfit(truth, protocol)
    if key is not None and len(gathered.apart) < LISTED:
        gathered.apart.add((key, told(truth, key) or "none"))


def _gather(
    gathered: Gathered, found: Tally, estimate: Clip, truth: Clip, labels: Sequence[str]
) -> None:
    """Add a clip to the total and to its groups."""
    assert estimate.poses is not None
    gathered.skeleton = truth.skeleton
    gathered.total = found if gathered.total is None else gathered.total + found
    part = found.without_curve()
    for label in labels:
        group = gathered.groups.setdefault(label, {})
        value = told(truth, label) or "-"
        group[value] = group[value] + part if value in group else part
    if found.count("mpjpe"):
        rows = [*gathered.worst, (found.mean("mpjpe"), truth.name)]
        gathered.worst = nlargest(WORST, rows)
    number, (fewest, most) = len(estimate.poses), gathered.hypotheses
    gathered.hypotheses = (min(fewest or number, number), max(most, number))


def _note(gathered: Gathered, estimate: Clip, truth: Clip, protocol: Protocol) -> None:
    """Remember what the clips tell of themselves."""
    for key in protocol.expects:
        gathered.seen.setdefault(key, set()).add(told(truth, key) or "")
    clips = {"truth": truth, "estimate": estimate}
    for whose, keys in NOTED.items():
        for key in keys:
            value = told(clips[whose], key) or "unknown"
            found = gathered.noted.setdefault(key, Counter())
            if value in found or len(found) < LISTED:
                found[value] += 1


def concluded(gathered: Gathered, protocol: Protocol, selection: Selection) -> Evaluation:
    """What was gathered, if anything was."""
    if gathered.total is None or gathered.skeleton is None:
        raise DataError(_nothing(gathered, protocol, selection))
    if not gathered.total.count("mpjpe"):
        raise DataError(
            "No joint is known in both the estimates and the truths, so nothing can be compared; "
            "check that they are of the same recordings."
        )
    return Evaluation(
        protocol,
        selection,
        gathered.skeleton,
        gathered.total,
        gathered.groups,
        gathered.worst,
        gathered.missing,
        gathered.left_out,
        lacking(gathered.seen, protocol, selection),
        gathered.noted,
        gathered.hypotheses,
    )


def lacking(
    seen: Mapping[str, set[str]], protocol: Protocol, selection: Selection
) -> dict[str, tuple[str, ...]]:
    """The values that the protocol expects of each label and that did not occur."""
    expected = dict(protocol.expects)
    if selection.actions and "action" in expected:
        expected["action"] = tuple(a for a in expected["action"] if a in selection.actions)
    absent = {
        key: tuple(value for value in values if value not in seen[key])
        for key, values in expected.items()
    }
    return {key: values for key, values in absent.items() if values}


def _nothing(gathered: Gathered, protocol: Protocol, selection: Selection) -> str:
    """Why there was nothing to compare."""
    if gathered.missing.count:
        return (
            f"None of the {gathered.missing.count} truths, such as "
            f'"{gathered.missing.first[0]}", has an estimate of the same name; name the store that '
            "was lifted from these clips."
        )
    if not gathered.left_out:
        return "At least one pair of clips should be compared, but there was none; name some."
    if not gathered.apart:
        return (
            f"The actions {', '.join(selection.actions)} were asked for, but none of the "
            f"{gathered.left_out} truths is of them; see --by action for what there is."
        )
    key = min(label for label, _ in gathered.apart)
    found = sorted(value for label, value in gathered.apart if label == key)
    return (
        f'The protocol "{protocol.name}" is for clips whose {key} is '
        f"{either(protocol.expects[key])}, but that of the truths is "
        f"{', '.join(found[:8])}; convert the right ones, or choose another protocol."
    )
