"""How far each joint of the kinematic body turns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import SettingsError
from .chains import ANGLES, angle_index

Degrees = Mapping[str, tuple[float | int, float | int]]


@dataclass(frozen=True)
class Limits:
    """The least and the greatest value of every angle, in radians and in the order of `ANGLES`."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        check_limits(self)

    @classmethod
    def from_degrees(cls, degrees: Degrees, base: "Limits | None" = None) -> "Limits":
        """Limits from names and pairs of degrees; angles that are not named keep `base`'s.

        Without a `base` every angle must be named.
        """
        given = {angle_index(name): pair for name, pair in degrees.items()}
        missing = [name for index, name in enumerate(ANGLES) if index not in given]
        if base is None and missing:
            raise SettingsError(
                f'Limits name all {len(ANGLES)} angles, but "{missing[0]}" is missing; add it, or '
                "say whose limits the others keep."
            )
        lower = list(base.lower if base else [0.0] * len(ANGLES))
        upper = list(base.upper if base else [0.0] * len(ANGLES))
        for index, (least, greatest) in given.items():
            lower[index], upper[index] = math.radians(least), math.radians(greatest)
        return cls(tuple(lower), tuple(upper))

    def to_degrees(self) -> dict[str, tuple[float, float]]:
        """Names and pairs of degrees, as `from_degrees` takes them."""
        pairs = zip(ANGLES, self.lower, self.upper, strict=True)
        return {name: (math.degrees(least), math.degrees(most)) for name, least, most in pairs}

    def contains(self, angles: Float[Tensor, "*batch 33"]) -> Bool[Tensor, "*batch"]:
        """Whether all angles of a pose are within; the ends belong to it."""
        return (self.excess(angles) == 0).all(dim=-1)

    def clamp(self, angles: Float[Tensor, "*batch 33"]) -> Float[Tensor, "*batch 33"]:
        """Each angle at the nearest value within."""
        return angles.clamp(angles.new_tensor(self.lower), angles.new_tensor(self.upper))

    def excess(self, angles: Float[Tensor, "*batch 33"]) -> Float[Tensor, "*batch 33"]:
        """How far each angle is outside: above zero beyond the upper end, below zero beyond the
        lower one, zero within."""
        return angles - self.clamp(angles)


def check_limits(limits: Limits) -> None:
    """Refuse limits that miss an angle, are no numbers, or have their ends the wrong way round."""
    for side, ends in (("lower", limits.lower), ("upper", limits.upper)):
        if len(ends) != len(ANGLES):
            raise SettingsError(
                f"Limits have one {side} end for each of {len(ANGLES)} angles, but got "
                f"{len(ends)}; name the angles with Limits.from_degrees."
            )
    for name, least, most in zip(ANGLES, limits.lower, limits.upper, strict=True):
        if not least <= most:
            raise SettingsError(
                f'The limits of "{name}" go from the lower end to the upper one, but are '
                f"{math.degrees(least):.4g} to {math.degrees(most):.4g} degrees; swap or mend them."
            )


# fmt: off
_TABLE: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    # degrees:                  wide         narrow
    "right_hip_twist":         ((-110, 65), (-90, 45)),
    "right_hip_abduction":     ((-110, 65), (-90, 45)),
    "right_hip_flexion":       ((-110, 180), (-45, 120)),
    "right_knee_flexion":      ((-180, 0), (-135, 0)),
    "right_ankle_flexion":     ((0, 0), (0, 0)),

    "left_hip_twist":          ((-65, 110), (-45, 90)),
    "left_hip_abduction":      ((-65, 110), (-45, 90)),
    "left_hip_flexion":        ((-110, 180), (-45, 120)),
    "left_knee_flexion":       ((-180, 0), (-135, 0)),
    "left_ankle_flexion":      ((0, 0), (0, 0)),

    "pelvis_twist":            ((-180, 180), (-25, 25)),
    "pelvis_flexion":          ((-180, 180), (-10, 90)),
    "pelvis_side_bend":        ((-180, 180), (-20, 20)),
    "spine_twist":             ((-180, 180), (-20, 20)),
    "spine_flexion":           ((-180, 180), (-10, 45)),
    "spine_side_bend":         ((-180, 180), (-25, 25)),
    "thorax_twist":            ((-180, 180), (-20, 20)),
    "thorax_flexion":          ((-180, 180), (0, 0)),
    "thorax_side_bend":        ((-180, 180), (-20, 20)),
    "neck_twist":              ((-180, 180), (-90, 90)),
    "neck_flexion":            ((-180, 180), (-20, 90)),
    "neck_side_bend":          ((-180, 180), (-45, 45)),
    "head_flexion":            ((0, 0), (0, 0)),

    "right_shoulder_twist":     ((-155, 65), (-135, 45)),
    "right_shoulder_abduction": ((-155, 65), (-135, 45)),
    "right_shoulder_flexion":   ((-100, 180), (-45, 180)),
    "right_elbow_flexion":      ((0, 180), (0, 135)),
    "right_wrist_flexion":      ((0, 0), (0, 0)),

    "left_shoulder_twist":      ((-65, 155), (-45, 135)),
    "left_shoulder_abduction":  ((-65, 155), (-45, 135)),
    "left_shoulder_flexion":    ((-100, 180), (-45, 180)),
    "left_elbow_flexion":       ((0, 180), (0, 135)),
    "left_wrist_flexion":       ((0, 0), (0, 0)),
}
# fmt: on

WIDE = Limits.from_degrees({name: wide for name, (wide, _) in _TABLE.items()})
"""Those of DH-AUG's generator, with its arms as its authors' own table has them."""

NARROW = Limits.from_degrees({name: narrow for name, (_, narrow) in _TABLE.items()})
"""Those of DH-AUG's random sampler: near what a person can do."""
