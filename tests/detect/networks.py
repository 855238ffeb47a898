"""Small ONNX networks with the inputs and outputs of real ones, which look for a bright spot."""

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="needs onnx to make networks")
pytest.importorskip("onnxruntime", reason="needs onnxruntime to run networks")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WHITE = 3 * 255
"""The sum of the channels of a white pixel, as networks that do not standardise see it."""


class Graph:
    """A network that is put together node by node."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind: str, *inputs: str, name: str = "", **settings: Any) -> str:
        name = name or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def along(self, image: str, axis: int) -> str:
        """The brightest value of each column (axis 2 is left out) or row (axis 3 is)."""
        channels = self.constant(np.array([1]))
        bright = self.node("ReduceSum", image, channels, keepdims=0)
        return self.node("ReduceMax", bright, self.constant(np.array([axis - 1])), keepdims=0)

    def place(self, image: str) -> list[str]:
        """x and y of the brightest pixel, a number each."""
        found = []
        for axis in (2, 3):
            index = self.node("ArgMax", self.along(image, axis), axis=1, keepdims=0)
            found.append(self.node("Cast", index, to=TensorProto.FLOAT))
        return found

    def save(self, path: Path, size: tuple[int, int], outputs: dict[str, list], batch: Any) -> Path:
        entry = helper.make_tensor_value_info(
            "input", TensorProto.FLOAT, [batch, 3, size[1], size[0]]
        )
        infos = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in outputs.items()
        ]
        graph = helper.make_graph(self.nodes, "spot", [entry], infos, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
        model.ir_version = 9
        onnx.checker.check_model(model)
        onnx.save(model, str(path))
        return path


def rtmpose(
    path: Path, size: tuple[int, int] = (48, 64), joints: int = 17, batch: Any = "batch"
) -> Path:
    """All joints at the brightest pixel; the score is 0.4 of its mean standardised channel."""
    graph = Graph()
    for axis, (name, side) in enumerate(zip(("simcc_x", "simcc_y"), size, strict=True)):
        doubled = np.zeros((side, 2 * side), np.float32)
        doubled[np.arange(side), 2 * np.arange(side)] = 0.4 / 3
        bins = graph.node("MatMul", graph.along("input", 2 + axis), graph.constant(doubled))
        one = graph.node("Unsqueeze", bins, graph.constant(np.array([1])))
        graph.node("Tile", one, graph.constant(np.array([1, joints, 1])), name=name)
    shapes = {
        name: [batch, joints, 2 * side]
        for name, side in zip(("simcc_x", "simcc_y"), size, strict=True)
    }
    return graph.save(path, size, shapes, batch)


def yolox(path: Path, size: tuple[int, int] = (96, 96), half: float = 12) -> Path:
    """Three boxes: about the brightest pixel, the same of another class, one that is unsure."""
    graph = Graph()
    x, y = graph.place("input")
    centre = graph.node("Concat", x, y, x, y, axis=0)
    offset = graph.constant(np.array([-half, -half, half, half], np.float32))
    corners = graph.node("Add", centre, offset)
    scored = [
        graph.node("Concat", corners, graph.constant(np.array([score], np.float32)), axis=0)
        for score in (0.9, 0.95, 0.1)
    ]
    rows = [graph.node("Unsqueeze", each, graph.constant(np.array([0, 1]))) for each in scored]
    graph.node("Concat", *rows, axis=1, name="dets")
    labels = graph.constant(np.array([[0, 1, 0]], np.float32))
    graph.node("Identity", labels, name="labels")
    return graph.save(path, size, {"dets": [1, 3, 5], "labels": [1, 3]}, 1)


def spread(joints: int = 17) -> np.ndarray:
    """How far beside the spot RTMO's joints are, in pixels of its input; 0 on average, nearly."""
    place = np.arange(joints)
    return np.stack([place % 3 - 1, (place - (joints - 1) / 2) / 3], axis=-1).astype(np.float32) * 5


def rtmo(path: Path, size: tuple[int, int] = (96, 96), joints: int = 17) -> Path:
    """Three people about the brightest pixel: one, the same again less sure, one who is too unsure.

    The score of joint 0 is 0, that of the others the brightness of the pixel.
    """
    graph = Graph()
    x, y = graph.place("input")
    centre = graph.node("Concat", x, y, x, y, axis=0)
    offset = graph.constant(np.array([-9, -9, 9, 9], np.float32))
    corners = graph.node("Add", centre, offset)
    people = [
        graph.node("Concat", corners, graph.constant(np.array([score], np.float32)), axis=0)
        for score in (0.9, 0.8, 0.1)
    ]
    rows = [graph.node("Unsqueeze", each, graph.constant(np.array([0, 1]))) for each in people]
    graph.node("Concat", *rows, axis=1, name="dets")
    bright = graph.node(
        "ReduceMax", graph.along("input", 2), graph.constant(np.array([1])), keepdims=0
    )
    score = graph.node("Div", bright, graph.constant(np.array([WHITE], np.float32)))
    one = graph.node("Concat", x, y, score, axis=0)
    mask = np.ones((1, 3, joints, 3), np.float32)
    mask[:, :, 0, 2] = 0
    aside = np.zeros((1, 3, joints, 3), np.float32)
    aside[..., :2] = spread(joints)
    graph.node("Add", graph.node("Mul", one, graph.constant(mask)), graph.constant(aside),
               name="keypoints")  # fmt: skip
    return graph.save(path, size, {"dets": [1, 3, 5], "keypoints": [1, 3, joints, 3]}, 1)


def constant(path: Path, outputs: dict[str, np.ndarray], size: tuple[int, int] = (64, 64)) -> Path:
    """Whatever is seen, the same outputs."""
    graph = Graph()
    for name, value in outputs.items():
        graph.node("Identity", graph.constant(value), name=name)
    return graph.save(path, size, {name: list(each.shape) for name, each in outputs.items()}, 1)


def pipeline(**changes: Any) -> dict[str, Any]:
    """What MMDeploy writes beside RTMPose's network."""
    normalise = {"type": "Normalize", "mean": [123.675, 116.28, 103.53],
                 "std": [58.395, 57.12, 57.375], "to_rgb": True}  # fmt: skip
    steps = [
        {"type": "LoadImageFromFile"},
        {"type": "TopDownGetBboxCenterScale", "padding": 1.25, "image_size": [48, 64]},
        {"type": "TopDownAffine", "image_size": [48, 64]},
        normalise | changes.get("normalise", {}),
    ]
    after = {"type": "SimCCLabel", "simcc_split_ratio": changes.get("split", 2.0)}
    tasks = [
        {"type": "Task", "module": "Transform", "name": "Preprocess", "transforms": steps},
        {"type": "Task", "module": "Net", "name": "topdown"},
        {"type": "Task", "module": "mmpose", "component": "SimCCLabelDecode", "params": after},
    ]
    return {"pipeline": {"input": ["img"], "output": ["post_output"], "tasks": tasks}}


def zipped(path: Path, network: Path, folder: str = "20230831/rtmpose_onnx/rtmpose-t/") -> Path:
    """The network in an archive as MMDeploy publishes them."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(folder + "end2end.onnx", network.read_bytes())
        archive.writestr(folder + "pipeline.json", json.dumps(pipeline()))
        archive.writestr(folder + "deploy.json", json.dumps({"version": "1.3.0", "models": []}))
        archive.writestr(folder + "detail.json", json.dumps({"version": "1.3.0"}))
    return path
