"""P-STMO's first stage: the encoder learns from keypoints alone, by guessing what is masked.

Shan et al., "P-STMO: pre-trained spatial temporal many-to-one model for 3D human pose estimation",
ECCV 2022. No pose is looked at. The result is a lifter whose encoder is trained and whose rest is
not; supervised training starts from it (`--start-from`).
"""

from dataclasses import dataclass, replace

import torch
from torch import Generator

from .. import registry
from ..augment.flip import FlipSettings
from ..clip import Batch
from ..data.shuffled import Shuffled
from ..data.windows_of_store import StoreWindows
from ..errors import SettingsError
from ..lifters.inputs import Seen
from ..networks.pstmo import PSTMO
from ..networks.pstmo_pretraining import (
    S_GT_243,
    Masking,
    Masks,
    PSTMOPretraining,
    draw_masks,
    start_from,
)
from ..training import Fitting, Schedule, Step, Terms, fit
from ..windows import Windowing
from .job import Job, Trained
from .supervised import Optimizing


@registry.recipe("pstmo_pretraining")
@dataclass(frozen=True)
class PSTMOPretrainingRecipe:
    """Pre-train P-STMO on keypoints without poses; supervised training then starts from it."""

    masking: Masking = S_GT_243
    batch: int = 160
    """Windows in a batch."""
    stride: int = 1
    """Frames from one window to the next."""
    flip: bool = True
    """Whether half of the windows are mirrored."""
    optimizer: Optimizing = Optimizing("adam", 1e-4, amsgrad=True)  # noqa: RUF009  frozen
    fitting: Fitting = Fitting(  # noqa: RUF009  frozen
        epochs=79, schedule=Schedule("exponential", factor=0.97)
    )

    def train(self, job: Job) -> Trained:
        """A lifter whose encoder has learned from the job's keypoints."""
        lifter = job.lifter()
        if not isinstance(lifter.network, PSTMO):
            raise SettingsError(
                f'This pre-training is of the lifter "pstmo", but "{job.about.name}" was asked '
                "for; say --lifter pstmo."
            )
        if job.validation is not None:
            raise SettingsError(
                "Pre-training looks at no pose, so there is nothing that a validation could "
                "measure; leave --validation out."
            )
        network = lifter.network
        with torch.random.fork_rng():
            torch.manual_seed(int(torch.randint(2**62, (), generator=job.rng)))
            learner = PSTMOPretraining(network.settings).to(job.device)
        windows = StoreWindows(
            job.train, Windowing(lifter.frames, self.stride, "centre"), labelled=False
        )
        seed = int(torch.randint(2**62, (), generator=job.rng))
        augment = [FlipSettings().build()] if self.flip else []

        def loss(batch: Batch, rng: Generator) -> Terms:
            given = lifter.given(Seen(batch.keypoints, batch.camera, batch.scores)).numbers
            masks = draw_masks(network.settings, self.masking, rng)
            masks = Masks(*(each.to(given.device) for each in masks))
            off = learner(given, masks) - given
            return {"guess": torch.linalg.vector_norm(off, dim=-1).mean()}

        step = Step("encoder", loss, self.optimizer.build(list(learner.parameters())))
        fitting = replace(self.fitting, keep="last")
        examples = Shuffled(windows, self.batch, seed, augment)
        fitted = fit({"learner": learner}, [step], examples, fitting, job.rng, run=job.run)
        start_from(network, learner)
        return Trained(lifter, fitted)
