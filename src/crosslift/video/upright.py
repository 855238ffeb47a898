"""Pictures as a person holds them: what cameras note about how they were held, applied."""

import numpy as np
from jaxtyping import Int, UInt8

Picture = UInt8[np.ndarray, "height width 3"]
Turned = UInt8[np.ndarray, "rows columns 3"]


def upright(image: Picture, matrix: Int[np.ndarray, " nine"] | None) -> Turned:
    """The picture turned and mirrored by a container's display matrix, in quarter turns.

    The matrix is stored as a b u, c d v, x y w and takes the stored x and y to a x + c y and
    b x + d y; where the picture lies is of no concern here.
    """
    if matrix is None:
        return image
    a, b, c, d = (int(matrix[place]) for place in (0, 1, 3, 4))
    if abs(b) + abs(c) > abs(a) + abs(d):
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(image[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1])
