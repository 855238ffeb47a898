"""How often a lifter that draws poses from noise does so, told when it is used."""

from dataclasses import dataclass, replace

from ..errors import SettingsError
from ..protocols import Lifter
from .diffusion import Diffusion


@dataclass(frozen=True)
class Drawing:
    """What a lifter that draws poses from noise is told anew."""

    hypotheses: int | None = None
    """Poses that are drawn for each window, by lifters that draw them from noise; as many as the
    lifter's settings say unless given."""
    steps: int | None = None
    """Calls of the network for each of them; as many as the lifter's settings say unless given."""

    def of(self, lifter: Lifter, name: str) -> Lifter:
        """The lifter, drawing so.

        Args:
            name: Of the lifter, for the sentence that refuses one that draws nothing.
        """
        told = {key: value for key, value in vars(self).items() if value is not None}
        if not told:
            return lifter
        if not isinstance(lifter, Diffusion):
            raise SettingsError(
                f"--{next(iter(told))} is for lifters that draw poses from noise, but "
                f'"{name}" answers once; leave it out, or name a lifter such as d3dp.'
            )
        return replace(lifter, **told)
