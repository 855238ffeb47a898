"""Rotations: group laws, round trips, values by hand, slow twins, gradients where they are hard."""

from itertools import product
from math import pi

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.geometry import (
    axis_angle_to_matrix,
    axis_angle_to_quaternion,
    columns_to_matrix,
    cross_matrix,
    euler_to_matrix,
    matrix_to_axis_angle,
    matrix_to_columns,
    matrix_to_euler,
    matrix_to_quaternion,
    project_to_rotation,
    published_axis_angle_to_matrix,
    quaternion_to_axis_angle,
    quaternion_to_matrix,
    rotation_about,
)

F64 = torch.float64
EYE = torch.eye(3, dtype=F64)
ORDERS = [
    "".join(letters)
    for letters in product("xyz", repeat=3)
    if letters[0] != letters[1] and letters[1] != letters[2]
]
ANGLES = [0.0, 1e-12, 1e-6, 0.0999, 0.1001, 1.0, pi - 1e-3, pi - 1e-9, pi, 4.0]


def numbers(count: int, largest: float) -> st.SearchStrategy[torch.Tensor]:
    each = st.floats(-largest, largest)
    return st.lists(each, min_size=count, max_size=count).map(lambda x: torch.tensor(x, dtype=F64))


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_rotations(*batch: int, dtype: torch.dtype = F64) -> torch.Tensor:
    return quaternion_to_matrix(torch.randn(*batch, 4, generator=generator(), dtype=dtype))


def is_rotation(matrix: torch.Tensor) -> None:
    assert_close(matrix @ matrix.mT, torch.eye(3, dtype=matrix.dtype).expand_as(matrix))
    assert_close(torch.linalg.det(matrix), torch.ones(matrix.shape[:-2], dtype=matrix.dtype))


@settings(max_examples=40, deadline=None)
@given(numbers(3, 10))
def test_axis_angle_gives_the_matrix_exponential_of_its_cross_product(vector):
    matrix = axis_angle_to_matrix(vector)
    is_rotation(matrix)
    assert_close(matrix, torch.linalg.matrix_exp(cross_matrix(vector)), atol=1e-12, rtol=0)


