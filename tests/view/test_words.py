"""What a page says beside the pictures."""

from dataclasses import replace

import torch

from crosslift.view import Shown, facts_of, warnings_of

from ..people import seen_walker, walker


def test_facts_are_those_that_all_recordings_share():
    clip = seen_walker()
    other = replace(clip, observed=torch.zeros_like(clip.observed), labels={"action": "walk"})
    alone, both = facts_of([Shown(clip)]), facts_of([Shown(clip), Shown(other)])
    assert alone["Observed joints"] == "100.0 %" and alone["Skeleton"] == "h36m17"
    assert "Observed joints" not in both and both["Skeleton"] == "h36m17"
    assert facts_of([Shown(walker())])["Action"] == "walk"


def test_a_clip_that_is_well_known_has_no_warnings():
    assert warnings_of([Shown(seen_walker()), Shown(walker())]) == []


def test_what_was_assumed_or_not_seen_is_said():
    clip = seen_walker()
    seen = clip.observed.clone()
    seen[: len(clip) // 2] = False
    doubtful = replace(clip, camera=replace(clip.camera, focal_from="assumed"), observed=seen,
                       root_from="assumed")  # fmt: skip
    said = " ".join(warnings_of([Shown(doubtful)]))
    assert "50 % of the joints were not seen" in said
    assert "focal length is assumed" in said and "distance is assumed" in said
    assert warnings_of([Shown(doubtful, "a"), Shown(clip)])[0].startswith("a: ")


def test_an_empty_clip_says_that_nobody_was_found():
    clip = seen_walker()
    empty = replace(clip, keypoints=clip.keypoints[:0], scores=clip.scores[:0],
                    observed=clip.observed[:0], poses=clip.poses[:, :0])  # fmt: skip
    assert warnings_of([Shown(empty)]) == ["Nobody was found in this recording."]
    assert "Observed joints" not in facts_of([Shown(empty)])
