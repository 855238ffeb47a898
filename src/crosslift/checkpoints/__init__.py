"""What a published checkpoint holds: the weights in it, and the network that they belong to.

`state_of` takes the weights out of what the file wraps around them, `recognise` reads the network
and its sizes off their names and shapes. Which networks those are says the table in `table`: a new
one is an entry there.
"""

from .denoisers import Noise, noise_in
from .kinds import Choices
from .recognising import Recognised, build, recognise
from .wrappers import state_of

__all__ = ["Choices", "Noise", "Recognised", "build", "noise_in", "recognise", "state_of"]
