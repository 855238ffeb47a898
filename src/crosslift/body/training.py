"""Makes the weights of the shipped estimator; needs the motion corpus.

    python -m crosslift.body.training --data DIR -o src/crosslift/assets/body.safetensors

DIR is the folder of the corpus. Its part `source_train` and synthetic people of the preset
`source` move with the bones of made-up bodies before made-up cameras; nothing else is learned from.
"""

import argparse
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float
from safetensors.torch import save_file
from torch import Generator, Tensor, nn

from .. import synth
from ..data.mocap import Mocap
from ..files import whole
from ..geometry import bone_directions, euler_to_matrix, poses_from_bones
from ..motion import Motion
from .bones import OF_BONE, SKELETON, average, from_log_shares, log_shares
from .network import BodyNetwork, Normal
from .seen import told


@dataclass(frozen=True)
class Training:
    """How long the network is trained, and on how much."""

    steps: int = 14_000
    """Batches."""
    rate: float = 2e-3
    """Of learning, at first; it falls to a hundredth along half a cosine."""
    frames: int = 3_000
    """In a batch, about."""
    people: int = 320
    """Synthetic ones, beside the corpus."""
    seed: int = 0


LEAST = (-0.65, -0.25, -0.2, -0.2, -0.2, -0.55, -0.3, -0.35, -0.25, -0.4)
MOST = (0.15, 0.15, 0.15, 0.3, 0.25, 0.25, 0.3, 0.4, 0.25, 0.15)
"""Logarithms of how much shorter and longer than the average adult's the bones of measured people
and their digital doubles are, by kind: tools put hips, shoulders and the nose in different
places."""

SHAPES = (
    ((1, 1), 3), ((1, 3), 4), ((1, 12), 8), ((1, 48), 15), ((1, 96), 15), ((1, 192), 10),
    ((3, 48), 10), ((3, 96), 8), ((8, 12), 9), ((8, 24), 8), ((24, 9), 6), ((24, 12), 4),
)  # fmt: skip
"""Clips of a recording and frames of a clip, and how often out of a hundred they are drawn."""


class Movements(NamedTuple):
    """Recordings without their bodies: the ways that bones point, one after the other."""

    directions: Float[Tensor, "frames 16 3"]
    roots: Float[Tensor, "frames 3"]
    starts: Tensor
    lengths: Tensor
    weights: Float[Tensor, " recordings"]
    """The corpus and the synthetic people are drawn from equally often."""


def movements(data: Path, settings: Training, rng: Generator) -> Movements:
    """The corpus' part `source_train` and synthetic people of the preset `source`."""
    read = Mocap(file=("source_train.npz",)).read(data)
    real = [motion.positions for motion in read if isinstance(motion, Motion)]
    kinds = synth.SOURCE.kinds
    made = [
        synth.record(
            kinds[number % len(kinds)], synth.draw_body(rng, synth.SOURCE.bodies), 30.0, 8.0, rng
        ).positions
        for number in range(settings.people)
    ]
    lengths = torch.tensor([len(positions) for positions in real + made])
    weights = lengths.sqrt()
    weights[: len(real)] /= weights[: len(real)].sum()
    weights[len(real) :] /= weights[len(real) :].sum()
    positions = torch.cat(real + made)
    starts = lengths.cumsum(dim=0) - lengths
    directions = bone_directions(positions, SKELETON)
    return Movements(directions, positions[:, SKELETON.root], starts, lengths, weights)


def bodies(count: int, rng: Generator) -> Float[Tensor, "bodies 10"]:
    """Bone lengths of made-up people: most of any proportions, one in five near the average."""
    least, most = torch.tensor(LEAST), torch.tensor(MOST)
    how = torch.rand(count, 1, generator=rng)
    flat = 1.25 * (2 * torch.rand(count, 10, generator=rng) - 1)
    bell = torch.randn(count, 10, generator=rng) / 1.7
    near = 0.08 * torch.randn(count, 10, generator=rng)
    any_way = (least + most) / 2 + (most - least) / 2 * torch.where(how < 0.6, flat, bell)
    return average() * torch.where(how < 0.8, any_way, near).exp()


class Views(NamedTuple):
    """How many recordings are drawn, of how many clips and frames."""

    recordings: int
    clips: int
    frames: int

    @property
    def rows(self) -> int:
        return self.recordings * self.clips


