"""Capsules in pictures, against a twin that asks every pixel in turn."""

import math

import torch

from crosslift.render.raster import FAR, Capsules, painted

SIZE = (40, 30)


def capsules(rows: list[tuple[float, ...]]) -> Capsules:
    """One picture of capsules: x, y, x, y, radius, radius, depth, depth."""
    table = torch.tensor(rows)[None]
    bulge = torch.full(table.shape[:2], 0.01)
    return Capsules(table[..., :4].unflatten(-1, (2, 2)), table[..., 4:6], table[..., 6:8], bulge)


def slow_depth(x: int, y: int, row: tuple[float, ...]) -> float:
    """The depth of one capsule in one pixel."""
    ax, ay, bx, by, ra, rb, za, zb = row
    long = math.hypot(bx - ax, by - ay)
    t = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long**2
    t = min(max(t, 0), 1)
    off = math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay))
    radius = ra + t * (rb - ra)
    if off >= radius:
        return FAR
    return za + t * (zb - za) - 0.01 * math.sqrt(radius**2 - off**2)


ROWS = [
    (5.0, 4.0, 33.0, 21.0, 3.9, 2.1, 3.0, 4.0),
    (30.0, 3.0, 8.0, 27.0, 3.1, 5.4, 3.5, 3.2),
    (2.0, 15.0, 37.0, 15.5, 2.4, 2.6, 2.9, 3.9),
    (20.0, -6.0, 21.0, 40.0, 3.1, 6.1, 3.6, 3.3),
    (36.0, 25.0, 50.0, 28.0, 6.9, 2.0, 3.0, 3.0),
]


def test_each_pixel_shows_what_is_nearest_there():
    shown = painted(capsules(ROWS), SIZE)
    depth = shown.depth.view(SIZE[1], SIZE[0])
    for y in range(SIZE[1]):
        for x in range(SIZE[0]):
            nearest = min(slow_depth(x, y, row) for row in ROWS)
            assert math.isclose(depth[y, x], nearest, rel_tol=1e-5, abs_tol=1e-4), (x, y)


def test_pixels_know_their_capsule_and_its_side():
    shown = painted(capsules(ROWS[:1]), SIZE)
    normal = torch.stack([shown.across, shown.down])
    assert bool((normal.norm(dim=0) <= 1).all())
    above = shown.pixel == 8 * SIZE[0] + 16  # beyond the axis, up and to the right
    below = shown.pixel == 13 * SIZE[0] + 16
    assert float(shown.down[above]) < 0 < float(shown.down[below])
    assert float(shown.along[shown.pixel.argmin()]) < 0.1


def test_pictures_do_not_disturb_each_other():
    one, other = capsules(ROWS[:2]), capsules(ROWS[2:4])
    both = Capsules(*(torch.cat(pair) for pair in zip(one, other, strict=True)))
    depth = painted(both, SIZE).depth
    alone = torch.cat([painted(each, SIZE).depth for each in (one, other)])
    torch.testing.assert_close(depth, alone)


def test_what_cannot_be_seen_is_not_painted():
    rows = [
        (5.0, 4.0, 33.0, 21.0, 0.0, 0.0, 3.0, 4.0),
        (math.nan, 4.0, 33.0, 21.0, 3.0, 3.0, 3.0, 4.0),
        (-50.0, 4.0, -30.0, 21.0, 3.0, 3.0, 3.0, 4.0),
        (5.0, 70.0, 33.0, 90.0, 3.0, 3.0, 3.0, 4.0),
    ]
    assert len(painted(capsules(rows), SIZE).pixel) == 0
