"""What frozen lifters say of a detector's keypoints: the loss by which L2D-Pose trains detectors.

A detector's maps become places that have a gradient (`places`), those become pixels of the picture
(`detect.crops`), each lifter makes poses of them in its own way (`Guide`), and the poses' errors
join the detector's own (`guided`). Everything here is a function of tensors and knows neither
pictures nor networks of detectors.

Where the publication's release departs from what it describes, a field of `Guidance` says so; its
behaviour as a whole is `PUBLISHED`, and the default is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from ..camera import Camera
from ..detect.heatmaps import SHARPNESS, Maps, quarter_step, soft_argmax
from ..detect.targets import hardest
from ..errors import SettingsError
from ..lifters.diffusion import Diffusion
from ..lifters.direct import Direct
from ..lifters.inputs import Seen
from ..mapping import Mapping, mapping
from ..protocols import Lifter
from ..skeleton import Skeleton

PANOPTIC_OF_H36M = (8, 9, 0, 11, 12, 13, 4, 5, 6, 14, 15, 16, 1, 2, 3)
"""The map of Human3.6M's 17 that L2D-Pose takes for each of Panoptic's 15 joints."""
TEMPERATURE = 2.0
"""Of the weights that follow from how lifters' losses fall."""

Points = Float[Tensor, "batch frames joints 2"]
Poses = Float[Tensor, "batch answered own 3"]
PerJoint = Float[Tensor, "batch answered own"]


@dataclass(frozen=True)
class Guidance:
    """What guides a detector, and how much each part of it counts."""

    maps: float = 0.5
    """Weight of the detector's own error, that of all joints."""
    hard: float = 0.3
    """Weight of its own error once more, that of the joints that are hardest in space; 0: none."""
    hardest: int = 10
    """How many joints those are, in each picture."""
    across: float = 0.02
    """Weight of the squared error in space along x and y."""
    depth: float = 0.04
    """Weight of the squared error in depth."""
    space: float = 0.0
    """Weight of the squared error in all three; the publication's other form has 0.06 here and 0
    for the two above."""
    hard_space: float = 0.06
    """Weight of the squared error in space of the hardest joints alone; the release computes it
    and drops it, which is 0."""
    together: float = 0.0
    """Weight of the squared error of the lifters' mean pose (0.05 with several lifters)."""
    agreement: float = 0.0
    """Weight of the squared differences between any two lifters' poses (0.1 with several)."""
    single: float = 0.8
    """Factor of all but the last two."""
    balanced: bool = False
    """Whether lifters whose loss falls slowly count more; otherwise all count the same."""
    one_less: bool = False
    """Whether a lifter that is drawn anew each time is left out, or none."""
    rerooted: bool = True
    """Whether poses are moved so that their root lies at zero, as the truth's does; the release
    compares them as they come."""
    sharpness: float = SHARPNESS
    """By which maps are multiplied before the soft-argmax."""
    quarter: bool = False
    """Whether the quarter-cell step is added to the soft-argmax, as the release does; it pulls away
    from where the soft-argmax is right."""

    def __post_init__(self) -> None:
        """Refuse what guides nothing."""
        if self.hardest < 1:
            raise SettingsError(
                f"At least 1 joint is the hardest, but hardest is {self.hardest}; set hard to 0 to "
                "leave it out."
            )


SEVERAL = Guidance(together=0.05, agreement=0.1, balanced=True)
"""With several lifters."""
PUBLISHED = Guidance(hard_space=0.0, balanced=True, rerooted=False, quarter=True)
"""As the release computes with one lifter, by its own example of a command."""
PUBLISHED_SEVERAL = replace(PUBLISHED, together=0.05, agreement=0.1)


