"""The rows of the publications' comparisons as named settings, with the figures to expect.

`crosslift train RECIPE STORE… --row NAME` trains one, by the recipe that is its own; the data has
to be had from its owners and brought into a store by `crosslift convert`. A figure is a mean in
millimetres on the test set that the row names, by the publication's own protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..diffusion.process import DIFF3DHPE_RELEASED
from ..errors import SettingsError, unknown_name
from ..lifters.d3dp import D3DPLifter
from ..lifters.diff3dhpe import Diff3DHPELifter
from ..lifters.inputs import Inputs
from ..lifters.mixste import MixSTELifter
from ..lifters.poseformer import PoseFormerLifter
from ..lifters.pstmo import PSTMOLifter
from ..lifters.semgcn import SemGCNLifter
from ..lifters.simple_baseline import SimpleBaselineLifter
from ..lifters.stgcn import STGCNLifter
from ..lifters.videopose import VideoPoseLifter
from ..networks import grand, mixste, poseformer, pstmo, semgcn, simple_baseline, stgcn, videopose
from ..networks.pstmo_pretraining import CPN_243, S_3DHP_81, S_CPN_243, S_GT_243
from ..training import Fitting, Schedule
from .adversarial import PoseAugRecipe, PoseDARecipe
from .dh_aug.rows import published as dh_aug
from .diffusion import D3DP_243, DIFF3DHPE_27, DIFF3DHPE_81, DIFF3DHPE_243, DiffusionRecipe
from .poseda import ROWS as ADAPTED
from .posynda import ROWS as TAUGHT
from .pretraining import PSTMOPretrainingRecipe
from .supervised import MIXSTE_WEIGHTS, Objective, Optimizing, Supervised
from .teaching import PoSynDARecipe

SCREEN = Inputs(unit="screen")

H36M_CPN = "Human3.6M, CPN's keypoints"
H36M_GT = "Human3.6M, true keypoints"
MPI_INF_3DHP = "MPI-INF-3DHP, true keypoints"


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    lifter: str
    """The registered name."""
    settings: Any
    """Of the lifter."""
    recipe: Any
    data: str
    """Trained and tested on."""
    expected: Mapping[str, float]
    """Figure to expect, by what it measures."""
    source: str
    """Where the figure stands, and what to know of it."""


def _mixste() -> dict[str, Row]:
    recipe = Supervised(
        objective=Objective(weights=MIXSTE_WEIGHTS, velocity=2.0, rest=0.5, by_itself=True),
        optimizer=Optimizing("adamw", 4e-5, decay=0.1),
        fitting=Fitting(epochs=120, schedule=Schedule("exponential", factor=0.99)),
    )
    sizes = {27: mixste.MIXSTE_27, 81: mixste.MIXSTE_81, 243: mixste.MIXSTE_243}

    def row(frames: int, data: str, expected: Mapping[str, float], source: str) -> Row:
        lifter = MixSTELifter(sizes[frames], SCREEN)
        batch = max(1, 1024 // frames)
        return Row(
            "mixste", lifter, replace(recipe, batch=batch, stride=frames), data, expected, source
        )

    table = "tables of Diff3DHPE's publication"
    return {
        "mixste_27_h36m_cpn": row(27, H36M_CPN, {}, "no figure in our sources"),
        "mixste_27_h36m_gt": row(27, H36M_GT, {}, "no figure in our sources"),
        "mixste_81_h36m_cpn": row(81, H36M_CPN, {"mpjpe_mm": 42.4}, table),
        "mixste_243_h36m_cpn": row(243, H36M_CPN, {"mpjpe_mm": 40.9}, table),
        "mixste_81_h36m_gt": row(81, H36M_GT, {"mpjpe_mm": 25.9}, table),
        "mixste_243_h36m_gt": row(243, H36M_GT, {"mpjpe_mm": 21.6}, table),
        "mixste_27_3dhp_gt": row(
            27,
            MPI_INF_3DHP,
            {"mpjpe_mm": 54.9, "pck": 94.4, "auc": 66.5},
            f"{table}; its 3DHP rows are not of one protocol",
        ),
    }


def _poseformer() -> dict[str, Row]:
    recipe = Supervised(
        batch=1024,
        optimizer=Optimizing("adamw", 4e-5, decay=0.1),
        fitting=Fitting(epochs=120, schedule=Schedule("exponential", factor=0.99)),
    )
    note = "the optimiser is MixSTE's: our sources do not tell PoseFormer's own"

    def row(settings: Any, data: str, expected: Mapping[str, float], source: str) -> Row:
        return Row(
            "poseformer",
            PoseFormerLifter(settings, SCREEN),
            recipe,
            data,
            expected,
            f"{source}; {note}",
        )

    table = "tables of Diff3DHPE's publication"
    nine, many = poseformer.POSEFORMER_9, poseformer.POSEFORMER_81
    return {
        "poseformer_9_h36m_cpn": row(nine, H36M_CPN, {}, "no figure in our sources"),
        "poseformer_9_h36m_gt": row(nine, H36M_GT, {}, "no figure in our sources"),
        "poseformer_81_h36m_cpn": row(many, H36M_CPN, {"mpjpe_mm": 44.3}, table),
        "poseformer_81_h36m_gt": row(many, H36M_GT, {"mpjpe_mm": 31.3}, table),
        "poseformer_9_3dhp_gt": row(
            nine, MPI_INF_3DHP, {"mpjpe_mm": 77.1, "pck": 88.6, "auc": 56.4}, table
        ),
    }


def _pstmo() -> dict[str, Row]:
    def stages(
        name: str, settings: Any, masking: Any, rate: float, data: str, figures: Any, source: str
    ) -> dict[str, Row]:
        lifter = PSTMOLifter(settings, SCREEN)
        fitting = Fitting(epochs=79, schedule=Schedule("exponential", factor=0.97))
        adam = Optimizing("adam", 1e-4, amsgrad=True)
        first = PSTMOPretrainingRecipe(masking, batch=160, optimizer=adam, fitting=fitting)
        second = Supervised(
            batch=160, optimizer=Optimizing("adam", rate, amsgrad=True), fitting=fitting
        )
        then = f"--start-from the lifter of {name}_stage1"
        return {
            f"{name}_stage1": Row("pstmo", lifter, first, data, {}, "masked pre-training"),
            name: Row("pstmo", lifter, second, data, figures, f"{source}; {then}"),
        }

    own, table = "P-STMO's own page", "tables of Diff3DHPE's publication"
    small, long = pstmo.PSTMO_S_81, pstmo.PSTMO_S_243
    return {
        **stages(
            "pstmo_s_81_h36m_cpn", small, S_CPN_243, 7e-4, H36M_CPN, {"mpjpe_mm": 44.1}, table
        ),
        **stages("pstmo_s_243_h36m_cpn", long, S_CPN_243, 7e-4, H36M_CPN, {"mpjpe_mm": 43.0}, own),
        **stages("pstmo_s_81_h36m_gt", small, S_GT_243, 1e-3, H36M_GT, {}, "no figure"),
        **stages("pstmo_s_243_h36m_gt", long, S_GT_243, 1e-3, H36M_GT, {"mpjpe_mm": 29.3}, table),
        **stages(
            "pstmo_243_h36m_cpn", pstmo.PSTMO_243, CPN_243, 1e-3, H36M_CPN, {"mpjpe_mm": 42.8}, own
        ),
        **stages(
            "pstmo_s_81_3dhp_gt",
            small,
            S_3DHP_81,
            7e-4,
            MPI_INF_3DHP,
            {"mpjpe_mm": 32.2, "pck": 97.9, "auc": 75.8},
            table,
        ),
    }


def _poseda() -> dict[str, Row]:
    """PoseDA's source-only rows: trained on Human3.6M, 16 joints, tested on MPI-INF-3DHP."""

    def recipe(rate: float = 1e-3, epochs: int = 50) -> Supervised:
        schedule = Schedule("steps", factor=0.96, every=100_000)
        return Supervised(
            batch=1024,
            objective=Objective("squared"),
            optimizer=Optimizing("adam", rate),
            fitting=Fitting(epochs=epochs, schedule=schedule, clip=1.0),
        )

    def row(
        lifter: str, settings: Any, mpjpe: float, pck: float, auc: float, how: Supervised
    ) -> Row:
        return Row(
            lifter,
            settings,
            how,
            "Human3.6M ground truth (h36m16) to MPI-INF-3DHP",
            {"mpjpe_mm": mpjpe, "pck": pck, "auc": auc},
            "PoseDA's page, source only",
        )

    return {
        "poseda_semgcn": row(
            "semgcn", SemGCNLifter(semgcn.SEMGCN, SCREEN), 95.96, 80.68, 48.48, recipe(2e-2, 100)
        ),
        "poseda_simple_baseline": row(
            "simple_baseline",
            SimpleBaselineLifter(simple_baseline.POSEAUG_MLP, SCREEN),
            81.23,
            85.85,
            53.95,
            recipe(),
        ),
        "poseda_stgcn": row(
            "stgcn", STGCNLifter(stgcn.STGCN_1, SCREEN), 81.19, 85.92, 53.78, recipe()
        ),
        "poseda_videopose": row(
            "videopose",
            VideoPoseLifter(videopose.POSEAUG_VIDEOPOSE, SCREEN),
            82.55,
            85.71,
            53.35,
            recipe(),
        ),
    }


