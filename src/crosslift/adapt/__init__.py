"""Moving a lifter to people and cameras whose keypoints are known and whose poses are not.

`footage` is what was filmed, without labels; `source` is where labelled movement comes from;
`likeness` makes the one like the other; a file a method (`gpa`, `lpa`, `poseda`) trains;
`carry_out` does all of it, and `report` tells what changed.
"""
