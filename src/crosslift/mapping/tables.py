"""The rules as data: what a joint is made of, by recipes that are tried in their order."""

from .recipes import read_recipes

_THORAX = "thorax = 2/3 shoulders + 1/3 nose: mid shoulders, a third of the way to the nose"
_SPINE = "spine = 1/2 pelvis + 1/2 thorax: midpoint of pelvis and thorax"
_HEAD = "head = 1.3 ears - 0.3 shoulders: over the ears by 0.3 of their height over the shoulders"
_NOSE = "nose = 3/4 nose + 1/4 shoulders: nose, a quarter of the way to mid shoulders"
_PELVIS = "pelvis = hips: midpoint of the hips"

BY_NAME = read_recipes(f"""
    {_PELVIS}
    thorax = neck
    {_THORAX}
    thorax = shoulders: midpoint of the shoulders
    neck = thorax
    neck = shoulders: midpoint of the shoulders
    upper_neck = 2/3 thorax + 1/3 head: a third of the way from thorax to head
    upper_neck = 2/3 neck + 1/3 head_top: a third of the way from neck to head top
    {_SPINE}
    nose = head_centre
    nose = jaw
    nose = 1/2 thorax + 1/2 head: midpoint of thorax and head, so not in front of them
    nose = 1/2 upper_neck + 1/2 head_top: midpoint of upper neck and head top
    nose = 1/2 neck + 1/2 head_top: midpoint of neck and head top
    nose = 1/2 neck + 1/2 head_base: midpoint of neck and head base
    head = head_top
    head = head_base
    {_HEAD}
    head = 0.65 nose + 0.6 thorax - 0.25 pelvis: where it is on average from nose, thorax, pelvis
    head_top = head
    head_top = 1.7 ears - 0.7 shoulders: over the ears by 0.7 of their height over the shoulders
    head_centre = ears: midpoint of the ears
    head_centre = 1/2 neck + 1/2 head_top: midpoint of neck and head top
    head_centre = nose
    jaw = 3/4 nose + 1/4 shoulders: nose, a quarter of the way to mid shoulders
    spine_base = pelvis
    left_neck_base = thorax
    right_neck_base = thorax
    left_thumb_base = left_wrist
    right_thumb_base = right_wrist
    left_big_toe = left_foot_index
    right_big_toe = right_foot_index
    left_foot_index = left_big_toe
    right_foot_index = right_big_toe
""")
"""How to make what the source lacks, the best way first."""

RULES = {
    "anatomical": read_recipes(f"""
        {_PELVIS}
        {_SPINE}
        {_THORAX}
        {_NOSE}
        {_HEAD}
    """),
    "midpoints": read_recipes(f"""
        {_PELVIS}
        spine = 1/2 hips + 1/2 shoulders: midpoint of mid hips and mid shoulders
        thorax = shoulders: midpoint of the shoulders
        nose = nose
        head = eyes: midpoint of the eyes
    """),
    "adjusted": read_recipes(f"""
        {_PELVIS}
        spine = 5/6 shoulders + 1/2 hips - 1/3 nose | 1/2 shoulders + 1/2 hips: \
            midpoint of shoulders and hips, moved sideways away from the line pelvis to thorax
        thorax = 2/3 shoulders + 1/3 nose | 2/3 shoulders + 1 nose - 2/3 eyes: \
            mid shoulders, a third of the way to the nose, raised by 2/3 of the eyes over the nose
        {_NOSE}
        head = 1/2 eyes + 1/2 ears | 2 eyes - 1 nose: \
            mean of eyes and ears, as far over the eyes as these are over the nose
    """),
}
"""From any skeleton with COCO's face and limbs to Human3.6M's 17 or 16 joints."""

PUBLISHED = {
    "mpii16": read_recipes("""
        spine = thorax
        thorax = upper_neck
        head = head_top
    """),  # of hourglasses trained further on Human3.6M, so that their thorax became a spine
    "smpl24": read_recipes("""
        spine = 1/2 lower_spine + 1/2 middle_spine: midpoint of lower and middle spine
        thorax = neck
        nose = 1/2 neck + 1/2 head_base: midpoint of neck and head base
        head = head_base
    """),
    "spin24": read_recipes("""
        thorax = neck
        nose = jaw
    """),
}
"""Index maps of published work to Human3.6M's joints that names alone would not give."""

H36M = ("h36m17", "h36m16")
"""The targets of `RULES` and `PUBLISHED`."""

NECK = read_recipes("neck = shoulders: midpoint of the shoulders, which its neck is")
NECK_IS_MID_SHOULDERS = ("body25", "openpose18")
"""The targets of `NECK`, unless the source is one of them too."""
