"""A network with its window, its units and its ways: what turns numbers into poses in metres.

Every lifter that answers with one pass of a network is a `Direct`; the files beside this one say
which network, and how its answers are read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast, runtime_checkable

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor, nn

from ..camera import Camera
from ..errors import CheckpointError, SettingsError
from ..geometry import mirror, mirror_camera, swap_sides
from ..networks.inference import for_inference
from ..networks.simple_baseline import Statistics
from ..skeleton import Skeleton
from ..windows import Predict
from .facing import Facing
from .inputs import Given, Inputs, Seen, given

Answers = tuple[Float[Tensor, "batch _ joints 3"], ...]
"""All that a network says of a window; the first is the answer, the others help in training."""

Read = Callable[[nn.Module, Float[Tensor, "batch frames joints channels"]], Answers]


@dataclass(frozen=True, eq=False)
class Direct:
    """One pass of a network for each window, or two whose mean is taken: as seen, and mirrored."""

    skeleton: Skeleton
    network: nn.Module
    inputs: Inputs
    read: Read
    """How the network is called."""
    frames: int = 1
    predict: Predict = "all"
    fps: float | None = None
    flip: bool = True
    """Whether the mean with the mirrored image's pose is taken, when not in training."""
    keypoint_statistics: Statistics | None = None
    """Pixels of the training data, for the unit "standard"."""
    pose_statistics: Statistics | None = None
    """Metres of the training data, where the network answers in standard deviations."""
    takes: torch.dtype | None = None
    """The precision in which the network takes its numbers; that of its weights unless given."""

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch 1 answered joints 3"]:
        """Poses of windows; see `Lifter`."""
        seen = Seen(keypoints, camera, scores, body)
        return self.averaged(seen, lambda some: self.answers(some)[0])[:, None]

    def answers(self, seen: Seen) -> Answers:
        """All that the network says of windows, in metres; nothing is averaged."""
        if not len(seen.keypoints):
            answered = self.frames if self.predict == "all" else 1
            return (seen.keypoints.new_zeros(0, answered, len(self.skeleton), 3),)
        told = self.given(seen)
        found = self.read(self.network, told.numbers.to(self.dtype))
        return tuple(self.as_poses(each.to(seen.keypoints), told.facing) for each in found)

    def given(self, seen: Seen) -> Given:
        """What the network is given of what is seen."""
        return given(seen, self.inputs, self.skeleton, self.keypoint_statistics)

    def as_poses(
        self, answer: Float[Tensor, "batch answered joints 3"], facing: Facing | None
    ) -> Float[Tensor, "batch answered joints 3"]:
        """What the network answered as poses along the camera's axes, in metres."""
        poses = self.in_metres(answer)
        return poses if facing is None else facing.back(poses, self.predict)

    def averaged(self, seen: Seen, lifted: Callable[[Seen], Tensor]) -> Tensor:
        """Root-relative poses, and if asked for their mean with those of the mirror image."""
        poses = self.about_root(lifted(seen))
        if not self.flip or self.network.training:
            return poses
        turned = self.about_root(lifted(mirrored(seen, self.skeleton)))
        return (poses + mirror(turned, self.skeleton)) / 2

    def about_root(
        self, poses: Float[Tensor, "*batch joints 3"]
    ) -> Float[Tensor, "*batch joints 3"]:
        """Poses whose root lies at zero: networks that regress it were told that it does."""
        known = torch.ones(len(self.skeleton), 1, dtype=poses.dtype, device=poses.device)
        known[self.skeleton.root] = 0
        return poses * known

    def in_metres(
        self, poses: Float[Tensor, "*batch joints 3"]
    ) -> Float[Tensor, "*batch joints 3"]:
        """Poses in the unit of the training data."""
        if self.pose_statistics is None:
            return poses
        return Statistics(*(each.to(poses) for each in self.pose_statistics)).restored(poses)

    def state(self) -> dict[str, Tensor]:
        """The network's weights under their published names, and the statistics."""
        return dict(self.network.state_dict()) | {
            f"{kind}.{key}": value
            for kind, known in self._statistics().items()
            if known is not None
            for key, value in known._asdict().items()
        }

    def with_state(self, state: Mapping[str, Tensor]) -> "Direct":
        """The lifter with weights and statistics that were kept."""
        kept = dict(state)
        known = {
            kind: Statistics(kept.pop(f"{kind}.mean"), kept.pop(f"{kind}.std"))
            for kind in self._statistics()
            if f"{kind}.mean" in kept and f"{kind}.std" in kept
        }
        load_strictly(self.network, kept)
        self.network.eval()
        return replace(self, **known)

    def _statistics(self) -> dict[str, Statistics | None]:
        kinds = ("keypoint_statistics", "pose_statistics")
        return {kind: getattr(self, kind) for kind in kinds}

    @property
    def dtype(self) -> torch.dtype:
        """The precision in which the network takes its numbers."""
        return self.takes or next(self.network.parameters()).dtype

    def fast(self, dtype: torch.dtype = torch.float32, *, compiled: bool = False) -> "Direct":
        """The lifter with its network in the form that only computes poses, and does so fast.

        Its poses are equal in float32; bfloat16, float16 and int8 are those of the products inside.

        Args:
            compiled: Translate the form into machine code when it is first called.
        """
        form = for_inference(self.network, dtype, compiled=compiled)
        return replace(self, network=form, takes=torch.float32)

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "Direct":
        """The lifter with its network elsewhere, or in another precision; moved in place."""
        self.network.to(device, dtype)
        return self


