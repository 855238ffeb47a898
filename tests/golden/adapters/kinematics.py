"""DH-AUG: forward kinematics and the random sampler."""

import numpy as np
import torch

from crosslift.geometry.rotations import euler_to_matrix
from crosslift.kinematics import forward
from crosslift.kinematics.released import forward_32, numbered_to_angles, released_to_lengths
from crosslift.kinematics.sampling import published_angles

from ..golden import Golden, Outputs, adapter


@adapter("DH-AUG", "forward kinematics")
def forward_kinematics(golden: Golden) -> Outputs:
    body = (
        numbered_to_angles(golden.input("angles").deg2rad()),
        released_to_lengths(golden.input("bone_lengths")),
        euler_to_matrix(golden.input("global_angles").deg2rad(), "xyz"),
        golden.input("root"),
    )
    return {"joints16": forward(*body), "joints32": forward_32(*body)}


@adapter("DH-AUG", "random sampler")
def random_sampler(golden: Golden) -> Outputs:
    stream = np.random.RandomState(golden.config["seed"])
    drawn = published_angles(golden.config["number"], stream)
    lengths = released_to_lengths(golden.input("bone_lengths", torch.float64))
    joints = forward_32(drawn.angles, lengths, drawn.rotation)
    return {
        "angles": drawn.angles.rad2deg(),
        "global_angles": drawn.turn.rad2deg(),
        "joints32": joints,
    }
