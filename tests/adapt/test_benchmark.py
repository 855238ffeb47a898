"""The grid: three pairs from one corpus, cells that are made once, and nothing that leaks."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks import adaptation
from benchmarks.adaptation import adapted, known, lines
from benchmarks.adaptation_data import OWN, PAIRS, Corpus, clips_of, of_file, spread
from benchmarks.adaptation_methods import method_of
from benchmarks.adaptation_table import said, table
from crosslift.adapt.footage import Telling, footage_of
from crosslift.adapt.job import until_over
from crosslift.errors import DataError

from ..people import walker
from .given import changed, generator, small_lifter

BODIES = {"source": ("01", 0), "target": ("bandai", 50)}


def camera(name: str, far: float) -> dict:
    return {
        "id": name, "width": 1000, "height": 1000, "focal": [1100, 1100], "centre": [500, 500],
        "R": [[1, 0, 0], [0, 0, -1], [0, 1, 0]], "t": [0.0, 1.0, far],
    }  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Corpus:
    """Two clips a split and domain in the corpus' layout, two cameras a rig."""
    data, index = tmp_path_factory.mktemp("corpus"), []
    for domain, (body, first) in BODIES.items():
        for split in ("train", "val"):
            file, motions = f"{domain}_{split}.npz", []
            for number in range(2):
                seed = first + number + 10 * (split == "val")
                positions = walker(1.0, seed).positions
                middle = positions.mean(dim=(0, 1)) * torch.tensor([1.0, 1.0, 0.0])
                motions.append(positions - middle)
                index.append({
                    "id": f"{domain}-{split}-{number}#0", "clip": f"{domain}{number}", "file": file,
                    "subject": f"{domain}-unknown", "body": body, "action": "walk", "style": "",
                    "split": split, "domain": domain, "frames": len(positions), "fps": 30,
                })  # fmt: skip
            starts = np.cumsum([0, *map(len, motions)]).astype(np.int32)
            xyz = (torch.cat(motions).numpy() / 0.0005).round().astype(np.int16)
            ids = np.array([each["id"] for each in index[-2:]])
            np.savez(data / file, xyz=xyz, clip_start=starts, clip_id=ids, fps=30, unit_m=0.0005)
    (data / "index.json").write_text(json.dumps({"clips": index}))
    for rig, far in (("source", 5.0), ("target", 7.0)):
        cameras = [camera(f"{rig[0]}{number}", far + number) for number in range(2)]
        (data / f"rig_{rig}.json").write_text(json.dumps({"name": rig, "cameras": cameras}))
    rigs = {rig: data / f"rig_{rig}.json" for rig in ("source", "target")}
    return Corpus(data, tmp_path_factory.mktemp("work"), rigs, views=1)


def test_each_pair_has_its_people_and_its_rig(corpus):
    for name, (people, rig) in PAIRS.items():
        for store in (corpus.train(PAIRS[name]), corpus.held_out(PAIRS[name])):
            clips = clips_of(store)
            assert len(clips) == 2
            assert {clip.labels["subject"] for clip in clips} == {BODIES[people][0]}
            assert {clip.labels["camera"][0] for clip in clips} == {rig[0]}
    assert {clip.labels["split"] for clip in clips_of(corpus.held_out(OWN))} == {"val"}


def test_a_third_rig_is_for_evaluation_alone(corpus):
    third = replace(corpus, rigs=corpus.rigs | {"eval": corpus.rigs["source"]})
    both = PAIRS["both"]
    assert clips_of(third.held_out(both))[0].labels["camera"][0] == "s"
    assert clips_of(third.train(both))[0].labels["camera"][0] == "t"


def test_a_file_of_both_domains_is_told_apart_by_the_index(corpus, tmp_path):
    parts = [np.load(corpus.data / f"{domain}_val.npz") for domain in BODIES]
    starts = [0, *parts[0]["clip_start"][1:], *(parts[0]["clip_start"][-1] +
              parts[1]["clip_start"][1:])]  # fmt: skip
    np.savez(
        tmp_path / "test.npz", fps=30, unit_m=0.0005, clip_start=np.array(starts, np.int32),
        xyz=np.concatenate([each["xyz"] for each in parts]),
        clip_id=np.concatenate([each["clip_id"] for each in parts]),
    )  # fmt: skip
    mixed = replace(corpus, work=tmp_path / "work", evaluation=tmp_path / "test.npz")
    people = {clip.labels["domain"] for clip in clips_of(mixed.held_out(PAIRS["people"]))}
    assert people == {"target"} and len(mixed.held_out(OWN)) == 2
    (tmp_path / "empty.json").write_text('{"clips": []}')
    with pytest.raises(DataError, match="domain of all 4 clips"):
        of_file(tmp_path / "test.npz", tmp_path / "empty.json", tmp_path)


def test_labels_may_be_few_while_all_else_stays(corpus, tmp_path):
    few = replace(corpus, few=1, work=tmp_path)
    assert len(clips_of(few.train(OWN))) == 1
    assert {len(clips_of(few.train(pair))) for pair in PAIRS.values()} == {2}
    assert len(clips_of(few.held_out(OWN))) == 2
    assert spread(list("abcdefg"), 3) == ["a", "c", "e"]


