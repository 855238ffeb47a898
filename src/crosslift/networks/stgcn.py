"""ST-GCN from local to global (Cai and others, ICCV 2019): graph convolutions over joints and time.

Inside, tensors are `nodes batch width`: a node is a joint in a frame, or a part of the body in a
frame, the frames one after the other. Nodes come first because every mask of the graph touches
only some of them, and so those can be taken out as they lie.
"""

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from jaxtyping import Float
from torch import Tensor, nn

from ..errors import SettingsError
from .attention import attend
from .layers import check_input, check_rates, check_sizes
from .overlapping import every_window
from .stgcn_graph import BODY, PARTS, pooled_adjacency, stgcn_adjacency

Features = Float[Tensor, "_ batch _"]  # nodes batch width
Graph = Float[Tensor, "masks nodes nodes"]


class Pointwise(nn.Conv2d):
    """A linear layer over the last axis whose weight is stored as that of a 1x1 convolution."""

    def __init__(self, width_in: int, width_out: int) -> None:
        super().__init__(width_in, width_out, kernel_size=1)

    def matrix(self) -> Float[Tensor, "width_out width_in"]:
        return self.weight[:, :, 0, 0]

    def forward(self, input: Features) -> Features:  # noqa: A002  PyTorch's name
        return F.linear(input, self.matrix(), self.bias)

    def joined(self, x: Features, y: Features) -> tuple[Features, Features]:
        """What is made of `x` and of `y`: the layer on both beside each other is the sum.

        So what stands beside many is multiplied once, and copied afterwards.
        """
        of_x, of_y = self.matrix().split([x.shape[-1], y.shape[-1]], dim=1)
        return F.linear(x, of_x, self.bias), F.linear(y, of_y)


class Norm(nn.BatchNorm1d):
    """Batch normalisation over the last axis."""

    def forward(self, input: Features) -> Features:  # noqa: A002  PyTorch's name
        return super().forward(input.flatten(0, 1)).view(input.shape)


class Mask(nn.Module):
    """One mask of a graph, as the nodes at both ends of each of its links."""

    senders: Tensor
    receivers: Tensor
    of_sender: Tensor
    of_receiver: Tensor
    rows: Tensor
    columns: Tensor

    def __init__(self, weights: Float[Tensor, "nodes nodes"]) -> None:
        super().__init__()
        rows, columns = weights.nonzero(as_tuple=True)
        senders, of_sender = rows.unique(return_inverse=True)
        receivers, of_receiver = columns.unique(return_inverse=True)
        self.sums_first = len(receivers) < len(senders)
        for name, index in (
            ("rows", rows),
            ("columns", columns),
            ("senders", senders),
            ("receivers", receivers),
            ("of_sender", of_sender),
            ("of_receiver", of_receiver),
        ):
            self.register_buffer(name, index, persistent=False)

    def forward(self, x: Features, weight: Float[Tensor, "_ _"], heard: Features) -> None:
        """Adds to what each node has heard what these links bring, multiplied by the weight.

        The product is taken where the mask has fewer nodes: before the sum or after it.
        """
        if self.sums_first:
            sums = x.new_zeros(len(self.receivers), *x.shape[1:])
            sums = sums.index_add(0, self.of_receiver, x.index_select(0, self.rows))
            heard.index_add_(0, self.receivers, F.linear(sums, weight))
        else:
            said = F.linear(x.index_select(0, self.senders), weight)
            heard.index_add_(0, self.columns, said.index_select(0, self.of_sender))


class GraphConv(nn.Module):
    """A graph convolution: for each mask its own matrix, then the mean over all links into a node.

    The release multiplies every node by every mask's matrix, and then by the dense adjacency.
    """

    share: Tensor
    """Of each link into a node."""
    shares: Tensor
    """Of all links into a node that belong to a mask."""

    def __init__(self, width_in: int, width_out: int, graph: Graph) -> None:
        super().__init__()
        self.conv = Pointwise(width_in, len(graph) * width_out)
        self.masks = nn.ModuleList(Mask(mask) for mask in graph[1:])  # the first is the node itself
        self.register_buffer("share", graph.amax(dim=(0, 1))[:, None, None], persistent=False)
        self.register_buffer("shares", graph.sum(dim=1).mT, persistent=False)

    def forward(self, x: Features) -> Features:
        split = "(masks width_out) width -> masks width_out width"
        own, *others = rearrange(self.conv.matrix(), split, masks=1 + len(self.masks))
        heard = F.linear(x, own)
        for mask, weight in zip(self.masks, others, strict=True):
            mask(x, weight, heard)
        bias = self.conv.get_parameter("bias").view(-1, len(own))  # masks width_out
        return torch.addcmul((self.shares @ bias)[:, None], heard, self.share)


