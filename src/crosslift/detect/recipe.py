"""How pictures are prepared for a network: what its publisher says, or else the usual way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import DataError

Three = tuple[float, float, float]


@dataclass(frozen=True)
class Recipe:
    """Numbers by which a picture becomes the input of a network, and its output keypoints."""

    mean: Three = (0.0, 0.0, 0.0)
    """Taken off each channel, in the network's order of channels."""
    scale: Three = (1.0, 1.0, 1.0)
    """Each channel is divided by it afterwards."""
    rgb: bool = False
    """Whether red comes first; blue does otherwise."""
    size: tuple[int, int] | None = None
    """Width and height of the input."""
    margin: float = 1.25
    """How many times as large as a person's box the cut-out is."""
    split: float = 2.0
    """Bins of the output for each pixel of the input."""


LETTERBOX = Recipe()
"""YOLOX and RTMO: blue, green, red, 0 to 255, as they were trained."""
CUT_OUT = Recipe(mean=(123.675, 116.28, 103.53), scale=(58.395, 57.12, 57.375), rgb=True)
"""RTMPose: red, green, blue, standardised by ImageNet's means and deviations."""


def described(usual: Recipe, pipeline: Mapping[str, Any]) -> Recipe:
    """The usual recipe with what a model's pipeline.json says otherwise."""
    try:
        changes: dict[str, Any] = {}
        for step in _steps(pipeline):
            changes |= _change(step)
        return replace(usual, **changes)
    except (TypeError, ValueError, AttributeError, KeyError) as problem:
        raise DataError(
            "The model's pipeline.json should describe how pictures are prepared, in MMDeploy's "
            f"way, but it could not be understood ({problem}); name the .onnx file alone, in a "
            "folder of its own."
        ) from problem


def _steps(pipeline: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All steps of the preparation, and the parameters of what follows the network."""
    for task in pipeline.get("pipeline", {}).get("tasks", []):
        yield from task.get("transforms", [])
        if "params" in task:
            yield task["params"] | {"type": "after"}


def _change(step: Mapping[str, Any]) -> dict[str, Any]:
    """What one step says of the recipe."""
    match step.get("type"):
        case "Normalize":
            mean, scale = (tuple(map(float, step[key])) for key in ("mean", "std"))
            if len(mean) != 3 or len(scale) != 3 or min(scale) <= 0:
                raise ValueError("mean and std should be three numbers each")
            return {"mean": mean, "scale": scale, "rgb": bool(step.get("to_rgb", False))}
        case "TopDownAffine" | "TopDownGetBboxCenterScale":
            margin = {"margin": float(step["padding"])} if "padding" in step else {}
            return margin | ({"size": _size(step["image_size"])} if "image_size" in step else {})
        case "Resize" | "LetterResize" | "BottomupResize" if "size" in step:
            height, width = _size(step["size"])
            return {"size": (width, height)}
        case "after" if "simcc_split_ratio" in step:
            return {"split": float(step["simcc_split_ratio"])}
    return {}


def _size(value: Any) -> tuple[int, int]:
    first, second = (value, value) if isinstance(value, int) else value
    return int(first), int(second)
