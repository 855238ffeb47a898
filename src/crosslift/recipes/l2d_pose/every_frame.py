"""Any lifter as one that answers for every frame of a sequence, however short, with a gradient."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from ...camera import Camera
from ...lifters.diffusion import Diffusion
from ...lifters.direct import Direct
from ...lifters.inputs import Seen
from ...protocols import Lifter
from ...skeleton import Skeleton
from ...windows import Predict, Windowing, plan


@dataclass(frozen=True, eq=False)
class EveryFrame:
    """Asks a lifter about all windows that a sequence needs; see `Lifter`.

    A sequence that is shorter than the lifter's window is lengthened by its first and last frame:
    a single picture is that of somebody who stands still. So lifters that see motion and lifters
    that see moments can guide one detector on the same pictures.
    """

    lifter: Lifter

    @property
    def skeleton(self) -> Skeleton:
        """The lifter's own."""
        return self.lifter.skeleton

    @property
    def frames(self) -> int:
        """A single frame is enough."""
        return 1

    @property
    def predict(self) -> Predict:
        """All frames that are given."""
        return "all"

    @property
    def fps(self) -> float | None:
        """The lifter's own."""
        return self.lifter.fps

    def lift(
        self,
        keypoints: Float[Tensor, "batch frames joints 2"],
        camera: Camera,
        rng: Generator,
        *,
        scores: Float[Tensor, "batch frames joints"] | None = None,
        body: Float[Tensor, "batch joints"] | None = None,
    ) -> Float[Tensor, "batch hypotheses frames joints 3"]:
        """The poses of all frames, as the network answers: in one pass, the root where it says."""
        inner, batch = self.lifter, len(keypoints)
        where = plan(
            keypoints.shape[1], Windowing(inner.frames, predict=inner.predict, end="centred")
        )
        at = where.frames.to(keypoints.device)
        shown = in_windows(keypoints, at)
        once = torch.zeros_like(at[:, :1])  # of cameras that are there once for all frames
        cameras = camera.map(lambda each: in_windows(each, at if each.shape[1] > 1 else once))
        certain = None if scores is None else in_windows(scores, at)
        lengths = None if body is None else body.repeat_interleave(len(at), dim=0)
        if isinstance(inner, Direct) and not isinstance(inner, Diffusion):
            found = inner.answers(Seen(shown, cameras, certain, lengths))[0][:, None]
        else:
            found = inner.lift(shown, cameras, rng, scores=certain, body=lengths)
        found = found.unflatten(0, (batch, len(at))).movedim(2, 1)
        if inner.predict == "all":
            return found[:, :, where.keep.to(found.device)]
        return found.flatten(2, 3)  # one answered frame for each window


def in_windows(
    values: Float[Tensor, "batch frames *rest"], at: Int[Tensor, "windows length"]
) -> Float[Tensor, "_ _ *rest"]:
    """Values of frames as windows, those of all sequences below each other."""
    return values[:, at].flatten(0, 1)