def draw(
    among: Movements, views: Views, rng: Generator
) -> tuple[Float[Tensor, "recordings clips runs 3 17 2"], Float[Tensor, "recordings 10"]]:
    """Keypoints of made-up people on the image plane, and their true proportions."""
    kinds = bodies(views.recordings, rng)
    poses = posed(among, kinds.repeat_interleave(views.clips, 0), views, rng)
    plane = seen_by_cameras(poses, views, rng)
    return plane.unflatten(0, (views.recordings, views.clips)), log_shares(kinds)


def posed(
    among: Movements, kinds: Float[Tensor, "rows 10"], views: Views, rng: Generator
) -> Float[Tensor, "rows runs 3 17 3"]:
    """Runs of three neighbouring frames, of single ones if there are fewer than three a clip."""
    rows, runs = views.rows, max(views.frames // 3, 1)
    which = torch.multinomial(among.weights, rows, replacement=True, generator=rng)
    starts, room = among.starts[which], (among.lengths[which] - 3).float()
    part = torch.where(uniform(rows, rng) < 0.5, 1, uniform(rows, rng))
    span = torch.maximum(room * part, room.clamp_max(views.frames))
    first = uniform(rows, rng) * (room - span)
    places = span[:, None] * (torch.arange(runs) + torch.rand(rows, runs, generator=rng)) / runs
    at = (first[:, None] + places).long().minimum(room[:, None].long())
    index = (starts[:, None] + at)[..., None] + torch.arange(3)
    vectors = among.directions[index] * kinds[:, None, None, list(OF_BONE), None]
    roots = among.roots[index]
    vectors, roots = mirrored(vectors, roots, uniform(rows, rng) < 0.5)
    poses = poses_from_bones(vectors, roots - roots.mean(dim=(1, 2), keepdim=True), SKELETON)
    size = 1 + 0.08 * torch.randn(views.recordings, generator=rng).clamp(-3, 3)
    poses = poses * size.repeat_interleave(views.clips)[:, None, None, None, None]
    if views.frames < 3:
        poses[:, :, [0, 2]] = torch.nan  # a single frame has no neighbours
    return poses


def mirrored(vectors: Tensor, roots: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
    """Some movements as a mirror shows them."""
    other = [SKELETON.mirror[child] - 1 for _, child in SKELETON.bones]
    back = torch.tensor([-1.0, 1.0, 1.0])
    chosen = which[:, None, None, None]
    swapped = torch.where(chosen[..., None], vectors[..., other, :] * back, vectors)
    return swapped, torch.where(chosen, roots * back, roots)


def seen_by_cameras(
    poses: Float[Tensor, "rows runs 3 17 3"], views: Views, rng: Generator
) -> Float[Tensor, "rows runs 3 17 2"]:
    """Poses before cameras at all heights and distances, half the recordings before one camera."""
    one = torch.rand(views.recordings, 1, generator=rng) < 0.5

    def each(least: float, most: float) -> Tensor:
        values = least + (most - least) * torch.rand(views.recordings, views.clips, generator=rng)
        return torch.where(one, values[:, :1], values).flatten()

    level = uniform(views.rows, rng) < 0.5
    steep = each(-0.5, 1.1)
    steep = torch.where(level, steep.clamp(-0.25, 0.35), steep) + math.pi / 2
    angles = torch.stack([each(-0.2, 0.2), steep, 2 * math.pi * uniform(views.rows, rng)], dim=-1)
    turn = euler_to_matrix(angles, "zxz")
    away = each(math.log(2.2), math.log(10)).exp()
    aside = torch.stack([each(-0.4, 0.4), each(-0.3, 0.3), torch.ones(views.rows)], dim=-1)
    points = torch.einsum("nij, nrfpj -> nrfpi", turn, poses)
    points = points + (aside * away[:, None])[:, None, None, None]
    plane = points[..., :2] / torch.where(points[..., 2:] > 0.5, points[..., 2:], torch.nan)
    return lost(plane + errors(plane, away, views, rng), views, rng)


def errors(plane: Tensor, away: Tensor, views: Views, rng: Generator) -> Tensor:
    """What a detector is off: up to 35 mm at the body, in part lasting, at times much more."""

    def each() -> Tensor:
        values = torch.rand(views.recordings, generator=rng).repeat_interleave(views.clips)
        return values[:, None, None, None, None]

    least, most = math.log(0.0015), math.log(0.035)
    metres = (least + (most - least) * each()).exp() * (each() > 0.25)
    rows, runs = plane.shape[:2]
    hard = (0.3 * torch.randn(rows, 1, 1, 17, 1, generator=rng)).exp()
    wild = torch.where(torch.rand(rows, runs, 1, 17, 1, generator=rng) < 0.03, 4, 1)
    lasting = each() * (each() < 0.6)
    noise = (1 - lasting).sqrt() * torch.randn(plane.shape, generator=rng)
    slow = lasting.sqrt() * torch.randn(rows, runs, 1, 17, 2, generator=rng)
    return metres / away[:, None, None, None, None] * hard * wild * (noise + slow)


def lost(plane: Tensor, views: Views, rng: Generator) -> Tensor:
    """The keypoints with some missing now and then, and some joints missing always."""
    many, often = torch.rand(2, views.recordings, 1, generator=rng)
    share = 0.5 * many * (often < 0.5)
    rate = share.repeat_interleave(views.clips, 0)[:, None, None]
    by_joint = 2 * torch.rand(views.rows, 1, 1, 17, generator=rng)
    now = torch.rand(plane.shape[:-1], generator=rng) < rate * by_joint
    never = torch.rand(views.recordings, 17, generator=rng) < 0.15
    never &= torch.rand(views.recordings, 1, generator=rng) < 0.2
    gone = now | never.repeat_interleave(views.clips, 0)[:, None, None]
    return torch.where(gone[..., None], torch.nan, plane)


def uniform(count: int, rng: Generator) -> Float[Tensor, " count"]:
    """Numbers between 0 and 1."""
    return torch.rand(count, generator=rng)


def batches(
    among: Movements, settings: Training, rng: Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Recordings of one shape a batch, without end."""
    weights = torch.tensor([float(share) for _, share in SHAPES])
    while True:
        (clips, frames), _ = SHAPES[int(torch.multinomial(weights, 1, generator=rng))]
        count = min(max(settings.frames // (clips * frames), 8), 256)
        yield draw(among, Views(count, clips, frames), rng)


def train(network: BodyNetwork, among: Movements, settings: Training, rng: Generator) -> None:
    """Fit the network; three batches in five are looked at with its own first answer."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=1e-4)
    told_of = batches(among, settings, rng)
    sums: list[float] = []
    for step in range(settings.steps):
        plane, truth = next(told_of)
        kinds = average().expand(len(plane), -1)
        if float(torch.rand((), generator=rng)) < 0.6:
            with torch.no_grad():
                kinds = from_log_shares(network(*told(plane, kinds)).mean)
        loss = surprise(network(*told(plane, kinds)), truth)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        for group in optimiser.param_groups:
            fallen = 0.01 + 0.495 * (1 + math.cos(math.pi * step / settings.steps))
            group["lr"] = settings.rate * fallen * min(1, (step + 1) / 200)
        optimiser.step()
        sums.append(loss.item())
        if len(sums) == 500:
            print(f"{step + 1:6}  {sum(sums) / 500:8.3f}", file=sys.stderr, flush=True)
            sums.clear()


def surprise(found: Normal, truth: Float[Tensor, "recordings 10"]) -> Float[Tensor, ""]:
    """The mean negative logarithm of the truth's density, less a constant."""
    factor = torch.linalg.cholesky(found.covariance)
    off = (truth - found.mean)[..., None]
    standard = torch.linalg.solve_triangular(factor, off, upper=False)[..., 0]
    width = factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)
    return (standard.square().sum(dim=-1) / 2 + width).mean()


def population(rng: Generator) -> Float[Tensor, "10 10"]:
    """How far made-up people are from the average body: what is known without a single frame."""
    shares = log_shares(bodies(100_000, rng))
    return shares.T @ shares / len(shares)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Trains the estimator of bodies.")
    parser.add_argument("--data", type=Path, required=True, help="the folder of the motion corpus")
    parser.add_argument("-o", "--output", type=Path, required=True)
    for field in fields(Training):
        parser.add_argument(f"--{field.name}", type=type(field.default), default=field.default)
    asked = vars(parser.parse_args())
    data, output = asked.pop("data"), asked.pop("output")
    settings = Training(**asked)
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)  # the layers' first weights
    rng = Generator().manual_seed(settings.seed)
    network = BodyNetwork()
    train(network, movements(data, settings, rng), settings, rng)
    weights = {name: value.half() for name, value in network.state_dict().items()}
    with whole(output) as draft:
        save_file(weights | {"population": population(rng)}, draft)


if __name__ == "__main__":
    main()
