"""A small skeleton in an ASF file and two frames of it in an AMC file."""

from pathlib import Path

ASF = """\
# a comment
:version 1.10
:name small
:units
  mass 1.0
  length 0.45
  angle deg
:documentation
   a trunk and two legs
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name back
     direction 0 1 0
     length 10
     axis 0 0 0 XYZ
    dof rx ry rz
    limits (-20.0 45.0)
           (-30.0 30.0)
           (-30.0 30.0)
  end
  begin
     id 2
     name lleg
     direction 0 -1 0
     length 8
     axis 0 0 90 XYZ
    dof rx
    limits (-10.0 170.0)
  end
  begin
     id 3
     name rleg
     direction 0 -1 0
     length 8
     axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root back lleg rleg
  end
"""

AMC = """\
#!OML:ASF small.asf
:FULLY-SPECIFIED
:DEGREES
1
root 0 9 0 0 0 0
back 0 0 0
lleg 0
2
root 1 9 2 0 90 0
back 90 0 0
lleg 9.0e+001
"""


def write(folder: Path) -> Path:
    """Write the sample; the motion's file is what is read."""
    (folder / "07.asf").write_text(ASF, "utf-8")
    (folder / "07_03.amc").write_text(AMC, "utf-8")
    return folder / "07_03.amc"
