"""The refinement: as released, and as something that only adds to poses."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.refinement import PUBLISHED, Refinement, RefinementSettings, waves

SMALL = RefinementSettings(width=16, heads=2, hidden=16, depth=1)
RELEASED = RefinementSettings(width=16, heads=2, hidden=16, depth=1, released=True)


def built(settings: RefinementSettings) -> Refinement:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Refinement(settings).eval()


def poses() -> torch.Tensor:
    return torch.randn(2, 3, 4, 5, 3, generator=torch.Generator().manual_seed(0))


def test_a_fresh_one_leaves_poses_as_they_are():
    assert torch.equal(built(SMALL)(poses()), poses())


def test_ours_learns_and_looks_at_one_pose_at_a_time():
    network = built(SMALL)
    torch.nn.init.normal_(network.decoder.weight)
    found = network(poses())
    assert (found - poses()).abs().max() > 0.1
    assert_close(network(poses()[1:, 2:]), found[1:, 2:], atol=1e-6, rtol=1e-5)


def test_ours_tells_joints_apart():
    network = built(SMALL)
    torch.nn.init.normal_(network.decoder.weight)
    same = torch.ones(1, 1, 5, 3)
    assert (network(same)[0, 0, 0] - network(same)[0, 0, 1]).abs().max() > 1e-3


def test_as_released_a_pose_hangs_on_its_place_in_the_row():
    network, same = built(RELEASED), poses()[0, 0, :1].expand(3, 5, 3)
    found = network.said_anew(same)
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_as_released_a_joint_sees_only_those_before_it():
    network, given = built(RELEASED), poses()[0, 0].requires_grad_()
    network.said_anew(given)[:, 2].sum().backward()
    assert given.grad[:, :3].any() and not given.grad[:, 3:].any()


def test_as_released_it_counts_in_millimetres():
    network, given = built(RELEASED), poses()[0, 0]
    assert_close(network(given), network.said_anew(given * 1000) / 1000)


def test_the_published_size():
    with torch.device("meta"):
        network = Refinement(PUBLISHED)
    assert sum(each.numel() for each in network.parameters()) == 12_627_459
    assert len(network.state_dict()) == 100  # and the table of waves


def test_waves_begin_with_the_sine_of_nothing_and_the_cosine():
    found = waves(2, 4, torch.zeros(()))
    assert_close(found[0], torch.tensor([0.0, 1.0, 0.0, 1.0]))
    one, hundredth = torch.tensor(1.0), torch.tensor(0.01)
    assert_close(found[1], torch.stack([one.sin(), one.cos(), hundredth.sin(), hundredth.cos()]))


def test_a_width_that_heads_cannot_share_is_refused():
    with pytest.raises(SettingsError, match="A refinement shares a width out among 3 heads"):
        RefinementSettings(width=16, heads=3)
