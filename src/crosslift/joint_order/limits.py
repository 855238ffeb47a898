"""How much evidence suffices to accuse."""

DISTANCE_LIMITS = {2: (70.0, 30.0), 3: (50.0, 0.0)}
"""How much better another order of 17 joints must be: with many frames, and more with one."""

SIDE_LIMITS = {
    2: ((0.03, 0.15), (0.04, 0.16), (0.006, 0.07), (0.06, 0.22), (0.05, 0.20)),
    3: ((0.03, 0.13), (0.05, 0.00), (0.02, 0.00), (0.04, 0.00), (0.03, 0.05)),
}
"""How much left and right must disagree along each link between neighbouring `LIMBS`, likewise."""

KNEE_LIMIT, HEAD_LIMIT = 0.02, 0.012
"""How far knees must bend and the nose must stand the wrong way, in the size of the body cubed."""


def limit_for(many_and_one: tuple[float, float], frames: float) -> float:
    """A limit for a number of frames, which are not independent of each other."""
    many, one = many_and_one
    return many + one / max(frames, 1.0) ** 0.5
