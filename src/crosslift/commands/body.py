"""Estimate a person's bone lengths from keypoints."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import tyro
from rich.table import Table

from ..body import Body, estimate_body, visibility_of_bones, write_body
from ..body.bones import KINDS, of_kinds
from ..clip import Clip
from ..data.any_file import Told, clips_in
from ..errors import SettingsError
from .common import Common, Options, Outcome

POOR = 0.08
"""Of its length: a bone that is less sure than this is named as poorly seen."""


def body(
    keypoints: Annotated[
        tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="KEYPOINTS...")
    ],
    *,
    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])],
    height: float | None = None,
    measured: tuple[str, ...] = (),
    subject: str | None = None,
    files: Annotated[Told, tyro.conf.OmitArgPrefixes] = Told(),  # noqa: B008  frozen
    common: Options = Common(),
) -> Outcome:
    """Estimate a person's bone lengths from keypoints.

    Args:
        keypoints: Clip files, folders of them, stores, or files of any keypoint format; all of one
            person.
        output: The file to write, such as body.json.
        height: The person's stature in metres; 1.70 unless given.
        measured: Bones that were measured from joint to joint, in metres, such as
            knee-ankle=0.41 shoulder-elbow=0.30; for both sides.
        subject: Whose recordings to take, where there are several people's.
    """
    clips = [clip for path in keypoints for clip in clips_in(path, files)]
    chosen = of_one_person(clips, subject)
    tape = dict(measurement(word) for word in measured)
    found = estimate_body(chosen, height=height, measured=tape)
    write_body(output, found)
    seen = of_kinds(visibility_of_bones(chosen))
    rows = facts_of(found, seen.tolist())
    data = {
        "file": str(output),
        "how": found.how,
        "frames": found.frames,
        "stature_m": round(found.stature, 4),
        "size_from": found.size_from,
        "bones": rows,
    }
    return Outcome((table_of(rows), *sentences(found, rows), f"Written: {output}"), data)


def of_one_person(clips: list[Clip], subject: str | None) -> list[Clip]:
    """The clips of the subject that was asked for, or of the only one there is."""
    people = Counter(person_in(clip) for clip in clips)
    if subject is not None:
        chosen = [clip for clip in clips if person_in(clip) == subject]
        if not chosen:
            raise SettingsError(
                f'There are no recordings of "{subject}"; choose among '
                f"{', '.join(sorted(people)[:20])}."
            )
        return chosen
    if len(people) > 1:
        raise SettingsError(
            "A body is one person's, but there are recordings of "
            f"{', '.join(sorted(people)[:20])}; choose with --subject."
        )
    return clips


def person_in(clip: Clip) -> str:
    """What the person in a clip is called; empty if they have no name."""
    return " ".join(name for name in (clip.labels.get("subject"), clip.person) if name)


def measurement(word: str) -> tuple[str, float]:
    """The bone and the metres of words such as knee-ankle=0.41."""
    bone, _, metres = word.partition("=")
    try:
        return bone.strip(), float(metres)
    except ValueError:
        raise SettingsError(
            f'--measured takes a bone and its length in metres, such as knee-ankle=0.41, but "'
            f'{word}" was given; the bones are {", ".join(KINDS)}.'
        ) from None


def facts_of(found: Body, seen: list[float]) -> list[dict[str, Any]]:
    """One row a kind of bone, in centimetres, and whether the keypoints say enough of it."""
    lengths, spreads = of_kinds(found.lengths).tolist(), of_kinds(found.spread).tolist()
    return [
        {
            "bone": name,
            "cm": round(100 * length, 1),
            "spread_cm": round(100 * spread, 1),
            "seen": round(share, 3),
            "poor": spread > POOR * length,
        }
        for name, length, spread, share in zip(KINDS, lengths, spreads, seen, strict=True)
    ]


def table_of(rows: list[dict[str, Any]]) -> Table:
    """The bones as a person reads them."""
    table = Table("bone", title="Bone lengths, both sides alike")
    for name in ("cm", "plus/minus", "seen in"):
        table.add_column(name, justify="right")
    for row in rows:
        share = f"{100 * row['seen']:.0f} %"
        table.add_row(row["bone"], f"{row['cm']:.1f}", f"{row['spread_cm']:.1f}", share)
    return table


def sentences(found: Body, rows: list[dict[str, Any]]) -> list[str]:
    """How the lengths are known, and which of them are poorly."""
    said = [f"From {found.how}: {100 * found.stature:.0f} cm tall by these bones."]
    if found.size_from == "assumed":
        said.append(
            "Plus/minus is one standard deviation at that stature. A picture does not tell sizes: "
            "give --height, or a bone with --measured."
        )
    poor = [row["bone"] for row in rows if row["poor"]]
    if poor:
        said.append(
            f"Poorly seen, less sure than {100 * POOR:.0f} %: {', '.join(poor)}. More movements, "
            "cameras from other sides or --measured help."
        )
    return said