@runtime_checkable
class Along(Protocol):
    """A network that computes once what overlapping windows share."""

    def along(
        self, keypoints: Float[Tensor, "batch frames joints channels"]
    ) -> Float[Tensor, "batch places joints 3"]:
        """Poses of all places at which a window fits."""
        ...


@dataclass(frozen=True, eq=False)
class Sliding(Direct):
    """The same with a network that goes along whole sequences instead of window by window."""

    def slide(
        self,
        keypoints: Float[Tensor, "sequences frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "sequences frames joints"] | None = None,
        body: Float[Tensor, "sequences joints"] | None = None,
    ) -> Float[Tensor, "sequences 1 frames joints 3"]:
        """Poses of whole sequences; see `SlidingLifter`."""
        seen = Seen(keypoints, camera, scores, body)
        return self.averaged(seen, self.slid)[:, None]

    def slid(self, seen: Seen) -> Float[Tensor, "sequences frames joints 3"]:
        """The answer for every frame of whole sequences, whose ends are repeated."""
        told = self.given(seen)
        after = 0 if self.predict == "last" else self.frames // 2
        whole = repeated_ends(told.numbers.to(self.dtype), self.frames - 1 - after, after)
        poses = cast(Along, self.network).along(whole)
        return self.as_poses(poses.to(seen.keypoints), told.facing)


def mirrored(seen: Seen, skeleton: Skeleton) -> Seen:
    """What the camera's mirror image would see of the person's."""
    middle = seen.camera.size[..., 0] / 2
    return Seen(
        mirror(seen.keypoints, skeleton, middle=middle),
        mirror_camera(seen.camera, middle=middle),
        None if seen.scores is None else swap_sides(seen.scores, skeleton),
        None if seen.body is None else swap_sides(seen.body, skeleton),
    )


def repeated_ends(
    given: Float[Tensor, "sequences frames joints numbers"], before: int, after: int
) -> Float[Tensor, "sequences longer joints numbers"]:
    """Sequences with their first and last frame repeated in front and behind."""
    first, last = given[:, :1], given[:, -1:]
    parts = [first.expand(-1, before, -1, -1), given, last.expand(-1, after, -1, -1)]
    return torch.cat(parts, dim=1)


def frame_by_frame(network: nn.Module, told: Tensor) -> Answers:
    """Asks a network that knows single frames about each frame."""
    poses = network(rearrange(told, "batch frames joints numbers -> (batch frames) joints numbers"))
    return (rearrange(poses, "(batch frames) ... -> batch frames ...", batch=len(told)),)


def at_once(network: nn.Module, told: Tensor) -> Answers:
    """Asks a network that takes windows and answers for all of a window's frames, or for one."""
    return (network(told),)


def load_strictly(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Load weights that all fit, each of them; the sentence names the first that does not."""
    own = network.state_dict()
    kind = type(network).__name__
    for name in [*own, *state]:
        if name not in state or name not in own:
            found = "is missing" if name not in state else "has no place"
            raise CheckpointError(
                f'The weights should be those of {kind} in these settings, but "{name}" {found}; '
                "check the settings, or import the file anew."
            )
        if own[name].shape != state[name].shape:
            raise CheckpointError(
                f'"{name}" of {kind} should have the shape {tuple(own[name].shape)} in these '
                f"settings, but has {tuple(state[name].shape)}; check the settings."
            )
    network.load_state_dict(state)


def check_numbers(lifter: str, inputs: Inputs, *, most: int = 2) -> None:
    """Refuse to tell a network more about a joint than it can take."""
    if inputs.channels > most:
        raise SettingsError(
            f"{lifter} takes two numbers for each joint, but scores or bone lengths are to be told "
            "as well; leave inputs.scores and inputs.body false, or choose another lifter."
        )
