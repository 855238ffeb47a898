"""What low-rank additions cost a MixSTE of 243 frames: beside their layers, and merged into them.

    python -m benchmarks.bench_low_rank [--threads 1] [--repeats 5] [--width 512]

One JSON line for each form of one network; `ratio` is the time of the network without additions by
that of the form, in the same run, and `off` the largest difference from base plus additions.
"""

import argparse
from copy import deepcopy

import torch
from torch import Generator, nn

from benchmarks.timing import interleaved, report
from crosslift.adapt.posynda import OF_BLOCKS
from crosslift.networks.low_rank import additions, inject, merge
from crosslift.networks.mixste import MixSTE, MixSTESettings


def forms(network: nn.Module) -> dict[str, nn.Module]:
    """The network as it is, with additions that do something, and with these merged."""
    rng = Generator().manual_seed(0)
    beside = deepcopy(network)
    inject(beside, OF_BLOCKS, rng)
    with torch.no_grad():
        for each in additions(beside).values():
            each.copy_(0.02 * torch.randn(each.shape, generator=rng))
    merged = deepcopy(beside)
    merge(merged)
    return {"base": network, "beside": beside.eval(), "merged": merged.eval()}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--width", type=int, default=512)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    sizes = MixSTESettings(frames=243, width=asked.width)
    found = forms(MixSTE(sizes).eval().requires_grad_(False))
    keypoints = torch.rand(1, 243, 17, 2, generator=Generator().manual_seed(1)) - 0.5
    with torch.inference_mode():
        said = {name: form(keypoints) for name, form in found.items()}
        taken = interleaved(
            {name: lambda form=form: form(keypoints) for name, form in found.items()},
            repeats=asked.repeats,
            warm=1,
        )
    for name, seconds in taken.items():
        report(
            f"low-rank additions, {name}",
            seconds,
            ratio=round(taken["base"] / seconds, 3),
            off=float(f"{float((said[name] - said['beside']).abs().max()):.3g}"),
            size=float(f"{float(said[name].abs().max()):.3g}"),
        )


if __name__ == "__main__":
    main()
