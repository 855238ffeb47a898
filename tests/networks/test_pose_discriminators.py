"""PoseAug's discriminators: published names and sizes, and to what they are blind."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import DataError, SettingsError
from crosslift.networks.pose_discriminators import (
    PartDiscriminator,
    PictureDiscriminator,
    part_products,
)

PARTS = ((0, 1), (1, 2, 3))


def built(kind, *sizes):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kind(*sizes)


def directions(count: int = 6, bones: int = 4, seed: int = 0) -> torch.Tensor:
    drawn = torch.randn(count, bones, 3, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.normalize(drawn, dim=-1)


def test_names_and_numbers_are_those_published():
    five = tuple((number,) for number in range(5))
    with torch.device("meta"):
        body, picture = PartDiscriminator(15, five), PictureDiscriminator(16)
    layers = ("kcs_layer_1", "kcs_layer_2", "kcs_layer_3", "layer_last", "layer_pred")
    wanted = [f"kcs_path_{path}.{layer}.{kind}" for path in range(1, 6) for layer in layers
              for kind in ("weight", "bias")]  # fmt: skip
    assert list(body.state_dict()) == wanted
    assert sum(each.numel() for each in body.parameters()) == 1_076_205
    assert sum(each.numel() for each in picture.parameters()) == 43_801
    assert list(picture.state_dict())[::2] == [
        *(f"pose_layer_{number}.weight" for number in range(1, 5)),
        "layer_last.weight",
        "layer_pred.weight",
    ]


def test_products_of_a_part_are_cosines_between_its_bones():
    straight = torch.tensor([[[1.0, 0, 0], [0, 1, 0], [0.6, 0.8, 0]]])
    mask = torch.tensor([[1.0, 0, 1], [0, 1, 0]])
    found = part_products(straight, mask)
    wanted = torch.tensor([
        [[1.0, 0, 0.6], [0, 0, 0], [0.6, 0, 1]],
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    ])  # fmt: skip
    assert_close(found[0], wanted)


def test_a_part_is_judged_by_its_own_bones_alone():
    judge = built(PartDiscriminator, 4, PARTS, 8, 5).eval()
    bones = directions()
    before = judge(bones)
    assert before.shape == (6, 2)
    other = bones.clone()
    other[:, 0] = directions(seed=1)[:, 0]  # of the first part only
    after = judge(other)
    assert_close(after[:, 1], before[:, 1])
    assert (after[:, 0] != before[:, 0]).all()


def test_the_judge_of_bodies_is_blind_to_turns_and_to_mirrors():
    judge = built(PartDiscriminator, 4, PARTS, 8, 5).eval()
    bones = directions()
    turn, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(2)))
    assert_close(judge(bones @ turn), judge(bones))


def test_the_judge_of_pictures_sees_where_a_body_is():
    judge = built(PictureDiscriminator, 4, 8).eval()
    screen = torch.randn(5, 4, 2, generator=torch.Generator().manual_seed(3))
    assert judge(screen).shape == (5, 1)
    assert (judge(screen + 0.5) != judge(screen)).all()


@pytest.mark.parametrize(("kind", "sizes", "shape"), [
    (PartDiscriminator, (4, PARTS, 8, 5), (6, 4, 3)),
    (PictureDiscriminator, (4, 8), (6, 4, 2)),
])  # fmt: skip
def test_gradients_reach_every_weight_and_what_is_judged(kind, sizes, shape):
    judge = built(kind, *sizes)
    given = torch.randn(shape, generator=torch.Generator().manual_seed(4)).requires_grad_()
    judge(given).square().sum().backward()
    assert float(given.grad.abs().sum()) > 0
    assert all(float(each.grad.abs().sum()) > 0 for each in judge.parameters())


def test_a_reset_gives_other_weights():
    judge = built(PictureDiscriminator, 4, 8)
    before = judge.layer_last.weight.clone()
    with torch.random.fork_rng():
        torch.manual_seed(1)
        judge.reset()
    assert not torch.equal(judge.layer_last.weight, before)


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(SettingsError, match='"parts" of at least 1'):
        PartDiscriminator(4, ())
    with pytest.raises(SettingsError, match='"width" of at least 1'):
        PictureDiscriminator(4, 0)
    with pytest.raises(DataError, match="4 bones x 3 axes"):
        built(PartDiscriminator, 4, PARTS, 8, 5)(torch.zeros(1, 5, 3))
    with pytest.raises(DataError, match="4 joints x 2 axes"):
        built(PictureDiscriminator, 4, 8)(torch.zeros(1, 5, 2))
