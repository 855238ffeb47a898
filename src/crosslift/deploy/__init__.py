"""Lifters as ONNX files: written, checked against the original, and run without PyTorch's networks.

export_onnx(lifter, about, path)     one file with all that is needed to lift
load_onnx(path, provider)            a lifter that ONNX Runtime computes
"""

from .export import export_onnx
from .lifter import OnnxLifter, load_onnx

__all__ = ["OnnxLifter", "export_onnx", "load_onnx"]
