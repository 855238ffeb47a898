"""Motions from a kind, a body and a generator."""

import pytest
import torch
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.geometry import body_lengths, stature
from crosslift.kinematics import ANGLES, AVERAGE
from crosslift.motion import Motion
from crosslift.skeletons import H36M_16, H36M_17
from crosslift.synth import Bodies, draw_body, kinds, record
from crosslift.synth.bodies import arms_for_legs


def made(kind: str = "walk", fps: float = 30.0, seconds: float = 3.0, seed: int = 0) -> Motion:
    rng = torch.Generator().manual_seed(seed)
    return record(kind, draw_body(rng), fps, seconds, rng)


def test_a_recording_says_what_it_is():
    motion = made("wave", fps=25.0, seconds=2.0)
    assert (len(motion), motion.skeleton, motion.fps) == (50, H36M_17, 25.0)
    assert motion.angle_names == ANGLES
    assert motion.labels["action"] == "wave"
    assert "no recording of a person" in motion.provenance["source"]


@pytest.mark.parametrize("kind", kinds())
def test_the_same_generator_gives_the_same_motion(kind):
    assert_close(made(kind).positions, made(kind).positions, rtol=0, atol=0)
    assert not torch.equal(made(kind).positions, made(kind, seed=1).positions)


@pytest.mark.parametrize("kind", ["run", "crawl", "dance"])
def test_another_rate_is_the_same_movement_at_other_moments(kind):
    slow, quick = made(kind, fps=30.0), made(kind, fps=120.0)
    assert_close(slow.positions, quick.positions[::4], rtol=0, atol=1e-5)
    assert_close(slow.angles, quick.angles[::4], rtol=0, atol=1e-5)


def test_a_long_recording_goes_on_moving():
    positions = made("squat", seconds=60.0).positions
    assert float(positions[-300:, 0, 2].std()) > 0.03


@pytest.mark.parametrize("kind", ["walk", "run", "jump"])
def test_who_gets_about_stays_near(kind):
    assert float(made(kind, seconds=40.0).positions[..., :2].abs().max()) < 8


@pytest.mark.parametrize(("fps", "seconds"), [(0.0, 1.0), (30.0, -1.0), (float("nan"), 1.0)])
def test_lengths_and_rates_that_cannot_be_are_refused(fps, seconds):
    with pytest.raises(SettingsError, match="positive number of seconds"):
        made(fps=fps, seconds=seconds)


def test_bodies_are_even_sided_and_of_human_stature():
    rng = torch.Generator().manual_seed(0)
    for _ in range(100):
        body = draw_body(rng)
        mirror = [H36M_16.mirror[child] - 1 for _, child in H36M_16.bones]
        assert_close(body, body[mirror])
        shape = body / torch.from_numpy(AVERAGE.copy())
        assert float(shape.max() / shape.min()) <= 1.25 / 0.75 + 1e-6
    motion = record("wave", draw_body(rng), 30.0, 1.0, rng)
    tall = stature(body_lengths(motion.positions[0], H36M_17), H36M_17)
    assert 1.44 < float(tall) < 2.01


def test_bodies_keep_the_proportion_that_is_asked_for():
    rng = torch.Generator().manual_seed(0)
    bodies = [draw_body(rng, Bodies(arms=(1.1, 1.2))) for _ in range(20)]
    assert all(1.1 <= arms_for_legs(body) <= 1.2 for body in bodies)


def test_bodies_that_do_not_come_up_are_refused():
    with pytest.raises(SettingsError, match="widen one of the two"):
        draw_body(torch.Generator().manual_seed(0), Bodies(arms=(3.0, 4.0)))
