"""A small BVH file of a person in Mixamo's names: three frames in centimetres, y up."""

from pathlib import Path

LIMB = """\
{pad}JOINT mixamorig:{first}
{pad}{{
{pad}\tOFFSET {at}
{pad}\tCHANNELS 3 Zrotation Xrotation Yrotation
{pad}\tJOINT mixamorig:{second}
{pad}\t{{
{pad}\t\tOFFSET {along}
{pad}\t\tCHANNELS 3 Zrotation Xrotation Yrotation
{pad}\t\tJOINT mixamorig:{third}
{pad}\t\t{{
{pad}\t\t\tOFFSET {along}
{pad}\t\t\tCHANNELS 3 Zrotation Xrotation Yrotation
{pad}\t\t\tEnd Site
{pad}\t\t\t{{
{pad}\t\t\t\tOFFSET {end}
{pad}\t\t\t}}
{pad}\t\t}}
{pad}\t}}
{pad}}}
"""
LEG, ARM = ("UpLeg", "Leg", "Foot"), ("Arm", "ForeArm", "Hand")


def limb(side: str, parts: tuple[str, str, str], at: str, along: str, end: str) -> str:
    """Three joints in a row with an end site."""
    first, second, third = (side + part for part in parts)
    return LIMB.format(
        pad="\t", first=first, second=second, third=third, at=at, along=along, end=end
    )


TREE = (
    "HIERARCHY\nROOT mixamorig:Hips\n{\n\tOFFSET 0 0 0\n"
    "\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation\n"
    + limb("Left", LEG, "10 -5 0", "0 -40 0", "0 0 15")
    + limb("Right", LEG, "-10 -5 0", "0 -40 0", "0 0 15")
    + limb("Left", ARM, "20 50 0", "30 0 0", "0 0 0")
    + limb("Right", ARM, "-20 50 0", "-30 0 0", "0 0 0")
    + "\tJOINT mixamorig:Head\n\t{\n\t\tOFFSET 0 60 0\n"
    "\t\tCHANNELS 3 Zrotation Xrotation Yrotation\n"
    "\t\tEnd Site\n\t\t{\n\t\t\tOFFSET 0 20 0\n\t\t}\n\t}\n}\n"
)
CHANNELS = 6 + 3 * 13


def frame(place: tuple[float, float, float], turns: dict[int, float]) -> str:
    """A line of numbers: the root's place, and what is not zero by its column."""
    values = [*place] + [0.0] * (CHANNELS - 3)
    for column, value in turns.items():
        values[column] = value
    return " ".join(f"{value:g}" for value in values)


MOTION = "\n".join(
    [
        frame((0, 90, 0), {}),
        frame((1, 90, 2), {5: 90}),  # turns the whole person left, to the file's x
        frame((2, 90, 4), {24: -90}),  # lowers the left arm
    ]
)


def write(folder: Path) -> Path:
    """Write the sample; the folder is what is read."""
    text = f"{TREE}MOTION\nFrames: 3\nFrame Time: 0.0333333\n{MOTION}\n"
    (folder / "person.bvh").write_text(text, "utf-8")
    return folder
