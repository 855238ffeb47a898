"""GLB: a moving figure as binary glTF, for viewers, browsers, game engines and Blender."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from .. import registry
from ..data.motion_axes import from_z_up
from ..data.record import Recording
from ..files import whole
from ..motion import Motion
from .figure import Part, figure
from .posed_tree import HELD, PosedTree, missing_frames, posed_tree
from .world import in_world, missing_sentence, seconds

COMPONENTS = {"float32": 5126, "uint32": 5125, "uint16": 5123}
"""What glTF calls each type of number."""
VERTICES, INDICES = 34962, 34963
"""What glTF calls the buffers of points and of triangles."""


@registry.writer("glb")
@dataclass(frozen=True)
class Glb:
    """GLB (binary glTF 2.0): a figure of bones that moves, for any 3D viewer.

    Every joint is a node that moves and turns in its parent's frame, so that each is exactly where
    it was seen, in single precision. A simple figure of bones and joints, blue on the left and red
    on the right, is bound to them as a skin. How a bone is turned about itself cannot be seen in
    positions; it has the least twist from a T-pose. Where a joint is missing, it stays where it
    last was, seen from its parent, and `asset.extras` lists these frames beside units, axes, rate,
    labels and provenance. Times are those of the recording, from the first frame on.
    Units: metres, seconds. Axes: y up, as glTF demands; our x stays x, our y turns into minus z.
    """

    suffix: ClassVar[str] = ".glb"

    hypothesis: int = 0
    """Which of a clip's poses to write."""

    def write(self, recording: Recording, path: Path) -> tuple[str, ...]:
        """Write the file."""
        motion = in_world(recording, self.hypothesis)
        places = from_z_up(motion.positions.double().cpu().numpy(), "y")
        tree = posed_tree(motion, torch.from_numpy(places), "y")
        times = seconds(recording).cpu()
        scene, buffer = _scene(motion, tree, (times - times[:1]).numpy())
        with whole(path) as draft:
            draft.write_bytes(_container(scene, bytes(buffer.data)))
        return tuple(missing_sentence(motion, HELD))


