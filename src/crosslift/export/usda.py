"""USDA: a moving figure as OpenUSD text, for Omniverse, Houdini, Maya, Blender, usdview."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float

from .. import registry
from ..data.motion_axes import Up, from_z_up
from ..data.record import Recording, as_json
from ..files import whole
from ..motion import Motion
from .figure import Part, figure
from .posed_tree import HELD, PosedTree, missing_frames, posed_tree
from .world import in_world, missing_sentence, plain_names, seconds

BOUND = '(\n{pad}    prepend apiSchemas = ["SkelBindingAPI"]\n{pad})'
"""What a prim that belongs to a skeleton says of itself."""


@registry.writer("usda")
@dataclass(frozen=True)
class Usda:
    """USDA (OpenUSD text): a figure of bones that moves, for animation and film software.

    A UsdSkel skeleton, an animation with a sample for each frame, and a simple figure bound to it.
    Every joint moves and turns in its parent's frame, so that each is exactly where it was seen, in
    single precision; bones have the least twist from a T-pose. A time code is a frame; where the
    frame rate varies, they lie between frames. Names that USD does not allow are written plainly,
    with the true ones beside them (`jointNames`). Where a joint is missing, it stays where it last
    was, seen from its parent; the layer lists these frames beside labels and provenance.
    Units: metres (`metersPerUnit`). Axes: z up, or y up if asked (`upAxis`).
    """

    suffix: ClassVar[str] = ".usda"

    up: Up = "z"
    """The axis that points upwards."""
    hypothesis: int = 0
    """Which of a clip's poses to write."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file."""
        motion = in_world(recording, self.hypothesis)
        places = from_z_up(motion.positions.double().cpu().numpy(), self.up)
        tree = posed_tree(motion, torch.from_numpy(places), self.up)
        codes = (seconds(recording) * motion.fps).cpu().numpy().round(6)
        with whole(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            for lines in (_layer(motion, codes, self.up), _scene(motion, tree, places, codes)):
                file.writelines(f"{line}\n" for line in lines)
        return tuple(missing_sentence(motion, HELD))


def _layer(motion: Motion, codes: np.ndarray, up: str) -> Iterator[str]:
    """What holds for the whole file."""
    facts = {
        "name": motion.name,
        "units": "metres; time codes are frames",
        "skeleton": motion.skeleton.name,
        "labels": as_json(dict(motion.labels)),
        "provenance": as_json(dict(motion.provenance)),
        "missing_frames": as_json(missing_frames(motion)),
    }
    yield "#usda 1.0"
    yield "("
    yield "    customLayerData = {"
    yield from (f"        string {key} = {_quoted(fact)}" for key, fact in facts.items())
    yield "    }"
    yield '    defaultPrim = "Recording"'
    yield f"    endTimeCode = {_number(codes[-1] if len(codes) else 0)}"
    yield f"    framesPerSecond = {_number(motion.fps)}"
    yield "    metersPerUnit = 1"
    yield f"    startTimeCode = {_number(codes[0] if len(codes) else 0)}"
    yield f"    timeCodesPerSecond = {_number(motion.fps)}"
    yield f'    upAxis = "{up.upper()}"'
    yield ")"
    yield ""


def _scene(motion: Motion, tree: PosedTree, places: np.ndarray, codes: np.ndarray) -> Iterator[str]:
    """The skeleton, its movement and the figure that goes with it."""
    rest = tree.rest_places.numpy()
    known = places[np.isfinite(places).all(axis=-1)]
    reach = np.abs(rest - rest[tree.skeleton.root]).max(initial=0.1)  # of what is held, too
    yield f'def SkelRoot "Recording" {BOUND.format(pad="")}'
    yield "{"
    yield f"    float3[] extent = {_extent(known if len(known) else rest, reach)}"
    yield "    rel skel:skeleton = </Recording/Skeleton>"
    yield ""
    yield from _skeleton(motion, tree, rest)
    yield ""
    yield from _movement(tree, codes, _paths(tree))
    yield "    }"
    for part in figure(rest, tree.skeleton):
        yield ""
        yield from _mesh(part)
    yield "}"


def _skeleton(motion: Motion, tree: PosedTree, rest: np.ndarray) -> Iterator[str]:
    """The tree of joints and its rest pose; the prim is left open."""
    names = [_quoted(joint) for joint in motion.skeleton.joints]
    yield f'    def Skeleton "Skeleton" {BOUND.format(pad="    ")}'
    yield "    {"
    yield f"        uniform matrix4d[] bindTransforms = {_list(map(_matrix, rest))}"
    yield f"        uniform token[] jointNames = {_list(names)}"
    yield f"        uniform token[] joints = {_list(_paths(tree))}"
    yield f"        uniform matrix4d[] restTransforms = {_list(map(_matrix, tree.rest.numpy()))}"
    yield "        rel skel:animationSource = </Recording/Skeleton/Movement>"


def _paths(tree: PosedTree) -> list[str]:
    """The joints as USD calls them: each by the way from the root."""
    skeleton = tree.skeleton
    names = plain_names(skeleton.joints, r"[^A-Za-z0-9_]|^(?=[0-9])")
    chains = [skeleton.chain(joint)[::-1] for joint in range(len(skeleton))]
    return [f'"{"/".join(names[joint] for joint in chain)}"' for chain in chains]


def _movement(tree: PosedTree, codes: np.ndarray, paths: list[str]) -> Iterator[str]:
    """Moves and turns of all joints for each time code."""
    joints = len(tree.skeleton)
    yield '        def SkelAnimation "Movement"'
    yield "        {"
    yield f"            uniform token[] joints = {_list(paths)}"
    yield f"            half3[] scales = {_list(['(1, 1, 1)'] * joints)}"
    if len(codes):
        yield from _samples("quatf[] rotations", codes, tree.turns.numpy())
        yield from _samples("float3[] translations", codes, tree.moves.numpy())
    else:
        yield f"            quatf[] rotations = {_list(['(1, 0, 0, 0)'] * joints)}"
        yield f"            float3[] translations = {_list(map(_tuple, tree.rest.numpy()))}"
    yield "        }"


def _samples(
    name: str, codes: np.ndarray, values: Float[np.ndarray, "frames joints axes"]
) -> Iterator[str]:
    """An attribute over time; nine digits hold a number of single precision exactly."""
    one = f"({', '.join(['%.9g'] * values.shape[-1])})"
    row = f"[{', '.join([one] * values.shape[1])}]"
    yield f"            {name}.timeSamples = {{"
    for code, value in zip(codes, values, strict=True):
        yield f"                {_number(code)}: {row % tuple(value.reshape(-1).tolist())},"
    yield "            }"


def _mesh(part: Part) -> Iterator[str]:
    """One side of the figure; each point moves with one joint."""
    red, green, blue = part.colour
    each = '(\n            elementSize = 1\n            interpolation = "vertex"\n        )'
    yield f'    def Mesh "{part.side}" {BOUND.format(pad="    ")}'
    yield "    {"
    yield f"        float3[] extent = {_extent(part.points)}"
    yield f"        int[] faceVertexCounts = {_list(['3'] * len(part.triangles))}"
    yield f"        int[] faceVertexIndices = {_list(map(str, part.triangles.reshape(-1)))}"
    yield f"        point3f[] points = {_list(map(_tuple, part.points))}"
    yield f"        color3f[] primvars:displayColor = [({red:.4f}, {green:.4f}, {blue:.4f})]"
    yield f"        matrix4d primvars:skel:geomBindTransform = {_matrix(np.zeros(3))}"
    yield f"        int[] primvars:skel:jointIndices = {_list(map(str, part.carriers))} {each}"
    yield f"        float[] primvars:skel:jointWeights = {_list(['1'] * len(part.points))} {each}"
    yield "        rel skel:skeleton = </Recording/Skeleton>"
    yield '        uniform token subdivisionScheme = "none"'
    yield "    }"


def _extent(points: np.ndarray, margin: float = 0.0) -> str:
    """The box around points."""
    return _list([_tuple(points.min(axis=0) - margin), _tuple(points.max(axis=0) + margin)])


def _matrix(place: np.ndarray) -> str:
    """A move without a turn; USD's matrices act on rows."""
    return f"((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), {_tuple([*place, 1])})"


def _tuple(values: Iterable[float]) -> str:
    return f"({', '.join(map(_number, values))})"


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"


def _number(value: float) -> str:
    return f"{value:.9g}"


def _quoted(text: str) -> str:
    """Text as USD has it; what cannot be printed becomes a blank."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
