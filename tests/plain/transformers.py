"""MixSTE, PoseFormer, P-STMO and IGANet, with every step of attention written out."""

import torch
from torch import nn

from crosslift.networks.iganet import IGANetSettings, adjacency
from crosslift.networks.mixste import MixSTESettings
from crosslift.networks.poseformer import PoseFormerSettings
from crosslift.networks.pstmo import PSTMOSettings


def softmax_attention(queries, keys, values):
    """Of tensors `rows heads tokens width`."""
    scores = queries @ keys.transpose(-2, -1) * queries.shape[-1] ** -0.5
    return scores.softmax(dim=-1) @ values


class PlainAttention(nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        rows, tokens, width = x.shape
        qkv = self.qkv(x).reshape(rows, tokens, 3, self.heads, width // self.heads)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        x = softmax_attention(queries, keys, values)
        return self.proj(x.transpose(1, 2).reshape(rows, tokens, width))


class PlainMLP(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class PlainBlock(nn.Module):
    def __init__(self, width, heads, hidden, bias):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = PlainAttention(width, heads, bias)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = PlainMLP(width, hidden)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def plain_blocks(settings, width):
    hidden = int(settings.mlp_ratio * width)
    blocks = (
        PlainBlock(width, settings.heads, hidden, settings.qkv_bias) for _ in range(settings.depth)
    )
    return nn.ModuleList(blocks)


class PlainMixSTE(nn.Module):
    def __init__(self, settings: MixSTESettings):
        super().__init__()
        s, width = settings, settings.width
        self.Spatial_pos_embed = nn.Parameter(torch.zeros(1, s.joints, width))
        self.Temporal_pos_embed = nn.Parameter(torch.zeros(1, s.frames, width))
        self.Spatial_patch_to_embedding = nn.Linear(s.channels, width)
        self.STEblocks = plain_blocks(s, width)
        self.TTEblocks = plain_blocks(s, width)
        self.Spatial_norm = nn.LayerNorm(width, eps=1e-6)
        self.Temporal_norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 3))

    def forward(self, keypoints):
        batch, frames, joints, _ = keypoints.shape
        x = self.Spatial_patch_to_embedding(keypoints.reshape(batch * frames, joints, -1))
        x = x + self.Spatial_pos_embed
        for depth, (spatial, temporal) in enumerate(
            zip(self.STEblocks, self.TTEblocks, strict=True)
        ):
            x = self.Spatial_norm(spatial(x)).reshape(batch, frames, joints, -1)
            x = x.transpose(1, 2).reshape(batch * joints, frames, -1)
            if depth == 0:
                x = x + self.Temporal_pos_embed
            x = self.Temporal_norm(temporal(x)).reshape(batch, joints, frames, -1)
            x = x.transpose(1, 2).reshape(batch * frames, joints, -1)
        return self.head(x).reshape(batch, frames, joints, 3)


class PlainPoseFormer(nn.Module):
    def __init__(self, settings: PoseFormerSettings):
        super().__init__()
        s = settings
        self.Spatial_pos_embed = nn.Parameter(torch.zeros(1, s.joints, s.joint_width))
        self.Temporal_pos_embed = nn.Parameter(torch.zeros(1, s.frames, s.width))
        self.Spatial_patch_to_embedding = nn.Linear(s.channels, s.joint_width)
        self.Spatial_blocks = plain_blocks(s, s.joint_width)
        self.blocks = plain_blocks(s, s.width)
        self.Spatial_norm = nn.LayerNorm(s.joint_width, eps=1e-6)
        self.Temporal_norm = nn.LayerNorm(s.width, eps=1e-6)
        self.weighted_mean = nn.Conv1d(s.frames, 1, kernel_size=1)
        self.head = nn.Sequential(nn.LayerNorm(s.width), nn.Linear(s.width, 3 * s.joints))

    def forward(self, keypoints):
        batch, frames, joints, _ = keypoints.shape
        x = self.Spatial_patch_to_embedding(keypoints.reshape(batch * frames, joints, -1))
        x = x + self.Spatial_pos_embed
        for block in self.Spatial_blocks:
            x = block(x)
        x = self.Spatial_norm(x).reshape(batch, frames, -1) + self.Temporal_pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.weighted_mean(self.Temporal_norm(x))).reshape(batch, 1, joints, 3)


class PlainUnbiasedNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(width))
        self.b_2 = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        spread = x.std(dim=-1, keepdim=True)
        return self.a_2 * (x - x.mean(dim=-1, keepdim=True)) / (spread + 1e-6) + self.b_2


class PlainFourLinears(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.linears = nn.ModuleList(nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        batch, frames, width = x.shape
        queries, keys, values = (
            layer(x).view(batch, frames, self.heads, -1).transpose(1, 2)
            for layer in self.linears[:3]
        )
        x = softmax_attention(queries, keys, values)
        return self.linears[3](x.transpose(1, 2).reshape(batch, frames, width))


class PlainFeedForward(nn.Module):
    def __init__(self, width, hidden, stride):
        super().__init__()
        self.stride = stride
        if stride is None:
            self.w_1, self.w_2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        else:
            self.w_1 = nn.Conv1d(width, hidden, 1)
            self.w_2 = nn.Conv1d(hidden, width, 3, stride=stride, padding=1)

    def forward(self, x):
        if self.stride is None:
            return self.w_2(torch.relu(self.w_1(x)))
        return self.w_2(torch.relu(self.w_1(x.transpose(1, 2)))).transpose(1, 2)


class PlainBranch(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = PlainUnbiasedNorm(width)


class PlainLayer(nn.Module):
    def __init__(self, settings: PSTMOSettings, stride=None):
        super().__init__()
        self.self_attn = PlainFourLinears(settings.width, settings.heads)
        self.feed_forward = PlainFeedForward(settings.width, settings.hidden, stride)
        self.sublayer = nn.ModuleList(PlainBranch(settings.width) for _ in range(2))
        self.stride = stride or 1

    def forward(self, x):
        x = x + self.self_attn(self.sublayer[0].norm(x))
        return x[:, :: self.stride] + self.feed_forward(self.sublayer[1].norm(x))


class PlainResidual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.w1, self.batch_norm1 = nn.Conv1d(width, width, 1), nn.BatchNorm1d(width)
        self.w2, self.batch_norm2 = nn.Conv1d(width, width, 1), nn.BatchNorm1d(width)
        self.act = nn.LeakyReLU(0.2)

    def forward(self, x):
        y = self.act(self.batch_norm1(self.w1(x)))
        return x + self.act(self.batch_norm2(self.w2(y)))


class PlainFrameEncoder(nn.Module):
    def __init__(self, settings: PSTMOSettings):
        super().__init__()
        self.fc_1 = nn.Conv1d(2 * settings.joints, settings.hidden, 1)
        self.bn_1 = nn.BatchNorm1d(settings.hidden)
        self.fc_2 = nn.Conv1d(settings.hidden, settings.width, 1)
        self.layers = nn.ModuleList([PlainResidual(settings.hidden)])
        self.act = nn.LeakyReLU(0.2)

    def forward(self, keypoints):
        x = keypoints.flatten(2).transpose(1, 2)
        x = self.fc_2(self.layers[0](self.act(self.bn_1(self.fc_1(x)))))
        return x.transpose(1, 2)


class PlainLayers(nn.Module):
    def __init__(self, width, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = PlainUnbiasedNorm(width)


class PlainNarrowing(PlainLayers):
    def __init__(self, settings: PSTMOSettings):
        super().__init__(settings.width, [PlainLayer(settings, each) for each in settings.strides])
        for number in (1, 2, 3):
            table = nn.Parameter(torch.zeros(1, settings.frames, settings.width))
            self.register_parameter(f"pos_embedding_{number}", table)


class PlainTransformer(nn.Module):
    def __init__(self, settings: PSTMOSettings):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.zeros(1, settings.frames, settings.width))
        layers = [PlainLayer(settings) for _ in range(settings.depth)]
        self.model = PlainLayers(settings.width, layers)


class PlainPSTMO(nn.Module):
    def __init__(self, settings: PSTMOSettings):
        super().__init__()
        self.encoder = PlainFrameEncoder(settings)
        self.Transformer = PlainTransformer(settings)
        self.Transformer_reduce = nn.ModuleDict({"model": PlainNarrowing(settings)})
        numbers = 3 * settings.out_joints
        self.fcn, self.fcn_1 = (
            nn.Sequential(nn.BatchNorm1d(settings.width), nn.Conv1d(settings.width, numbers, 1))
            for _ in range(2)
        )

    def forward(self, keypoints):
        """Of the middle frame, and of all frames, as the publication's model returns them."""
        x = self.encoder(keypoints) + self.Transformer.pos_embedding
        for layer in self.Transformer.model.layers:
            x = layer(x)
        every = self.fcn_1(x.transpose(1, 2)).transpose(1, 2)
        narrowing = self.Transformer_reduce["model"]
        for number, layer in enumerate(narrowing.layers, start=1):
            if number <= 3:
                x = x + narrowing.get_parameter(f"pos_embedding_{number}")[:, : x.shape[1]]
            x = layer(x)
        centre = self.fcn(x.transpose(1, 2)).transpose(1, 2)
        return centre.unflatten(-1, (-1, 3)), every.unflatten(-1, (-1, 3))


class PlainGraph(nn.Module):
    def __init__(self, width, edges):
        super().__init__()
        self.conv1d = nn.Conv1d(width, 4 * width, 1)
        self.edges = edges

    def forward(self, x):
        batch, joints, width = x.shape
        x = self.conv1d(x.transpose(1, 2)).view(batch, 4, width, joints)
        return torch.einsum("bkws,ksj->bjw", x, self.edges)


class PlainIGAAttention(PlainAttention):
    def forward(self, x):
        rows, tokens, width = x.shape
        qkv = self.qkv(x).reshape(rows, tokens, 3, self.heads, width // self.heads)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        return softmax_attention(queries, keys, values).transpose(1, 2).reshape(x.shape)


class PlainActivated(nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.linear = nn.Sequential(nn.Linear(width, out), nn.GELU())

    def forward(self, x):
        return self.linear(x)


class PlainUMLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear512_256 = PlainActivated(width, width // 2)
        self.linear256_256 = PlainActivated(width // 2, width // 2)
        self.linear256_512 = PlainActivated(width // 2, width)

    def forward(self, x):
        narrow = self.linear512_256(x)
        return self.linear256_512(self.linear256_256(narrow) + narrow)


class PlainIGABlock(nn.Module):
    def __init__(self, width, heads, edges):
        super().__init__()
        self.s_gcn2attn = nn.Parameter(torch.tensor([0.5]), requires_grad=False)
        self.s_attn2gcn = nn.Parameter(torch.tensor([0.8]), requires_grad=False)
        self.norm1 = nn.LayerNorm(edges.shape[-1], eps=1e-6)
        self.GCN_Block1, self.GCN_Block2 = PlainGraph(width, edges), PlainGraph(width, edges)
        self.norm_att1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = PlainIGAAttention(width, heads, bias=True)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.uMLP = PlainUMLP(width)

    def forward(self, x):
        graph = self.GCN_Block1(self.norm1(x.transpose(1, 2)).transpose(1, 2))
        attended = self.attn(self.norm_att1(x))
        from_attention = self.attn.proj(attended + self.s_gcn2attn * graph)
        x = x + self.GCN_Block2(graph + self.s_attn2gcn * attended) + from_attention
        return x + self.uMLP(self.norm2(x))


class PlainIGABody(nn.Module):
    def __init__(self, settings: IGANetSettings):
        super().__init__()
        edges = adjacency(settings)
        self.blocks = nn.Sequential(
            *(PlainIGABlock(settings.width, settings.heads, edges) for _ in range(settings.depth))
        )
        self.norm = nn.LayerNorm(settings.width, eps=1e-6)

    def forward(self, x):
        return self.norm(self.blocks(x))


class PlainEncoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc3 = nn.Linear(2, width // 8), nn.Linear(width // 8, width // 4)
        self.fc4, self.fc5 = nn.Linear(width // 4, width // 2), nn.Linear(width // 2, width)

    def forward(self, x):
        return self.fc5(self.fc4(self.fc3(self.fc1(x))))


class PlainIGANet(nn.Module):
    def __init__(self, settings: IGANetSettings):
        super().__init__()
        self.encoder = PlainEncoder(settings.width)
        self.IGANet = PlainIGABody(settings)
        self.fcn = nn.Linear(settings.width, 3)

    def forward(self, keypoints):
        return self.fcn(self.IGANet(self.encoder(keypoints)))