@pytest.mark.parametrize("angle", ANGLES)
def test_all_ways_to_write_one_rotation_agree_at_small_and_at_straight_angles(angle):
    vector = angle * torch.tensor([0.6, -0.48, 0.64], dtype=F64)
    matrix = torch.linalg.matrix_exp(cross_matrix(vector))
    quaternion = axis_angle_to_quaternion(vector)
    assert_close(axis_angle_to_matrix(vector), matrix, atol=1e-14, rtol=0)
    assert_close(quaternion_to_matrix(quaternion), matrix, atol=1e-14, rtol=0)
    back = matrix_to_axis_angle(matrix)
    assert back.norm() <= pi + 1e-12
    assert_close(axis_angle_to_matrix(back), matrix, atol=1e-13, rtol=0)
    assert_close(
        axis_angle_to_matrix(quaternion_to_axis_angle(quaternion)), matrix, rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("angle", [1e-12, 1e-5, 0.0199, 0.0201, 1.0, pi - 1e-6])
def test_axis_angle_to_quaternion_and_back_keeps_every_digit(angle):
    vector = angle * torch.tensor([0.6, -0.48, 0.64], dtype=F64)
    back = quaternion_to_axis_angle(axis_angle_to_quaternion(vector))
    assert_close(back, vector, rtol=1e-12, atol=0)


@settings(max_examples=40, deadline=None)
@given(numbers(4, 2).filter(lambda q: float(q.norm()) > 1e-3), numbers(3, 2))
def test_a_quaternion_turns_a_point_by_the_sandwich_product(quaternion, point):
    w, v = quaternion[0] / quaternion.norm(), quaternion[1:] / quaternion.norm()
    along = torch.linalg.cross(v, point)
    turned = point + 2 * (w * along + torch.linalg.cross(v, along))
    assert_close(quaternion_to_matrix(quaternion) @ point, turned, atol=1e-12, rtol=0)


@settings(max_examples=40, deadline=None)
@given(numbers(4, 2).filter(lambda q: float(q.norm()) > 1e-3))
def test_matrix_to_quaternion_finds_the_quaternion_up_to_its_sign(quaternion):
    unit = quaternion / quaternion.norm()
    back = matrix_to_quaternion(quaternion_to_matrix(quaternion))
    assert back[0] >= 0
    assert_close(back[:, None] * back, unit[:, None] * unit, atol=1e-12, rtol=0)


def test_half_turns_about_each_axis_have_quaternions_along_it():
    halves = torch.stack([rotation_about(axis, torch.tensor(pi, dtype=F64)) for axis in "xyz"])
    assert_close(matrix_to_quaternion(halves)[:, 1:].abs(), EYE)


def test_the_turn_of_a_quarter_about_z_sends_x_to_y():
    quarter = rotation_about("z", torch.tensor(pi / 2, dtype=F64))
    assert_close(quarter @ EYE[0], EYE[1])
    assert_close(quarter @ EYE[1], -EYE[0])
    assert_close(quarter @ EYE[2], EYE[2])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_rotation_about_an_axis_is_the_axis_angle_along_it(axis):
    angle = torch.tensor([-2.0, 0.0, 0.3], dtype=F64)
    assert_close(
        rotation_about("xyz"[axis], angle), axis_angle_to_matrix(angle[:, None] * EYE[axis])
    )


def test_euler_angles_multiply_from_left_to_right():
    z, y, x = angles = torch.tensor([0.3, -0.8, 1.7], dtype=F64)
    by_hand = rotation_about("z", z) @ rotation_about("y", y) @ rotation_about("x", x)
    assert_close(euler_to_matrix(angles, "zyx"), by_hand)


def test_euler_angles_may_be_fewer_or_more_than_three():
    angles = torch.tensor([0.3, -0.8, 1.7, 0.2], dtype=F64)
    assert_close(euler_to_matrix(angles[:1], "y"), rotation_about("y", angles[0]))
    both = euler_to_matrix(angles[:2], "xy") @ euler_to_matrix(angles[2:], "zx")
    assert_close(euler_to_matrix(angles, "xyzx"), both)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ORDERS), numbers(3, 3.1))
def test_matrix_to_euler_and_back_is_the_identity(order, angles):
    matrix = euler_to_matrix(angles, order)
    found = matrix_to_euler(matrix, order)
    assert_close(euler_to_matrix(found, order), matrix, atol=1e-12, rtol=0)
    low, high = (0, pi) if order[0] == order[2] else (-pi / 2, pi / 2)
    assert low <= found[1] <= high


@pytest.mark.parametrize("order", ORDERS)
def test_matrix_to_euler_finds_the_angles_themselves_within_their_range(order):
    middle = 1.2 if order[0] == order[2] else -0.7
    angles = torch.tensor([[2.5, middle, -1.9], [-0.4, middle, 3.0]], dtype=F64)
    assert_close(matrix_to_euler(euler_to_matrix(angles, order), order), angles)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("beside", [0.0, 1e-9])
def test_at_the_gimbal_lock_the_angles_still_give_the_matrix(order, side, beside):
    locked = (0.0, pi)[side] if order[0] == order[2] else (-pi / 2, pi / 2)[side]
    matrix = euler_to_matrix(torch.tensor([0.8, locked + beside, -0.3], dtype=F64), order)
    matrix.requires_grad_()
    found = matrix_to_euler(matrix, order)
    assert_close(euler_to_matrix(found, order), matrix, atol=1e-8, rtol=0)
    if beside == 0:
        assert found[0] == 0
        (slope,) = torch.autograd.grad(found.sum(), matrix)
        assert slope.isfinite().all()


def test_euler_angles_refuse_what_is_no_order():
    angles = torch.zeros(3)
    with pytest.raises(SettingsError, match=r'"xy" should have a letter for each angle.*3 angles'):
        euler_to_matrix(angles, "xy")
    with pytest.raises(SettingsError, match='An axis is "x", "y" or "z", but "w" was given'):
        euler_to_matrix(angles, "xyw")
    for order in ("xxy", "xyy", "xyzx"):
        with pytest.raises(SettingsError, match=f'neighbours differ, but "{order}" was given'):
            matrix_to_euler(torch.eye(3), order)