class Unit(nn.Module):
    """A graph convolution, a layer for each node by itself, and a skip around both."""

    def __init__(
        self, width_in: int, width: int, graph: Graph, dropout: float, skip: bool = True
    ) -> None:
        super().__init__()
        self.gcn = GraphConv(width_in, width, graph)
        self.tcn = nn.Sequential(
            Norm(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            Pointwise(width, width),
            Norm(width),
            nn.Dropout(dropout),
        )
        self.skip = skip
        if skip and width_in != width:
            self.residual = nn.Sequential(Pointwise(width_in, width), Norm(width))
        else:
            self.residual = nn.Identity()

    def forward(self, x: Features) -> Features:
        y = self.tcn(self.gcn(x))
        return F.relu(y + self.residual(x)) if self.skip else F.relu(y)


class NonLocal(nn.Module):
    """Attention among all joints of all frames, with one head and unscaled products."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.g = Pointwise(width, inner)
        self.W = nn.Sequential(Pointwise(inner, width), Norm(width))
        self.theta = Pointwise(width, inner)
        self.phi = Pointwise(width, inner)
        for start in self.W[1].parameters():
            nn.init.zeros_(start)  # it begins as the identity

    def forward(self, joints: Features, parts: Features, part_of: Tensor) -> Features:
        """For each joint, of its own features and then those of its part."""
        split = "nodes batch width -> batch 1 nodes width"
        queries, keys, values = (
            rearrange(own + shared.index_select(0, part_of), split)
            for layer in (self.theta, self.phi, self.g)
            for own, shared in [layer.joined(joints, parts)]
        )
        mixed = attend(queries, keys, values, scale=1.0)
        mixed = rearrange(mixed, "batch 1 nodes width -> nodes batch width")
        return self.W(mixed) + torch.cat([joints, parts.index_select(0, part_of)], dim=-1)


@dataclass(frozen=True)
class STGCNSettings:
    """The number of frames, and dropout where it is not the published one."""

    frames: int = 1
    """Odd. The same weights fit any number above one, but not also a single frame."""
    dropout: float | None = None
    """One share everywhere, as PoseAug may have it; without, each place has its published own."""

    def __post_init__(self) -> None:
        """Refuse what no network can have."""
        if self.frames < 1 or self.frames % 2 == 0:
            raise SettingsError(
                f"ST-GCN takes an odd number of frames, but {self.frames} were asked for; choose "
                "1, 3, 5 or 7."
            )
        check_rates("ST-GCN", dropout=self.dropout or 0)


STGCN_1 = STGCNSettings()
STGCN_3 = STGCNSettings(frames=3)
STGCN_5 = STGCNSettings(frames=5)
STGCN_7 = STGCNSettings(frames=7)


class STGCN(nn.Module):
    """The whole: joints, their parts, the body, and back again to each joint."""

    part_of: Tensor
    frame_of: Tensor

    def __init__(self, settings: STGCNSettings = STGCN_1) -> None:
        super().__init__()
        self.settings = settings
        frames = settings.frames
        body, parts = stgcn_adjacency(frames), pooled_adjacency(frames)
        unit, whole, part = (
            published if settings.dropout is None else settings.dropout
            for published in (0.05, 0.25, 0.1)
        )
        reach = 1 if frames == 1 else 3
        joints = len(BODY.distance)
        # The release passes what it means as the momentum in the place of eps.
        self.data_bn = nn.BatchNorm1d(2 * joints, eps=0.1)
        self.st_gcn_networks = nn.ModuleList([
            Unit(2, 128, body, unit, skip=False),
            Unit(128, 128, body, unit),
            Unit(128, 256, body, unit),
        ])  # fmt: skip
        self.st_gcn_pool = nn.ModuleList([
            Unit(256, 512, parts, unit),
            Unit(512, 512, parts, unit),
        ])  # fmt: skip
        self.conv4 = nn.Sequential(
            nn.Conv2d(512, 512, (reach, 1), padding=(reach // 2, 0)),
            nn.BatchNorm2d(512),
            nn.ReLU(),
            nn.Dropout(whole),
        )
        self.conv2 = nn.Sequential(Pointwise(1024, 256), Norm(256), nn.ReLU(), nn.Dropout(part))
        self.non_local = NonLocal(512, 256)
        self.fcn = nn.Sequential(nn.Dropout(part), Pointwise(512, 3))
        part_of = [next(i for i, each in enumerate(PARTS) if j in each) for j in range(joints)]
        every = torch.arange(frames)[:, None]
        self.register_buffer("frame_of", every.expand(-1, len(PARTS)).flatten(), persistent=False)
        part_of = (len(PARTS) * every + torch.tensor(part_of)).flatten()
        self.register_buffer("part_of", part_of, persistent=False)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        """Poses of all frames; the one published as the answer is that in the middle."""
        check_input("ST-GCN", keypoints, frames=self.settings.frames, joints=17, coordinates=2)
        joints = self.joint_features(keypoints)
        parts = self.part_features(joints)
        poses = self.fcn(self.non_local(joints, parts, self.part_of))
        split = "(frames joints) batch xyz -> batch frames joints xyz"
        return rearrange(poses, split, joints=keypoints.shape[-2])

    def along(
        self, keypoints: Float[Tensor, "batch frames joints 2"], at_a_time: int = 128
    ) -> Float[Tensor, "batch places joints 3"]:
        """The poses in the middle of all windows of a clip, `at_a_time` windows at once."""
        return every_window(keypoints, self.settings.frames, _as_they_are, self._middle, at_a_time)

    def _middle(
        self, keypoints: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch 1 joints 3"]:
        middle = self.settings.frames // 2
        return self(keypoints)[:, middle : middle + 1]

    def joint_features(self, keypoints: Float[Tensor, "batch frames joints 2"]) -> Features:
        """What the first three units make of each joint."""
        rows = rearrange(keypoints, "batch frames joints xy -> (frames batch) (joints xy)")
        split = "(frames batch) (joints xy) -> (frames joints) batch xy"
        x = rearrange(self.data_bn(rows), split, frames=self.settings.frames, xy=2)
        for unit in self.st_gcn_networks:
            x = unit(x)
        return x

    def part_features(self, joints: Features) -> Features:
        """What is known of each part of the body, with a view of the whole body around it."""
        x = joints.unflatten(0, (self.settings.frames, -1))  # frames joints batch width
        x = torch.stack([x[:, part].amax(dim=1) for part in PARTS], dim=1).flatten(0, 1)
        for unit in self.st_gcn_pool:
            x = unit(x)
        body = reduce(x, "(frames parts) batch w -> batch w frames 1", "max", parts=len(PARTS))
        body = rearrange(self.conv4(body), "batch w frames 1 -> frames batch w")
        of_body, of_part = cast(Pointwise, self.conv2[0]).joined(body, x)
        return self.conv2[1:](of_body.index_select(0, self.frame_of) + of_part)


def _as_they_are(keypoints: Tensor) -> Tensor:
    return keypoints


class PoseAugSTGCN(nn.Module):
    """PoseAug's form: one frame of 16 joints, to which the 17th is added on the way in."""

    def __init__(self, settings: STGCNSettings = STGCN_1) -> None:
        super().__init__()
        self.stgcn = STGCN(settings)

    def forward(
        self, keypoints: Float[Tensor, "batch frames joints 2"]
    ) -> Float[Tensor, "batch frames joints 3"]:
        """Poses whose joint 0 is as free as the others."""
        check_input("ST-GCN of PoseAug", keypoints, joints=16, coordinates=2)
        neck = keypoints[..., 8:10, :].mean(dim=-2, keepdim=True)
        seventeen = torch.cat([keypoints[..., :9, :], neck, keypoints[..., 9:, :]], dim=-2)
        poses = self.stgcn(seventeen)
        return torch.cat([poses[..., :9, :], poses[..., 10:, :]], dim=-2)


class PostRefine(nn.Module):
    """A blend, x and y of each joint apart, of two poses; depth is that of the first.

    The second is the keypoints put at the first one's relative depth with the true depth of the
    root and the true camera, which is why it serves to repeat published figures and nothing else.
    """

    def __init__(self, joints: int = 17, dropout: float = 0.5) -> None:
        super().__init__()
        check_sizes("PostRefine", joints=joints)
        check_rates("PostRefine", dropout=dropout)
        self.post_refine = nn.Sequential(
            nn.Linear(6 * joints, 1024), nn.ReLU(), nn.Dropout(dropout), nn.Linear(1024, 2 * joints)
        )

    def forward(
        self, poses: Float[Tensor, "*batch joints 3"], placed: Float[Tensor, "*batch joints 3"]
    ) -> Float[Tensor, "*batch joints 3"]:
        """The refined poses."""
        both = torch.cat([poses, placed], dim=-1).flatten(-2)  # batch (joints 6)
        share = self.post_refine(both).sigmoid().unflatten(-1, (-1, 2))  # batch joints 2
        return torch.cat([placed[..., :2].lerp(poses[..., :2], share), poses[..., 2:]], dim=-1)
