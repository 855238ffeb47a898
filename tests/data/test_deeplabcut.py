from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from crosslift.clip import Clip
from crosslift.data.deeplabcut import DeepLabCut
from crosslift.errors import DataError
from crosslift.skeletons import COCO_17

from .samples import deeplabcut as sample
from .samples.dots import FOOTAGE

SINGLE = """scorer,DLC,DLC,DLC,DLC,DLC,DLC
bodyparts,nose,nose,nose,tail,tail,tail
coords,x,y,likelihood,x,y,likelihood
0,1.0,2.0,0.5,3.0,4.0,0.9
1,5.0,,0.5,7.0,8.0,1e-1
"""
SEVERAL = """scorer,DLC,DLC,DLC,DLC,DLC,DLC
individuals,anna,anna,ben,ben,single,single
bodyparts,nose,nose,nose,nose,ball,ball
coords,x,y,x,y,x,y
0,1,2,3,4,5,6
"""
LABELS = """scorer,,,me,me
bodyparts,,,nose,nose
coords,,,x,y
labeled-data,walk,img10.png,1,2
labeled-data,walk,img9.png,3,4
"""


def read(folder: Path, text: str, **options: Any) -> list[Clip]:
    (folder / "walkDLC.csv").write_bytes(text.encode("utf-8"))
    return list(DeepLabCut(FOOTAGE, **options).read(folder))


def test_the_table_of_pandas_is_read(tmp_path: Path):
    (clip,) = DeepLabCut(FOOTAGE).read(sample.write(tmp_path))
    assert clip.name == "deeplabcut/walkDLC"
    assert clip.skeleton.joints == ("nose", "left_wrist", "right_wrist")
    assert clip.keypoints[2, 1].tolist() == [112.0, 106.0]
    assert clip.scores[:, 0].tolist() == [0.75, 0.0, 0.75]
    assert clip.observed[1].tolist() == [False, True, True]
    assert clip.provenance["keypoints_from"] == "DLC"


def test_a_table_of_one_individual_is_read(tmp_path: Path):
    (clip,) = read(tmp_path, SINGLE)
    assert clip.person is None
    assert clip.keypoints[0].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert clip.scores.tolist() == [[0.5, np.float32(0.9)], [0.0, np.float32(0.1)]]


def test_individuals_are_a_clip_each_and_keep_their_own_parts(tmp_path: Path):
    anna, ben, single = read(tmp_path, SEVERAL)
    assert [clip.person for clip in (anna, ben, single)] == ["anna", "ben", "single"]
    assert ben.name == "deeplabcut/walkDLC/ben"
    assert ben.keypoints[0].tolist() == [[3.0, 4.0]]
    assert single.skeleton.joints == ("ball",)
    assert anna.scores.eq(1).all()


def test_labels_are_ordered_by_their_pictures(tmp_path: Path):
    (clip,) = read(tmp_path, LABELS)
    assert clip.keypoints[:, 0].tolist() == [[3.0, 4.0], [1.0, 2.0]]


def test_odd_line_ends_and_marks_are_read(tmp_path: Path):
    (clip,) = read(tmp_path, "\ufeff" + SINGLE.replace("\n", "\r\n"))
    assert len(clip) == 2


def test_the_user_may_say_which_joint_a_part_is(tmp_path: Path):
    (clip,) = read(tmp_path, SINGLE, joints=("pelvis=tail",))
    assert clip.skeleton.joints == ("nose", "pelvis")


def test_all_parts_of_a_known_skeleton_are_that_skeleton(tmp_path: Path):
    names = COCO_17.joints[::-1]
    rows = ["scorer" + ",me" * 34, "bodyparts," + ",".join(f"{n},{n}" for n in names)]
    rows += ["coords" + ",x,y" * 17, "0," + ",".join(map(str, range(34)))]
    (clip,) = read(tmp_path, "\n".join(rows))
    assert clip.skeleton is COCO_17
    assert clip.keypoints[0, 0].tolist() == [32.0, 33.0]


def test_the_fixed_format_of_pandas_is_read(tmp_path: Path):
    with h5py.File(tmp_path / "walk.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_("frame")
        group["block0_values"] = np.array([[2.0, 1.0], [4.0, 3.0]])
        for level, (names, codes) in enumerate(
            [(["me"], [0, 0]), (["nose"], [0, 0]), (["x", "y"], [1, 0])]
        ):
            group[f"block0_items_level{level}"] = np.array(names, "S")
            group[f"block0_items_label{level}"] = np.array(codes, np.int8)
        group["axis1"] = np.array([7, 8])
    (clip,) = DeepLabCut(FOOTAGE).read(tmp_path)
    assert clip.keypoints[:, 0].tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("form", ["table", "fixed"])
def test_what_pandas_itself_writes_is_read(tmp_path: Path, form: str):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    columns = [("DLC", part, coord) for part in sample.PARTS for coord in ("x", "y", "likelihood")]
    named = pandas.MultiIndex.from_tuples(columns, names=["scorer", "bodyparts", "coords"])
    table = pandas.DataFrame(sample.values(), columns=named)
    table.to_hdf(tmp_path / "walk.h5", key="df_with_missing", format=form, mode="w")
    (clip,) = DeepLabCut(FOOTAGE).read(tmp_path)
    assert clip.keypoints[2, 1].tolist() == [112.0, 106.0]


def test_code_in_the_names_of_columns_is_refused(tmp_path: Path):
    path = sample.write(tmp_path)
    with h5py.File(path, "r+") as file:
        table = file["df_with_missing/table"]
        table.attrs["values_block_0_kind"] = np.bytes_(b"cos\nsystem\n(Vtrue\ntR.")
    with pytest.raises(DataError, match=r'"os\.system" was found'):
        list(DeepLabCut(FOOTAGE).read(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "header should have the rows scorer, .* but has none"),
        ("a,b\n1,2\n", "but has none of them"),
        (SINGLE.replace("coords,", "coordinates,"), "but has scorer, bodyparts"),
        (SINGLE.replace("likelihood", "z"), "3D tables are not read"),
        (SINGLE.replace("1,5.0,", "1,five,"), "could not convert|should be"),
        (SINGLE + "2,1\n", "should have 7 cells"),
        (SINGLE.replace("\n1,", "\n0,"), "two lines for a frame"),
        (SINGLE.replace("\n1,", "\n99999999,"), "check the numbers of the frames"),
        (SEVERAL.replace("coords,x,y", "coords,x,x"), "should have x and y"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, text: str, words: str):
    with pytest.raises(DataError, match=words) as problem:
        read(tmp_path, text)
    assert "walkDLC.csv" in str(problem.value)


def test_another_h5_file_is_refused(tmp_path: Path):
    with h5py.File(tmp_path / "walk.h5", "w") as file:
        file["tracks"] = np.ones(3)
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/")
    with pytest.raises(DataError, match="table that pandas wrote, but holds"):
        list(DeepLabCut(FOOTAGE).read(tmp_path))
