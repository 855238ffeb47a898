"""ONNX Runtime on the device that was asked for, and on no other."""

from types import ModuleType
from typing import Any

import torch

from .errors import DataError, SettingsError

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider",
             "mps": "CoreMLExecutionProvider"}  # fmt: skip
"""What ONNX Runtime calls the devices."""


def started(network: bytes, device: str, *, what: str, needed_by: str, extra: str) -> Any:
    """A session that is ready to run a network.

    Nothing beside the bytes is read, even if the network names other files.

    Args:
        device: cpu, cuda, cuda:1, mps, or what ONNX Runtime calls its provider.
        what: Where the network is from, for messages.
        needed_by: What needs ONNX Runtime, and
        extra: the extra of this package that brings it, for the message if it is missing.
    """
    runtime = runtime_for(needed_by, extra)
    provider, options = provider_of(device, runtime.get_available_providers())
    wanted = runtime.SessionOptions()
    wanted.intra_op_num_threads = torch.get_num_threads()
    wanted.log_severity_level = 4  # errors are raised, and need not be printed as well
    try:
        session = runtime.InferenceSession(
            network, wanted, providers=[provider], provider_options=[options]
        )
    except Exception as problem:  # ONNX Runtime's errors share no class
        raise DataError(
            f"{what} should be an ONNX model, but ONNX Runtime refuses it "
            f"({' '.join(str(problem).split())[:200]}); check that the file is whole."
        ) from problem
    if provider not in session.get_providers():
        raise SettingsError(
            f'The device "{device}" could not be started by ONNX Runtime, which would compute by '
            f"{', '.join(session.get_providers())}; install what it needs, or ask for the device "
            "cpu."
        )
    return session


def provider_of(device: str, there: list[str]) -> tuple[str, dict[str, str]]:
    """What ONNX Runtime calls a device, and its options; never another one than was asked for."""
    kind, _, number = device.partition(":")
    provider = PROVIDERS.get(kind, kind)
    if provider not in there:
        known = [name for name, each in PROVIDERS.items() if each in there]
        raise SettingsError(
            f'ONNX Runtime as installed here has no device "{device}"; choose among '
            f"{', '.join(known)}, or install the build of it that has."
        )
    return provider, {"device_id": number} if number else {}


def runtime_for(needed_by: str, extra: str) -> ModuleType:
    """ONNX Runtime; where it is missing, the sentence says how to get it."""
    try:
        import onnxruntime
    except ImportError as problem:
        raise SettingsError(
            f"{needed_by} needs ONNX Runtime, which is not installed; get it by "
            f"pip install 'crosslift[{extra}]'."
        ) from problem
    return onnxruntime
