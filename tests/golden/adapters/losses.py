"""The terms of PoSynDA's, D3DP's and MixSTE's trainings, of poses in windows."""

import torch

from crosslift import metrics
from crosslift.losses import position_error, restlessness, velocity_error

from ..golden import Golden, Outputs, adapter


@adapter("PoSynDA", "losses")
def losses(golden: Golden) -> Outputs:
    config = golden.config
    estimate, truth = golden.input("predicted"), golden.input("target")
    weights = torch.tensor(config["joint_weights"])
    known = torch.ones(truth.shape[:-1], dtype=torch.bool)
    weighted = position_error(estimate, truth, known, weights)
    restless = restlessness(estimate, weights)
    velocity = velocity_error(estimate, truth, known)
    total = weighted + config["temporal_weight"] * restless
    estimate.requires_grad_(True)
    plain = position_error(estimate, truth, known)
    (gradient,) = torch.autograd.grad(plain * plain.detach(), estimate)
    estimate.requires_grad_(False)
    one_track = estimate.flatten(0, 1), truth.flatten(0, 1)  # jumps between windows and all
    return {
        "mpjpe": plain.detach(),
        "n_mpjpe": metrics.n_mpjpe(estimate, truth).mean(),
        "p_mpjpe": metrics.p_mpjpe(estimate, truth).mean(),
        "velocity_train": velocity,
        "velocity_eval": metrics.mpjve(*one_track),
        "weighted_mpjpe": weighted,
        "temporal_consistency": restless,
        "mixste_total": total + config["velocity_weight"] * velocity,
        "joints_err": 1000 * metrics.joint_error(estimate, truth).mean(dim=(0, 1)),
        "grad_mpjpe_self_weighted": gradient,
    }