def test_the_6d_form_is_the_first_column_and_then_the_second():
    matrix = rotation_about("z", torch.tensor(pi / 2, dtype=F64))
    expected = torch.tensor([0, 1, 0, -1, 0, 0], dtype=F64)  # its rows would begin with 0, -1
    assert_close(matrix_to_columns(matrix), expected)


def test_6d_and_back_is_the_identity_whatever_is_added_along_the_first_column():
    matrix = some_rotations(5)
    columns = matrix_to_columns(matrix)
    assert_close(columns_to_matrix(columns), matrix)
    stretched = torch.cat([3 * columns[:, :3], 0.5 * columns[:, 3:] + 2 * columns[:, :3]], dim=-1)
    assert_close(columns_to_matrix(stretched), matrix)


def test_6d_numbers_that_name_no_rotation_are_nan_without_harm_to_others():
    columns = torch.tensor([[1.0, 2, 0, 2, 4, 0], [1, 0, 0, 0, 1, 0], [0, 0, 0, 0, 1, 0]])
    columns.requires_grad_()
    matrix = columns_to_matrix(columns)
    assert matrix[0, :, 1].isnan().all()
    assert_close(matrix[1], torch.eye(3))
    assert matrix[2].isnan().any()
    (slope,) = torch.autograd.grad(matrix[1].sum(), columns)
    assert slope.isfinite().all()


def test_a_quaternion_of_length_zero_is_nan():
    quaternion = torch.tensor([[0.0, 0, 0, 0], [0, 0, 3, 0]], requires_grad=True)
    matrix = quaternion_to_matrix(quaternion)
    assert matrix[0].isnan().all()
    assert_close(matrix[1], torch.diag(torch.tensor([-1.0, 1, -1])))
    (slope,) = torch.autograd.grad(matrix[1].sum(), quaternion)
    assert slope.isfinite().all()


@pytest.mark.parametrize("change", [axis_angle_to_matrix, axis_angle_to_quaternion])
@pytest.mark.parametrize("angle", [0.0, 1e-6, 0.05, 1.0, 3.0])
def test_axis_angles_have_right_gradients_also_at_zero(change, angle):
    vector = angle * torch.tensor([0.6, -0.48, 0.64], dtype=F64)
    assert gradcheck(change, vector.requires_grad_())


def test_the_second_derivative_at_zero_is_finite_too():
    vector = torch.zeros(3, dtype=F64, requires_grad=True)
    assert torch.autograd.gradgradcheck(axis_angle_to_matrix, vector)


@pytest.mark.parametrize("angle", [0.0, 1e-6, 0.02, 1.0, pi - 1e-3])
def test_matrices_and_quaternions_have_right_gradients_back_to_axis_angles(angle):
    vector = angle * torch.tensor([0.6, -0.48, 0.64], dtype=F64)
    assert gradcheck(matrix_to_axis_angle, axis_angle_to_matrix(vector).requires_grad_())
    assert gradcheck(quaternion_to_axis_angle, axis_angle_to_quaternion(vector).requires_grad_())


@pytest.mark.parametrize("order", ["xyz", "zyx", "zxz"])
def test_euler_angles_have_right_gradients(order):
    angles = torch.tensor([0.3, 0.8, -1.7], dtype=F64, requires_grad=True)
    assert gradcheck(lambda a: matrix_to_euler(euler_to_matrix(a, order), order), angles)


def test_a_rotation_is_its_own_nearest_rotation():
    matrix = some_rotations(20)
    assert_close(project_to_rotation(matrix), matrix)
    assert_close(project_to_rotation(2.5 * matrix), matrix)


