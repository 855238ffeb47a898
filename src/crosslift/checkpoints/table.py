"""The networks that are recognised by their weights, and those that are known by sight alone.

A new one is an entry here: its name, the beginnings of its weights' names, and how its sizes are
read. The first entry that fits is taken, so what holds more comes before what it grew from.
"""

from ..networks.d3dp import D3DP
from ..networks.grand import GrandMixSTE
from ..networks.iganet import IGANet, without_adjacency
from ..networks.mixste import MixSTE
from ..networks.poseformer import PoseFormer
from ..networks.pstmo import PSTMO
from ..networks.pstmo_pretraining import PSTMOPretraining
from ..networks.simple_baseline import SimpleBaseline
from ..networks.videopose import VideoPose
from . import denoisers
from . import frame_lifters as frame
from . import window_lifters as window
from .kinds import Kind, State, Stranger


def without_graph(state: State) -> State:
    """An ST-GCN's weights less the graph that old files hold."""
    return {name: value for name, value in state.items() if not name.startswith(("A", "stgcn.A"))}


KINDS = (
    Kind(
        name="videopose",
        title="VideoPose3D",
        signs=(r"expand_conv\.weight$", r"shrink\.weight$"),
        read=window.read_videopose,
        build=lambda settings, _: VideoPose(settings),
    ),
    Kind(
        name="simple_baseline",
        title="SimpleBaseline",
        signs=(r"w1\.weight$", r"linear_stages\.0\.w1\.weight$", r"w2\.weight$"),
        read=frame.read_simple_baseline,
        build=lambda settings, _: SimpleBaseline(settings),
    ),
    Kind(
        name="semgcn",
        title="SemGCN",
        signs=(r"gconv_input\.0\.gconv\.W$", r"gconv_output\.e$"),
        read=frame.read_semgcn,
        build=frame.build_semgcn,
    ),
    Kind(
        name="stgcn",
        title="ST-GCN",
        signs=(r"data_bn\.weight$", r"st_gcn_networks\.0\."),
        read=frame.read_stgcn,
        build=frame.build_stgcn,
        tidied=without_graph,
    ),
    Kind(
        name="poseaug_stgcn",
        title="PoseAug's form of ST-GCN",
        signs=(r"stgcn\.data_bn\.weight$", r"stgcn\.st_gcn_networks\.0\."),
        read=frame.read_stgcn,
        build=frame.build_poseaug_stgcn,
        tidied=without_graph,
    ),
    Kind(
        name="poseformer",
        title="PoseFormer",
        signs=(r"Spatial_blocks\.0\.", r"blocks\.0\.", r"weighted_mean\.weight$"),
        read=window.read_poseformer,
        build=lambda settings, _: PoseFormer(settings),
    ),
    Kind(
        name="d3dp",
        title="D3DP",
        signs=(
            r"(pose_estimator\.)?time_mlp\.1\.weight$",
            r"(pose_estimator\.)?Spatial_patch_to_embedding\.weight$",
        ),
        read=denoisers.read_d3dp,
        build=lambda settings, _: D3DP(settings),
        tidied=denoisers.denoiser_alone,
    ),
    Kind(
        name="diff3dhpe",
        title="Diff3DHPE",
        signs=(r"(model\.)?fusion_layer\.weight$", r"(model\.)?STEblocks\.0\."),
        read=denoisers.read_diff3dhpe,
        build=lambda settings, _: GrandMixSTE(settings),
        tidied=denoisers.denoiser_alone,
    ),
    Kind(
        name="mixste",
        title="MixSTE",
        signs=(r"STEblocks\.0\.", r"TTEblocks\.0\.", r"Spatial_patch_to_embedding\.weight$"),
        read=window.read_mixste,
        build=lambda settings, _: MixSTE(settings),
    ),
    Kind(
        name="pstmo",
        title="P-STMO",
        signs=(r"Transformer\.pos_embedding$", r"Transformer_reduce\.model\.layers\.0\."),
        read=window.read_pstmo,
        build=lambda settings, _: PSTMO(settings),
    ),
    Kind(
        name="pstmo_pretraining",
        title="P-STMO's first stage",
        signs=(r"Transformer\.pos_embedding$", r"Transformer_dec\.", r"mask_token$"),
        read=window.read_pretraining,
        build=lambda settings, _: PSTMOPretraining(settings),
    ),
    Kind(
        name="iganet",
        title="IGANet",
        signs=(r"IGANet\.blocks\.0\.", r"encoder\.fc1\.weight$"),
        read=frame.read_iganet,
        build=lambda settings, _: IGANet(settings),
        tidied=without_adjacency,
    ),
)
"""The networks of ours."""

LIFTER_INSTEAD = "give the file of the lifter that was trained with it."

STRANGERS = (
    Stranger(
        "a network with low-rank additions (lora_down), as PoSynDA's",
        (r".*\.lora_down\.weight$",),
        "say crosslift import without --as, which makes a lifter and an adapter of the file.",
    ),
    Stranger(
        "PoSynDA's refinement of hypotheses (transformer_encoder, decoder)",
        (r"transformer_encoder\.layers\.0\.", r"decoder\.weight$"),
        LIFTER_INSTEAD,
    ),
    Stranger(
        "HRNet, a detector of keypoints (stage4)",
        (r".*transition1\.", r".*stage4\.0\.fuse_layers\."),
        "it finds keypoints in pictures and lifts none.",
    ),
    Stranger(
        "the refinement of an ST-GCN or a P-STMO (post_refine)",
        (r"post_refine\.0\.weight$",),
        "it needs the true depth of the root, so give the file of the lifter before it.",
    ),
    Stranger(
        "PoseAug's generator of poses (BAprocess)", (r"BAprocess\.", r"RTprocess\."), LIFTER_INSTEAD
    ),
    Stranger(
        "DH-AUG's generator of poses (deconv_out)",
        (r"preprocess\.0\.weight$", r"deconv_out\.weight$"),
        LIFTER_INSTEAD,
    ),
    Stranger(
        "a critic of poses in 2D (pose_layer_1)",
        (r"pose_layer_1\.", r"layer_pred\."),
        LIFTER_INSTEAD,
    ),
    Stranger("PoseAug's critic of poses in 3D (kcs_path_1)", (r"kcs_path_1\.",), LIFTER_INSTEAD),
    Stranger(
        "DH-AUG's critic of poses in 3D",
        (r"previous\.0\.weight$", r"output\.weight$"),
        LIFTER_INSTEAD,
    ),
    Stranger(
        "DH-AUG's critic of motion in 3D (special_KCS)",
        (r"special_KCS_previous\.",),
        LIFTER_INSTEAD,
    ),
    Stranger("DH-AUG's critic of motion in 2D", (r"pos_2d_previous\.",), LIFTER_INSTEAD),
)
"""Other weights that lie about in the releases' folders."""
