"""The publications' figures, by way of clips and protocols."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from crosslift.clip import Clip
from crosslift.evaluation import evaluate
from crosslift.evaluation.protocols import PLAIN, Protocol, protocol_named
from crosslift.skeleton import Skeleton
from crosslift.skeletons import H36M_16, H36M_17, MPI_INF_3DHP_17

from ..golden.golden import Golden
from .clips import truth

GOLDEN = Path(__file__).parents[1] / "golden"
ANYWHERE = {"expects": {}, "formats": (), "annotation": None, "frames": None, "average": "frames"}


def golden(name: str) -> Golden:
    return Golden.read(GOLDEN / f"{name}.npz")


def clip(poses: torch.Tensor, skeleton: Skeleton) -> Clip:
    """A clip of given poses, `hypotheses frames joints 3`."""
    return replace(truth(frames=poses.shape[1], skeleton=skeleton), poses=poses)


def figures(
    estimate: torch.Tensor, true: torch.Tensor, skeleton: Skeleton, protocol: Protocol
) -> dict[str, float]:
    pair = clip(estimate, skeleton), clip(true, skeleton)
    return evaluate([pair], replace(protocol, **ANYWHERE), dtype=torch.float64).figures()


def test_pck_and_auc_of_3dhps_official_script():
    file = golden("posynda/pck_auc")
    errors = file.input("joint_error").double().abs()
    errors[:, MPI_INF_3DHP_17.root] = 0  # as in the script, where the root is moved to its place
    true = torch.zeros(1, 50, 17, 3, dtype=torch.float64)
    estimate = true.clone()
    estimate[..., 1] = errors / 1000
    found = figures(estimate, true, MPI_INF_3DHP_17, protocol_named("3dhp-univ-annot3"))
    assert 100 * found["pck"] == pytest.approx(float(file.outputs["pck_total"]))
    assert 100 * found["auc"] == pytest.approx(float(file.outputs["auc_total"]))
    assert 1000 * found["mpjpe"] == pytest.approx(float(errors.mean()))


def test_pooled_errors_of_diff3dhpe():
    file = golden("diff3dhpe/metrics")
    true = file.input("gt")
    estimate = true + file.input("err")
    # the release does not move the roots together
    found = figures(
        estimate[None].double(),
        true[None].double(),
        H36M_17,
        replace(PLAIN, rooted=False),
    )
    for ours, theirs in (
        ("mpjpe", "mpjpe"),
        ("p_mpjpe", "p_mpjpe"),
        ("n_mpjpe", "n_mpjpe"),
        ("mpjve", "velocity"),
    ):
        assert found[ours] == pytest.approx(float(file.outputs[theirs]), rel=1e-5)
    official = replace(protocol_named("3dhp-univ-annot3"), rooted=False)
    found = figures(estimate[None].double(), true[None].double(), MPI_INF_3DHP_17, official)
    assert 100 * found["pck"] == pytest.approx(float(file.outputs["pck150"]))
    assert 100 * found["auc"] == pytest.approx(float(file.outputs["auc150"]))


def test_figures_of_dh_aug_over_sixteen_joints():
    file = golden("dh_aug/metrics")
    true = file.input("target", torch.float64)
    estimate = true + file.input("predicted", torch.float64)
    found = figures(estimate[None], true[None], H36M_16, protocol_named("3dhp-univ-annot3-16"))
    assert 1000 * found["mpjpe"] == pytest.approx(float(file.outputs["mpjpe"]), rel=1e-5)
    assert 1000 * found["p_mpjpe"] == pytest.approx(float(file.outputs["pa_mpjpe"]), rel=1e-5)
    assert 100 * found["pck"] == pytest.approx(float(file.outputs["pck"]))
    assert 100 * found["auc"] == pytest.approx(float(file.outputs["auc"]))


def test_mean_and_oracle_of_d3dps_hypotheses():
    file = golden("posynda/aggregation")
    true = file.input("target", torch.float64)
    true[..., 0, :] = 0
    hypotheses = torch.from_numpy(file.outputs["hypotheses"]).double()  # batch step hypothesis ...
    for step in range(hypotheses.shape[1]):
        estimate = hypotheses[:, step].movedim(1, 0).flatten(1, 2)
        found = figures(estimate, true.flatten(0, 1)[None], H36M_17, PLAIN)
        for ours, theirs in (
            ("mpjpe", "mpjpe_p_agg"),
            ("p_mpjpe", "p2_p_agg"),
            ("oracle_joint.mpjpe", "mpjpe_j_best"),
            ("oracle_joint.p_mpjpe", "p2_j_best"),
        ):
            assert found[ours] == pytest.approx(float(file.outputs[theirs][step]), rel=1e-4)
