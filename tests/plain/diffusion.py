"""D3DP's denoiser and its drawing as the publication has them: nothing is computed only once.

Every step tells the network the keypoints anew, repeated for each hypothesis, the time for each of
them, and asks about the mirror image in a pass of its own.
"""

from itertools import pairwise

import torch
from torch import nn

from crosslift.networks.mixste import MixSTESettings

from .transformers import PlainMixSTE


class PlainD3DP(PlainMixSTE):
    def __init__(self, settings: MixSTESettings):
        super().__init__(settings)
        width = settings.width
        self.Spatial_patch_to_embedding = nn.Linear(settings.channels + 3, width)
        first, last = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.time_mlp = nn.Sequential(nn.Identity(), first, nn.GELU(), last)

    def forward(self, keypoints, noisy, times):
        """Of keypoints `rows frames joints 2`, poses `rows frames joints 3` and a time a row."""
        rows, frames, joints, _ = keypoints.shape
        x = self.Spatial_patch_to_embedding(torch.cat([keypoints, noisy], dim=-1))
        x = x + self.Spatial_pos_embed + self.time_mlp(self.waves(times))[:, None, None]
        for depth, (spatial, temporal) in enumerate(
            zip(self.STEblocks, self.TTEblocks, strict=True)
        ):
            x = self.Spatial_norm(spatial(x.reshape(rows * frames, joints, -1)))
            x = x.reshape(rows, frames, joints, -1).transpose(1, 2)
            x = x.reshape(rows * joints, frames, -1)
            if depth == 0:
                x = x + self.Temporal_pos_embed
            x = self.Temporal_norm(temporal(x)).reshape(rows, joints, frames, -1).transpose(1, 2)
        return self.head(x)

    def waves(self, times):
        half = self.Spatial_pos_embed.shape[-1] // 2
        rates = 10_000 ** (-torch.arange(half) / (half - 1))
        phases = times[:, None].float() * rates
        return torch.cat([phases.sin(), phases.cos()], dim=-1)


def plain_twin(network):
    """The plain form of a D3DP, with its weights."""
    twin = PlainD3DP(network.settings)
    twin.load_state_dict(network.state_dict())
    return twin.eval().requires_grad_(False)


def plain_loop(network, keypoints, turned, noise, signal, times, mirrored, limit=1.1):
    """The last clean poses `batch hypotheses frames joints 3` of D3DP's drawing, eta 1.

    `noise` holds a tensor of that shape for the start and one for each step but the last, `signal`
    what is left of a clean pose at each time, `mirrored` mirrors poses.
    """
    hypotheses, noisy = noise[0].shape[1], noise[0]

    def asked(numbers, poses, time):
        many = numbers[:, None].repeat(1, hypotheses, 1, 1, 1).flatten(0, 1)
        answer = network(many, poses.flatten(0, 1), torch.full((len(many),), time))
        return answer.unflatten(0, (-1, hypotheses))

    for step, (time, earlier) in enumerate(pairwise([*times, -1])):
        given = noisy.clamp(-limit, limit)
        image = mirrored(asked(turned, mirrored(given), time))
        clean = ((asked(keypoints, given, time) + image) / 2).clamp(-limit, limit)
        if earlier < 0:
            break
        now, then = signal[time], signal[earlier]
        sigma = ((1 - now / then) * (1 - then) / (1 - now)) ** 0.5
        direction = (noisy - now**0.5 * clean) / (1 - now) ** 0.5
        kept = max(0.0, 1 - then - sigma**2) ** 0.5
        noisy = then**0.5 * clean + kept * direction + sigma * noise[step + 1]
    return clean
