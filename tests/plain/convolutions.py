"""VideoPose3D, SemGCN, ST-GCN and SimpleBaseline, with norms and graphs applied as they stand."""

import torch
import torch.nn.functional as F
from torch import nn

from crosslift.networks.semgcn import SemGCNSettings
from crosslift.networks.simple_baseline import SimpleBaselineSettings
from crosslift.networks.stgcn import STGCNSettings
from crosslift.networks.stgcn_graph import PARTS, pooled_adjacency, stgcn_adjacency
from crosslift.networks.videopose import VideoPoseSettings


class PlainVideoPose(nn.Module):
    """Of the published forms whose pose is that of the middle frame."""

    def __init__(self, settings: VideoPoseSettings):
        super().__init__()
        self.settings = settings
        channels, (first, *widths) = settings.channels, settings.filter_widths
        inputs = settings.joints * settings.coordinates
        self.expand_conv = nn.Conv1d(inputs, channels, first, bias=False)
        self.expand_bn = nn.BatchNorm1d(channels)
        layers, dilation = [], first
        for width in widths:
            layers.append(nn.Conv1d(channels, channels, width, dilation=dilation, bias=False))
            layers.append(nn.Conv1d(channels, channels, 1, bias=False))
            dilation *= width
        self.layers_conv = nn.ModuleList(layers)
        self.layers_bn = nn.ModuleList(nn.BatchNorm1d(channels) for _ in layers)
        self.shrink = nn.Conv1d(channels, 3 * settings.regressed, 1)

    def forward(self, keypoints):
        batch, frames, *_ = keypoints.shape
        x = keypoints.view(batch, frames, -1).permute(0, 2, 1)
        x = torch.relu(self.expand_bn(self.expand_conv(x)))
        for number in range(0, len(self.layers_conv), 2):
            wide, narrow = self.layers_conv[number : number + 2]
            y = torch.relu(self.layers_bn[number](wide(x)))
            y = torch.relu(self.layers_bn[number + 1](narrow(y)))
            margin = (x.shape[-1] - y.shape[-1]) // 2
            x = x[:, :, margin : x.shape[-1] - margin] + y
        return self.shrink(x).permute(0, 2, 1).unflatten(-1, (-1, 3))


class PlainSemGraphConv(nn.Module):
    def __init__(self, inputs, outputs, adjacency):
        super().__init__()
        self.linked = adjacency > 0
        self.W = nn.Parameter(torch.empty(2, inputs, outputs))
        self.e = nn.Parameter(torch.empty(1, int(self.linked.sum())))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x):
        weights = torch.full(self.linked.shape, -9e15)
        weights[self.linked] = self.e[0]
        weights = weights.softmax(dim=1)
        own = torch.eye(len(weights))
        of_itself, of_neighbours = x @ self.W[0], x @ self.W[1]
        return (weights * own) @ of_itself + (weights * (1 - own)) @ of_neighbours + self.bias


class PlainGraphConv(nn.Module):
    def __init__(self, inputs, outputs, adjacency):
        super().__init__()
        self.gconv = PlainSemGraphConv(inputs, outputs, adjacency)
        self.bn = nn.BatchNorm1d(outputs)

    def forward(self, x):
        return torch.relu(self.bn(self.gconv(x).transpose(1, 2)).transpose(1, 2))


class PlainResidualGraphConv(nn.Module):
    def __init__(self, width, adjacency):
        super().__init__()
        self.gconv1 = PlainGraphConv(width, width, adjacency)
        self.gconv2 = PlainGraphConv(width, width, adjacency)

    def forward(self, x):
        return x + self.gconv2(self.gconv1(x))


class PlainSemGCN(nn.Module):
    """The plain form, without non-local blocks."""

    def __init__(self, adjacency, settings: SemGCNSettings):
        super().__init__()
        width = settings.width
        self.gconv_input = nn.Sequential(PlainGraphConv(2, width, adjacency))
        self.gconv_layers = nn.Sequential(
            *(PlainResidualGraphConv(width, adjacency) for _ in range(settings.blocks))
        )
        self.gconv_output = PlainSemGraphConv(width, 3, adjacency)

    def forward(self, keypoints):
        return self.gconv_output(self.gconv_layers(self.gconv_input(keypoints)))


class PlainMaskedConv(nn.Module):
    def __init__(self, width_in, width, graph):
        super().__init__()
        self.graph = graph
        self.conv = nn.Conv2d(width_in, len(graph) * width, 1)

    def forward(self, x):
        x = self.conv(x).unflatten(1, (len(self.graph), -1))  # batch masks width 1 nodes
        return torch.einsum("bmwtn, mnk -> bwtk", x, self.graph)


