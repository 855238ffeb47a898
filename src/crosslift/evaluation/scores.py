"""One estimate against its truth: a handful of figures."""

from typing import NamedTuple

from ..clip import Clip
from ..errors import DataError
from ..metrics import auc, mpjpe, n_mpjpe, p_mpjpe, pck, rooted


class Scores(NamedTuple):
    """Means over the frames of a clip, of root-relative poses of the first hypothesis."""

    mpjpe: float
    """Millimetres."""
    n_mpjpe: float
    """Millimetres, after the best scale."""
    p_mpjpe: float
    """Millimetres, after the best similarity."""
    pck: float
    """Per cent of the joints within 150 mm."""
    auc: float
    """Per cent; the mean of that share over thresholds from 0 to 150 mm."""


def score(estimate: Clip, truth: Clip) -> Scores:
    """How far the estimate is from the truth, over the joints whose truth is known."""
    if estimate.poses is None or truth.poses is None:
        which = "estimate" if estimate.poses is None else "truth"
        raise DataError(f'The {which} "{estimate.name}" has no poses to compare; lift it first.')
    root = truth.skeleton.root
    found, wanted = rooted(estimate.poses[0], root), rooted(truth.poses[0], root)
    known = wanted.isfinite().all(dim=-1)
    of_frames = known.any(dim=-1)
    found, wanted, known = found[of_frames], wanted[of_frames], known[of_frames]
    return Scores(
        1000 * float(mpjpe(found, wanted, mask=known).mean()),
        1000 * float(n_mpjpe(found, wanted, mask=known).mean()),
        1000 * float(p_mpjpe(found, wanted, mask=known).mean()),
        100 * float(pck(found, wanted, mask=known).mean()),
        100 * float(auc(found, wanted, mask=known).mean()),
    )
