"""L2D-Pose's published settings by name."""

import pytest

from crosslift import registry
from crosslift.errors import SettingsError
from crosslift.networks.hrnet import HRNET_W32
from crosslift.recipes.guiding import PUBLISHED
from crosslift.recipes.guiding_rows import ROWS, check_kinds, guided_row_named


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_as_published(name):
    row = ROWS[name]
    assert row.network == HRNET_W32 and row.size == (288, 384)
    assert row.recipe.optimizer.rate == 1e-3 and row.recipe.guidance.single == 0.8
    assert row.recipe.guidance.hard == 0.3 and row.recipe.guidance.hardest == 10
    assert set(row.lifters + row.unseen) <= set(registry.parts("lifter"))
    assert bool(row.expected) == bool(row.lifters)


def test_several_lifters_are_compared_and_one_is_not():
    one = guided_row_named("l2d_pose_w32_384x288_h36m_simple_baseline")
    three = guided_row_named("l2d_pose_w32_384x288_panoptic_three")
    assert (one.recipe.guidance.together, one.recipe.guidance.agreement) == (0.0, 0.0)
    assert three.recipe == PUBLISHED and three.unseen == ("mixste",)
    assert (one.expected, three.expected) == (
        {"mpjpe_less_percent": 4.6},
        {"mpjpe_less_percent": 16.8},
    )


def test_an_unknown_row_and_other_lifters_are_refused():
    with pytest.raises(SettingsError, match='did you mean "l2d_pose_w32_384x288_h36m_plain"'):
        guided_row_named("l2d_pose_w32_384x288_h36m_plan")
    check_kinds("guides", ("a", "b"), ("b", "a"), "row")
    with pytest.raises(SettingsError, match='"row" has a, b as guides, but a was named; name'):
        check_kinds("guides", ("a", "b"), ("a",), "row")
    with pytest.raises(SettingsError, match="has no lifter as guides, but a was named"):
        check_kinds("guides", (), ("a",), "row")
