"""A lifter as a folder: its weights, its settings, a card for people, and the files' checksums.

    model.safetensors   weights under the publication's names, and statistics of the training data
    settings.json       the registered name, all settings, the skeleton, how it was made
    card.md             the same for people, with figures and licence
    domain.safetensors  what its training data looked like, if that is known
    SHA256SUMS          of the other files

Nothing in it can run code. It is loaded strictly: by name and settings to a fresh lifter, whose
weights must all be there and no others.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from . import registry
from .data.record import skeleton_of, skeleton_words
from .data.safetensors_map import map_file
from .domain import Domain
from .errors import CheckpointError, CrossliftError
from .protocols import Lifter, StatefulLifter
from .settings import as_data, from_data, read_settings
from .skeleton import Skeleton
from .summed_folder import check_sums, summed
from .version import __version__

FORMAT = "crosslift lifter"
VERSION = 1
WEIGHTS, SETTINGS, CARD = "model.safetensors", "settings.json", "card.md"
DOMAIN = "domain.safetensors"


@dataclass(frozen=True)
class About:
    """All that a lifter's folder says of it but the weights."""

    name: str
    """Under which the settings are registered."""
    settings: Any
    skeleton: Skeleton
    made: Mapping[str, Any] = field(default_factory=dict)
    """How: command, data, seed, figures, licence; plain data."""

    def build(self) -> Lifter:
        """The lifter with fresh weights."""
        return self.settings.build(self.skeleton)


def save_lifter(
    lifter: Lifter,
    about: About,
    folder: Path,
    *,
    dtype: torch.dtype | None = None,
    domain: Domain | None = None,
) -> None:
    """Write a lifter as a new folder, whole or not at all.

    Args:
        dtype: Of the stored weights, where that should be smaller than in memory.
        domain: What its training data looked like.
    """
    with summed(folder, "a lifter") as draft:
        save_file(_stored(lifter, dtype), draft / WEIGHTS)
        if domain is not None:
            save_file(domain.tensors(), draft / DOMAIN)
        (draft / SETTINGS).write_text(json.dumps(_words(about), indent=2) + "\n", "utf-8")
        (draft / CARD).write_text(card(about), "utf-8")


def load_lifter(folder: Path) -> tuple[Lifter, About]:
    """The lifter in a folder, ready to lift, and what is said of it."""
    about = read_about(folder)
    check_files(folder)
    lifter = about.build()
    arrays, _ = map_file(folder / WEIGHTS)
    state = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    state = {
        name: each.float() if each.dtype == torch.float16 else each for name, each in state.items()
    }
    if isinstance(lifter, StatefulLifter):
        return lifter.with_state(state), about
    if state:
        raise CheckpointError(
            f'The lifter "{about.name}" has no weights, but {len(state)} lie in "{folder}"; the '
            "folder was put together by hand or is another's."
        )
    return lifter, about


def load_domain(folder: Path) -> Domain | None:
    """What the training data of the lifter in a folder looked like, if that was kept."""
    if not (folder / DOMAIN).is_file():
        return None
    about = read_about(folder)
    check_files(folder)
    arrays, _ = map_file(folder / DOMAIN)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    return Domain.from_tensors(tensors, about.skeleton)


def is_lifter(path: Path) -> bool:
    """Whether a path looks like a lifter's folder."""
    return (path / SETTINGS).is_file()


def read_about(folder: Path) -> About:
    """What a lifter's folder says of it, without its weights."""
    if not is_lifter(folder):
        raise CheckpointError(
            f'"{folder}" should be the folder of a lifter, with {SETTINGS} and {WEIGHTS}, but is '
            "none; make one with crosslift train or crosslift import."
        )
    words = read_settings(folder / SETTINGS)
    if words.get("format") != FORMAT or not isinstance(words.get("version"), int):
        raise CheckpointError(
            f'"{folder / SETTINGS}" should describe a lifter, but does not; name a folder that '
            "crosslift train or crosslift import has made."
        )
    if words["version"] > VERSION:
        raise CheckpointError(
            f'"{folder}" was written by a newer crosslift ({words.get("crosslift")}) than this one '
            f"({__version__}); update crosslift."
        )
    try:
        settings = from_data(registry.settings_of("lifter", words["lifter"]), words["settings"])
        return About(words["lifter"], settings, skeleton_of(words["skeleton"]), dict(words["made"]))
    except (KeyError, TypeError, ValueError, AttributeError, CrossliftError) as problem:
        raise CheckpointError(
            f'"{folder / SETTINGS}" does not describe a lifter that this crosslift knows '
            f"({problem}); make the folder anew."
        ) from problem


def check_files(folder: Path) -> None:
    """Refuse a folder whose files are not those that were written."""
    known = (DOMAIN,) if (folder / DOMAIN).exists() else ()
    check_sums(folder, (WEIGHTS, SETTINGS, *known))


TOLD = {"licence": "Terms", "attribution": "Credit", "words": "What it is"}
"""What is written out for people, of all that is said of how a lifter was made; and its heading."""


def card(about: About) -> str:
    """What people should know before they use the lifter."""
    made = dict(about.made)
    lines = [
        f"# {made.pop('title', about.name)}",
        "",
        f"A lifter of crosslift {__version__} for the skeleton {about.skeleton.name}.",
        "",
    ]
    for key, heading in TOLD.items():
        if key in made:
            lines += [f"## {heading}", "", str(made.pop(key)), ""]
    lines += [
        "## Settings",
        "",
        "```json",
        json.dumps({"settings": as_data(about.settings), "made": as_data(made)}, indent=2),
        "```",
        "",
    ]
    return "\n".join(lines)


def _words(about: About) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "crosslift": __version__,
        "lifter": about.name,
        "settings": as_data(about.settings),
        "skeleton": skeleton_words(about.skeleton),
        "made": as_data(about.made),
    }


def _stored(lifter: Lifter, dtype: torch.dtype | None) -> dict[str, Tensor]:
    state = lifter.state() if isinstance(lifter, StatefulLifter) else {}
    return {
        name: tensor.detach().to("cpu", dtype if tensor.is_floating_point() else None).contiguous()
        for name, tensor in state.items()
    }
