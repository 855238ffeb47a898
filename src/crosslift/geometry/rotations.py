"""Rotations of three-dimensional space, from each way of writing them to the others.

All functions are called `<from>_to_<to>` and take any leading axes. A matrix turns column vectors
(`matrix @ point`), right-handed and active. A quaternion is w, x, y, z. An axis-angle vector is
the axis times the angle in radians. Euler angles are intrinsic: the matrix is the product of the
rotations about the named axes from left to right, as the channels of a BVH file are read. The
continuous 6D form is the first two *columns* of the matrix, one after the other.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import SettingsError

AXES = "xyz"


def rotation_about(axis: str, angle: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotation by `angle` about one of the axes "x", "y", "z"."""
    first = _axis(axis)
    second, third = (first + 1) % 3, (first + 2) % 3
    cos, sin = angle.cos(), angle.sin()
    entries = {(first, first): torch.ones_like(angle)}
    entries |= {(second, second): cos, (third, third): cos, (second, third): -sin}
    entries |= {(third, second): sin}
    nothing = torch.zeros_like(angle)
    return _matrix(
        [[entries.get((row, column), nothing) for column in range(3)] for row in range(3)]
    )


def cross_matrix(vector: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """The matrix whose product with a point is the cross product of `vector` and the point."""
    x, y, z = vector.unbind(dim=-1)
    nothing = torch.zeros_like(x)
    return _matrix([[nothing, -z, y], [z, nothing, -x], [-y, x, nothing]])


def axis_angle_to_matrix(vector: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3 3"]:
    """Rodrigues' formula, exact and smooth down to the angle zero."""
    squared = (vector**2).sum(dim=-1)[..., None, None]
    cross_twice = vector[..., :, None] * vector[..., None, :] - squared * _eye(vector)
    bend = 0.5 * _sinc_of_root(squared / 4) ** 2
    return _eye(vector) + _sinc_of_root(squared) * cross_matrix(vector) + bend * cross_twice


def published_axis_angle_to_matrix(
    vector: Float[Tensor, "*batch 3"],
) -> Float[Tensor, "*batch 3 3"]:
    """The matrix as PoseAug's code computes it, which is a rotation only to about one in 1,000.

    The axis is divided by the angle plus 1e-6, and where the squared angle is no more than 1e-6
    the matrix is of first order in the angle. For repeating published results; use
    `axis_angle_to_matrix` for anything else.
    """
    squared = (vector**2).sum(dim=-1, keepdim=True)
    small = (squared <= 1e-6)[..., None]
    angle = torch.where(small[..., 0], torch.ones_like(squared), squared).sqrt()
    axis, angle = vector / (angle + 1e-6), angle[..., None]
    outer = axis[..., :, None] * axis[..., None, :]
    turned = angle.cos() * _eye(vector) + angle.sin() * cross_matrix(axis)
    return torch.where(
        small, _eye(vector) + cross_matrix(vector), turned + (1 - angle.cos()) * outer
    )


def axis_angle_to_quaternion(vector: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 4"]:
    """The unit quaternion that turns about the vector by its length."""
    half_squared = (vector**2).sum(dim=-1, keepdim=True) / 4
    cosine = 1 - 0.5 * half_squared * _sinc_of_root(half_squared / 4) ** 2
    return torch.cat([cosine, 0.5 * _sinc_of_root(half_squared) * vector], dim=-1)


def quaternion_to_axis_angle(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3"]:
    """Axis times angle, the angle between 0 and pi; the quaternion may have any length."""
    upper = _upper(_unit(quaternion)[0])
    w, xyz = upper[..., :1], upper[..., 1:]
    squared = (xyz**2).sum(dim=-1, keepdim=True)
    small = squared < 1e-4
    sine = torch.where(small, torch.ones_like(squared), squared).sqrt()
    ratio = squared / w.clamp_min(0.5) ** 2  # only read where small, and w is near 1 there
    series = 1 - ratio * (1 / 3 - ratio * (1 / 5 - ratio * (1 / 7 - ratio / 9)))
    angle_by_sine = torch.where(
        small, 2 * series / w.clamp_min(0.5), 2 * torch.atan2(sine, w) / sine
    )
    return xyz * angle_by_sine


def quaternion_to_matrix(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3 3"]:
    """The matrix of a quaternion of any length; NaN for the quaternion of length zero."""
    unit, known = _unit(quaternion)
    w, x, y, z = unit.unbind(dim=-1)
    matrix = _matrix([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    return torch.where(known[..., None], matrix, torch.nan)


def matrix_to_quaternion(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 4"]:
    """The unit quaternion of a rotation, with w not below zero.

    The matrix holds all products of two of the four numbers; the row of the largest one is taken,
    so that nothing small is divided by at any angle.
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = (row.unbind(-1) for row in matrix.unbind(-2))
    products = _matrix([
        [1 + xx + yy + zz, zy - yz, xz - zx, yx - xy],
        [zy - yz, 1 + xx - yy - zz, yx + xy, xz + zx],
        [xz - zx, yx + xy, 1 - xx + yy - zz, zy + yz],
        [yx - xy, xz + zx, zy + yz, 1 - xx - yy + zz],
    ])  # fmt: skip
    largest = products.diagonal(dim1=-2, dim2=-1).argmax(dim=-1)[..., None, None]
    row = products.take_along_dim(largest, dim=-2)[..., 0, :]
    return _upper(_unit(row)[0])


def matrix_to_axis_angle(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3"]:
    """Axis times angle, the angle between 0 and pi; stable at both ends."""
    return quaternion_to_axis_angle(matrix_to_quaternion(matrix))


def matrix_to_columns(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 6"]:
    """The continuous 6D form: the first column of the matrix, then the second."""
    return matrix[..., :2].mT.flatten(start_dim=-2)


def columns_to_matrix(columns: Float[Tensor, "*batch 6"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotation whose first column points along the first three numbers.

    The second column is what the last three add to that direction; NaN where they add nothing.
    """
    first, named = _unit(columns[..., :3])
    along = (first * columns[..., 3:]).sum(dim=-1, keepdim=True)
    rounding = 8 * torch.finfo(columns.dtype).eps * columns[..., 3:].norm(dim=-1, keepdim=True)
    second, independent = _unit(columns[..., 3:] - along * first, rounding.detach())
    matrix = torch.stack([first, second, torch.linalg.cross(first, second)], dim=-1)
    return torch.where((named & independent)[..., None], matrix, torch.nan)


def euler_to_matrix(
    angles: Float[Tensor, "*batch axes"], order: str
) -> Float[Tensor, "*batch 3 3"]:
    """The product, from left to right, of the rotations about the axes that `order` names.

    Args:
        order: Such as "zyx" or "zxz"; a letter for each angle, of any number.
    """
    if len(order) != angles.shape[-1] or not order:
        raise SettingsError(
            f'The axis order "{order}" should have a letter for each angle, but there are '
            f"{angles.shape[-1]} angles; name as many of x, y, z as there are angles."
        )
    turns = [rotation_about(*pair) for pair in zip(order, angles.unbind(dim=-1), strict=True)]
    product = turns[0]
    for turn in turns[1:]:
        product = product @ turn
    return product


def matrix_to_euler(matrix: Float[Tensor, "*batch 3 3"], order: str) -> Float[Tensor, "*batch 3"]:
    """Three angles about the axes of `order` whose product from left to right is the matrix.

    The middle angle lies between -pi/2 and pi/2, or between 0 and pi where the first axis comes
    back as the third ("zxz"). At the gimbal lock, where only the sum or the difference of the
    outer angles counts, the first angle is 0.
    """
    first, second, third = _euler_axes(order)
    other = 3 - first - second
    sign = 1 if (second - first) % 3 == 1 else -1
    proper = third == first
    if proper:
        along, across = matrix[..., second, first], -sign * matrix[..., other, first]
        level = matrix[..., first, first]
    else:
        along, across = -sign * matrix[..., second, third], matrix[..., third, third]
        level = sign * matrix[..., first, third]
    squared = along**2 + across**2
    free = squared > 16 * torch.finfo(matrix.dtype).eps ** 2  # else the gimbal is locked
    length = torch.where(free, squared, torch.ones_like(squared)).sqrt() * free
    start = torch.atan2(along * free, torch.where(free, across, torch.ones_like(across)))
    middle = torch.atan2(length, level) if proper else torch.atan2(level, length)
    left = (rotation_about(order[0], -start) @ matrix)[..., second, :]  # of the third turn alone
    sine = -sign * left[..., other] if proper else sign * left[..., first]
    return torch.stack([start, middle, torch.atan2(sine, left[..., second])], dim=-1)


def project_to_rotation(matrix: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotation nearest to a matrix, never a reflection; NaN where the matrix is not finite.

    By singular values in double precision. Where several rotations are equally near (a mirrored
    plane, a line, nothing) it is one of them, and no gradient flows along the free direction.
    """
    finite = matrix.isfinite().all(dim=-1).all(dim=-1)[..., None, None]
    safe = torch.where(finite, matrix, _eye(matrix)).to(_precise(matrix))
    with torch.no_grad():
        left, values, right = torch.linalg.svd(safe)
        flip = torch.ones_like(values)
        flip[..., 2] = torch.linalg.det(left @ right).sign()
        nearest = (left * flip[..., None, :]) @ right
        values = values * flip
        sums = values.sum(dim=-1, keepdim=True) - values  # stiffness about each principal axis
        stiff = sums > 1e-12 * values[..., :1]
        loose = torch.where(stiff, 1 / torch.where(stiff, sums, torch.ones_like(sums)), 0)
    nearest = nearest + nearest @ cross_matrix(_newton_step(safe, nearest, right, loose))
    return torch.where(finite, nearest.to(matrix.dtype), torch.nan)


def _newton_step(matrix: Tensor, nearest: Tensor, right: Tensor, loose: Tensor) -> Tensor:
    """The turn from `nearest`, a constant, to the rotation nearest to `matrix`.

    It is zero but for rounding; its purpose is its derivative, which unlike that of the singular
    vectors is finite where singular values are equal, as those of a rotation are.
    """
    product = nearest.mT @ matrix  # symmetric at the solution
    skew = product - product.mT
    twist = torch.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], dim=-1)
    return (right.mT @ (loose[..., None] * (right @ twist[..., None])))[..., 0]


def _precise(tensor: Tensor) -> torch.dtype:
    return torch.float32 if tensor.device.type == "mps" else torch.float64  # which mps lacks


def _eye(like: Tensor) -> Tensor:
    return torch.eye(3, dtype=like.dtype, device=like.device)


def _matrix(rows: list[list[Tensor]]) -> Tensor:
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def _unit(vector: Tensor, least: Tensor | float = 0.0) -> tuple[Tensor, Tensor]:
    """The vector divided by its length, and whether it is longer than `least`; else it is zero."""
    squared = (vector**2).sum(dim=-1, keepdim=True)
    known = ~(squared <= least**2 + torch.finfo(vector.dtype).tiny)  # NaN stays NaN
    length = torch.where(known, squared, torch.ones_like(squared)).sqrt()
    return torch.where(known, vector / length, 0), known


def _upper(quaternion: Tensor) -> Tensor:
    """The same rotation's quaternion on the half sphere where w is not negative."""
    return torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def _sinc_of_root(squared: Tensor) -> Tensor:
    """sin(a)/a of the angle whose square is given, by its series where that is small."""
    small = squared < 1e-2
    angle = torch.where(small, torch.ones_like(squared), squared).sqrt()
    series = torch.ones_like(squared)
    for divisor in (72, 42, 20, 6):  # a^10/11!, the first term left out, is below 3e-18
        series = 1 - squared / divisor * series
    return torch.where(small, series, angle.sin() / angle)


def _axis(letter: str) -> int:
    if len(letter) != 1 or letter not in AXES:
        raise SettingsError(f'An axis is "x", "y" or "z", but "{letter}" was given; use one.')
    return AXES.index(letter)


def _euler_axes(order: str) -> tuple[int, int, int]:
    if len(order) != 3 or order[0] == order[1] or order[1] == order[2]:
        raise SettingsError(
            f'Three angles are read about three axes of which neighbours differ, but "{order}" was '
            'given; name an order such as "xyz" or "zxz".'
        )
    first, second, third = (_axis(letter) for letter in order)
    return first, second, third
