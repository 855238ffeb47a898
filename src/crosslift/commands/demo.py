"""See keypoints become 3D, lifters adapted to them, and both scored, within two minutes."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from .. import registry
from ..demo import FRAMES, MOVEMENTS, Lifted, demonstrate, plain_lifter
from ..files import write_json
from ..geometry import DEFAULT_STATURE
from ..view import Pair, Shown, draw_side_by_side, facts_of, save, write_page
from .common import Common, Options, Outcome

FORMATS = ("clip", "bvh", "trc")
"""In which the poses of the lifter that comes with the package are written."""


def demo(
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])] = Path("crosslift-demo"),
    *,
    common: Options = Common(),
) -> Outcome:
    """Lift a made-up person's movements, adapt the lifters to them, lift again and compare.

    A plain lifter is trained within seconds on synthetic people. Then a person of another build
    moves in other ways before cameras drawn anew. What it makes of the keypoints is compared with
    the truth, and so is what the lifter makes of them that comes with the package. Both are then
    adapted to these keypoints, without the truth, and compared again.

    Args:
        output: The folder for all that is made.
    """
    start = time.monotonic()
    console = Console(stderr=True, quiet=common.quiet or common.json)
    rng = common.rng()
    with TemporaryDirectory() as folder:
        work = Path(folder)
        console.print(f"Training a plain lifter on {FRAMES:,} frames of synthetic people ...")
        plain = plain_lifter(work, rng, console)
        lifted = list(demonstrate(plain, work, rng, common.device, console))
    made = written(lifted, output)
    rows = [row(answer) for answer in lifted]
    report = {"seed": common.seed, "scores": rows}
    write_json(output / "report.json", report)
    made.append(output / "report.json")
    words = (
        table(lifted),
        f"Done in {time.monotonic() - start:.0f} s. Made:",
        *(f"  {path}" for path in made),
        f"Open {output / 'demo.html'} in a browser to look at the first movement.",
    )
    return Outcome(words, report | {"files": [str(path) for path in made]})


def written(lifted: Sequence[Lifted], folder: Path) -> list[Path]:
    """The files with the poses, a picture of all movements and a page of the first."""
    made: list[Path] = []
    for each in after(lifted):
        for key in FORMATS:
            writer = registry.settings_of("writer", key)()
            made.append(folder / f"{each.movement}{writer.suffix}")
            writer.write(each.estimate, made[-1])
    picture(lifted, folder / "demo.png")
    first = [each for each in lifted if each.movement == MOVEMENTS[0]]
    shown = [Shown(first[0].truth, "truth", truth=True)]
    shown += [Shown(each.estimate, f"{each.lifter}, {each.stage}") for each in first]
    write_page(folder / "demo.html", shown, title=f"A {MOVEMENTS[0]}", facts=facts_of(shown))
    return [*made, folder / "demo.png", folder / "demo.html"]


def after(lifted: Sequence[Lifted]) -> list[Lifted]:
    """The answers of the lifter that comes with the package, adapted."""
    return [each for each in lifted if (each.lifter, each.stage) == ("general", "after")]


def picture(lifted: Sequence[Lifted], path: Path) -> None:
    """Draw what the shipped lifter made of each movement, over the truth."""
    pairs = [
        Pair(each.estimate, each.truth, f"{each.movement}: {each.scores.mpjpe:.0f} mm off")
        for each in after(lifted)
    ]
    save(draw_side_by_side(pairs), path)


def row(answer: Lifted) -> dict[str, str | float]:
    """One answer as plain data."""
    scores = {key: round(value, 3) for key, value in answer.scores._asdict().items()}
    who = {"movement": answer.movement, "lifter": answer.lifter, "stage": answer.stage}
    return who | scores


def table(lifted: Sequence[Lifted]) -> Table:
    """The scores of both lifters, before and after, for people to read."""
    made = Table(
        title=f"How far the poses of {len(MOVEMENTS)} movements are from the truth",
        caption="Means over movements and joints, root-relative; MPJPE as it is, N-MPJPE after the "
        "best scale, P-MPJPE after the best similarity. Adaptation saw the keypoints alone. Nobody "
        f"told the person's height, so {DEFAULT_STATURE:.2f} m is assumed; --height would tell it.",
    )
    for heading in ("lifter", "adapted"):
        made.add_column(heading)
    for heading in ("MPJPE mm", "N-MPJPE mm", "P-MPJPE mm", "within 150 mm", "AUC"):
        made.add_column(heading, justify="right")
    for name, stage in dict.fromkeys((each.lifter, each.stage) for each in lifted):
        own = [each.scores for each in lifted if (each.lifter, each.stage) == (name, stage)]
        scores = [mean(values) for values in zip(*own, strict=True)]
        lengths = (f"{value:.1f}" for value in scores[:3])
        shares = (f"{value:.1f} %" for value in scores[3:])
        made.add_row(name, "yes" if stage == "after" else "no", *lengths, *shares)
    return made
