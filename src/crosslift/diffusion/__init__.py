"""Diffusion of poses: how noise is added, what a denoiser learns, and how poses are drawn."""

from .process import Process, Stage
from .sampler import Denoise, Draw, ddim, published_direction, textbook_direction
from .schedule import NoiseSchedule, noise_schedule, visited
from .targets import draw_times, gaussian, noised, time_weights

__all__ = [
    "Denoise",
    "Draw",
    "NoiseSchedule",
    "Process",
    "Stage",
    "ddim",
    "draw_times",
    "gaussian",
    "noise_schedule",
    "noised",
    "published_direction",
    "textbook_direction",
    "time_weights",
    "visited",
]
