"""The sizes of networks that see windows of frames."""

from itertools import accumulate
from math import prod
from operator import mul

from ..errors import CheckpointError
from ..networks.mixste import MixSTESettings
from ..networks.poseformer import PoseFormerSettings
from ..networks.pstmo import PSTMOSettings
from ..networks.videopose import VideoPoseSettings
from .frame_lifters import heads_note
from .kinds import Choices, Read
from .shapes import Shapes

PUBLISHED_STRIDES = {9: (1, 3, 3), 27: (3,) * 3, 81: (3,) * 4, 243: (3,) * 5, 351: (3, 9, 13)}
"""Of P-STMO, by the frames of a window."""


def read_videopose(shapes: Shapes, choices: Choices) -> Read:
    """A root that is not regressed is zero; filters that grow with the dilation are dense."""
    wide = (f"layers_conv.{2 * block}" for block in range(shapes.layers("layers_conv") // 2))
    widths = tuple(shapes.axis(f"{layer}.weight", 2) for layer in ("expand_conv", *wide))
    dense = _is_dense(widths)
    joints, regressed = (
        shapes.shared("expand_conv.weight", 1, 2),
        shapes.shared("shrink.bias", 0, 3),
    )
    settings = VideoPoseSettings(
        joints=joints,
        regressed=regressed,
        zero_root=regressed == joints - 1,
        filter_widths=(widths[0],) * len(widths) if dense else widths,
        channels=shapes.axis("expand_conv.weight", 0),
        causal=choices.causal,
        dense=dense,
    )
    notes = []
    if prod(widths) > 1:
        frame = "last" if choices.causal else "middle"
        notes.append(
            f"Weights do not tell a causal network; its pose is that of the {frame} frame."
        )
    if dense:
        notes.append("Its filters are as wide as dilated ones reach: the dense form.")
    return Read(settings, tuple(notes))


def _is_dense(kernels: tuple[int, ...]) -> bool:
    """Whether the filters are those of one width, without holes."""
    width, *later = kernels
    reach = accumulate([width] * len(later), mul)
    return width > 1 and bool(later) and later == [(width - 1) * apart + 1 for apart in reach]


def read_poseformer(shapes: Shapes, choices: Choices) -> Read:
    """All but the heads can be told."""
    width = shapes.axis("Spatial_pos_embed", 2)
    settings = PoseFormerSettings(
        frames=shapes.axis("Temporal_pos_embed", 1),
        joints=shapes.axis("Spatial_pos_embed", 1),
        channels=shapes.axis("Spatial_patch_to_embedding.weight", 1),
        joint_width=width,
        depth=shapes.layers("Spatial_blocks"),
        heads=choices.heads,
        mlp_ratio=shapes.axis("Spatial_blocks.0.mlp.fc1.weight", 0) / width,
        qkv_bias="Spatial_blocks.0.attn.qkv.bias" in shapes,
    )
    return Read(settings, (heads_note(choices),))


def read_mixste(shapes: Shapes, choices: Choices) -> Read:
    """All but the heads can be told."""
    width = shapes.axis("Spatial_pos_embed", 2)
    settings = MixSTESettings(
        frames=shapes.axis("Temporal_pos_embed", 1),
        joints=shapes.axis("Spatial_pos_embed", 1),
        channels=shapes.axis("Spatial_patch_to_embedding.weight", 1),
        width=width,
        depth=shapes.layers("STEblocks"),
        heads=choices.heads,
        mlp_ratio=shapes.axis("STEblocks.0.mlp.fc1.weight", 0) / width,
        qkv_bias="STEblocks.0.attn.qkv.bias" in shapes,
    )
    return Read(settings, (heads_note(choices),))


def read_pstmo(shapes: Shapes, choices: Choices) -> Read:
    """The number of layers that shorten a window can be told, and not by how much each does."""
    frames = shapes.axis("Transformer.pos_embedding", 1)
    strides = _strides(frames, shapes.layers("Transformer_reduce.model.layers"), choices)
    note = f"Weights do not tell strides; {', '.join(map(str, strides))} are taken."
    return Read(
        PSTMOSettings(
            **_sizes(shapes, choices),
            strides=strides,
            out_joints=shapes.shared("fcn.1.bias", 0, 3),
        ),
        (note, heads_note(choices)),
    )


def read_pretraining(shapes: Shapes, choices: Choices) -> Read:
    """The lifter's strides play no part before there is a lifter; those published are taken."""
    frames = shapes.axis("Transformer.pos_embedding", 1)
    strides = choices.strides or PUBLISHED_STRIDES.get(frames, (frames,))
    note = "These are the weights of P-STMO's first stage, which restores keypoints and lifts none."
    sizes = _sizes(shapes, choices)
    settings = PSTMOSettings(**sizes, strides=strides, out_joints=sizes["joints"])
    return Read(settings, (note, heads_note(choices)))


def _sizes(shapes: Shapes, choices: Choices) -> dict[str, int]:
    """What both stages of P-STMO share."""
    return {
        "frames": shapes.axis("Transformer.pos_embedding", 1),
        "joints": shapes.shared("encoder.fc_1.weight", 1, 2),
        "width": shapes.axis("encoder.fc_2.weight", 0),
        "hidden": shapes.axis("encoder.fc_1.weight", 0),
        "depth": shapes.layers("Transformer.model.layers"),
        "heads": choices.heads,
    }


def _strides(frames: int, layers: int, choices: Choices) -> tuple[int, ...]:
    """By how much each layer shortens a window of so many frames."""
    strides = choices.strides or PUBLISHED_STRIDES.get(frames, ())
    if len(strides) != layers and not choices.strides and frames == 3**layers:
        strides = (3,) * layers
    if len(strides) != layers:
        raise CheckpointError(
            f"P-STMO's weights are those of {layers} layers that shorten {frames} frames, but "
            f'{len(strides) or "no"} strides are known; give "strides" whose product is {frames}.'
        )
    return strides