def _adapted() -> dict[str, Row]:
    """PoseDA's and PoseAug's own rows, which begin with the lifters of those."""
    starts = _poseda()

    def row(name: str) -> Row:
        of = ADAPTED[name]
        start, then = starts[of.start], f"--start-from the lifter of {of.start}"
        if of.has_target:
            recipe, then = PoseDARecipe(players=of.players), f"{then}, --target the other's store"
        else:
            recipe = PoseAugRecipe(of.players)
        return Row(
            start.lifter, start.settings, recipe, of.data, of.expected, f"{of.source}; {then}"
        )

    return {name: row(name) for name in ADAPTED}


def _videopose() -> dict[str, Row]:
    recipe = Supervised(
        batch=1024,
        optimizer=Optimizing("adam", 1e-3, amsgrad=True),
        falling_momentum=True,
        fitting=Fitting(epochs=60, schedule=Schedule("exponential", factor=0.95)),
    )

    def row(settings: Any, data: str, figures: Mapping[str, float]) -> Row:
        lifter = VideoPoseLifter(settings, SCREEN)
        return Row("videopose", lifter, recipe, data, figures, "VideoPose3D's page")

    return {
        "videopose_27_h36m_cpn": row(
            videopose.VIDEOPOSE_27, H36M_CPN, {"mpjpe_mm": 48.8, "p_mpjpe_mm": 38.0}
        ),
        "videopose_81_h36m_cpn": row(
            videopose.VIDEOPOSE_81, H36M_CPN, {"mpjpe_mm": 47.7, "p_mpjpe_mm": 37.2}
        ),
        "videopose_243_h36m_cpn": row(
            videopose.VIDEOPOSE_243, H36M_CPN, {"mpjpe_mm": 46.8, "p_mpjpe_mm": 36.5}
        ),
        "videopose_243_h36m_gt": row(
            videopose.VIDEOPOSE_243, H36M_GT, {"mpjpe_mm": 37.2, "p_mpjpe_mm": 27.2}
        ),
    }


