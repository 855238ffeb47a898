"""The protocols find in what the readers write the labels that they go by."""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from crosslift.clip import Clip
from crosslift.errors import DataError
from crosslift.evaluation import Evaluation, evaluate, protocol_named
from crosslift.mapping import mapped
from crosslift.registry import settings_of

from ..data.samples.mocap import CAMERA


def read(folder: Path, reader: str, labels: Mapping[str, str], **options: object) -> list[Clip]:
    """What a reader makes of its sample files, with some labels changed."""
    root = import_module(f"tests.data.samples.{reader}").write(folder)
    clips = settings_of("reader", reader)(**options).read(root)
    return [replace(clip, labels={**clip.labels, **labels}) for clip in clips]


def against_themselves(clips: list[Clip], protocol: str) -> Evaluation:
    return evaluate(((clip, clip) for clip in clips), protocol_named(protocol))


@pytest.mark.parametrize(
    ("reader", "options", "labels", "protocol"),
    [
        ("h36m", {}, {}, "h36m-p1"),
        ("h36m", {}, {"subject": "S5"}, "h36m-cross-subject-p1"),
        ("mpi_inf_3dhp", {"annotation": "univ_annot3"}, {}, "3dhp-univ-annot3"),
        ("mpi_inf_3dhp", {"annotation": "annot3"}, {}, "3dhp-annot3-sequences"),
        ("panoptic", {}, {"recording": "161029_piano2"}, "panoptic-19"),
        ("threedpw", {}, {"split": "test"}, "3dpw-smpl24"),
    ],
)
def test_the_truths_of_a_data_set_are_those_of_its_protocol(
    tmp_path, reader, options, labels, protocol
):
    found = against_themselves(read(tmp_path, reader, labels, **options), protocol)
    assert found.total.frames > 0
    assert found.figures()["mpjpe"] == 0


def test_spins_joints_are_compared_once_they_are_mapped(tmp_path):
    clips = [mapped(clip, "h36m16") for clip in read(tmp_path, "spin", {})]
    assert against_themselves(clips, "3dhp-univ-annot3-16").total.clips == 2


def test_the_corpus_is_told_apart_by_its_rig(tmp_path):
    rig = tmp_path / "rig.json"
    rig.write_text(json.dumps({"name": "source", "cameras": [CAMERA]}))
    clips = read(tmp_path, "mocap", {}, rig=rig)
    assert against_themselves(clips, "corpus-source").lacking == {}
    with pytest.raises(DataError, match="whose rig is target, but that of the truths is source"):
        against_themselves(clips, "corpus-cameras")


def test_training_subjects_are_none_of_the_test(tmp_path):
    clips = read(tmp_path, "mpi_inf_3dhp", {})
    found = against_themselves(clips, "3dhp-annot3")
    assert found.left_out == sum(clip.labels["split"] == "train" for clip in clips) > 0
