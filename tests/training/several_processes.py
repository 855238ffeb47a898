"""A training in one process or in several: `python -m tests.training.several_processes FILE`."""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from crosslift.training import Fitting, Step, fit
from crosslift.training.processes import team

from .lines import Points, square


def main(path: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 16), nn.GELU(), nn.LayerNorm(16), nn.Linear(16, 1))
    settings = Fitting(epochs=10, average=0.9, clip=0.5)
    step = Step("line", square(model, 0.0), torch.optim.Adam(model.parameters(), lr=0.02))
    fit({"line": model}, [step], Points(count=5), settings, torch.Generator())
    processes = team(torch.device("cpu"))
    if processes.leads:
        save_file(model.state_dict(), path, {"processes": str(processes.of)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