def _d3dp() -> dict[str, Row]:
    lifter = D3DPLifter(mixste.MIXSTE_243, SCREEN, hypotheses=20, steps=10)
    drawn = "the mean of 20 hypotheses"
    figures = {"mpjpe_mm": 30.05, "pck": 97.69, "auc": 78.02}
    files = f"the result files of D3DP's release, annot3, {drawn}; means over the six sequences"
    none = f"no figure in our sources; {drawn}"
    return {
        "d3dp_243_h36m_cpn": Row("d3dp", lifter, D3DP_243, H36M_CPN, {}, none),
        "d3dp_243_3dhp_gt": Row("d3dp", lifter, D3DP_243, MPI_INF_3DHP, figures, files),
    }


def _taught() -> dict[str, Row]:
    """PoSynDA's own rows, which begin with a D3DP."""
    starts = _d3dp()

    def row(name: str) -> Row:
        of = TAUGHT[name]
        start = starts[of.start]
        lifter = replace(start.settings, hypotheses=1, steps=1)
        then = f"--start-from the lifter of {of.start}, --target the other's store"
        recipe = PoSynDARecipe(course=of.course)
        return Row(start.lifter, lifter, recipe, of.data, of.expected, f"{of.source}; {then}")

    return {name: row(name) for name in TAUGHT}


def _diff3dhpe() -> dict[str, Row]:
    page = "Diff3DHPE's page, its epoch chosen on the test set"
    guess = f"{page}; settings are those of the other row of as many frames"

    def row(
        sizes: grand.GrandSettings,
        steps: int,
        recipe: DiffusionRecipe,
        data: str,
        expected: Mapping[str, float],
        source: str = page,
    ) -> Row:
        lifter = Diff3DHPELifter(sizes, SCREEN, steps=steps, process=DIFF3DHPE_RELEASED)
        return Row("diff3dhpe", lifter, recipe, data, expected, source)

    few, some, many = grand.DIFF3DHPE_27, grand.DIFF3DHPE_81, grand.DIFF3DHPE_243
    third = {"mpjpe_mm": 19.6, "pck": 99.1, "auc": 84.8}
    doubt = f"{page}; a user measured 33 mm with the released weights"
    return {
        "diff3dhpe_81_h36m_cpn": row(some, 9, DIFF3DHPE_81, H36M_CPN, {"mpjpe_mm": 42.0}),
        "diff3dhpe_243_h36m_cpn": row(many, 6, DIFF3DHPE_243, H36M_CPN, {"mpjpe_mm": 40.0}, guess),
        "diff3dhpe_81_h36m_gt": row(some, 9, DIFF3DHPE_81, H36M_GT, {"mpjpe_mm": 24.2}, guess),
        "diff3dhpe_243_h36m_gt": row(many, 6, DIFF3DHPE_243, H36M_GT, {"mpjpe_mm": 20.2}),
        "diff3dhpe_27_3dhp_gt": row(few, 7, DIFF3DHPE_27, MPI_INF_3DHP, third, doubt),
    }


ROWS: Mapping[str, Row] = {
    **_mixste(),
    **_poseformer(),
    **_pstmo(),
    **_poseda(),
    **_adapted(),
    **_videopose(),
    **_d3dp(),
    **_taught(),
    **_diff3dhpe(),
    **{name: Row(*each) for name, each in dh_aug().items()},
}


def row_named(name: str) -> Row:
    """The row of a name; refused with the nearest one where there is none."""
    if name not in ROWS:
        raise SettingsError(unknown_name("row", name, ROWS))
    return ROWS[name]
