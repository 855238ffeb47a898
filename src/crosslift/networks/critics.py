"""DH-AUG's four critics: how real a body, its picture, a movement, the picture of a movement looks.

They are critics of a Wasserstein game with a gradient penalty: scores have no bounds, what is real
should score more than what is made, and the slope between the two should be one. All take the 16
joints of the kinematic body, metres about the root with the world's axes, or the normalised screen.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .layers import check_input, check_sizes
from .rectified import AS_IT_IS, Block, Entrance, Remembered, Straightened, Way, reset

JOINTS = 16
MERGED = 100
"""The width in which streams meet."""
LEAK = 0.01

Numbers = tuple[Float[Tensor, "rows _"], ...]
"""What a critic looks at, a tensor for each of its streams."""
Scores = Float[Tensor, "rows 1"]

_PARENTS = (5, 2, 4, 1, 0, 0, 0, 7, 8, 8, 10, 13, 11, 14, 8)
_CHILDREN = (6, 3, 5, 2, 4, 1, 7, 8, 10, 13, 11, 14, 12, 15, 9)
"""The bones in the publication's order: left shin, right shin, and so on to the neck."""
_FIRST = (0, 1, 2, 3, 4, 4, 5, 6, 7, 7, 7, 8, 9, 10, 11)
_SECOND = (2, 3, 4, 5, 5, 6, 6, 7, 14, 8, 9, 10, 11, 12, 13)
"""The bones between which the angles lie by which a body is judged."""
COSINES = len(_FIRST)


class Critic(nn.Module, ABC):
    """Judges rows by numbers that it takes off them, with a piecewise linear network."""

    products_in = ("judged",)
    """Where products may be of lower precision; what is looked at is computed from coordinates."""
    shape: tuple[int, ...]
    """Of a row."""

    @abstractmethod
    def numbers(self, rows: Tensor) -> Numbers:
        """What is looked at; nothing in it is learned."""

    @abstractmethod
    def judged(self, numbers: Numbers, way: Way = AS_IT_IS) -> Scores:
        """What the network makes of that."""

    def forward(self, rows: Tensor) -> Scores:
        """A score for each row; a higher one for what looks real."""
        axes = ("frames", "joints", "axes")[-len(self.shape) :]
        check_input(type(self).__name__, rows, **dict(zip(axes, self.shape, strict=True)))
        return self.judged(self.numbers(rows))

    def reset(self) -> None:
        """Fresh numbers in every layer."""
        reset(self)


class Streams(Critic):
    """Perceptrons side by side, each with three blocks, whose answers are merged.

    Args:
        inputs: Numbers of each stream, by the beginning of its layers' names.
        merged: The streams that are asked, in the order in which they are put together.
        meeting: The beginning of the names of the layers after that.
        output: The name of the last one.
    """

    def __init__(
        self,
        inputs: Mapping[str, int],
        merged: Sequence[str],
        width: int,
        *,
        meeting: str = "merge_",
        output: str = "merge_output",
    ) -> None:
        super().__init__()
        check_sizes(type(self).__name__, width=width)
        self.merged, self.meeting, self.output_name = tuple(merged), meeting, output
        for stream, count in inputs.items():
            self.add_module(f"{stream}previous", Entrance(count, width))
            for number in (1, 2, 3):
                self.add_module(f"{stream}block{number}", Block(width))
        self.add_module(f"{meeting}previous", Entrance(width * len(self.merged), MERGED))
        self.add_module(f"{meeting}block1", Block(MERGED))
        self.add_module(output, nn.Linear(MERGED, 1))

    def judged(self, numbers: Numbers, way: Way = AS_IT_IS) -> Scores:
        """The scores of rows of which the merged streams see these numbers."""
        answers = []
        for stream, seen in zip(self.merged, numbers, strict=True):
            answers.append(self.through(stream, 3, seen, way))
        x = self.through(self.meeting, 1, torch.cat(answers, dim=1), way)
        last = self.get_submodule(self.output_name)
        assert isinstance(last, nn.Linear), "it is made above"
        return way.linear(last, x)

    def through(self, names: str, blocks: int, x: Tensor, way: Way) -> Tensor:
        """What an entrance and blocks make of the rows."""
        x = self.get_submodule(f"{names}previous")(x, way)
        for number in range(1, blocks + 1):
            x = self.get_submodule(f"{names}block{number}")(x, way)
        return x


class BodyCritic(Streams):
    """Judges poses by joints about the root, by the angles between bones and by their lengths."""

    shape = (JOINTS, 3)

    def __init__(self, width: int = 256) -> None:
        inputs = {"": 3 * JOINTS, "special_KCS_": COSINES + JOINTS - 1}
        super().__init__(inputs, ("special_KCS_", ""), width, output="output")

    def numbers(self, rows: Float[Tensor, "poses joints 3"]) -> Numbers:
        """Cosines with lengths, and coordinates."""
        return torch.cat(angle_cosines(rows), dim=-1), rows.flatten(1)