@settings(max_examples=25, deadline=None)
@given(numbers(9, 1), st.integers(0, 1000))
def test_no_other_rotation_is_nearer_than_the_nearest(entries, seed):
    matrix = entries.reshape(3, 3)
    nearest = project_to_rotation(matrix)
    is_rotation(nearest)
    others = quaternion_to_matrix(torch.randn(200, 4, generator=generator(seed), dtype=F64))
    assert (nearest - matrix).norm() <= (others - matrix).flatten(1).norm(dim=1).min() + 1e-9


def test_the_nearest_rotation_of_a_reflection_is_no_reflection():
    reflection = torch.diag(torch.tensor([1.0, 0.8, -0.5], dtype=F64))
    assert_close(project_to_rotation(reflection), EYE)


def test_a_matrix_that_is_not_finite_does_not_harm_its_neighbours():
    matrix = some_rotations(3)
    matrix[1, 0, 0] = torch.nan
    nearest = project_to_rotation(matrix)
    assert nearest[1].isnan().all()
    assert_close(nearest[[0, 2]], matrix[[0, 2]])


@pytest.mark.parametrize(
    "matrix",
    [EYE, torch.diag(torch.tensor([3.0, 2.0, -0.5], dtype=F64)), some_rotations(1)[0] * 2 + 0.3],
    ids=["equal singular values", "mirrored", "any"],
)
def test_the_nearest_rotation_has_right_gradients(matrix):
    assert gradcheck(project_to_rotation, matrix.clone().requires_grad_())


def test_the_nearest_rotation_to_nothing_has_a_finite_gradient():
    matrix = torch.zeros(3, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(project_to_rotation(matrix).sum(), matrix)
    assert slope.isfinite().all()


def test_the_published_form_is_of_first_order_up_to_a_thousandth():
    vector = torch.tensor([6e-4, -6e-4, 3e-4], dtype=F64)
    assert_close(published_axis_angle_to_matrix(vector), EYE + cross_matrix(vector), rtol=0, atol=0)


def test_the_published_form_shortens_the_axis_by_a_millionth():
    matrix = published_axis_angle_to_matrix(torch.tensor([0, 0, 2.0], dtype=F64))
    axis = 2 / (2 + 1e-6)
    cos, sin = torch.tensor(2.0, dtype=F64).cos(), torch.tensor(2.0, dtype=F64).sin() * axis
    last = cos + (1 - cos) * axis**2
    expected = [[cos, -sin, 0], [sin, cos, 0], [0, 0, last]]
    assert_close(matrix, torch.tensor(expected, dtype=F64), rtol=0, atol=1e-15)


def test_the_published_form_is_near_the_exact_one_and_not_equal():
    vector = torch.randn(50, 3, generator=generator(), dtype=F64)
    off = (published_axis_angle_to_matrix(vector) - axis_angle_to_matrix(vector)).abs().max()
    assert 1e-8 < off < 1e-4


def test_the_published_form_has_finite_gradients_at_zero():
    vector = torch.zeros(3, requires_grad=True)
    (slope,) = torch.autograd.grad(published_axis_angle_to_matrix(vector)[0, 1], vector)
    assert_close(slope, torch.tensor([0.0, 0.0, -1.0]))


@pytest.mark.parametrize("batch", [(), (0,), (3,), (2, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_every_map_keeps_leading_axes_and_precision(batch, dtype):
    matrix = some_rotations(*batch, dtype=dtype)
    columns, quaternion = matrix_to_columns(matrix), matrix_to_quaternion(matrix)
    vector, angles = matrix_to_axis_angle(matrix), matrix_to_euler(matrix, "zxy")
    assert columns.shape == (*batch, 6)
    rebuilt = [
        columns_to_matrix(columns),
        quaternion_to_matrix(quaternion),
        axis_angle_to_matrix(vector),
        euler_to_matrix(angles, "zxy"),
        quaternion_to_matrix(axis_angle_to_quaternion(vector)),
        axis_angle_to_matrix(quaternion_to_axis_angle(quaternion)),
        project_to_rotation(matrix),
    ]
    for again in rebuilt:
        assert again.dtype == dtype
        assert_close(again, matrix, atol=1e-6, rtol=0)
