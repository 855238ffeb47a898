"""The data that a page holds, read back by other means than the page's script."""

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np

KINDS = {"int16": "<i2", "float32": "<f4", "uint8": "u1"}


def content(page: Path) -> dict[str, Any]:
    """What the script of a page reads."""
    (text,) = re.findall(
        r'<script id="data" type="application/json">(.*?)</script>', page.read_text("utf-8"), re.S
    )
    return json.loads(text)


def unpacked(packed: dict[str, Any]) -> np.ndarray:
    """The numbers of a packed array."""
    raw = np.frombuffer(b64decode(packed["base64"]), KINDS[packed["kind"]])
    array = raw.reshape(packed["shape"]).astype(np.float64) * packed["step"]
    return np.where(raw.reshape(packed["shape"]) == -32768, np.nan, array)


def poses_of(clip: dict[str, Any]) -> np.ndarray:
    """The poses of one clip of a page."""
    middles, about = (unpacked(clip["poses"][key]) for key in ("middles", "about"))
    return middles[:, :, None] + about
