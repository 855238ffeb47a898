from pathlib import Path

import numpy as np
import pytest

from crosslift.clip import Clip
from crosslift.data.csv_table import PREFACE, Csv
from crosslift.data.keypoints import Footage
from crosslift.errors import DataError, SettingsError
from crosslift.motion import Motion
from crosslift.skeletons import COCO_17

from .samples import csv as sample
from .samples.dots import FOOTAGE

HEADER = "nose_x,nose_y,nose_score,left_hip_x,left_hip_y,left_hip_score"
LONG = """frame,person,joint,x,y,score
7,anna,nose,1,2,0.5
7,anna,left_eye,3,4,1
7,ben,nose,5,6,1
9,anna,nose,7,8,1
"""


def read(folder: Path, text: str, **options: object) -> list:
    (folder / "walk.csv").write_bytes(text.encode("utf-8"))
    return list(Csv(**{"footage": FOOTAGE, **options}).read(folder))  # type: ignore[arg-type]


def test_a_wide_table_is_a_line_a_frame(tmp_path: Path):
    (clip,) = Csv(FOOTAGE).read(sample.write(tmp_path))
    assert isinstance(clip, Clip)
    assert len(clip) == 4
    assert clip.skeleton.joints == sample.JOINTS
    assert clip.keypoints[0, 1].tolist() == [110.0, 105.0]
    assert clip.keypoints[3, 0].tolist() == [103.0, 101.5]
    assert clip.scores[:, 0].tolist() == [0.5, 0.0, 0.0, 0.5]
    assert clip.observed[2].sum() == 0
    assert clip.person is None
    assert clip.name == "csv/walk"


def test_the_frame_rate_follows_from_the_times(tmp_path: Path):
    (clip,) = Csv(Footage(size=(640, 480))).read(sample.write(tmp_path))
    assert isinstance(clip, Clip)
    assert clip.fps == 25.0
    assert clip.times is None
    assert "fps_from" not in clip.provenance


def test_times_that_vary_are_kept(tmp_path: Path):
    text = "frame,time,nose_x,nose_y\n0,0,1,1\n1,0.1,1,1\n3,0.4,1,1\n4,0.5,1,1\n"
    (clip,) = read(tmp_path, text, footage=Footage(size=(640, 480)))
    assert clip.times is not None
    assert clip.times.tolist() == pytest.approx([0, 0.1, 0.25, 0.4, 0.5])
    assert clip.fps == 10.0


def test_a_long_table_is_a_line_a_joint(tmp_path: Path):
    anna, ben = read(tmp_path, LONG)
    assert [anna.name, ben.name] == ["csv/walk/anna", "csv/walk/ben"]
    assert len(anna) == len(ben) == 3
    assert anna.keypoints[0].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert anna.scores[0].tolist() == [0.5, 1.0]
    assert anna.observed.tolist() == [[True, True], [False, False], [True, False]]
    assert ben.observed[:, 0].tolist() == [True, False, False]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEADER + "\r\n1,2,1,3,4,1\r\n",
        HEADER.replace(",", ";") + "\n1;2;1;3;4;1\n",
        HEADER.replace(",", "\t") + "\n\n1.0e0\t2\t1\t+3\t4\t1\n\n",
        HEADER.replace("_", ".").replace("left.hip", "LHip") + "\n1,2,1,3,4,1\n",
        "nose_x,nose_y,l_hip_X,l_hip_Y\n1,2,3,4\n",
        "nose_x,nose_y,nose_likelihood,LHip_x,LHip_y,LHip_likelihood\n1,2,1,3,4,1\n",
    ],
)
def test_tables_come_in_many_spellings(tmp_path: Path, text: str):
    (clip,) = read(tmp_path, text)
    assert clip.keypoints.tolist() == [[[1.0, 2.0], [3.0, 4.0]]]
    assert clip.skeleton.joints == ("nose", "only_left_hip")


def test_all_joints_of_a_known_skeleton_come_into_its_order(tmp_path: Path):
    columns = ",".join(f"{joint}_x,{joint}_y" for joint in COCO_17.joints[::-1])
    (clip,) = read(tmp_path, columns + "\n" + ",".join(map(str, range(34))) + "\n")
    assert clip.skeleton is COCO_17
    assert clip.keypoints[0, 0].tolist() == [32.0, 33.0]


def test_a_skeleton_can_be_picked_out_of_more_joints(tmp_path: Path):
    names = ["tail", *COCO_17.joints]
    columns = ",".join(f"{joint}_x,{joint}_y" for joint in names).replace("nose", "snout")
    text = columns + "\n" + ",".join(map(str, range(36))) + "\n"
    (clip,) = read(tmp_path, text, skeleton="coco17", joints=("nose=snout",))
    assert clip.skeleton is COCO_17
    assert clip.keypoints[0, 0].tolist() == [2.0, 3.0]


def test_columns_of_z_make_a_motion(tmp_path: Path):
    text = "frame,time,nose_x,nose_y,nose_z\n0,0,100,1700,0\n1,0.01,,,\n2,0.02,100,1600,50\n"
    (motion,) = read(tmp_path, text, unit="mm", up="y", footage=Footage())
    assert isinstance(motion, Motion)
    assert motion.fps == 100.0
    assert motion.positions[0, 0].tolist() == pytest.approx([0.1, 0.0, 1.7])
    assert motion.positions[2, 0].tolist() == pytest.approx([0.1, -0.05, 1.6])
    assert motion.known[:, 0].tolist() == [True, False, True]


