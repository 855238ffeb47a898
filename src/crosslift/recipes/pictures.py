"""The pictures on which detectors are trained: those of a store, or people who are rendered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Generator

from ..clip import Clip
from ..data.images_crop import NO_CHANGES, Changes, Framing
from ..data.images_loading import StoredCrops
from ..data.images_store import FOLDER, PictureStore
from ..data.store import Store
from ..errors import DataError
from ..render.people import RenderedCrops
from ..render.picture import Rendering
from ..training.examples import Examples

BATCHES = 100
"""Of rendered people, that count as an epoch."""
BATCHES_OF_VALIDATION = 8


def pictures_in(
    paths: Sequence[Path],
    where: Mapping[str, Sequence[str]],
    size: tuple[int, int],
    batch: int,
    rng: Generator,
    changes: Changes | None = None,
) -> Examples:
    """Batches of people cut out of pictures.

    Of a store with pictures, these; of stores of clips with 3D poses, people who are rendered anew
    for every batch.

    Args:
        where: Labels that clips must have.
        size: Width and height of the cut-outs.
        changes: What is changed at random, in training; nothing and always the same pictures in a
            validation, which is None.
    """
    seed = int(torch.randint(2**62, (), generator=rng))
    framing = Framing(size)
    with_pictures = [path for path in paths if (path / FOLDER).is_dir()]
    if with_pictures:
        check_alone(paths, with_pictures)
        store = PictureStore.open(with_pictures[0]).select(**where)
        return StoredCrops(store, min(batch, max(len(store), 1)) if changes is None else batch,
                           seed, framing, changes or NO_CHANGES)  # fmt: skip
    store = Store.joined([Store.open(path).select(**where) for path in paths])
    clips = [each for each in store if isinstance(each, Clip)]
    epoch = BATCHES_OF_VALIDATION if changes is None else BATCHES
    return RenderedCrops(clips, batch, seed, epoch, framing, Rendering(size))


def check_alone(paths: Sequence[Path], with_pictures: Sequence[Path]) -> None:
    """Refuse several stores where one has pictures: their crops cannot be in one batch."""
    if len(paths) > 1:
        raise DataError(
            f"{len(paths)} stores were named, but pictures are taken from one store, as from "
            f'"{with_pictures[0]}"; convert all into one store, or name one of them.'
        )
