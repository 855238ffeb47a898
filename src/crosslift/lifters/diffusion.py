"""Lifters that draw poses from noise: a denoiser, the process that it undoes, and how often.

Every drawing is a hypothesis of its own. Hypotheses and their mirror images go through the network
a few at a time; what the keypoints say to it, and what the time does, is computed once. A window's
noise hangs on its place among the windows alone, and not on how many are lifted together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, cast

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

from ..camera import Camera
from ..diffusion import Draw, Process, Stage, gaussian
from ..errors import SettingsError
from ..geometry import mirror
from ..networks.denoising import Denoising, Moment
from ..networks.simple_baseline import Statistics
from .direct import Answers, Direct, mirrored
from .inputs import Inputs, Seen

Flips = Literal["each_step", "same_noise", "own_noise"]
Numbers = Float[Tensor, "batch frames joints channels"]
Poses = Float[Tensor, "batch hypotheses answered joints 3"]


@dataclass(frozen=True, eq=False)
class Diffusion(Direct):
    """Poses drawn from noise in a few calls of a denoiser for each hypothesis."""

    process: Process = Process()  # noqa: RUF009  frozen
    hypotheses: int = 1
    """Poses that are drawn for each window."""
    steps: int = 1
    """Calls of the network for each of them."""
    flips: Flips = "each_step"
    """When the mean with the mirror image is taken: at each step of one drawing (each_step), or of
    two drawings, from noise that is mirrored too (same_noise) or not the same (own_noise)."""
    in_units: bool = False
    """Whether the network's unit is the largest coordinate of the training data, and not a metre;
    `pose_statistics` then hold it."""
    frames_at_once: int = 243
    """Frames of all hypotheses that go through the network together; fewer need less memory."""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        check_inputs(self.inputs)
        for name in ("hypotheses", "steps", "frames_at_once"):
            if getattr(self, name) < 1:
                raise SettingsError(
                    f"A diffusion lifter needs {name} of 1 or more, but {getattr(self, name)} was "
                    "given; raise it."
                )

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses answered joints 3"]:
        """Poses of windows; see `Lifter`."""
        blank = keypoints.new_empty(self.shape(len(keypoints)))
        if not len(keypoints):
            return blank
        seen = Seen(keypoints, camera, scores, body)
        told, turned = self.numbers(seen), None
        if self.flip and not self.network.training:
            turned = self.numbers(mirrored(seen, self.skeleton))
        noise = noise_of_windows(blank.to(told), rng)
        *_, last = self.drawn(told, turned, noise)
        return self.about_root(self.in_metres((last.clean / self.process.scale).to(keypoints)))

    def drawn(self, told: Numbers, turned: Numbers | None, draw: Draw) -> Iterator[Stage]:
        """Every stage of the drawing, in the network's unit times the process's scale.

        Args:
            told: What the network is given of the keypoints.
            turned: And of their mirror image, if the mean with its poses is to be taken.
            draw: Noise for all hypotheses.
        """
        both = told if turned is None else torch.cat([told, turned])
        seen = self.denoiser.seen(both)
        paired = turned is not None and self.flips == "each_step"

        def denoise(noisy: Poses, time: int) -> Poses:
            given = self.process.entering(noisy)
            moment = self.denoiser.moment(torch.tensor([time], device=noisy.device))
            if paired:
                given = torch.cat([given, self.mirrored(given)])
            answer = self.in_parts(seen, given, moment)
            return self.process.leaving(self.mean_of_both(answer) if paired else answer)

        if turned is None or paired:
            return self.process.drawn(denoise, draw, self.steps)
        stages = self.process.drawn(denoise, lambda: self.noise_for_both(draw), self.steps)
        return (Stage(each.noisy[: len(told)], self.mean_of_both(each.clean)) for each in stages)

    def denoised(
        self,
        seen: Seen,
        clean: Float[Tensor, "batch answered joints 3"],
        times: Int[Tensor, " batch"],
        noise: Float[Tensor, "batch answered joints 3"],
    ) -> Float[Tensor, "batch answered joints 3"]:
        """What the network makes of clean poses once noise is added to them, in its own unit."""
        signal = self.process.noise().signal.to(clean)[times]
        noisy = self.process.noised(clean, noise, signal)
        told = self.numbers(seen)
        return self.network(told, noisy[:, None].to(told), times)[:, 0].to(clean)

    def in_parts(
        self,
        seen: Float[Tensor, "windows frames joints width"],
        noisy: Float[Tensor, "windows hypotheses answered joints 3"],
        moment: Moment | None,
    ) -> Float[Tensor, "windows hypotheses answered joints 3"]:
        """The network's answer, a part of the windows and hypotheses after the other."""
        rows = max(1, self.frames_at_once // self.frames)
        windows = max(1, rows // noisy.shape[1])
        return torch.cat([
            torch.cat([
                self.denoiser.denoise(some, few, moment)
                for few in poses.split(rows, dim=1)
            ], dim=1)
            for some, poses in zip(seen.split(windows), noisy.split(windows), strict=True)
        ])  # fmt: skip

    def noise_for_both(self, draw: Draw) -> Float[Tensor, "twice hypotheses answered joints 3"]:
        """Noise for windows and for their mirror images."""
        noise = draw()
        return torch.cat([noise, self.mirrored(noise) if self.flips == "same_noise" else draw()])

    def mean_of_both(self, poses: Float[Tensor, "twice hypotheses answered joints 3"]) -> Poses:
        """The mean of windows' poses with those of the mirror images that follow them."""
        plain, turned = poses.chunk(2)
        return (plain + self.mirrored(turned)) / 2

    def mirrored(
        self, poses: Float[Tensor, "*any joints numbers"]
    ) -> Float[Tensor, "*any joints numbers"]:
        """The mirror images of poses, or of keypoints."""
        return mirror(poses, self.skeleton)

    def numbers(self, seen: Seen) -> Numbers:
        """What the network is given of keypoints."""
        return self.given(seen).numbers.to(self.dtype)

    def in_network_units(
        self, poses: Float[Tensor, "*batch joints 3"]
    ) -> Float[Tensor, "*batch joints 3"]:
        """Poses in metres as the network is given them."""
        if self.pose_statistics is None:
            return poses
        return Statistics(*(each.to(poses) for each in self.pose_statistics)).standardised(poses)

    def with_largest(self, largest: float) -> "Diffusion":
        """The lifter whose unit is a coordinate of so many metres."""
        size = torch.full((len(self.skeleton), 3), largest)
        return replace(self, pose_statistics=Statistics(torch.zeros_like(size), size))

    def shape(self, windows: int) -> tuple[int, ...]:
        """The shape of the poses of so many windows."""
        answered = self.frames if self.predict == "all" else 1
        return windows, self.hypotheses, answered, len(self.skeleton), 3

    @property
    def denoiser(self) -> Denoising:
        """The network as what it is."""
        return cast(Denoising, self.network)


def noise_of_windows(
    like: Float[Tensor, "windows hypotheses answered joints 3"], rng: Generator
) -> Draw:
    """Noise for windows, each of which has random numbers of its own.

    Of `rng` every window takes one number, the seed of its own generator: whether windows are
    lifted together or one by one, each is drawn from the same noise at every step.
    """
    seeds = torch.randint(2**62, (len(like),), generator=rng, device=rng.device).tolist()
    own = [Generator(device=rng.device).manual_seed(seed) for seed in seeds]
    return lambda: torch.stack([
        gaussian(window, each) for window, each in zip(like, own, strict=True)
    ])  # fmt: skip


def no_single_pass(network: nn.Module, told: Tensor) -> Answers:
    """Refuses to ask a denoiser about keypoints alone."""
    raise SettingsError(
        "A diffusion lifter's network answers about noisy poses and not about keypoints alone; "
        "lift with it, or train it with crosslift train diffusion."
    )


def check_inputs(inputs: Inputs) -> None:
    """Refuse keypoints along whose axes no noise can be added to poses."""
    if inputs.unit == "facing":
        raise SettingsError(
            "A diffusion lifter's poses lie along the camera's axes, but the unit facing turns "
            "them frame by frame; choose plane, screen or relative."
        )
