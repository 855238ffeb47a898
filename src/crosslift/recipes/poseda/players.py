"""Who plays against whom, and what they remember: modules, so that checkpoints hold all of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from ...augment.body_parts import body_parts
from ...networks.pose_augmenter import PoseAugmenter, PoseAugmenterSettings
from ...networks.pose_discriminators import PartDiscriminator, PictureDiscriminator
from ...skeleton import Skeleton
from .settings import PoseDA


class History(nn.Module):
    """Made examples of the past, so that a discriminator does not forget what it once unmasked."""

    items: Tensor
    count: Tensor

    def __init__(self, size: int, *shape: int) -> None:
        super().__init__()
        self.register_buffer("items", torch.zeros(size, *shape))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    def exchange(
        self, fresh: Float[Tensor, "examples *shape"], rng: Generator
    ) -> Float[Tensor, "examples *shape"]:
        """The fresh examples, half of them exchanged for old ones at random.

        While there is room, fresh ones are remembered and given back.
        """
        fresh, size, count = fresh.detach().to(self.items), len(self.items), int(self.count)
        room = min(size - count, len(fresh))
        self.items[count : count + room] = fresh[:room]
        self.count.fill_(count + room)
        swapped = torch.rand(len(fresh) - room, generator=rng) < 0.5
        here = (room + swapped.nonzero()[:, 0])[:size].to(fresh.device)
        there = torch.randperm(size, generator=rng)[: len(here)].to(fresh.device)
        old = self.items[there]
        self.items[there] = fresh[here]
        return fresh.index_copy(0, here, old)

    def forget(self) -> None:
        """Begin anew."""
        self.count.zero_()


class Clock(nn.Module):
    """How many batches have been played."""

    played: Tensor

    def __init__(self, in_an_epoch: int, epochs: int) -> None:
        super().__init__()
        self.in_an_epoch, self.epochs = in_an_epoch, epochs
        self.register_buffer("played", torch.zeros((), dtype=torch.long))

    def tick(self) -> int:
        """Count one more; the number of the batch that begins, from 0."""
        self.played += 1
        return int(self.played) - 1

    @property
    def epoch(self) -> int:
        """Of the batch that is being played, from 0."""
        return max(0, int(self.played) - 1) // self.in_an_epoch

    @property
    def progress(self) -> float:
        """The share of the epochs that have been begun."""
        return min(1.0, (self.epoch + 1) / self.epochs)


@dataclass(frozen=True, eq=False)
class Adversaries:
    """The generator, those who judge what it makes, and their memories."""

    generator: PoseAugmenter
    discriminator_3d: PartDiscriminator
    history_3d: History
    discriminator_2d: PictureDiscriminator | None
    history_2d: History | None

    def modules(self) -> dict[str, nn.Module]:
        """Those that there are, by name."""
        return {name: each for name, each in vars(self).items() if each is not None}

    def begin_anew(self, seed: int) -> None:
        """Give all of them fresh weights and forget the past."""
        networks = [self.generator, self.discriminator_3d, self.discriminator_2d]
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            for network in networks:
                if network is not None:
                    network.reset()
        for history in (self.history_3d, self.history_2d):
            if history is not None:
                history.forget()


def adversaries(
    skeleton: Skeleton, settings: PoseDA, rng: Generator, device: torch.device
) -> Adversaries:
    """Fresh players for poses of this skeleton."""
    parts, joints, bones = body_parts(skeleton), len(skeleton), len(skeleton.bones)
    sizes = PoseAugmenterSettings(
        joints, parts.ratios, settings.width, places=settings.place == "learned"
    )
    judged_2d = settings.real_2d != "none"
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=rng)))
        found = Adversaries(
            PoseAugmenter(sizes),
            PartDiscriminator(bones, parts.judged, settings.width),
            History(settings.history, bones, 3),
            PictureDiscriminator(joints, settings.picture_width) if judged_2d else None,
            History(settings.history, joints, 2) if judged_2d else None,
        )
    to(found.modules().values(), device)
    return found


def to(modules: Iterable[nn.Module], device: torch.device) -> None:
    """Move modules in place."""
    for module in modules:
        module.to(device)
