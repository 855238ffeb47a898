"""L2D-Pose's published settings by name: which detector, which lifters, on what, how.

`crosslift train l2d_pose --row NAME --detector FILE --lifters FOLDER... --on STORE -o RUN` trains
one. The publication's tables are not among our sources; what is to be expected is the share by
which it says that errors fall, on average over its detectors and lifters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import SettingsError, unknown_name
from ..networks.hrnet import HRNET_W32
from .guiding import PUBLISHED, L2DPoseRecipe

W32_384X288 = (288, 384)
"""Width and height of the cut-outs."""
DATA = {
    "h36m": ("Human3.6M's pictures (crosslift convert h36m-images), true boxes", 4.6),
    "panoptic": ("CMU Panoptic's pictures (crosslift convert panoptic-images), true boxes", 16.8),
}
"""By the name in a row: what is trained on, and by how much MPJPE falls there, in per cent."""
ONE = ("simple_baseline", "videopose", "iganet", "mixste")
"""The lifters of the rows with one; those that see motion in the form for one frame."""
THREE = ("iganet", "simple_baseline", "videopose")
START = "hrnet_coco_h36m.pth, which is not distributed: begin with a detector of COCO's people"


@dataclass(frozen=True)
class GuidedRow:
    """One row."""

    lifters: tuple[str, ...]
    """Registered names of the guides."""
    recipe: L2DPoseRecipe
    data: str
    expected: Mapping[str, float]
    """Figure to expect, by what it measures."""
    source: str
    unseen: tuple[str, ...] = ()
    """Registered names of the lifters that are only looked at."""
    size: tuple[int, int] = W32_384X288
    network: Any = field(default=HRNET_W32)
    """Of the detector; its joints follow from the pictures."""


def _rows() -> dict[str, GuidedRow]:
    abstract = f"the abstract's average over detectors and lifters, against plain; from {START}"
    alone = replace(PUBLISHED, guidance=replace(PUBLISHED.guidance, together=0.0, agreement=0.0))
    found = {}
    for name, (data, less) in DATA.items():
        row, expected = f"l2d_pose_w32_384x288_{name}", {"mpjpe_less_percent": less}
        found[f"{row}_plain"] = GuidedRow((), alone, data, {}, f"what is compared with; {START}")
        for lifter in ONE:
            found[f"{row}_{lifter}"] = GuidedRow((lifter,), alone, data, expected, abstract)
        found[f"{row}_three"] = GuidedRow(
            THREE, PUBLISHED, data, expected, abstract, unseen=("mixste",)
        )
    return found


ROWS: Mapping[str, GuidedRow] = _rows()


def guided_row_named(name: str) -> GuidedRow:
    """The row of a name; refused with the nearest one where there is none."""
    if name not in ROWS:
        raise SettingsError(unknown_name("row of L2D-Pose called", name, ROWS))
    return ROWS[name]


def check_kinds(what: str, asked: tuple[str, ...], found: tuple[str, ...], row: str) -> None:
    """Refuse other lifters than a row has, in whichever order."""
    if sorted(asked) != sorted(found):
        raise SettingsError(
            f'The row "{row}" has {", ".join(asked) or "no lifter"} as {what}, but '
            f"{', '.join(found) or 'none'} was named; name these, or take another row."
        )
