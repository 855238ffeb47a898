"""A lifter of your own: settings and a class with `lift`; here one that looks up what it has seen.

In the package this would be the file src/crosslift/lifters/nearest.py, with
`@registry.lifter("nearest")` above the settings, and nothing else would change.

python examples/04_add_a_lifter.py
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Generator, Tensor

import crosslift
from crosslift import synth
from crosslift.camera import to_image_plane
from crosslift.lifters.inputs import about_root
from crosslift.windows import Predict, Windowing, windows


@dataclass(frozen=True)
class Nearest:
    """Answers with the pose whose picture was most like this one."""

    skeleton: crosslift.Skeleton
    pictures: Float[Tensor, "examples numbers"]
    poses: Float[Tensor, "examples joints 3"]
    frames: int = 1
    predict: Predict = "all"
    fps: float | None = None

    def lift(
        self, keypoints: Float[Tensor, "batch frames joints 2"], camera: crosslift.Camera,
        rng: Generator, *, scores: Tensor | None = None, body: Tensor | None = None,
    ) -> Float[Tensor, "batch 1 frames joints 3"]:  # fmt: skip
        """Root-relative poses in metres; pixels in, so the lifter owns its normalisation."""
        nearest = torch.cdist(picture(keypoints, camera, self.skeleton), self.pictures).argmin(-1)
        return self.poses[nearest][:, None]


def picture(keypoints: Tensor, camera: crosslift.Camera, skeleton: crosslift.Skeleton) -> Tensor:
    """Joints about the root in units of their size, whatever the camera."""
    return rearrange(
        about_root(to_image_plane(keypoints, camera), skeleton), "b f j xy -> b f (j xy)"
    )


def main() -> None:
    rng = torch.Generator().manual_seed(0)
    settings = synth.Settings(frames=6_000, kinds=("walk",), cameras=("ring",), exact=True)
    *known, stranger = synth.recordings(settings, rng)
    seen = windows(known, Windowing(frames=1))
    assert seen.poses is not None
    pelvis = seen.poses[..., [seen.skeleton.root], :]
    pictures = picture(seen.keypoints, seen.camera, seen.skeleton)
    lifter = Nearest(seen.skeleton, pictures[:, 0], (seen.poses - pelvis)[:, 0])

    assert isinstance(lifter, crosslift.Lifter), "the protocol is all that is asked for"
    lifted = crosslift.lift(crosslift.unlabelled(stranger), lifter, rng)
    print(
        f"{len(pictures):,} poses remembered; {crosslift.score(lifted, stranger).mpjpe:.0f} mm off"
    )


if __name__ == "__main__":
    main()
