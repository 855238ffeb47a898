"""Random skeletons and recordings for the tests of writers."""

from dataclasses import replace

import torch
from hypothesis import strategies as st

from crosslift.camera import looking_at, pinhole
from crosslift.clip import Clip
from crosslift.geometry import poses_from_bones
from crosslift.geometry.rotations import axis_angle_to_matrix
from crosslift.motion import Motion
from crosslift.skeleton import Skeleton

seeds = st.integers(min_value=0, max_value=2**32 - 1)
counts = st.integers(min_value=1, max_value=9)
words = st.text(alphabet="abcdefgxyzABC 0123456789_-.:äß%\t{", min_size=1, max_size=9)


@st.composite
def skeletons(draw: st.DrawFn) -> Skeleton:
    """A random tree of up to nine joints with random names, in random order."""
    names = draw(
        st.lists(
            words.map(lambda word: f"j{word.strip()}"),
            min_size=1,
            max_size=9,
            unique_by=_as_written,
        )
    )
    order = draw(st.permutations(range(len(names))))
    parents = [-1] * len(names)
    for place in range(1, len(names)):
        parents[order[place]] = order[draw(st.integers(min_value=0, max_value=place - 1))]
    return Skeleton("random", tuple(names), tuple(parents))


def _as_written(name: str) -> str:
    """The name as text formats can hold it, so that no two become one."""
    return "_".join(name.replace("{", " ").replace("\t", " ").split(" "))


@st.composite
def loose(draw: st.DrawFn) -> Motion:
    """A motion of joints anywhere, some of them missing."""
    skeleton, frames = draw(skeletons()), draw(counts)
    rng = torch.Generator().manual_seed(draw(seeds))
    places = 5 * torch.randn(frames, len(skeleton), 3, generator=rng)
    hidden = torch.rand(frames, len(skeleton), generator=rng) < draw(st.sampled_from([0, 0.3, 1]))
    fps = draw(st.sampled_from([24.0, 25.0, 30000 / 1001, 30.0, 50.0, 59.94, 60.0, 120.0]))
    return Motion("random", skeleton, fps, torch.where(hidden[..., None], torch.nan, places))


@st.composite
def constant(draw: st.DrawFn) -> Motion:
    """A motion with constant bones of 5 cm to 1 m that turn smoothly, each on its own."""
    skeleton, frames = draw(skeletons()), draw(st.integers(min_value=2, max_value=9))
    rng = torch.Generator().manual_seed(draw(seeds))

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, 3, generator=rng, dtype=torch.float64)

    bones = len(skeleton.bones)
    lengths = 0.05 + 0.95 * torch.rand(bones, 1, generator=rng, dtype=torch.float64)
    first = lengths * torch.nn.functional.normalize(random(bones), dim=-1)
    time = torch.linspace(0, draw(st.sampled_from([0.3, 2.0])), frames, dtype=torch.float64)
    turns = axis_angle_to_matrix(time[:, None, None] * random(bones))
    vectors = torch.einsum("fbij, bj -> fbi", turns, first)
    places = poses_from_bones(vectors, 0.1 * random(frames).cumsum(dim=0), skeleton)
    return Motion("random", skeleton, 30.0, places.float())


def seen(motion: Motion, hypotheses: int = 2) -> Clip:
    """A clip of the motion: the first hypothesis is true, the others lie a metre higher."""
    camera = looking_at(
        pinhole(1000.0, (1000, 800)), torch.tensor([3.0, -6.0, 2.0]), torch.tensor([0.0, 0.0, 1.0])
    )
    raised = [
        motion.positions + torch.tensor([0.0, 0.0, float(place)]) for place in range(hypotheses)
    ]
    poses = torch.einsum("ij, hfpj -> hfpi", camera.rotation, torch.stack(raised))
    poses = poses + camera.translation
    keypoints = 500 + 100 * motion.positions[..., :2]
    known = motion.known
    return Clip(
        motion.name,
        motion.skeleton,
        replace(camera),
        motion.fps,
        torch.where(known[..., None], keypoints, torch.nan),
        known.float(),
        known,
        poses=poses,
        labels=motion.labels,
    )
