"""The three pairs of domains of the corpus, as stores that are made once in a work folder.

*cameras* are source people under the target rig, *people* target people under the source rig,
*both* target people under the target rig. A method is given a pair's train clips without anything
that is known of them in 3D (`crosslift.adapt.footage` sees to that), and is scored on others.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch

from crosslift.clip import Clip
from crosslift.data.mocap import Mocap, read_rig
from crosslift.data.posed_clip import views
from crosslift.data.store import MARKER, Store, StoreWriter
from crosslift.errors import DataError
from crosslift.files import write_json
from crosslift.motion import Motion
from crosslift.synth import DetectorModel

Domain = Literal["source", "target"]
Split = Literal["train", "val"]


class Pair(NamedTuple):
    """Who is seen, and by whose cameras."""

    people: Domain
    rig: Domain


PAIRS = {
    "cameras": Pair("source", "target"),
    "people": Pair("target", "source"),
    "both": Pair("target", "target"),
}
OWN = Pair("source", "source")


@dataclass(frozen=True)
class Corpus:
    """Where the corpus lies, and how it is seen."""

    data: Path
    work: Path
    rigs: dict[str, Path]
    """Of the source, of the target, and if evaluation uses another one, "eval"."""
    index: Path | None = None
    """That says which domain each clip of the evaluation file is of."""
    evaluation: Path | None = None
    """Clips to be scored on, of both domains; the corpus' own val files unless given."""
    views: int = 2
    """Cameras of the rig that see a clip; drawn by the clip's name."""
    keypoints: Literal["true", "detector"] = "true"
    every: int = 1
    """Clips of which one is taken, to try the grid quickly."""
    few: int | None = None
    """Movements of the source that there are labels of; all unless given."""

    def train(self, pair: Pair) -> Store:
        """What is trained on, or adapted to."""
        return self.store("train", pair, self.rigs[pair.rig])

    def held_out(self, pair: Pair) -> Store:
        """What is scored on; the source's own domain keeps its own rig."""
        rig = self.rigs.get("eval", self.rigs[pair.rig]) if pair != OWN else self.rigs["source"]
        return self.store("val", pair, rig)

    def store(self, split: Split, pair: Pair, rig: Path) -> Store:
        """Clips of some people before the cameras of a rig, made if they are not there."""
        words = [split, pair.people, rig.stem, str(self.views), self.keypoints, str(self.every)]
        if split == "val" and self.evaluation is not None:
            words.append(self.evaluation.stem)
        few = self.few if (split, pair) == ("train", OWN) else None
        if few is not None:
            words.append(f"few{few}")
        folder = self.work / "-".join(["clips", *words])
        if not (folder / MARKER).is_file():
            found = self.motions(split, pair.people)
            self.make(folder, found if few is None else spread(list(found), few), rig)
        return Store.open(folder)

    def make(self, folder: Path, motions: Iterable[Motion], rig: Path) -> None:
        """Write the store, whole or not at all."""
        draft = folder.with_name(f".{folder.name}")
        shutil.rmtree(draft, ignore_errors=True)
        with StoreWriter(draft) as writer:
            for motion in motions:
                for clip in seen(motion, rig, self.views):
                    writer.add(detected(clip) if self.keypoints == "detector" else clip)
        draft.rename(folder)

    def motions(self, split: Split, people: Domain) -> Iterator[Motion]:
        """Movements of some people."""
        if split == "val" and self.evaluation is not None:
            own = of_file(self.evaluation, self.index or self.data / "index.json", self.work)
            found = Mocap(domain=(people,)).read(own)
        else:
            found = Mocap(split=(split,), domain=(people,)).read(self.data)
        for number, each in enumerate(found):
            if number % self.every == 0:
                assert isinstance(each, Motion), "read without a rig"
                yield each


def spread(motions: Sequence[Motion], count: int) -> list[Motion]:
    """So many of the movements, evenly from the first to the last."""
    return [motions[number * len(motions) // count] for number in range(count)]


def of_file(path: Path, index: Path, work: Path) -> Path:
    """A folder with a file of the corpus and the entries of an index that are about its clips.

    The clips are found by their ids, whatever the index calls their file.
    """
    with np.load(path) as held:
        there = {str(name) for name in held["clip_id"].tolist()}
    told = json.loads(index.read_text("utf-8"))
    entries = [{**each, "file": path.name} for each in told["clips"] if str(each["id"]) in there]
    if len(entries) < len(there):
        raise DataError(
            f'The index "{index}" should tell the domain of all {len(there)} clips of "{path}", '
            f"but tells that of {len(entries)}; name the right one with --index."
        )
    folder = work / f"evaluation-{path.stem}"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / path.name)
    write_json(folder / "index.json", {**told, "clips": entries})
    return folder


def seen(motion: Motion, rig: Path, count: int) -> Iterator[Clip]:
    """A movement before some cameras of a rig; who moves is told by the body.

    The corpus has recordings whose subject is unknown, but not on whose body they were put.
    """
    name, cameras = read_rig(rig)
    drawn = random.Random(f"{motion.name} {name}").sample(sorted(cameras), min(count, len(cameras)))
    labels = {**motion.labels, "subject": motion.labels["body"]}
    yield from views(replace(motion, labels=labels), {each: cameras[each] for each in drawn})


def detected(clip: Clip) -> Clip:
    """The clip as a detector would have found it, always with the same errors."""
    seed = int.from_bytes(hashlib.sha256(clip.name.encode()).digest()[:6], "big")
    return DetectorModel()(clip, torch.Generator().manual_seed(seed))


def clips_of(store: Store) -> list[Clip]:
    """The clips of a store."""
    return [clip for clip in store if isinstance(clip, Clip)]


def frames_of(stores: Sequence[Store]) -> list[int]:
    """How many frames each has."""
    return [int(store.frames.sum()) for store in stores]