class PlainUnit(nn.Module):
    def __init__(self, width_in, width, graph, skip=True):
        super().__init__()
        self.gcn = PlainMaskedConv(width_in, width, graph)
        self.tcn = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Dropout(0.05),
            nn.Conv2d(width, width, 1),
            nn.BatchNorm2d(width),
            nn.Dropout(0.05),
        )
        self.skip = skip
        self.residual = nn.Identity()
        if skip and width_in != width:
            self.residual = nn.Sequential(nn.Conv2d(width_in, width, 1), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.tcn(self.gcn(x))
        return torch.relu(y + self.residual(x)) if self.skip else torch.relu(y)


class PlainNonLocal(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.g, self.theta, self.phi = (nn.Conv2d(width, inner, 1) for _ in range(3))
        self.W = nn.Sequential(nn.Conv2d(inner, width, 1), nn.BatchNorm2d(width))

    def forward(self, x):
        queries, keys, values = (each(x).flatten(2) for each in (self.theta, self.phi, self.g))
        weights = (queries.transpose(1, 2) @ keys).softmax(dim=-1)
        mixed = (weights @ values.transpose(1, 2)).transpose(1, 2)
        return self.W(mixed.unflatten(2, (1, -1))) + x


class PlainSTGCN(nn.Module):
    def __init__(self, settings: STGCNSettings):
        super().__init__()
        self.frames = settings.frames
        body, parts = stgcn_adjacency(self.frames), pooled_adjacency(self.frames)
        reach = 1 if self.frames == 1 else 3
        self.data_bn = nn.BatchNorm1d(34, eps=0.1)
        self.st_gcn_networks = nn.ModuleList([
            PlainUnit(2, 128, body, skip=False),
            PlainUnit(128, 128, body),
            PlainUnit(128, 256, body),
        ])  # fmt: skip
        self.st_gcn_pool = nn.ModuleList([PlainUnit(256, 512, parts), PlainUnit(512, 512, parts)])
        self.conv4 = nn.Sequential(
            nn.Conv2d(512, 512, (reach, 1), padding=(reach // 2, 0)), nn.BatchNorm2d(512), nn.ReLU()
        )
        self.conv2 = nn.Sequential(nn.Conv2d(1024, 256, 1), nn.BatchNorm2d(256), nn.ReLU())
        self.non_local = PlainNonLocal(512, 256)
        self.fcn = nn.Sequential(nn.Dropout(0.1), nn.Conv2d(512, 3, 1))

    def forward(self, keypoints):
        batch, frames = keypoints.shape[:2]
        x = self.data_bn(keypoints.flatten(2).flatten(0, 1)).view(batch, 1, frames * 17, 2)
        x = x.permute(0, 3, 1, 2)  # batch width 1 nodes
        for unit in self.st_gcn_networks:
            x = unit(x)
        joints = x.unflatten(3, (frames, 17))[:, :, 0]  # batch width frames joints
        parts = torch.stack([joints[..., part].amax(dim=-1) for part in PARTS], dim=-1)
        y = parts.flatten(2)[:, :, None]
        for unit in self.st_gcn_pool:
            y = unit(y)
        parts = y.unflatten(3, (frames, len(PARTS)))[:, :, 0]
        whole = self.conv4(parts.amax(dim=-1, keepdim=True)).expand_as(parts)
        parts = self.conv2(torch.cat([whole, parts], dim=1))
        beside = torch.zeros_like(joints)
        for number, part in enumerate(PARTS):
            beside[..., part] = parts[..., number, None]
        x = self.non_local(torch.cat([joints, beside], dim=1).flatten(2)[:, :, None])
        return self.fcn(x).view(batch, 3, frames, 17).permute(0, 2, 3, 1)


class PlainStage(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.w1, self.w2 = nn.Linear(width, width), nn.Linear(width, width)
        self.norms = f"{norm}1", f"{norm}2"
        for each in self.norms:
            self.add_module(each, nn.BatchNorm1d(width))

    def forward(self, x):
        first, second = map(self.get_submodule, self.norms)
        return x + torch.relu(second(self.w2(torch.relu(first(self.w1(x))))))


class PlainSimpleBaseline(nn.Module):
    def __init__(self, settings: SimpleBaselineSettings):
        super().__init__()
        self.settings = settings
        self.w1 = nn.Linear(2 * settings.joints, settings.width)
        self.add_module(f"{settings.norm}1", nn.BatchNorm1d(settings.width))
        self.linear_stages = nn.ModuleList(
            PlainStage(settings.width, settings.norm) for _ in range(settings.stages)
        )
        self.w2 = nn.Linear(settings.width, 3 * settings.regressed)

    def forward(self, keypoints):
        norm = self.get_submodule(f"{self.settings.norm}1")
        x = torch.relu(norm(self.w1(keypoints.flatten(1))))
        for stage in self.linear_stages:
            x = stage(x)
        poses = self.w2(x).unflatten(1, (-1, 3))
        return F.pad(poses, (0, 0, 1, 0)) if self.settings.zero_root else poses
