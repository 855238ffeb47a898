"""HRNet's inference form against its plain float32 form, and what its precision does to places.

    python -m benchmarks.bench_hrnet [--weights DETECTOR] [--batch 1 4]

Without weights of a trained detector, one is trained first, on bright marks in cluttered pictures
(some minutes): untrained maps have no peaks, so that nothing could be said of places. Places are
the soft-argmax in pixels of the cut-out.
"""

import argparse
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from crosslift.detect.detector_folder import load_detector
from crosslift.detect.map_detector import CELLS_TO_A_SIGMA, MapDetector
from crosslift.detect.targets import map_loss, target_maps
from crosslift.networks.hrnet import HRNET_W32, STRIDE, HRNet
from crosslift.skeletons import H36M_17

from .marks import Marks, marks
from .timing import interleaved, report

SIZE = (288, 384)
RATE = 1.5e-3
FOUND = 8.0
"""Pixels from its true place within which a joint counts as found: two cells."""
SMALL = (96, 96)
"""Width and height of the pictures that are trained on; the network is the same at any size."""


def trained(steps: int, rng: Generator) -> HRNet:
    """HRNet-W32 that finds marks, after so many batches of six small pictures."""
    torch.manual_seed(int(torch.randint(2**31, (), generator=rng)))
    network = HRNet(HRNET_W32)
    for layer in network.modules():  # the publication starts from ImageNet, not from almost zero
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    nn.init.normal_(network.final_layer.weight, std=0.001)
    detector = MapDetector(H36M_17, network.train(), SMALL)
    sigma = SIZE[0] / STRIDE / CELLS_TO_A_SIGMA  # of the size at which it is used
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps) * min(1, (step + 1) / 20)
        seen = marks(6, SMALL, rng)
        wanted = target_maps(seen.joints, seen.visible, SMALL, detector.cells, sigma)
        with torch.autocast("cpu", torch.bfloat16):
            maps = detector.maps(seen.crops)
        optimizer.zero_grad()
        map_loss(maps.float(), wanted).backward()
        optimizer.step()
    return network.eval().requires_grad_(False)


def price(plain: MapDetector, fast: MapDetector, seen: Marks) -> dict[str, float]:
    """How far places move, and how right they were before, in pixels."""
    with torch.inference_mode():
        before, after = (
            torch.cat([each.pixels(each.maps(some)) for some in seen.crops.split(4)])
            for each in (plain, fast)
        )
    moved, off = distances(before, after), distances(before, seen.joints)
    found = off < FOUND
    return {
        "found": found.float().mean().item(),
        "moved_found_px": moved[found].mean().item(),
        "moved_mean_px": moved.mean().item(),
        "moved_99_px": moved.flatten().kthvalue(int(0.99 * moved.numel())).values.item(),
        "error_px": off.median().item(),
        "error_after_px": distances(after, seen.joints).median().item(),
    }


def distances(
    some: Float[Tensor, "batch joints 2"], others: Float[Tensor, "batch joints 2"]
) -> Float[Tensor, "batch joints"]:
    """Of each joint."""
    return (some - others).norm(dim=-1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="of a trained HRNet, instead of training one")
    parser.add_argument("--batch", type=int, nargs="+", default=[1])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--steps", type=int, default=320, help="batches of the training")
    parser.add_argument("--pictures", type=int, default=16, help="by which places are compared")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    rng = torch.Generator().manual_seed(0)
    if asked.weights is None:
        network = trained(asked.steps, rng)
        detector = MapDetector(H36M_17, network, SIZE, "soft")
    else:
        kept = load_detector(asked.weights).detector
        detector = MapDetector(kept.skeleton, kept.network, SIZE, "soft")
    seen = marks(asked.pictures, SIZE, rng)
    forms = {"plain float32": detector, "float32": detector.fast(),
             "bfloat16": detector.fast(torch.bfloat16)}  # fmt: skip
    prices = {name: price(detector, form, seen) for name, form in forms.items() if form != detector}
    for batch in asked.batch:
        calls = {name: partial(form.maps, seen.crops[:batch]) for name, form in forms.items()}
        with torch.inference_mode():
            seconds = interleaved(calls, repeats=asked.repeats)
        for name, each in seconds.items():
            told = {key: round(value, 4) for key, value in prices.get(name, {}).items()}
            report(f"HRNet-W32 {SIZE[1]}x{SIZE[0]}, {name}", each, batch=batch,
                   pictures_a_second=round(batch / each, 2),
                   times_plain=round(seconds["plain float32"] / each, 3), **told)  # fmt: skip


if __name__ == "__main__":
    main()