@dataclass(frozen=True, eq=False)
class Guide:
    """A frozen lifter, and the way to its joints from those of a detector."""

    name: str
    lifter: Lifter
    joints: Mapping

    @classmethod
    def of(cls, name: str, lifter: Lifter, detected: Skeleton) -> "Guide":
        """A lifter as a guide of detectors that find these joints; its weights are frozen."""
        if isinstance(lifter, Direct):
            lifter = replace(lifter, flip=False)  # a gradient through one pass is enough
            lifter.network.eval().requires_grad_(False)
        return cls(name, lifter, mapping(detected, lifter.skeleton))

    def poses(self, points: Points, camera: Camera, rng: Generator, *, rerooted: bool) -> Poses:
        """The poses that the lifter makes of keypoints in pixels, with their gradient.

        Args:
            points: In the detector's joints.
            camera: Its leading axes broadcast against `batch frames`.
        """
        own = self.joints.apply2d(points).keypoints
        if isinstance(self.lifter, Direct) and not isinstance(self.lifter, Diffusion):
            found = self.lifter.answers(Seen(own, camera))[0]
        else:
            found = self.lifter.lift(own, camera, rng).mean(dim=1)
        root = self.lifter.skeleton.root
        return found - found[..., [root], :] if rerooted else found

    def answered(self, values: Tensor) -> Tensor:
        """Of values for every frame, those for the frames that the lifter answers for."""
        if self.lifter.predict == "all":
            return values
        place = -1 if self.lifter.predict == "last" else values.shape[1] // 2
        return values[:, [place]]

    def truth(self, poses: Float[Tensor, "batch frames joints 3"]) -> Poses:
        """True poses in the detector's joints as the lifter should answer: about its root."""
        own = self.answered(self.joints.apply3d(poses))
        return own - own[..., [self.lifter.skeleton.root], :]

    def of_joints(self, errors: Float[Tensor, "batch frames joints"]) -> PerJoint:
        """The detector's errors of the joints of which each of the lifter's is made, on average."""
        shares = self.joints.weights(errors)[0].abs()
        shares = shares / shares.sum(dim=-1, keepdim=True).clamp_min(1e-9)
        return self.answered(errors) @ shares.mT


class Judged(NamedTuple):
    """One lifter's view of a batch; numbers, in square metres but for `hard`."""

    space: Float[Tensor, ""]
    across: Float[Tensor, ""]
    depth: Float[Tensor, ""]
    hard: Float[Tensor, ""]
    """The detector's own error of the joints that are hardest in space."""
    hard_space: Float[Tensor, ""]


class Guided(NamedTuple):
    """What guides a detector on one batch."""

    terms: dict[str, Float[Tensor, ""]]
    """Weighted; their sum is the loss."""
    judged: list[Judged]
    """By the guides in order, not weighted."""
    poses: list[Poses]
    weights: Float[Tensor, " guides"]

    @property
    def space(self) -> Float[Tensor, " guides"]:
        """Each guide's error in space, without a gradient; what `Balance` takes note of."""
        return torch.stack([each.space.detach() for each in self.judged])


def places(maps: Maps, guidance: Guidance) -> Float[Tensor, "*batch joints 2"]:
    """Where joints are in the maps, column and row, with a gradient."""
    found = soft_argmax(maps, guidance.sharpness)
    return found + quarter_step(found, maps) if guidance.quarter else found


def guided(
    points: Points,
    errors: Float[Tensor, "batch frames joints"],
    truth: Float[Tensor, "batch frames joints 3"],
    camera: Camera,
    guides: Sequence[Guide],
    guidance: Guidance,
    rng: Generator,
    weights: Float[Tensor, " guides"] | None = None,
) -> Guided:
    """All terms of the loss of a batch of windows; single pictures are windows of one frame.

    Args:
        points: Pixels of the picture; only frames that come from the detector have a gradient.
        errors: The detector's own, of each joint.
        truth: Poses in the detector's joints, in metres.
        weights: Of the guides, adding up to one; the same for all unless given.
    """
    if weights is None:
        weights = points.new_full((len(guides),), 1 / max(len(guides), 1))
    if guidance.one_less:
        weights = with_one_less(weights, rng)
    poses = [each.poses(points, camera, rng, rerooted=guidance.rerooted) for each in guides]
    truths = [each.truth(truth) for each in guides]
    judged = [
        judge(found, wanted, guide.of_joints(errors), guidance.hardest)
        for guide, found, wanted in zip(guides, poses, truths, strict=True)
    ]
    terms = {"maps": guidance.single * guidance.maps * errors.mean()}
    for name in Judged._fields:
        factor = getattr(guidance, name)
        if factor and guides:
            each = torch.stack([getattr(one, name) for one in judged])
            terms[name] = guidance.single * factor * (weights.to(each) * each).sum()
    if guidance.together and len(guides) > 1:
        terms["together"] = guidance.together * together(poses, truths)
    if guidance.agreement and len(guides) > 1:
        terms["agreement"] = guidance.agreement * agreement(poses)
    return Guided(terms, judged, poses, weights)


