"""DH-AUG's moves as its publication makes them: one thing after the other, nothing shared.

Links are multiplied one by one, angles between bones taken pair by pair, each critic sees real and
made rows apart and its penalty is differentiated twice; mirror images are a second step.
"""

import math

import torch
from torch import nn

from crosslift.kinematics import ANGLES, MOVING, WIDE
from crosslift.networks.critics import _CHILDREN, _FIRST, _PARENTS, _SECOND

from ..kinematics.twins import plain_forward

SIDES = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 13, 14, 15, 10, 11, 12)


def rotation(turn):
    """Rx Ry Rz of `poses 3` angles."""
    found = torch.eye(3).to(turn).expand(len(turn), 3, 3)
    for axis in range(3):
        c, s = turn[:, axis].cos(), turn[:, axis].sin()
        nothing, one = torch.zeros_like(c), torch.ones_like(c)
        u, v = (axis + 1) % 3, (axis + 2) % 3
        rows = [[nothing] * 3 for _ in range(3)]
        rows[axis][axis], rows[u][u], rows[v][v], rows[u][v], rows[v][u] = one, c, c, -s, s
        found = found @ torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
    return found


def plain_bodies(numbers, lengths):
    """World joints of `poses 35` numbers of the generator, an angle at a time."""
    bounded = numbers.tanh()
    columns = [torch.zeros_like(bounded[:, 0])] * len(ANGLES)
    for column, angle in enumerate(MOVING):
        least, most = WIDE.lower[angle], WIDE.upper[angle]
        columns[angle] = bounded[:, column] * (most - least) / 2 + (most + least) / 2
    joints = plain_forward(torch.stack(columns, dim=1), lengths)
    turn = rotation(math.pi * bounded[:, 28:31])
    return (turn[:, None] @ joints[..., None])[..., 0] + 10 * bounded[:, None, 32:]


def plain_cosines(poses):
    """Cosines `poses 15` and lengths, pair by pair."""
    bones = [poses[:, c] - poses[:, p] for p, c in zip(_PARENTS, _CHILDREN, strict=True)]
    lengths = [bone.square().sum(dim=1).sqrt() for bone in bones]
    cosines = [
        (bones[i] * bones[j]).sum(dim=1) / (lengths[i] * lengths[j])
        for i, j in zip(_FIRST, _SECOND, strict=True)
    ]
    return torch.stack(cosines, dim=1), torch.stack(lengths, dim=1)


def stream(network, prefix, x, blocks=3):
    """One stream of a critic, by its layers' names."""
    x = torch.relu(getattr(network, f"{prefix}previous")[0](x))
    for number in range(1, blocks + 1):
        block = getattr(network, f"{prefix}block{number}")
        x = torch.relu(block.fc2(torch.relu(block.fc1(x))) + x)
    return x


def plain_body_score(network, poses):
    """What `BodyCritic` says."""
    features = stream(network, "special_KCS_", torch.cat(plain_cosines(poses), dim=1))
    both = torch.cat([features, stream(network, "", poses.flatten(1))], dim=1)
    return network.output(stream(network, "merge_", both, 1))


def plain_picture_score(network, pictures):
    """What `PictureCritic` says."""
    leaky = nn.LeakyReLU(0.01)
    first = leaky(network.pose_layer_1(pictures.flatten(1)))
    x = leaky(network.pose_layer_2(first))
    x = network.pose_layer_4(leaky(network.pose_layer_3(x) + first))
    return network.layer_pred(leaky(network.layer_last(x)))


def plain_motion_score(network, clips):
    """What `MotionCritic` says with all of its streams."""
    count, frames = clips.shape[:2]
    cosines = plain_cosines(clips.flatten(0, 1))[0].view(count, frames, 15)
    seen = {
        "special_KCS_": cosines,
        "diff_special_KCS_": cosines[:, 1:] - cosines[:, :-1],
        "pos_3d_": clips,
        "diff_pos_3d_": clips[:, 1:] - clips[:, :-1],
    }
    streams = [stream(network, name, x.flatten(1)) for name, x in seen.items()]
    return network.kcs_output(stream(network, "kcs_merge_", torch.cat(streams, dim=1), 1))


def plain_picture_motion_score(network, clips):
    """What `PictureMotionCritic` says."""
    root = clips[:, 1:, 0] - clips[:, :-1, 0]
    streams = [stream(network, "pos_2d_", clips.flatten(1)),
               stream(network, "root_diff_2d_", root.flatten(1))]  # fmt: skip
    return network.merge_output(stream(network, "merge_", torch.cat(streams, dim=1), 1))


SCORES = {
    "body": plain_body_score,
    "picture": plain_picture_score,
    "motion": plain_motion_score,
    "picture_motion": plain_picture_motion_score,
}
"""By what a critic is called in a game."""


def mirrored(rows):
    """Rows of joints with x negated and sides swapped."""
    signs = torch.ones(rows.shape[-1]).to(rows)
    signs[0] = -1
    return rows[..., SIDES, :] * signs


def plain_penalty(score, points, weight=10.0):
    """The penalty with a graph of its own gradient."""
    points = points.detach().requires_grad_()
    (slope,) = torch.autograd.grad(score(points).sum(), points, create_graph=True)
    return weight * (slope.flatten(1).norm(dim=1) - 1).square().mean()


def plain_critic_step(score, optimizer, real, made, rng):
    """One step of one critic."""
    shares = torch.rand(len(real), generator=rng).view(-1, *[1] * (real.ndim - 1))
    optimizer.zero_grad()
    score(made).mean().backward()
    (-score(real).mean()).backward()
    plain_penalty(score, shares * real + (1 - shares) * made).backward()
    optimizer.step()
