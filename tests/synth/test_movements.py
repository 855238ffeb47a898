"""What every kind of movement keeps, whoever performs it."""

import pytest

from crosslift.errors import SettingsError
from crosslift.geometry import bone_lengths
from crosslift.kinematics import ANGLES
from crosslift.skeletons import H36M_17
from crosslift.synth import HUMAN, kind_named, kinds
from crosslift.synth.perform import Performance

from .laws import performance, slides

ANKLES = H36M_17.indices("right_ankle", "left_ankle")


@pytest.fixture(scope="module", params=[(k, s) for k in kinds() for s in (1, 2)], ids=str)
def performed(request: pytest.FixtureRequest) -> Performance:
    return performance(*request.param)


def test_there_are_at_least_twelve_kinds_and_each_says_what_it_is():
    assert len(kinds()) >= 12
    assert all(kind.help.endswith(".") for kind in kinds().values())


def test_feet_do_not_slide_while_they_stand(performed):
    for side, ankle in enumerate(ANKLES):
        found = slides(performed.positions[:, ankle], performed.planted[:, side])
        assert max(found, default=0) < 0.001


def test_feet_do_not_slide_while_they_are_at_standing_height(performed):
    for ankle in ANKLES:
        height = performed.positions[:, ankle, 2]
        found = slides(performed.positions[:, ankle], height < height.min() + 0.005)
        assert max(found, default=0) < 0.02


def test_joints_stay_within_human_limits(performed):
    excess = HUMAN.excess(performed.angles).abs().amax(dim=0)
    beyond = {ANGLES[i]: float(excess[i]) for i in (excess > 1e-6).nonzero()[:, 0].tolist()}
    assert not beyond


def test_no_joint_is_under_the_floor(performed):
    assert float(performed.positions[..., 2].min()) > -0.02


def test_bones_keep_their_lengths(performed):
    lengths = bone_lengths(performed.positions, H36M_17)
    rigid = [bone for bone, (_, child) in enumerate(H36M_17.bones)]
    spread = lengths[:, rigid].amax(dim=0) - lengths[:, rigid].amin(dim=0)
    assert float(spread.max()) < 1e-6


def test_movement_is_smooth(performed):
    speed = performed.positions.diff(dim=0).norm(dim=-1) * 60
    jolt = performed.positions.diff(n=2, dim=0).norm(dim=-1) * 60**2
    turning = performed.angles.diff(dim=0).abs() * 60
    assert float(speed.max()) < 16
    assert float(jolt.max()) < 450
    assert float(turning.max()) < 45


@pytest.mark.parametrize("kind", ["walk", "throw", "lie_down"])
def test_speed_is_continuous_at_any_rate(kind):
    """Ten times the rate makes the steps of the speed a tenth: no jump hides between frames."""

    def step(fps: float) -> float:
        positions = performance(kind, 4, fps, 3.0).positions
        return float((positions.diff(n=2, dim=0) * fps).norm(dim=-1).max())

    assert step(1200.0) < 0.25 * step(120.0)


def test_an_unknown_kind_is_answered_with_the_nearest():
    with pytest.raises(SettingsError, match='called "wlak"; did you mean "walk"?'):
        kind_named("wlak")
