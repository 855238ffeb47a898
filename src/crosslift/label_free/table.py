"""All unlabelled scores by name, with what they are for people."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from jaxtyping import Float
from torch import Generator, Tensor

from ..clip import Batch
from ..errors import SettingsError, unknown_name
from ..protocols import Lifter
from . import agreement, anatomy, movement, picture
from .question import Question

Measure = Callable[[Question, Generator], Float[Tensor, " batch"]]


@dataclass(frozen=True)
class Score:
    """One thing that can be told without labels; the lower it is, the better, whichever it is."""

    unit: str
    """What people are told it in."""
    scale: float
    """From what is kept inside to that unit."""
    sentence: str
    """What it is."""
    measure: Measure
    """One number for each window; NaN for a window that does not tell."""

    def __call__(self, lifter: Lifter, batch: Batch, rng: Generator) -> Float[Tensor, " batch"]:
        """What a lifter scores on each window; cut them by `windowing_for(lifter)`."""
        return self.measure(Question.of(lifter, batch, rng), rng)


SCORES: dict[str, Score] = {
    "reprojection_px": Score(
        "pixels",
        1,
        "How far beside the keypoints the poses are seen where they are placed best.",
        picture.reprojection_px,
    ),
    "reprojection": Score(
        "% of the person's size",
        100,
        "The same by the larger side of the box around the person in the picture.",
        picture.reprojection,
    ),
    "bone_change": Score(
        "%",
        100,
        "How much bones change their length within about a second.",
        anatomy.bone_change,
    ),
    "body": Score(
        "%",
        100,
        "How far bone lengths are from those of the told body, or else of the typical person.",
        anatomy.body,
    ),
    "asymmetry": Score(
        "%",
        100,
        "How much the bones of the left side differ in length from those of the right.",
        anatomy.asymmetry,
    ),
    "beyond_limits": Score(
        "degrees",
        1,
        "By how much a frame's worst joint bends beyond what people do.",
        anatomy.beyond_limits,
    ),
    "flip": Score(
        "mm",
        1000,
        "How far the answer is from that of the mirror image, turned back.",
        agreement.flip,
    ),
    "camera_change": Score(
        "mm",
        1000,
        "How far it is from that before a camera that is aimed, rolled and zoomed a little.",
        agreement.camera_change,
    ),
    "viewpoint": Score(
        "mm",
        1000,
        "How far it is from what becomes of it seen from elsewhere, lifted again and turned back.",
        agreement.viewpoint,
    ),
    "restlessness": Score(
        "doublings",
        1,
        "How many times more or less than people usually do joints accelerate.",
        movement.restlessness,
    ),
    "hypotheses": Score(
        "mm",
        1000,
        "How far the hypotheses are from their mean, where there are several.",
        agreement.hypotheses,
    ),
}


def check_names(names: Collection[str]) -> None:
    """Refuse names of no score."""
    for name in names:
        if name not in SCORES:
            raise SettingsError(unknown_name("unlabelled score", name, SCORES))


def measured(
    question: Question, rng: Generator, names: Collection[str] = tuple(SCORES)
) -> dict[str, Float[Tensor, " batch"]]:
    """Several scores of every window in people's units; the lifter's own answer is asked for once.

    What one score draws does not depend on which others are asked for.
    """
    check_names(names)
    start = rng.get_state()
    found = {}
    for name in names:
        rng.set_state(start)
        found[name] = SCORES[name].scale * SCORES[name].measure(question, rng)
    return found
