"""Missing keypoints filled in, in time and from the body."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from crosslift.filling import between_known, filled_from_body, filled_in_time
from crosslift.skeletons import H36M_17

NAN = torch.nan


def slow_twin(track: list[float | None]) -> list[float]:
    """Frame by frame, the line between the nearest known ones."""
    known = [i for i, value in enumerate(track) if value is not None]
    found = []
    for i in range(len(track)):
        before = max((k for k in known if k <= i), default=None)
        after = min((k for k in known if k >= i), default=None)
        if before is None and after is None:
            found.append(NAN)
        elif before is None or after is None:
            found.append(track[after if before is None else before])
        else:
            share = (i - before) / max(after - before, 1)
            found.append(track[before] * (1 - share) + track[after] * share)
    return found


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), max_size=12))
def test_gaps_lie_where_the_slow_twin_puts_them(track):
    values = torch.tensor([NAN if v is None else float(v) for v in track])[:, None]
    known = torch.tensor([v is not None for v in track], dtype=torch.bool)
    found = between_known(values, known)[:, 0]
    torch.testing.assert_close(found, torch.tensor(slow_twin(track)), equal_nan=True)
    assert torch.equal(found[known], values[known, 0])


def test_what_is_not_known_is_not_looked_at_even_if_it_is_a_number():
    values = torch.tensor([[0.0], [99.0], [2.0]])
    found = between_known(values, torch.tensor([True, False, True]))
    assert found[:, 0].tolist() == [0, 1, 2]
    assert values[1] == 99


def test_known_frames_pass_the_gradient_on_and_gaps_share_it():
    values = torch.tensor([[1.0], [NAN], [NAN], [4.0], [5.0]], requires_grad=True)
    known = torch.tensor([True, False, False, True, True])
    between_known(values, known)[1].sum().backward()
    torch.testing.assert_close(values.grad[known, 0], torch.tensor([2 / 3, 1 / 3, 0]))
    assert (values.grad[~known] == 0).all()


def test_every_joint_of_every_sequence_is_a_track_of_its_own():
    points = torch.arange(24.0).reshape(1, 4, 3, 2).expand(2, 4, 3, 2).clone()
    truth, known = points.clone(), torch.ones(2, 4, 3, dtype=torch.bool)
    known[0, 1:3, 1] = False
    known[1, :, 2] = False
    points[~known] = NAN
    found = filled_in_time(points, known)
    torch.testing.assert_close(found[0], truth[0])
    assert found[1, :, 2].isnan().all() and torch.equal(found[1, :, :2], truth[1, :, :2])


def test_a_lost_joint_lies_where_its_nearest_known_ancestor_does():
    points = torch.randn(2, 17, 2)
    hip, knee, ankle = H36M_17.indices("left_hip", "left_knee", "left_ankle")
    holes = points.clone()
    holes[0, [knee, ankle]] = NAN
    found = filled_from_body(holes, H36M_17)
    assert torch.equal(found[0, knee], points[0, hip]) and torch.equal(
        found[0, ankle], points[0, hip]
    )
    assert torch.equal(found[1], points[1])
    assert holes[0, knee].isnan().all()


def test_a_lost_root_lies_in_the_middle_of_the_others_and_nobody_at_zero():
    points = torch.randn(2, 17, 2)
    points[0, 0], points[1] = NAN, NAN
    found = filled_from_body(points, H36M_17)
    torch.testing.assert_close(found[0, 0], points[0, 1:].mean(dim=0))
    assert (found[1] == 0).all()
