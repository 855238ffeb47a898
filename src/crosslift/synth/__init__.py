"""Synthetic recordings of people: movements, bodies, cameras, and what a detector makes of them."""

from . import movements  # importing them registers all kinds
from .bodies import Bodies, draw_body
from .detector import DetectorModel
from .kinds import Kind, kind_named, kinds
from .limits import HUMAN
from .occlusion import visibility
from .presets import PRESETS, SOURCE, TARGET, Preset, preset_named
from .recording import record
from .recordings import Settings, recordings
from .rigs import RIGS, Rig, draw_camera, placed, rig_named

__all__ = [
    "HUMAN",
    "PRESETS",
    "RIGS",
    "SOURCE",
    "TARGET",
    "Bodies",
    "DetectorModel",
    "Kind",
    "Preset",
    "Rig",
    "Settings",
    "draw_body",
    "draw_camera",
    "kind_named",
    "kinds",
    "movements",
    "placed",
    "preset_named",
    "record",
    "recordings",
    "rig_named",
    "visibility",
]
