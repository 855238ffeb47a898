"""How fast DH-AUG's players move, beside the plain twin that does one thing after the other.

    python -m benchmarks.bench_dh [--threads 1] [--repeats 5] [--batch 1024] [--width 256]
                                  [--frames 1]

One JSON line a figure: what critics do on a batch (made bodies are drawn, all critics judge, are
penalised and learn), and what the generator does. `ratio` is the twin's time by ours in the same
run. The twin gives each critic two steps a batch, the second on mirror images, as the release does;
`mirrors` says whether ours shows half of a batch mirrored in one step (`half`, the default), or all
of it as it is and mirrored (`both`), which is as much work as the twin's. `precision` is that of
the products inside of ours, which are nine tenths of the work; the twin's is float32.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from benchmarks.timing import interleaved, report
from crosslift.augment.dh import own_lengths
from crosslift.camera import project, to_screen, world_to_camera
from crosslift.clip import Batch, Clip
from crosslift.mapping import mapped
from crosslift.recipes.dh_aug.moves import Contest
from crosslift.recipes.dh_aug.players import players
from crosslift.recipes.dh_aug.settings import Game, Playing, Widths
from crosslift.recipes.dh_aug.shown import Shown
from crosslift.recipes.dh_aug.watch import Watch
from crosslift.recipes.poseda.players import Clock
from crosslift.training.precision import lowered
from crosslift.windows import Windowing, windows
from tests.people import seen_walker
from tests.plain.dh_aug import SCORES, mirrored, plain_bodies, plain_critic_step

Run = Callable[[], object]


def source(count: int, frames: int) -> Batch:
    """So many windows of people who walk."""
    clips = [mapped(seen_walker(4.0, number), "h36m16") for number in range(4)]
    batch = windows([each for each in clips if isinstance(each, Clip)], Windowing(frames))
    rows = torch.arange(count) % len(batch)
    tensors = {name: each[rows] for name, each in vars(batch).items() if torch.is_tensor(each)}
    return replace(batch, camera=batch.camera[rows], **tensors)


def contest(width: int, frames: int, mirrors: str) -> Contest:
    """Fresh players of one width."""
    game = Game(
        widths=Widths(width, width, width, width, width), swap="none", mirrors=mirrors,
        backwards=False, playing=Playing(generator_every=1),
    )  # fmt: skip
    found = players(game, frames, torch.Generator().manual_seed(0), torch.device("cpu"))
    judges = [each for critic in found.critics.values() for each in critic.parameters()]
    optimizers = {
        "critics": game.playing.build(judges),
        "generator": game.playing.build(found.generator.parameters()),
    }
    clock, watch = Clock(10**6, 1), Watch(game.watching, 0)
    return Contest(game, None, found, clock, watch, optimizers, print)


def moving(ours: Contest, name: str, batch: Batch, precision: str = "float32") -> Run:
    """One move of ours, with its step."""
    rng = torch.Generator().manual_seed(0)
    move = ours.critics_move if name == "critics" else ours.generator_move

    def run() -> None:
        with lowered(ours.modules().values(), torch.device("cpu"), precision):
            terms = move(batch, rng)
        ours.optimizers[name].zero_grad()
        torch.stack(list(terms.values())).sum().backward()
        ours.optimizers[name].step()
        ours.clock.played.zero_()

    return run


def plain_made(ours: Contest, batch: Batch, rng: torch.Generator) -> Shown:
    """Made bodies as the twin makes them."""
    generator, frames = ours.players.generator, batch.keypoints.shape[1]
    numbers = generator(generator.noise(len(batch), rng)).flatten(0, 1)
    lengths = own_lengths(batch, "different", rng).repeat_interleave(frames, dim=0)
    world = plain_bodies(numbers, lengths).unflatten(0, (len(batch), frames))
    seen = project(world_to_camera(world, batch.camera), batch.camera, clamped=True)
    return Shown(world - world[:, :, :1], to_screen(seen, batch.camera.size))


def plain_moving(ours: Contest, name: str, batch: Batch) -> Run:
    """The twin's move on the same players."""
    rng, real = torch.Generator().manual_seed(0), ours.real(batch)
    adams = {
        each: torch.optim.Adam(critic.parameters(), lr=1e-4, betas=(0.5, 0.9))
        for each, critic in ours.players.critics.items()
    }
    adam = torch.optim.Adam(ours.players.generator.parameters(), lr=1e-4, betas=(0.5, 0.9))

    def score(each: str) -> Callable[[Tensor], Tensor]:
        return lambda rows: SCORES[each](ours.players.critics[each], rows)

    def critics() -> None:
        with torch.no_grad():
            made = plain_made(ours, batch, rng)
        for each, optimizer in adams.items():
            rows = real.of(each), made.of(each)
            plain_critic_step(score(each), optimizer, *rows, rng)
            plain_critic_step(score(each), optimizer, *map(mirrored, rows), rng)

    def generator() -> None:
        for critic in ours.players.critics.values():
            critic.requires_grad_(False)
        made = plain_made(ours, batch, rng)
        values = []
        for each in adams:
            rows = made.of(each)
            values.append(score(each)(rows).mean())
            values.append(score(each)(mirrored(rows.detach())).mean())
        adam.zero_grad()
        (-torch.stack(values).sum()).backward()
        adam.step()
        for critic in ours.players.critics.values():
            critic.requires_grad_(True)

    return critics if name == "critics" else generator


def measure(asked: argparse.Namespace) -> None:
    """Two lines for each way to mirror and each precision."""
    batch = source(asked.batch, asked.frames)
    for mirrors, precision in product(("half", "both"), ("float32", "bfloat16")):
        ours = contest(asked.width, asked.frames, mirrors)
        for name, what in (("critics", "the critics' move"), ("generator", "the generator's move")):
            taken = interleaved(
                {
                    "ours": moving(ours, name, batch, precision),
                    "plain": plain_moving(ours, name, batch),
                },
                repeats=asked.repeats,
                warm=1,
            )
            report(
                what,
                taken["ours"],
                ratio=round(taken["plain"] / taken["ours"], 2),
                mirrors=mirrors,
                precision=precision,
                batch=asked.batch,
                width=asked.width,
                frames=asked.frames,
                critics=len(ours.players.critics),
                plain_seconds=float(f"{taken['plain']:.4g}"),
            )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--frames", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    measure(asked)


if __name__ == "__main__":
    main()