def judge(poses: Poses, truth: Poses, errors: PerJoint, count: int) -> Judged:
    """One lifter's view of poses: their squared errors, and the detector's where those are large.

    Args:
        errors: The detector's own, of each of the lifter's joints.
        count: How many joints count as the hardest.
    """
    known = truth.isfinite().all(dim=-1, keepdim=True)
    squares = torch.where(known, poses - truth, 0).square()
    shares = known.sum().clamp_min(1)
    of_joint = squares.mean(dim=-1).flatten(0, 1)
    count = min(count, of_joint.shape[-1])
    return Judged(
        squares.sum() / (3 * shares),
        squares[..., :2].sum() / (2 * shares),
        squares[..., 2].sum() / shares,
        hardest(errors.flatten(0, 1), count, of_joint),
        hardest(of_joint, count),
    )


def together(poses: Sequence[Poses], truths: Sequence[Poses]) -> Float[Tensor, ""]:
    """The squared error of the lifters' mean pose; they must share one skeleton."""
    check_alike(poses)
    known = truths[0].isfinite()
    off = torch.where(known, torch.stack(list(poses)).mean(dim=0) - truths[0], 0)
    return off.square().sum() / known.sum().clamp_min(1)


def agreement(poses: Sequence[Poses]) -> Float[Tensor, ""]:
    """The squared differences between any two lifters' poses, summed over the pairs."""
    check_alike(poses)
    pairs = [(one, other) for place, one in enumerate(poses) for other in poses[place + 1 :]]
    return torch.stack([(one - other).square().mean() for one, other in pairs]).sum()


def check_alike(poses: Sequence[Poses]) -> None:
    """Refuse to compare poses of different joints or frames with each other."""
    shapes = {tuple(each.shape[1:]) for each in poses}
    if len(shapes) > 1:
        told = ", ".join(f"{frames} x {joints}" for frames, joints, _ in sorted(shapes))
        raise SettingsError(
            "Lifters whose poses are compared with each other should answer for the same frames "
            f"and joints, but theirs are {told}; set together and agreement to 0."
        )


def median_pose(poses: Sequence[Poses]) -> Poses:
    """The median of the lifters' poses, coordinate by coordinate."""
    check_alike(poses)
    stacked = torch.stack(list(poses)).sort(dim=0).values
    count = len(stacked)
    return (stacked[(count - 1) // 2] + stacked[count // 2]) / 2


def balanced(
    last: Float[Tensor, " guides"],
    before: Float[Tensor, " guides"],
    temperature: float = TEMPERATURE,
) -> Float[Tensor, " guides"]:
    """Weights by how each guide's loss went from one batch to the next; they add up to one."""
    return (last / before / temperature).softmax(dim=-1)


def with_one_less(weights: Float[Tensor, " guides"], rng: Generator) -> Float[Tensor, " guides"]:
    """The weights with one of them zero, or none; the others stay as they are."""
    drawn = int(torch.randint(len(weights) + 1, (), generator=rng))
    return torch.where(torch.arange(len(weights), device=weights.device) == drawn, 0, weights)


class Balance(nn.Module):
    """The weights of guides by their last two losses; a module, so that checkpoints keep them."""

    history: Float[Tensor, "2 guides"]

    def __init__(self, guides: int) -> None:
        super().__init__()
        self.register_buffer("history", torch.ones(2, guides, dtype=torch.float64))

    @property
    def weights(self) -> Float[Tensor, " guides"]:
        """For the next batch."""
        return balanced(self.history[1], self.history[0])

    def note(self, space: Float[Tensor, " guides"]) -> None:
        """Take the losses of a batch into account."""
        self.history = torch.stack([self.history[1], space.detach().to(self.history)])
