"""What a protocol asks of the clips that it is given, and the sentence where they are not it."""

from collections.abc import Sequence

from ..clip import Clip
from ..errors import DataError, SkeletonError
from .protocols import Protocol, averaged_by, told

KINDS = {
    "annot3": "true size",
    "univ_annot3": "all people in one size",
}


def either(values: Sequence[str]) -> str:
    """Several values in a sentence: "a, b or c"."""
    return " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))


def misfit(truth: Clip, protocol: Protocol) -> str | None:
    """The label by which a clip is none of the protocol's; None if it is one of them."""
    for key, values in protocol.expects.items():
        if told(truth, key) not in values:
            return key
    return None


def check_truth(truth: Clip, protocol: Protocol) -> None:
    """Refuse a truth of another data set or kind of annotation, or one without poses."""
    if truth.poses is None:
        raise DataError(
            f'The truth "{truth.name}" has no poses to compare with; name the store that has them.'
        )
    found = truth.provenance.get("format")
    if protocol.formats and found is not None and found not in protocol.formats:
        raise DataError(
            f'The protocol "{protocol.name}" is for truths that are read by '
            f'{either(protocol.formats)}, but "{truth.name}" was read by {found}; choose '
            "another protocol, such as plain."
        )
    check_annotation(truth, protocol)
    label = averaged_by(protocol)
    if label and told(truth, label) is None:
        raise DataError(
            f'The protocol "{protocol.name}" averages over {protocol.average}, but the truth '
            f'"{truth.name}" has no label "{label}"; convert it anew, or add --average frames.'
        )


def check_annotation(truth: Clip, protocol: Protocol) -> None:
    """Refuse poses of another kind than the protocol's, or of a kind that nothing tells."""
    wanted, found = protocol.annotation, told(truth, "annotation")
    if wanted is None or found == wanted:
        return
    says = "does not say its kind"
    if found is not None:
        says = f"is of {found} ({KINDS.get(found, 'another kind')})"
    raise DataError(
        f'The protocol "{protocol.name}" is for poses of the kind {wanted} ({KINDS[wanted]}), but '
        f'the truth "{truth.name}" {says}; convert it with --annotation {wanted}, or choose a '
        "protocol for its kind."
    )


def check_pair(estimate: Clip, truth: Clip, protocol: Protocol) -> None:
    """Refuse two clips that cannot be compared joint by joint and frame by frame."""
    if estimate.poses is None:
        raise DataError(f'The estimate "{estimate.name}" has no poses to compare; lift it first.')
    check_skeletons(estimate, truth, protocol)
    if len(estimate) != len(truth):
        raise DataError(
            f'The estimate "{estimate.name}" has {len(estimate)} frames and its truth '
            f"{len(truth)}; lift the keypoints of the same recording."
        )


def check_skeletons(estimate: Clip, truth: Clip, protocol: Protocol) -> None:
    """Refuse two skeletons, and one for which the protocol is not defined."""
    known = protocol.skeletons or (estimate.skeleton.name,)
    remedy = estimate.skeleton.name if estimate.skeleton.name in known else known[0]
    if estimate.skeleton != truth.skeleton:
        raise SkeletonError(
            f'"{truth.name}" is estimated in the skeleton "{estimate.skeleton.name}", but its '
            f'truth has "{truth.skeleton.name}"; add --skeleton {remedy} to map both.'
        )
    if truth.skeleton.name not in known:
        raise SkeletonError(
            f'The protocol "{protocol.name}" is defined for {either(known)}, but '
            f'"{truth.name}" has the skeleton "{truth.skeleton.name}"; add --skeleton {remedy} to '
            "map both."
        )
