"""See keypoints become 3D and be scored, offline and within a minute."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import tyro
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ..demo import MOVEMENTS, PEOPLE, Lifted, demonstrate
from ..files import write_json
from ..geometry import DEFAULT_STATURE
from ..view import Pair, draw_side_by_side, save
from .common import Common, Options, Outcome


def demo(
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("crosslift-demo"),
    *,
    common: Options = Common(),
) -> Outcome:
    """Lift a made-up person's movements with two lifters, score and draw them.

    A lifter is fitted within seconds to synthetic people. Then a person whom it never saw walks,
    squats and waves before cameras drawn anew; what it makes of the keypoints is compared with
    the truth, and with a baseline that gives no depth to anything.

    Args:
        output: The folder for the picture and the report.
    """
    if common.threads is None:
        torch.set_num_threads(1)  # thousands of small steps, for which threads only wait
    start = time.monotonic()
    console = Console(stderr=True, quiet=common.quiet or common.json)
    console.print(f"Making {PEOPLE} people and fitting a lifter to them ...")
    answers = demonstrate(common.rng(), common.device, common.dtype)
    total = 2 * len(MOVEMENTS)
    lifted = list(track(answers, "Lifting", total, console=console, transient=True))
    picture(lifted, output / "demo.png")
    rows = [row(answer) for answer in lifted]
    report = {"seed": common.seed, "precision": common.precision, "scores": rows}
    write_json(output / "report.json", report)
    made = [output / "demo.png", output / "report.json"]
    words = (
        table(lifted),
        f"Lifted in {time.monotonic() - start:.0f} s. Made:",
        *(f"  {path}" for path in made),
    )
    return Outcome(words, report | {"files": [str(path) for path in made]})


def picture(lifted: Sequence[Lifted], path: Path) -> None:
    """Draw what the fitted lifter made of each movement, over the truth."""
    pairs = [
        Pair(each.estimate, each.truth, f"{each.movement}: {each.scores.mpjpe:.0f} mm off")
        for each in lifted
        if each.lifter == "ridge"
    ]
    save(draw_side_by_side(pairs), path)


def row(answer: Lifted) -> dict[str, str | float]:
    """One answer as plain data."""
    scores = {key: round(value, 3) for key, value in answer.scores._asdict().items()}
    return {"movement": answer.movement, "lifter": answer.lifter} | scores


def table(lifted: list[Lifted]) -> Table:
    """The scores of all answers for people to read."""
    made = Table(
        title="How far the poses are from the truth",
        caption="Means over the joints, root-relative; MPJPE as it is, N-MPJPE after the best "
        "scale, P-MPJPE after the best similarity. Sizes assume a stature of "
        f"{DEFAULT_STATURE:.2f} m for the flat lifter; the other learned them.",
    )
    for heading in ("movement", "lifter"):
        made.add_column(heading)
    for heading in ("MPJPE mm", "N-MPJPE mm", "P-MPJPE mm", "within 150 mm", "AUC"):
        made.add_column(heading, justify="right")
    for answer in lifted:
        scores = answer.scores
        lengths = (f"{value:.1f}" for value in scores[:3])
        shares = (f"{value:.1f} %" for value in scores[3:])
        made.add_row(answer.movement, answer.lifter, *lengths, *shares)
    return made