class _Buffer:
    """The numbers of a file, one array after the other."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, array: np.ndarray, kind: str, target: int | None = None) -> int:
        """Append an array; its number as an accessor.

        Args:
            kind: What an item of the array is: "SCALAR", "VEC3", "VEC4", "MAT4".
            target: `VERTICES` or `INDICES`, if it belongs to a mesh.
        """
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": array.nbytes}
        self.views.append(view | ({"target": target} if target else {}))
        self.data += array.tobytes()
        self.data += bytes(-len(self.data) % 4)
        items = array.reshape(len(array), -1)
        self.accessors.append({
            "bufferView": len(self.views) - 1,
            "componentType": COMPONENTS[array.dtype.name],
            "count": len(array),
            "type": kind,
            "min": items.min(axis=0).tolist(),
            "max": items.max(axis=0).tolist(),
        })  # fmt: skip
        return len(self.accessors) - 1


def _scene(motion: Motion, tree: PosedTree, times: np.ndarray) -> tuple[dict[str, Any], _Buffer]:
    """The description of the file, and the numbers that it points to."""
    joints, buffer = len(tree.skeleton), _Buffer()
    rest = tree.rest_places.numpy()
    parts = figure(rest, tree.skeleton)
    bind = np.tile(np.eye(4, dtype=np.float32), (joints, 1, 1))
    bind[:, 3, :3] = -rest  # column by column, as glTF stores matrices
    name = " ".join(motion.name.split()) or "recording"
    scene = {
        "asset": {"version": "2.0", "generator": "crosslift", "extras": _facts(motion)},
        "scene": 0,
        "scenes": [{"name": name, "nodes": [tree.skeleton.root, joints]}],
        "nodes": [*_nodes(tree), {"name": "figure", "mesh": 0, "skin": 0}],
        "skins": [{
            "name": tree.skeleton.name,
            "joints": list(range(joints)),
            "inverseBindMatrices": buffer.add(bind, "MAT4"),
        }],
        "meshes": [{
            "name": "figure",
            "primitives": [_primitive(number, part, buffer) for number, part in enumerate(parts)],
        }],
        "materials": [_material(part) for part in parts],
    }  # fmt: skip
    if len(times):
        scene["animations"] = [_animation(name, tree, times, buffer)]
    scene["accessors"], scene["bufferViews"] = buffer.accessors, buffer.views
    scene["buffers"] = [{"byteLength": len(buffer.data)}]
    return scene, buffer


def _facts(motion: Motion) -> dict[str, Any]:
    """What a reader of the file has to know."""
    facts = {
        "units": "metres, seconds",
        "axes": "y up; x as in the recording's world, z against its y",
        "fps": motion.fps,
        "frames": len(motion),
        "skeleton": motion.skeleton.name,
        "labels": dict(motion.labels),
        "provenance": dict(motion.provenance),
        "missing_frames": missing_frames(motion),
    }
    return {key: fact for key, fact in facts.items() if fact != {}}


def _nodes(tree: PosedTree) -> list[dict[str, Any]]:
    """The joints, as they are in the first frame, for viewers that do not play."""
    still = len(tree.moves) == 0
    nodes = []
    for joint, name in enumerate(tree.skeleton.joints):
        children = [child for child, parent in enumerate(tree.skeleton.parents) if parent == joint]
        move = tree.rest[joint] if still else tree.moves[0, joint]
        turn = [0.0, 0.0, 0.0, 1.0] if still else _xyzw(tree, joint)[0].tolist()
        node: dict[str, Any] = {"name": name, "translation": move.tolist(), "rotation": turn}
        nodes.append(node | ({"children": children} if children else {}))
    return nodes


def _primitive(number: int, part: Part, buffer: _Buffer) -> dict[str, Any]:
    """One side of the figure; each point moves with one joint."""
    joints = np.zeros((len(part.points), 4), dtype=np.uint16)
    joints[:, 0] = part.carriers
    weights = np.zeros((len(part.points), 4), dtype=np.float32)
    weights[:, 0] = 1
    return {
        "attributes": {
            "POSITION": buffer.add(part.points.astype(np.float32), "VEC3", VERTICES),
            "JOINTS_0": buffer.add(joints, "VEC4", VERTICES),
            "WEIGHTS_0": buffer.add(weights, "VEC4", VERTICES),
        },
        "indices": buffer.add(part.triangles.reshape(-1).astype(np.uint32), "SCALAR", INDICES),
        "material": number,
    }


def _material(part: Part) -> dict[str, Any]:
    surface = {"baseColorFactor": [*part.colour, 1], "metallicFactor": 0, "roughnessFactor": 0.7}
    return {"name": part.side, "pbrMetallicRoughness": surface}


def _animation(name: str, tree: PosedTree, times: np.ndarray, buffer: _Buffer) -> dict[str, Any]:
    """Move and turn of every joint over time."""
    start = buffer.add(times.astype(np.float32), "SCALAR")
    channels, samplers = [], []
    for joint in range(len(tree.skeleton)):
        paths = {"translation": buffer.add(tree.moves[:, joint].numpy(), "VEC3")}
        if joint in tree.skeleton.parents:  # the others have nothing to carry along
            paths["rotation"] = buffer.add(_xyzw(tree, joint), "VEC4")
        for path, values in paths.items():
            channels.append({"sampler": len(samplers), "target": {"node": joint, "path": path}})
            samplers.append({"input": start, "output": values, "interpolation": "LINEAR"})
    return {"name": name, "channels": channels, "samplers": samplers}


def _xyzw(tree: PosedTree, joint: int) -> np.ndarray:
    """The turns of a joint in glTF's order."""
    return np.ascontiguousarray(tree.turns[:, joint, [1, 2, 3, 0]].numpy())


def _container(scene: dict[str, Any], data: bytes) -> bytes:
    """The file: a header, the description as JSON, the numbers."""
    words = json.dumps(scene, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    words += b" " * (-len(words) % 4)
    chunks = [(b"JSON", words), (b"BIN\0", data)]
    body = b"".join(struct.pack("<I4s", len(chunk), kind) + chunk for kind, chunk in chunks)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
