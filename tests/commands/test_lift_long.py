"""crosslift lift, given recordings that last: memory does not grow with what is lifted at once."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from crosslift.clip import unlabelled
from crosslift.data.clip_file import write_clip
from crosslift.lifter_folder import About, save_lifter
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.skeletons import H36M_17

from ..lifters.small import small_settings
from ..people import seen_walker

FRAMES = 36_000
HOUR = 108_000
MOST = 1 << 10
"""Mebibytes that an hour may take beside the model; a shorter recording has its share of it."""

MEASURED = """
import resource, sys
from crosslift.cli import main
folder = sys.argv[1]
peaks = []
for name in ("short", "long"):
    words = ["lift", f"{folder}/{name}.clip.safetensors", "-o", f"{folder}/out", "--no-page",
             "--lifter", f"{folder}/net", "--threads", "1", "--quiet", "--format", "clip", "npz"]
    assert main(words) == 0
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print((peaks[1] - peaks[0]) / 1024)
"""


@pytest.mark.slow
def test_a_long_recording_takes_its_share_of_a_gibibyte(tmp_path):
    pytest.importorskip("resource")
    network = VideoPoseSettings(filter_widths=(3, 3, 3), channels=256)
    settings = small_settings("videopose", network=network)
    save_lifter(settings.build(H36M_17), About("videopose", settings, H36M_17), tmp_path / "net")
    clip = unlabelled(seen_walker(4.0))
    there = torch.cat([torch.arange(len(clip)), torch.arange(len(clip)).flip(0)])
    for name, frames in {"short": 60, "long": FRAMES}.items():
        at = there.repeat(-(-frames // len(there)))[:frames]
        part = replace(clip, name=name, keypoints=clip.keypoints[at], scores=clip.scores[at],
                       observed=clip.observed[at])  # fmt: skip
        write_clip(tmp_path / f"{name}.clip.safetensors", part)
    command = [sys.executable, "-c", MEASURED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < MOST * FRAMES / HOUR