class PictureCritic(Critic):
    """Judges poses by where their joints are on the normalised screen: place and size count."""

    shape = (JOINTS, 2)

    def __init__(self, width: int = 256) -> None:
        super().__init__()
        check_sizes("PictureCritic", width=width)
        self.pose_layer_1 = nn.Linear(2 * JOINTS, width)
        self.pose_layer_2 = nn.Linear(width, width)
        self.pose_layer_3 = nn.Linear(width, width)
        self.pose_layer_4 = nn.Linear(width, width)
        self.layer_last = nn.Linear(width, width)
        self.layer_pred = nn.Linear(width, 1)

    def numbers(self, rows: Float[Tensor, "poses joints 2"]) -> Numbers:
        """The coordinates."""
        return (rows.flatten(1),)

    def judged(self, numbers: Numbers, way: Way = AS_IT_IS) -> Scores:
        """The scores of pictures."""
        first = way.bend(way.linear(self.pose_layer_1, numbers[0]), LEAK)
        x = way.bend(way.linear(self.pose_layer_2, first), LEAK)
        x = way.bend(way.linear(self.pose_layer_3, x) + first, LEAK)
        x = way.linear(self.pose_layer_4, x)
        return way.linear(self.layer_pred, way.bend(way.linear(self.layer_last, x), LEAK))


class MotionCritic(Streams):
    """Judges clips by the angles between bones and, if asked, by joints, and by their changes.

    Args:
        joints: Whether the joints' coordinates count.
        changes: Whether the coordinates' changes count; both have weights in any case.
    """

    def __init__(
        self, frames: int, width: int = 256, *, joints: bool = True, changes: bool = True
    ) -> None:
        check_sizes("MotionCritic", least=2, frames=frames)
        inputs = {
            "special_KCS_": COSINES * frames,
            "diff_special_KCS_": COSINES * (frames - 1),
            "pos_3d_": 3 * JOINTS * frames,
            "diff_pos_3d_": 3 * JOINTS * (frames - 1),
        }
        asked = {"pos_3d_": joints, "diff_pos_3d_": changes}
        merged = [stream for stream in inputs if asked.get(stream, True)]
        super().__init__(inputs, merged, width, meeting="kcs_merge_", output="kcs_output")
        self.shape = (frames, JOINTS, 3)

    def numbers(self, rows: Float[Tensor, "clips frames joints 3"]) -> Numbers:
        """What the merged streams see of clips."""
        cosines, _ = angle_cosines(rows)
        seen = {
            "special_KCS_": cosines,
            "diff_special_KCS_": cosines.diff(dim=1),
            "pos_3d_": rows,
            "diff_pos_3d_": rows.diff(dim=1),
        }
        return tuple(seen[stream].flatten(1) for stream in self.merged)


class PictureMotionCritic(Streams):
    """Judges clips by where joints are on the screen, and by how the root moves there."""

    def __init__(self, frames: int, width: int = 256) -> None:
        check_sizes("PictureMotionCritic", least=2, frames=frames)
        inputs = {"pos_2d_": 2 * JOINTS * frames, "root_diff_2d_": 2 * (frames - 1)}
        super().__init__(inputs, tuple(inputs), width)
        self.shape = (frames, JOINTS, 2)

    def numbers(self, rows: Float[Tensor, "clips frames joints 2"]) -> Numbers:
        """The coordinates, and the root's changes."""
        return rows.flatten(1), rows[:, :, 0].diff(dim=1).flatten(1)


def angle_cosines(
    poses: Float[Tensor, "*batch joints 3"],
) -> tuple[Float[Tensor, "*batch 15"], Float[Tensor, "*batch 15"]]:
    """Cosines between bones that meet, and the lengths of all bones, in the publication's order.

    Bones point away from the root, so a straight knee has the cosine one. A bone without length
    has the cosine zero to all others; in the release it makes everything no number.
    """
    bones = poses[..., list(_CHILDREN), :] - poses[..., list(_PARENTS), :]
    lengths = torch.linalg.vector_norm(bones, dim=-1)
    units = bones / lengths.clamp_min(torch.finfo(poses.dtype).tiny ** 0.5)[..., None]
    return (units[..., list(_FIRST), :] * units[..., list(_SECOND), :]).sum(dim=-1), lengths


def penalty(
    critic: Critic,
    points: Tensor,
    weight: float = 10.0,
    *,
    per: Literal["row", "frame"] = "row",
) -> Float[Tensor, ""]:
    """By how much the critic's slope at points differs from one, squared, with its gradient.

    Along the way of each point the network is linear. So the gradient to the weights needs no
    second differentiation: the direction in which the slope should change is sent along that way
    once more, and what each layer hears of it meets what the score owes to that layer. The points
    themselves get no gradient.

    Args:
        per: Whether a clip's slope is one number, or one for each frame as in the release.
    """
    points = points.detach().requires_grad_()
    way = Remembered()
    with torch.enable_grad():
        scores = critic.judged(critic.numbers(points), way)
        slope, *owed = torch.autograd.grad(scores.sum(), [points, *way.said])
    flat = slope.flatten(2 if per == "frame" else 1)
    size = torch.linalg.vector_norm(flat, dim=-1, keepdim=True)
    value = weight * (size - 1).square().mean()
    wanted = 2 * weight / size.numel() * (size - 1) * flat / size.clamp_min(1e-12)
    again = Straightened(way)
    with torch.no_grad():
        turned = torch.func.jvp(critic.numbers, (points,), (wanted.view_as(points),))[1]
        critic.judged(turned, again)
        pulls = [out.mT @ heard.to(out) for out, heard in zip(owed, again.heard, strict=True)]
    layers = zip(way.layers, pulls, strict=True)
    change = torch.stack([(layer.weight * pull).sum() for layer, pull in layers]).sum()
    return value + (change - change.detach())


def between(real: Tensor, made: Tensor, shares: Float[Tensor, "*rows"]) -> Tensor:
    """Points between real and made rows; at the share one stands what is real."""
    shares = shares.reshape(*shares.shape, *[1] * (real.ndim - shares.ndim))
    return shares * real + (1 - shares) * made