def test_a_detector_makes_the_same_errors_each_time(corpus, tmp_path):
    noisy = [replace(corpus, keypoints="detector", work=tmp_path / name) for name in "ab"]
    one, other = (each.train(PAIRS["both"]) for each in noisy)
    assert one.hash() == other.hash() != corpus.train(PAIRS["both"]).hash()


def test_wrong_truths_wrong_cameras_and_other_pairings_give_the_same_lifter(corpus, tmp_path):
    found = small_lifter()
    clips = clips_of(corpus.train(PAIRS["both"]))
    planted = [
        replace(clip, name=f"no/{number}", poses=clip.poses.flip(1) * 2, body=clip.body + 1,
                camera=replace(clip.camera, rotation=torch.eye(3).flip(0) * -1,
                               translation=-clip.camera.translation))
        for number, clip in enumerate(reversed(clips))
    ]  # fmt: skip
    method = method_of(adaptation.STUDENTS["simple_baseline"], "gpa", 1.0, tmp_path)
    method = replace(method, batch=16, fitting=until_over(steps=3))
    one, other = (
        adapted(found, corpus.train(OWN), footage_of(some, found, Telling(), generator()), method,
                tmp_path, 0)
        for some in (clips, planted)
    )  # fmt: skip
    assert not changed(one[0], other[0])
    assert one[1]["batches"] == 3 and one[1]["combined"] == other[1]["combined"]


def test_a_cell_is_made_once_and_the_table_says_what_is_missing(
    corpus, tmp_path, monkeypatch, capsys
):
    results = tmp_path / "adaptation.jsonl"
    words = ["adaptation", "--data", str(corpus.data), "--work", str(corpus.work), "--views", "1",
             "--lifters", "simple_baseline", "--pairs", "both", "--budget", "1s",
             "--results", str(results)]  # fmt: skip
    monkeypatch.setattr("sys.argv", [*words, "--methods", "source"])
    monkeypatch.setattr(adaptation, "STUDENTS", {"simple_baseline": small_student()})
    adaptation.main()
    (line,) = lines(results)
    assert line["mpjpe"] > 0 and line["adapts_on"] is None and set(line["bodies"]) == {"bandai"}
    adaptation.main()
    assert len(lines(results)) == 1
    monkeypatch.setattr("sys.argv", [*words, "--methods", "source", "gpa", "--table",
                                     "--plot", str(tmp_path / "table.png")])  # fmt: skip
    capsys.readouterr()
    adaptation.main()
    said_of_it = capsys.readouterr().out
    assert "| both | simple_baseline | source-only | assumed |" in said_of_it
    assert "1 cells are missing: both/simple_baseline/gpa." in said_of_it
    assert (tmp_path / "table.png").stat().st_size > 0


def small_student():
    found = small_lifter()
    student = adaptation.STUDENTS["simple_baseline"]
    return replace(student, settings=found.about.settings, batch=16)


def test_the_gap_that_is_closed_is_a_share_of_the_way_to_the_oracle():
    def line(method, mpjpe, seed=0):
        figures = {"p_mpjpe": 1.0, "n_mpjpe": 1.0, "pck": 1.0, "auc": 1.0, "on_source": 40.0}
        return {"pair": "both", "lifter": "semgcn", "method": method, "height": None,
                "seed": seed, "mpjpe": mpjpe, **figures}  # fmt: skip

    lines = [line("source", 100.0), line("gpa", 60.0), line("gpa", 50.0, 1), line("oracle", 40.0)]
    wanted = [{key: each[key] for key in ("pair", "lifter", "method", "height", "seed")}
              for each in lines]  # fmt: skip
    rows = {row.method: row for row in table(lines, wanted)}
    assert rows["gpa"].closed == pytest.approx(75.0) and rows["gpa"].seeds == 2
    assert rows["source"].closed == 0 and rows["oracle"].closed == 100
    assert "55.0 ± 7.1" in said(list(rows.values()), {name: name for name in rows})
    assert known(wanted[0], lines) and not known(wanted[0] | {"seed": 5}, lines)


def test_a_lifter_of_the_package_is_a_student_without_an_oracle(corpus, tmp_path):
    asked = adaptation.words().parse_args(
        ["--data", ".", "--work", ".", "--lifters", "general", "semgcn", "--pairs", "both",
         "--methods", "source", "oracle"]
    )  # fmt: skip
    found = adaptation.cells(asked)
    assert [(cell.lifter, cell.method) for cell in found] == [
        ("general", "source"), ("semgcn", "source"), ("semgcn", "oracle"),
    ]  # fmt: skip
    assert [cell.trained for cell in found] == ["10m"] * 3
    base = adaptation.base_of(found[0], corpus, OWN)
    assert base.about.name == "bodywise" and not base.lifter.network.training
    method = method_of(adaptation.STUDENTS["general"], "gpa", 1.0, tmp_path)
    assert method.augment == ("detector",) and method.fitting.clock == "processor"


def test_a_generator_that_was_trained_before_lies_in_the_work_folder(tmp_path):
    student = adaptation.STUDENTS["videopose"]
    before, meanwhile = (method_of(student, name, 1.0, tmp_path) for name in ("dh_before", "dh"))
    assert before.generator == tmp_path / "generator.safetensors" and meanwhile.generator is None
