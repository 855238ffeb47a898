"""What is said of an adaptation: figures with their sense, distributions, and a page."""

import json
from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from crosslift.adapt.judging import Judgement, errors_of, judged, scores_of, watching, worth
from crosslift.adapt.likeness import Likeness
from crosslift.adapt.page import draw_spreads, write_report_page
from crosslift.adapt.report import Report, Row, error_rows, score_rows
from crosslift.adapt.spread import on_screen, spreads
from crosslift.data.clip_file import write_clip
from crosslift.data.shuffled import Shuffled
from crosslift.data.windows_of_store import StoreWindows
from crosslift.label_free import SCORES
from crosslift.lifters.inputs import Inputs
from crosslift.networks.simple_baseline import Statistics
from crosslift.windows import Windowing

from .given import filmed, footage, small_lifter

FACTS = {
    "people": {"": {"how": "from 2 clips", "stature_m": 1.6}},
    "trained": {"batches": 1200, "seconds": 90.0, "ended": "2 minutes were over"},
    "source": "60,000 made-up frames",
    "tried": 0.8,
    "size": {"before": 1.02, "tried": 1.0},
}


def report(after: float = 0.8, **more) -> Report:
    rows = score_rows({"combined": 1.0, "flip": 20.0}, {"combined": after, "flip": 25.0})
    return Report("a <lifter>", False, rows, [], FACTS, **more)


def test_a_row_knows_what_is_better():
    assert Row("flip", "", "", "", 2.0, 1.0).better and not Row("flip", "", "", "", 1.0, 2.0).better
    assert Row("pck", "", "", "", 1.0, 2.0).better and not Row("pck", "", "", "", 2.0, 1.0).better


def test_figures_are_told_with_their_units_and_change():
    assert Row("flip", "flip", "mm", "", 20.0, 25.0).numbers() == ("20 mm", "25 mm", "+25.0 %")
    assert Row("flip", "flip", "", "", 0.0, 25.0).numbers()[2] == "-"


def test_scores_that_only_one_lifter_has_are_left_out():
    rows = score_rows({"combined": 1.0, "flip": 2.0}, {"combined": 1.0, "viewpoint": 2.0})
    assert [row.name for row in rows] == ["combined"]


def test_the_verdict_says_what_is_kept():
    assert "adapted lifter is kept" in report().verdict and "-20.0 %" in report().verdict
    kept = replace(report(1.0), kept_original=True, facts=FACTS | {"tried": 1.25})
    assert "original lifter is kept" in kept.verdict and "1.25" in kept.verdict
    assert kept.data()["kept"] == "original"
    large = replace(kept, facts=FACTS | {"size": {"before": 1.02, "tried": 1.25}})
    assert "people came out 125% as tall" in large.verdict and "102% before" in large.verdict


def test_a_better_score_does_not_excuse_a_worse_size():
    usual, better = Judgement(1.0, 0.95), Judgement(0.5, 1.0)
    assert better.better_than(usual) and not usual.better_than(better)
    assert Judgement(0.5, 1.09).better_than(usual)  # adults differ by so much
    assert not Judgement(0.5, 1.13).better_than(usual)
    assert not Judgement(0.5, 0.85).better_than(usual)
    assert Judgement(0.5, 1.13).better_than(Judgement(1.0, 1.2))


def test_people_are_as_tall_as_their_bones_say(tmp_path):
    found, target = small_lifter(), footage()
    store = target.store(tmp_path / "target")
    lifter = small_lifter(inputs=Inputs("facing", body=True)).lifter
    answered = judged(lifter, store, 0)
    half = replace(lifter, pose_statistics=Statistics(torch.zeros(17, 3), torch.full((17, 3), 0.5)))
    assert judged(half, store, 0).size == pytest.approx(answered.size / 2, rel=1e-3)
    assert answered.combined == pytest.approx(worth(watching(store, 0)(lifter)))
    assert judged(found.lifter, store, 0).size > 0


def test_the_page_needs_nothing_else_and_escapes_what_it_is_told(tmp_path, source):
    target = footage().target
    windows = StoreWindows(source, Windowing(1))
    figure = draw_spreads(spreads(Shuffled(windows, 64, 0, Likeness().whole(target)), target))
    told = replace(
        report(),
        errors=error_rows({"mpjpe": 100.0, "pck": 80.0}, {"mpjpe": 50.0, "pck": 90.0}),
        remarks=["<script>alert(1)</script>"],
    )
    write_report_page(tmp_path / "report.html", told, [("places & sizes", figure)])
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "<script>" not in text and "&lt;script&gt;" in text and "a &lt;lifter&gt;" in text
    assert text.count('src="data:image/png;base64,') == 1 and "http" not in text
    assert "places &amp; sizes" in text and "-50.0 %" in text and "kept for evaluation" in text
    assert json.dumps(told.data())


def test_a_size_and_a_place_worked_by_hand():
    screen = torch.tensor([[[0.1, 0.2], [0.5, 0.2], [0.1, 0.8]], [[0.0, 0.0]] * 3])
    seen = torch.tensor([[True, True, True], [False, True, True]])
    found = on_screen(screen, seen, 0)
    assert_close(found.size, torch.tensor([(0.4 + 0.6) / 2]))
    assert_close(found.across, torch.tensor([0.1]))
    assert_close(found.down, torch.tensor([0.2]))


def test_alignment_brings_sizes_and_places_to_the_target_s(source):
    target = footage().target
    windows = StoreWindows(source, Windowing(1))
    found = spreads(Shuffled(windows, 120, 0, Likeness(flip=False).whole(target)), target)
    for name, far in found.distances().items():
        assert far["aligned"] < 0.5 * far["source"] + 0.02, name


def test_scores_are_those_of_the_table_and_do_not_depend_on_the_truth(tmp_path):
    found = small_lifter()
    scores = scores_of(found.lifter, footage(found=found).store(tmp_path / "one"), 0)
    assert set(scores) - {"combined"} <= set(SCORES) and scores["combined"] > 0
    assert {"reprojection", "viewpoint", "body"} <= set(scores)
    blind = [replace(clip, poses=None, body=None) for clip in filmed()]
    again = scores_of(found.lifter, footage(blind, found).store(tmp_path / "two"), 0)
    assert again == scores


def test_errors_are_measured_against_truths_with_the_estimated_body(tmp_path):
    found = small_lifter()
    clip = filmed(1)[0]
    write_clip(tmp_path / "truth.clip.safetensors", clip)
    errors = errors_of(found.lifter, tmp_path, footage([clip], found), 0)
    assert set(errors) == {"mpjpe", "p_mpjpe", "n_mpjpe", "pck", "auc"}
    assert errors["mpjpe"] >= errors["n_mpjpe"] >= errors["p_mpjpe"] > 0
    assert errors["mpjpe"] == pytest.approx(
        errors_of(found.lifter, tmp_path, footage([clip], found), 0)["mpjpe"]
    )
