"""What every augmenter owes: run over the registry."""

from dataclasses import replace

import pytest
import torch

from crosslift import registry
from crosslift.augment.dh import Replaced
from crosslift.augment.dh_generator import BodyGenerator
from crosslift.camera import project
from crosslift.clip import Batch
from crosslift.errors import DataError
from crosslift.networks.angle_generator import AngleGenerator, AngleGeneratorSettings
from crosslift.protocols import Augmenter
from crosslift.typical import typical_body
from crosslift.windows import Windowing, windows

from ..stores import short_clips, with_gaps

NAMES = sorted(registry.parts("augmenter"))
ERRING = {"detector"}
"""Those that make keypoints wrong on purpose."""
MOVING = {"bodies", "bone-swap", "cameras", "dh", "dh-random"}
"""Those that change poses, and need them."""
IDLE = {"none"}
"""Those that leave everything as it is."""


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(name: str) -> Augmenter:
    if name == "dh":  # which needs a trained generator
        return Replaced(BodyGenerator(AngleGenerator(AngleGeneratorSettings(5, 8, 4))))
    return registry.settings_of("augmenter", name)().build()


def batch(frames: int = 5) -> Batch:
    body = typical_body(short_clips()[0].skeleton)
    clips = [replace(with_gaps(clip), body=body) for clip in short_clips()]
    return windows(clips, Windowing(frames))


def tensors(some: Batch) -> dict[str, torch.Tensor]:
    found = {**vars(some), **{f"camera.{key}": value for key, value in vars(some.camera).items()}}
    return {key: value for key, value in found.items() if isinstance(value, torch.Tensor)}


def same(one: Batch, other: Batch) -> bool:
    mine, others = tensors(one), tensors(other)
    return mine.keys() == others.keys() and all(
        torch.equal(mine[key].nan_to_num(-1), others[key].nan_to_num(-1)) for key in mine
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_input_stays_and_the_same_seed_gives_the_same(name):
    given, untouched = batch(), batch()
    augmenter = built(name)
    assert isinstance(augmenter, Augmenter)
    first, again, other = (augmenter(given, generator(seed)) for seed in (1, 1, 2))
    assert same(given, untouched)
    assert same(first, again) and same(first, other) == (name in IDLE)


@pytest.mark.parametrize("name", NAMES)
def test_the_process_s_own_random_numbers_are_left_alone(name):
    augmenter = built(name)
    torch.manual_seed(3)
    wanted = torch.rand(3)
    torch.manual_seed(3)
    augmenter(batch(), generator())
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize("name", NAMES)
def test_shapes_stay_and_missing_keypoints_have_no_score(name):
    given = batch()
    found = built(name)(given, generator())
    assert found.skeleton == given.skeleton and len(found) == len(given)
    for key in ("keypoints", "scores", "valid", "poses", "body"):
        assert getattr(found, key).shape == getattr(given, key).shape
        assert getattr(found, key).dtype == getattr(given, key).dtype
    lost = found.keypoints.isnan().any(dim=-1)
    assert (found.scores[lost] == 0).all()
    assert found.poses.isfinite().all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - ERRING))
def test_what_is_seen_is_the_image_of_what_is_there(name):
    exact = windows(list(short_clips()), Windowing(5))
    found = built(name)(exact, generator())
    camera = found.camera
    still = replace(camera, rotation=torch.eye(3).expand_as(camera.rotation),
                    translation=torch.zeros_like(camera.translation))  # fmt: skip
    torch.testing.assert_close(project(found.poses, still), found.keypoints, atol=0.05, rtol=0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 1])
def test_batches_of_none_and_one_and_without_poses_are_taken(name, size):
    assert len(built(name)(batch()[:size], generator())) == size
    given = replace(batch()[:size], poses=None, body=None)
    if name in MOVING:
        with pytest.raises(DataError, match="but the batch has keypoints alone"):
            built(name)(given, generator())
        return
    found = built(name)(given, generator())
    assert len(found) == size and found.poses is None and found.body is None
