"""The form that PyTorch's compiler makes: equal to the others, and refused in one sentence."""

import subprocess
import sys
from shutil import which

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from crosslift.errors import SettingsError
from crosslift.networks.inference import for_inference
from crosslift.networks.inference.compiled import COMPILERS, check_compiler
from crosslift.networks.inference.packed import Packed
from crosslift.networks.mixste import MixSTE, MixSTESettings
from crosslift.networks.semgcn import SemGCNSettings
from tests.plain import semgcn

needs_compiler = pytest.mark.skipif(
    not any(which(each) for each in COMPILERS), reason="no C++ compiler"
)


def some(*sizes: int) -> torch.Tensor:
    return torch.randn(sizes, generator=torch.Generator().manual_seed(0))


COMPARISON = """
import torch
from crosslift.networks.inference import for_inference
from crosslift.networks.poseformer import PoseFormer, PoseFormerSettings
from crosslift.networks.semgcn import SemGCNSettings
from tests.plain import semgcn

def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)

torch.manual_seed(0)
with torch.no_grad():
    network = semgcn(SemGCNSettings(width=16, blocks=1)).eval()
    fast = for_inference(network, compiled=True)
    for poses in (3, 400):  # fewer than a block, more than one
        seen = torch.randn(poses, 16, 2)
        close(fast(seen), network(seen))
    network = PoseFormer(PoseFormerSettings(frames=3, depth=1)).eval()
    clip = torch.randn(1, 6, 17, 2)
    close(for_inference(network, compiled=True).along(clip, at_a_time=2), network.along(clip))
code = torch._dynamo.utils.counters["inductor"]
assert code, "nothing was compiled"
"""


@pytest.mark.slow
@needs_compiler
def test_the_compiled_form_gives_the_same_poses_of_a_batch_and_along_a_clip():
    # In a process of its own, for the compiler cannot see through the checks of shapes in tests.
    done = subprocess.run(
        [sys.executable, "-c", COMPARISON], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_unpacked_layer_computes_the_same(dtype):
    layer, x = nn.Linear(20, 7).requires_grad_(False), some(3, 20)
    packed = Packed.of(layer, dtype, "gelu")
    before = packed(x)
    packed.unpack()
    assert not packed.packed and not packed.weight.is_mkldnn
    assert_close(packed(x), before, rtol=1e-2 if dtype == torch.bfloat16 else 1e-5, atol=5e-3)
    assert_close(packed.weight, layer.weight.to(dtype), rtol=0, atol=0)


def test_without_a_compiler_one_sentence_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    network = semgcn(SemGCNSettings(width=16, blocks=1))
    with pytest.raises(SettingsError, match=r"needs a C\+\+ compiler, but none was found; install"):
        for_inference(network, compiled=True)
    monkeypatch.setenv("CXX", "nowhere")
    with pytest.raises(SettingsError, match='"nowhere", which CXX names, is not there; install'):
        check_compiler()


def test_integers_are_not_compiled():
    network = MixSTE(MixSTESettings(frames=1, width=16, depth=1, drop_path=0.0))
    with pytest.raises(SettingsError, match="int8 are not for the compiler"):
        for_inference(network, torch.int8, compiled=True)
