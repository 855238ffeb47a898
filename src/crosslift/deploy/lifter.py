"""A lifter whose network is an ONNX file."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import CheckpointError, DataError, SettingsError
from ..lifter_folder import About
from ..lifters.direct import Direct, Sliding, at_once
from ..networks.overlapping import part_by_part
from ..onnx_session import started
from .model_bytes import read_model
from .words import KEY, parsed, rebuilt

PRECISIONS = {
    "tensor(float)": torch.float32,
    "tensor(double)": torch.float64,
    "tensor(float16)": torch.float16,
}
NUMBERS, ANSWER = "numbers", "answer"
"""What goes in and what comes out, as an exported network calls them."""


class OnnxNetwork(nn.Module):
    """A network that ONNX Runtime computes; without gradients."""

    def __init__(self, session: Any, frames: int, path: Path, provider: str) -> None:
        super().__init__()
        self.session, self.frames, self.path, self.provider = session, frames, path, provider

    @property
    def dtype(self) -> torch.dtype:
        """The precision of its numbers."""
        return PRECISIONS[self.session.get_inputs()[0].type]

    def forward(
        self, given: Float[Tensor, "batch frames joints numbers"]
    ) -> Float[Tensor, "batch answered joints 3"]:
        told = np.ascontiguousarray(given.detach().cpu().numpy())
        try:
            (found,) = self.session.run([ANSWER], {NUMBERS: told})
        except Exception as problem:  # ONNX Runtime's errors share no class
            raise DataError(
                f'ONNX Runtime could not run the network of "{self.path}" on numbers of shape '
                f"{tuple(given.shape)} ({' '.join(str(problem).split())[:200]}); give it windows "
                f"of {self.frames} frames, or fewer of them at once."
            ) from problem
        return torch.from_numpy(found).to(given.device)

    def along(
        self, keypoints: Float[Tensor, "batch frames joints numbers"], at_a_time: int = 2048
    ) -> Float[Tensor, "batch places joints 3"]:
        """Poses of all places at which a window fits, `at_a_time` of them at once."""
        return part_by_part(keypoints, self.frames, self, at_a_time)


@dataclass(frozen=True, eq=False)
class OnnxLifter(Direct):
    """A lifter of crosslift in all but its network, which ONNX Runtime computes."""

    about: About | None = None
    """What its file says of it."""

    @property
    def dtype(self) -> torch.dtype:
        """The precision in which the network takes its numbers."""
        return cast(OnnxNetwork, self.network).dtype

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> "OnnxLifter":
        """The lifter itself, if it computes there and so; nothing of it can be moved."""
        network = cast(OnnxNetwork, self.network)
        if str(device) != network.provider:
            raise SettingsError(
                f'The ONNX file "{network.path}" was loaded for the device "{network.provider}", '
                f'but "{device}" was asked for; load it anew for that one.'
            )
        if dtype not in (None, self.dtype):
            raise SettingsError(
                f'The ONNX file "{network.path}" computes in {self.dtype}, but {dtype} was asked '
                "for; export the lifter in that precision."
            )
        return self

    def state(self) -> dict[str, Tensor]:
        """Refused: what was learned stays in the file."""
        raise CheckpointError(
            "The weights of an ONNX file cannot be taken out or trained on; use the lifter's "
            "folder from which it was exported."
        )

    def with_state(self, state: Mapping[str, Tensor]) -> "OnnxLifter":
        """Refused likewise."""
        self.state()
        return self


@dataclass(frozen=True, eq=False)
class OnnxSliding(OnnxLifter, Sliding):
    """The same with a network that goes along whole sequences."""


def load_onnx(path: Path, provider: str = "cpu") -> OnnxLifter:
    """The lifter in an ONNX file that crosslift wrote, ready to lift.

    Args:
        provider: Where ONNX Runtime computes: cpu, cuda, cuda:1, mps, or its own name of a
            provider. One that is not there is refused; nothing else takes its place.
    """
    return lifter_of(read_model(path), path, provider)


def lifter_of(model: Any, path: Path, provider: str = "cpu") -> OnnxLifter:
    """The same of a model that has been read and looked through."""
    said = {each.key: each.value for each in model.metadata_props}
    words = parsed(said.get(KEY), path)
    built, about = rebuilt(words, path)
    session = started(
        model.SerializeToString(), provider, what=f'"{path}"', needed_by="Lifting with an ONNX "
        "file", extra="export",
    )  # fmt: skip
    check_doors(session, built, path)
    network = OnnxNetwork(session, built.frames, path, provider).eval()
    slides = words.get("any_length") is True and built.predict != "all"
    kind = OnnxSliding if slides else OnnxLifter
    kept = {each.name: getattr(built, each.name) for each in fields(Direct)}
    return kind(**kept | {"network": network, "read": at_once, "about": about})


def check_doors(session: Any, lifter: Direct, path: Path) -> None:
    """Refuse a network that takes or gives something else than its description says."""
    joints, channels = len(lifter.skeleton), lifter.inputs.channels
    wanted = {NUMBERS: [joints, channels], ANSWER: [joints, 3]}
    doors = [*session.get_inputs(), *session.get_outputs()]
    found = {door.name: list(door.shape[2:]) for door in doors if len(door.shape) == 4}
    known = all(door.type in PRECISIONS for door in doors)
    if found != wanted or len(doors) != 2 or not known:
        raise CheckpointError(
            f'The network of "{path}" should take {joints} x {channels} numbers a frame and give '
            f"{joints} x 3, but has {', '.join(f'{d.name} {d.shape}' for d in doors)}; export the "
            "lifter anew."
        )
