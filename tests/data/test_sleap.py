from pathlib import Path

import h5py
import numpy as np
import pytest

from crosslift.data.sleap import Sleap
from crosslift.errors import DataError

from .samples import sleap as sample
from .samples.dots import FOOTAGE


def change(path: Path, name: str, value: object) -> Path:
    """The file with another data set under a name; without it, where the value is None."""
    with h5py.File(path, "r+") as file:
        del file[name]
        if value is not None:
            file[name] = value
    return path


def test_each_track_is_a_clip(tmp_path: Path):
    anna, ben = Sleap(FOOTAGE).read(sample.write(tmp_path))
    assert [anna.name, ben.name] == ["sleap/walk.analysis/anna", "sleap/walk.analysis/ben"]
    assert [anna.person, ben.person] == ["anna", "ben"]
    assert anna.keypoints[3, 2].tolist() == [123.0, 111.5]
    assert ben.keypoints[3, 2].tolist() == [323.0, 211.5]
    assert ben.observed.any(dim=1).tolist() == [False, False, True, True]
    assert anna.observed[1].tolist() == [True, True, False]
    assert anna.scores[0].eq(0.75).all()


def test_the_files_edges_are_the_tree(tmp_path: Path):
    anna, _ = Sleap(FOOTAGE).read(sample.write(tmp_path))
    assert anna.skeleton.joints == ("chin", "left_palm", "right_palm")
    assert anna.skeleton.parents == (2, 0, -1)


def test_the_other_order_of_axes_is_known_by_its_shape(tmp_path: Path):
    path = sample.write(tmp_path)
    change(path, "tracks", sample.tracks().transpose(1, 0, 2, 3))
    change(path, "point_scores", np.full((4, 2, 3), 0.5))
    anna, ben = Sleap(FOOTAGE).read(path)
    assert anna.keypoints[3, 2].tolist() == [123.0, 111.5]
    assert ben.scores[2].eq(0.5).all()


def test_a_node_without_a_score_was_placed_by_hand(tmp_path: Path):
    anna, _ = Sleap(FOOTAGE).read(change(sample.write(tmp_path), "point_scores", None))
    assert anna.scores[0].eq(1).all()
    assert anna.scores[1].tolist() == [1.0, 1.0, 0.0]


def test_tracks_without_names_are_numbered(tmp_path: Path):
    first, second = Sleap(FOOTAGE).read(change(sample.write(tmp_path), "track_names", None))
    assert [first.person, second.person] == ["0", "1"]


def test_the_user_may_say_which_joint_a_node_is(tmp_path: Path):
    anna, _ = Sleap(FOOTAGE, ("nose=chin",)).read(sample.write(tmp_path))
    assert anna.skeleton.joints[0] == "nose"


@pytest.mark.parametrize("preset", ["matlab", "standard"])
def test_what_sleap_itself_writes_is_read(tmp_path: Path, preset: str):
    sleap = pytest.importorskip("sleap_io")
    skeleton = sleap.Skeleton(nodes=["head", "tail"], edges=[("head", "tail")])
    video, track = sleap.Video(filename="walk.mp4", open_backend=False), sleap.Track("anna")
    frames = []
    for number in range(3):
        points = np.array([[10.0 + number, 5.0], [np.nan, np.nan]])
        instance = sleap.PredictedInstance.from_numpy(
            points, skeleton=skeleton, point_scores=np.array([0.75, 0]), score=0.9, track=track
        )
        frames.append(sleap.LabeledFrame(video=video, frame_idx=number, instances=[instance]))
    sleap.save_analysis_h5(sleap.Labels(frames), str(tmp_path / "walk.h5"), preset=preset)
    (clip,) = Sleap(FOOTAGE).read(tmp_path)
    assert clip.keypoints[:, 0].tolist() == [[10.0, 5.0], [11.0, 5.0], [12.0, 5.0]]
    assert clip.scores[0].tolist() == [0.75, 0.0]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tracks", None, 'data set "tracks" was expected'),
        ("tracks", np.ones((2, 2, 4, 4)), r"shape \(tracks, 2, 3, frames\), but \(2, 2, 4, 4\)"),
        ("node_names", None, 'data set "node_names" was expected'),
        ("node_names", np.ones(3), "should be text"),
        ("point_scores", np.ones((2, 3, 5)), "do not fit"),
        ("edge_inds", np.array([[0, 7]]), "joints 0 to 2"),
        ("edge_inds", np.ones((2, 3), int), "pairs of nodes"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    tmp_path: Path, name: str, value: object, words: str
):
    path = change(sample.write(tmp_path), name, value)
    with pytest.raises(DataError, match=words) as problem:
        list(Sleap(FOOTAGE).read(path))
    assert "walk.analysis.h5" in str(problem.value)


def test_a_claim_far_beyond_the_file_is_refused(tmp_path: Path):
    path = sample.write(tmp_path)
    with h5py.File(path, "r+") as file:
        del file["tracks"]
        file.create_dataset("tracks", (1, 2, 3, 10**9), "f8", chunks=(1, 2, 3, 1000))
    with pytest.raises(DataError, match="claims"):
        list(Sleap(FOOTAGE).read(path))
