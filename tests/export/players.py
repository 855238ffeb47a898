"""Players of scene files that share nothing with our writers: what a viewer would show."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest


class Played(NamedTuple):
    """A scene over time, in the file's axes and units."""

    times: np.ndarray
    joints: dict[str, np.ndarray]
    """The place of each joint in each frame."""
    points: np.ndarray
    """The points of the figure in each frame."""
    triangles: np.ndarray


def turned(quaternions: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points after rotations x, y, z, w, by the sandwich product."""
    axis, w = quaternions[..., :3], quaternions[..., 3:]
    twice = 2 * np.cross(axis, points)
    return points + w * twice + np.cross(axis, twice)


def matrices(moves: np.ndarray, quaternions: np.ndarray) -> np.ndarray:
    """4x4 matrices that act on columns, frame by frame."""
    made = np.tile(np.eye(4), (len(moves), 1, 1))
    for axis in range(3):
        made[:, :3, axis] = turned(quaternions, np.eye(3)[axis])
    made[:, :3, 3] = moves
    return made


class Gltf:
    """The numbers of a GLB file as pygltflib finds them."""

    def __init__(self, path: Path) -> None:
        self.file = pytest.importorskip("pygltflib").GLTF2().load_binary(str(path))
        self.data = self.file.binary_blob()

    def array(self, number: int) -> np.ndarray:
        found = self.file.accessors[number]
        view = self.file.bufferViews[found.bufferView]
        kind = {5126: "<f4", 5125: "<u4", 5123: "<u2"}[found.componentType]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[found.type]
        start = view.byteOffset + (found.byteOffset or 0)
        flat = np.frombuffer(self.data, kind, found.count * width, start)
        items = flat.reshape(found.count, width)
        assert items.min(axis=0).tolist() == found.min and items.max(axis=0).tolist() == found.max
        return items.astype(np.float64)


def play_glb(path: Path) -> Played:
    """Every key of the animation, through the hierarchy of nodes and the skin."""
    gltf = Gltf(path)
    nodes, times = gltf.file.nodes, np.zeros(1)
    values = {
        (node, what): np.array([given if given is not None else neutral], dtype=np.float64)
        for node, each in enumerate(nodes)
        for what, given, neutral in (
            ("translation", each.translation, [0, 0, 0]),
            ("rotation", each.rotation, [0, 0, 0, 1]),
        )
    }
    for animation in gltf.file.animations:
        for channel in animation.channels:
            sampler = animation.samplers[channel.sampler]
            times = gltf.array(sampler.input)[:, 0]
            values[channel.target.node, channel.target.path] = gltf.array(sampler.output)
    for key, value in values.items():
        values[key] = np.broadcast_to(value, (len(times), value.shape[-1]))
    world: dict[int, np.ndarray] = {}

    def place(node: int, above: np.ndarray) -> None:
        world[node] = above @ matrices(values[node, "translation"], values[node, "rotation"])
        for child in nodes[node].children:
            place(child, world[node])

    for root in gltf.file.scenes[gltf.file.scene].nodes:
        place(root, np.tile(np.eye(4), (len(times), 1, 1)))
    (skin,) = gltf.file.skins
    bind = gltf.array(skin.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)
    points, triangles = [], []
    for primitive in gltf.file.meshes[0].primitives:
        weights = gltf.array(primitive.attributes.WEIGHTS_0)
        assert (weights == [1, 0, 0, 0]).all()
        carriers = gltf.array(primitive.attributes.JOINTS_0)[:, 0].astype(int)
        rest = gltf.array(primitive.attributes.POSITION)
        triangles.append(gltf.array(primitive.indices).reshape(-1, 3) + sum(map(len, points)))
        rest = np.concatenate([rest, np.ones((len(rest), 1))], axis=1)
        for point, carrier in zip(rest, carriers, strict=True):
            points.append((world[skin.joints[carrier]] @ bind[carrier] @ point)[None, :, :3])
    joints = {nodes[joint].name: world[joint][:, :3, 3] for joint in skin.joints}
    return Played(
        times, joints, np.concatenate(points).swapaxes(0, 1), np.concatenate(triangles).astype(int)
    )


class UsdText(NamedTuple):
    """What a few patterns find in a layer of our kind."""

    text: str

    def header(self, name: str) -> str:
        found = re.search(rf"^    {name} = (.+)$", self.text, re.MULTILINE)
        assert found, name
        return found[1].strip('"')

    def words(self, name: str) -> list[str]:
        found = re.search(rf" {name} = \[(.*)\]$", self.text, re.MULTILINE)
        assert found, name
        return re.findall(r'"((?:[^"\\]|\\.)*)"', found[1])

    def numbers(self, line: str) -> np.ndarray:
        return np.array([float(each) for each in re.findall(r"-?[\d.]+(?:e-?\d+)?", line)])

    def samples(self, name: str, width: int) -> tuple[np.ndarray, np.ndarray]:
        found = re.search(rf"{name}\.timeSamples = \{{\n(.*?)\n +\}}", self.text, re.DOTALL)
        assert found, name
        codes, rows = [], []
        for line in found[1].splitlines():
            code, _, row = line.partition(": ")
            codes.append(float(code))
            rows.append(self.numbers(row).reshape(-1, width))
        return np.array(codes), np.array(rows)


def play_usda(path: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The time codes and the place of each joint, by the path that USD knows it by."""
    layer = UsdText(path.read_text("utf-8"))
    paths = layer.words("joints")
    codes, moves = layer.samples("translations", 3)
    same, turns = layer.samples("rotations", 4)
    assert (codes == same).all()
    world: dict[str, np.ndarray] = {"": np.tile(np.eye(4), (len(codes), 1, 1))}
    for number in sorted(range(len(paths)), key=lambda joint: paths[joint].count("/")):
        above = paths[number].rpartition("/")[0]
        local = matrices(moves[:, number], turns[:, number][:, [1, 2, 3, 0]])
        world[paths[number]] = world[above] @ local
    return codes, {path: world[path][:, :3, 3] for path in paths}