def test_lines_before_the_header_are_skipped(tmp_path: Path):
    before = "# recorded at x, y, z; 3\n\n#\n"
    for text in (HEADER + "\n1,2,1,3,4,1\n", "frame,joint,x,y\n0,nose,1,2\n0,left_hip,3,4\n"):
        (clip,) = read(tmp_path, before + text)
        assert clip.keypoints.tolist() == [[[1.0, 2.0], [3.0, 4.0]]]
    with pytest.raises(DataError, match="Line 6 has 1 cells"):
        read(tmp_path, before + HEADER + "\n\n1\n")
    with pytest.raises(DataError, match="names none; add a header"):
        read(tmp_path, before)


def test_a_header_that_numpy_marks_as_a_comment_is_one(tmp_path: Path):
    np.savetxt(tmp_path / "a.csv", [[1, 2], [3, np.nan]], delimiter=",", header="nose_x,nose_y")
    (clip,) = Csv(FOOTAGE).read(tmp_path / "a.csv")
    assert isinstance(clip, Clip)
    assert clip.skeleton.joints == ("nose",)
    assert clip.keypoints[0].tolist() == [[1.0, 2.0]]
    assert clip.observed.tolist() == [[True], [False]]


def test_our_first_line_says_what_points_upwards_unless_the_user_does(tmp_path: Path):
    text = PREFACE.format(name="a", up="y", fps=30) + "\nnose_x,nose_y,nose_z\n1,2,3\n"
    assert read(tmp_path, text)[0].positions.tolist() == [[[1.0, -3.0, 2.0]]]
    assert read(tmp_path, text, up="z")[0].positions.tolist() == [[[1.0, 2.0, 3.0]]]


def test_angles_of_each_person_come_with_their_positions(tmp_path: Path):
    header = "frame,person,nose_x,nose_y,nose_z,left_knee [deg],mood\n"
    first, second = read(tmp_path, header + "5,a,1,2,3,90,good\n5,b,4,5,6,,\n6,b,4,5,6,180,\n")
    assert first.angle_names == second.angle_names == ("left_knee",)
    assert first.angles[:, 0].tolist() == pytest.approx([np.pi / 2, np.nan], nan_ok=True)
    assert second.angles[:, 0].tolist() == pytest.approx([np.nan, np.pi], nan_ok=True)


@pytest.mark.parametrize("fps", [23.7, 30.0, 59.94, 120.0])
def test_times_in_milliseconds_are_those_of_one_rate(tmp_path: Path, fps: float):
    lines = "".join(f"{frame / fps:.3f},1,1\n" for frame in range(1000))
    (clip,) = read(tmp_path, "time,nose_x,nose_y\n" + lines, footage=Footage(size=(640, 480)))
    assert clip.fps == pytest.approx(fps, rel=1e-4)
    assert clip.times is None


def test_a_long_table_may_hold_positions_of_several_people(tmp_path: Path):
    text = "frame,person,joint,x,y,z\n0,a,nose,1,2,3\n0,b,nose,4,5,6\n"
    first, second = read(tmp_path, text)
    assert [first.name, second.name] == ["csv/walk/a", "csv/walk/b"]
    assert second.positions.tolist() == [[[4.0, 5.0, 6.0]]]
    assert second.labels["person"] == "b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names none; add a header"),
        ("a,b\n1,2\n", "columns such as nose_x"),
        ("nose_x,nose_score\n1,1\n", "a column nose_y, but has none"),
        ("nose_x,nose_y,eye_x,eye_y,eye_z\n", "a column nose_z"),
        (HEADER + "\n", "holds only a header"),
        (HEADER + "\n1,2,1,3,4\n", "Line 2 has 5 cells"),
        (HEADER + "\n1,2,1,3,four,1\n", 'Line 2 should hold numbers, but "four"'),
        (HEADER + "\n1,2,99,3,4,1\n", "Scores should lie between 0 and 1, but 1 to 99"),
        ("frame,nose_x,nose_y\n1.5,1,1\n", "whole number as its frame, but has 1.5"),
        ("frame,nose_x,nose_y\n1,1,1\n1,1,1\n", "says something of a frame twice"),
        ("frame,nose_x,nose_y\n1,1,1\n999999999,1,1\n", "check the numbers of the frames"),
        ("frame,joint,x\n1,nose,1\n", 'needs a column "y"'),
        ("frame,time,nose_x,nose_y\n1,1,1,1\n2,1,1,1\n", "times should grow"),
        ("nose_x,nose_y,nose_z\n1e30,1,1\n", "away from the origin"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, text)
    assert "walk.csv" in str(problem.value)


def test_a_joint_that_the_table_lacks_is_asked_for(tmp_path: Path):
    with pytest.raises(DataError, match="--joints left_eye=NAME"):
        read(tmp_path, "nose_x,nose_y\n1,1\n", skeleton="coco17")
    with pytest.raises(SettingsError, match='"="'):
        read(tmp_path, "nose_x,nose_y\n1,1\n", joints=("nose",))


def test_many_names_in_few_frames_are_refused(tmp_path: Path):
    lines = "\n".join(f"{n},j{n % 900},1,1" for n in range(20_000))
    with pytest.raises(DataError, match="same names in all frames"):
        read(tmp_path, "frame,joint,x,y\n" + lines + "\n")


def test_many_angles_over_frames_that_are_not_there_are_refused(tmp_path: Path):
    names = "".join(f",bend {place} [deg]" for place in range(50))
    rows = "".join(f"{frame},1,1,1" + ",0" * 50 + "\n" for frame in (1, 300_000))
    with pytest.raises(DataError, match="check the numbers of the frames"):
        read(tmp_path, f"frame,nose_x,nose_y,nose_z{names}\n{rows}")


def test_numbers_survive_as_float32(tmp_path: Path):
    value = np.float32(1234.5678)
    (clip,) = read(tmp_path, f"nose_x,nose_y\n{value!s},1e-3\n")
    assert clip.keypoints[0, 0].tolist() == [value, np.float32(1e-3)]
