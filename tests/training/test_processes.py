"""What several processes and what a killed one come to: the same weights."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

ALONE = [sys.executable, "-m", "tests.training.several_processes"]
TOGETHER = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port",
            "29531", "-m", "tests.training.several_processes"]  # fmt: skip


@pytest.mark.slow
def test_two_processes_come_to_the_weights_of_one_after_fifty_batches(tmp_path):
    found = []
    for name, command in (("one", ALONE), ("two", TOGETHER)):
        path = tmp_path / f"{name}.safetensors"
        subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=300)
        with safe_open(path, "pt") as file:
            assert file.metadata() == {"processes": "1" if name == "one" else "2"}
        found.append(load_file(path))
    one, two = found
    for name, value in one.items():
        off = (two[name] - value).norm() / value.norm()
        assert float(off) < 1e-5, name


KILLED = """
import sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from crosslift.training import Fitting, Run, fit
from tests.training.lines import Points, adam, network
torch.set_num_threads(1)
model = network()
settings = Fitting(epochs=60, average=0.9, checkpoint_minutes=1e-4)
fit({"line": model}, [adam(model)], Points(), settings, torch.Generator().manual_seed(1),
    run=Run(Path(sys.argv[1]), resume=True))
save_file(model.state_dict(), sys.argv[2])
"""


def run(folder, end, *, kill_after: float | None = None) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), str(end)], cwd=Path.cwd()
    )
    if kill_after is None:
        assert process.wait(timeout=300) == 0
        return
    while not (folder / "checkpoint.safetensors").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(kill_after)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_training_that_is_killed_at_any_moment_ends_with_the_same_weights(tmp_path):
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run(tmp_path / "whole", whole)
    for kill_after in (0.0, 0.07, 0.15, 0.02, 0.11):
        run(tmp_path / "parts", parts, kill_after=kill_after)
    run(tmp_path / "parts", parts)
    wanted, found = load_file(whole), load_file(parts)
    assert all(torch.equal(found[name], value) for name, value in wanted.items())
