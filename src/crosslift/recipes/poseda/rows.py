"""PoseDA's table, Human3.6M to MPI-INF-3DHP, as named settings with the figures to expect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...errors import SettingsError, unknown_name
from ..supervised import Optimizing
from .settings import GPA_ONLY, POSEDA, PoseDA

H36M_TO_3DHP = "Human3.6M ground truth (h36m16) to MPI-INF-3DHP"


@dataclass(frozen=True)
class AdaptationRow:
    """One adapted lifter of the table."""

    start: str
    """The row of source-only training that it starts from (`recipes.rows`)."""
    recipe: PoseDA
    data: str
    expected: Mapping[str, float]
    """Figure to expect, by what it measures."""
    source: str


def _aligned(lifter: str, mpjpe: float, pck: float, auc: float, rate: float) -> AdaptationRow:
    recipe = replace(GPA_ONLY, lifter=Optimizing(rate=rate))
    figures = {"mpjpe_mm": mpjpe, "pck": pck, "auc": auc}
    page = "PoseDA's page, with global position alignment; rates are PoseAug's"
    return AdaptationRow(f"poseda_{lifter}", recipe, H36M_TO_3DHP, figures, page)


ROWS: Mapping[str, AdaptationRow] = {
    "gpa_semgcn": _aligned("semgcn", 86.56, 83.85, 50.98, 1e-3),
    "gpa_simple_baseline": _aligned("simple_baseline", 69.19, 89.90, 58.50, 1e-4),
    "gpa_stgcn": _aligned("stgcn", 74.41, 88.58, 55.52, 1e-4),
    "gpa_videopose": _aligned("videopose", 66.07, 90.87, 60.07, 1e-4),
    "poseda_videopose": AdaptationRow(
        "poseda_videopose",
        POSEDA,
        H36M_TO_3DHP,
        {"mpjpe_mm": 61.3},
        "PoseDA's page, the whole method; it does not name the lifter, and its rates and its 2D "
        "discriminator are not published",
    ),
}


def row_named(name: str) -> AdaptationRow:
    """The row of a name; refused with the nearest one where there is none."""
    if name not in ROWS:
        raise SettingsError(unknown_name("row of an adaptation", name, ROWS))
    return ROWS[name]
