"""From one skeleton's joints to another's: what is copied, what is synthesised, what is missing.

Joints are found by their shared names. What a format lacks is synthesised as a weighted sum of
joints that it has, by the rules below; all weights of a joint add up to one, so that a rule does
not care where the person is. A joint that is neither there nor can be made is NaN with score 0.

From COCO's joints to Human3.6M's there are three rules besides the bare names:

- "anatomical", the default of COCO and its extension by feet: the thorax is a third of the way
  from mid shoulders to the nose, joint 9 three quarters of that way, the head above the ears by
  three tenths of their height over the shoulders. It is the same sum along every axis, so it means
  the same in a picture and in space, however the person is turned. On motion capture the third
  puts the thorax 22 mm from the true one on average, mid shoulders 40 mm; on a walking woman's 3D
  landmarks thorax to nose and nose to head come out as 88 and 133 mm, where Human3.6M has 100 to
  126 and 80 to 137 and the midpoints give 212 and 39.
- "midpoints" of hips, shoulders, and eyes, with the nose as it is: simple and common.
- "adjusted": what public video demonstrations use with lifters of Human3.6M. It takes a picture's y
  for the body's height, so it is for upright people in pictures and is refused in 3D.

None removes the bias of COCO's hips and shoulders, which are points of the surface.
"""

from .derivations import Derivation, Kind, rules
from .joint_map import Mapped, Mapping, mapping
from .recipes import Recipe
from .recordings import mapped, mapped_spread
from .tables import BY_NAME, PUBLISHED, RULES

__all__ = [
    "BY_NAME",
    "PUBLISHED",
    "RULES",
    "Derivation",
    "Kind",
    "Mapped",
    "Mapping",
    "Recipe",
    "mapped",
    "mapped_spread",
    "mapping",
    "rules",
]
