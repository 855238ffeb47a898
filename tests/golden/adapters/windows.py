"""How the publications cut sequences into windows and thin them out."""

import numpy as np
import torch

from crosslift.geometry.mirror import mirror
from crosslift.skeletons import skeleton_named
from crosslift.thinning import moved_frames
from crosslift.windows import Windowing, plan

from ..golden import Golden, Outputs, adapter


@adapter("DH-AUG", "200 mm frame filter")
def frame_filter(golden: Golden) -> Outputs:
    return {"kept": moved_frames(golden.input("pose3d"))}


@adapter("diff3dhpe", "ChunkedGenerator")
def chunking(golden: Golden) -> Outputs:
    """The cases are those of `config` and of the names of the outputs."""
    named = [name.split("_")[:3] for name in golden.outputs]
    listed = [[str(part) for part in case] for case in golden.config.get("cases", [])]
    ours: dict[str, object] = {}
    for mode, length, frames in {tuple(case) for case in named + listed}:
        case = f"{mode}_{length}_{frames}"
        rebuild = _sequence_to_sequence if mode == "s2s" else _sequence_to_frame
        rows = golden.outputs.get(f"{case}_rows")
        outputs = rebuild(int(length), int(frames), rows)
        ours |= {f"{case}_{name}": value for name, value in outputs.items()}
    return ours


def _sequence_to_sequence(length: int, frames: int, _: np.ndarray | None) -> Outputs:
    cut = plan(length, Windowing(frames, short="left_edge"))
    slid_back = torch.arange(len(cut)) * frames - cut.starts  # the release doubles this in its list
    ends = cut.starts + frames
    return {
        "mask": cut.keep,
        "bounds": torch.stack([cut.starts, ends, cut.starts - slid_back, ends], dim=-1),
        "frames": cut.frames,
    }


def _sequence_to_frame(length: int, frames: int, rows: np.ndarray | None) -> Outputs:
    cut = plan(length, Windowing(frames, predict="centre"))
    shown = np.arange(len(cut)) if rows is None else rows
    return {
        "rows": shown,
        "target": cut.frames[cut.keep],
        "n_pairs": len(cut),
        "frames": cut.frames[torch.from_numpy(shown).long()],
    }


FOCAL = 1145.0494384765625, 1143.7811279296875
CENTRE = 512.54150390625, 515.4514770507812
SIZE = 1000, 1002
BENT = (
    -0.20709891617298126,
    0.24777518212795258,
    -0.0030751503072679043,
    -0.0009756988729350269,
    -0.00142447161488235,
)
"""Human3.6M's camera 54138969, the lens in VideoPose3D's order; all sequences are seen by it."""


def _intrinsics() -> np.ndarray:
    width, height = SIZE
    focal = [2 * length / width for length in FOCAL]
    centre = [2 * CENTRE[0] / width - 1, 2 * CENTRE[1] / width - height / width]
    return np.array([*focal, *centre, *BENT])


@adapter("PoSynDA", "data_pipeline")
def data_pipeline(golden: Golden) -> Outputs:
    h36m, hp = skeleton_named("h36m17"), skeleton_named("mpi_inf_3dhp17")
    ours: dict[str, object] = {
        f"flip_{kind}_{name}": mirror(golden.input(f"x_{kind}"), skeleton)
        for kind in ("2d", "3d")
        for name, skeleton in (("h36m", h36m), ("hp", hp))
        if f"flip_{kind}_{name}" in golden.outputs
    }
    lengths, frames = golden.config["lengths"], golden.config["chunk"]
    for kind in ("2d", "3d"):
        sequences = [golden.input(f"seq{kind}_{number}") for number in range(len(lengths))]
        chunks, windows = [], []
        for sequence, length in zip(sequences, lengths, strict=True):
            chunk = sequence[plan(length, Windowing(frames, end="centred")).frames]
            chunks += [chunk, mirror(chunk, h36m)]
            windows.append(sequence[plan(length, Windowing(frames)).frames])
        order = _epoch(golden, sum(len(chunk) for chunk in chunks))
        ours[f"chunk_{kind}"] = torch.cat(chunks)[order]
        ours |= {f"windows_{kind}_{number}": cut for number, cut in enumerate(windows)}
    ours["chunk_camera"] = _cameras(golden, lengths, frames)
    return ours


def _cameras(golden: Golden, lengths: list[int], frames: int) -> np.ndarray:
    plain = _intrinsics()
    flipped = plain * [1, 1, -1, 1, 1, 1, 1, -1, 1]
    numbers = [len(plan(length, Windowing(frames, end="centred"))) for length in lengths]
    rows = [camera for number in numbers for camera in [plain] * number + [flipped] * number]
    return np.stack(rows)[_epoch(golden, len(rows))]


def _epoch(golden: Golden, number: int) -> np.ndarray:
    """The order of the first epoch; NumPy keeps this generator's stream as it is."""
    return np.random.RandomState(golden.config["random_seed"]).permutation(number)
