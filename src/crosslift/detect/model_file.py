"""ONNX models as they are published: a file, a folder or a zip archive with its description.

MMDeploy's archives hold `end2end.onnx` beside `pipeline.json`, which says how pictures are
prepared, and `deploy.json` and `detail.json`, which say how the model was made.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ..data.reading import archive, reading
from ..errors import DataError

PIPELINE = "pipeline.json"


@dataclass(frozen=True)
class ModelFile:
    """The bytes of a network, and what its publisher says of it."""

    path: Path
    """Where it was read: the .onnx file, the folder or the archive."""
    network: bytes = field(repr=False)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    """The content of pipeline.json; empty where there is none."""

    @property
    def sha256(self) -> str:
        """The hash of the network, by which two files can be told to be the same."""
        return hashlib.sha256(self.network).hexdigest()

    @property
    def provenance(self) -> dict[str, str]:
        """Name and hash."""
        return {"model": self.path.name, "model_sha256": self.sha256}


def read_model(path: Path) -> ModelFile:
    """The network at a path; of an archive nothing is unpacked to the disk."""
    with reading("an ONNX model (.onnx, a folder or a zip archive with one)", path):
        if path.is_dir():
            members = {each.name: each for each in sorted(path.iterdir()) if each.is_file()}
            network = _only(path, [name for name in members if name.endswith(".onnx")])
            described = members[PIPELINE].read_bytes() if PIPELINE in members else b"{}"
            return ModelFile(path, members[network].read_bytes(), _plain(described))
        if path.suffix == ".zip":
            return _zipped(path)
        beside = path.with_name(PIPELINE)
        described = beside.read_bytes() if path.is_file() and beside.is_file() else b"{}"
        return ModelFile(path, path.read_bytes(), _plain(described))


def _zipped(path: Path) -> ModelFile:
    with archive(path) as opened:
        names = opened.namelist()
        network = _only(path, [name for name in names if name.endswith(".onnx")])
        beside = str(PurePosixPath(network).with_name(PIPELINE))
        described = opened.read(beside) if beside in names else b"{}"
        return ModelFile(path, opened.read(network), _plain(described))


def _only(path: Path, networks: list[str]) -> str:
    """The one network there is; MMDeploy's name for it comes first."""
    first = [name for name in networks if PurePosixPath(name).name == "end2end.onnx"] or networks
    if len(first) != 1:
        raise DataError(
            f'"{path}" should hold one network (end2end.onnx), but holds '
            f"{', '.join(networks) or 'none'}; name the .onnx file itself."
        )
    return first[0]


def _plain(content: bytes) -> Mapping[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise DataError(f"Its {PIPELINE} should hold a dictionary; unpack the archive anew.")
    return found
