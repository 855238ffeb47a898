"""Bodies for the windows of a batch: whose bones they have, where they stand, who sees them."""

from dataclasses import replace

import torch
from torch import Generator

from ...augment.bone_swap import BoneSwap, measured
from ...augment.dh import RandomBodies, at_the_root_of, own_lengths
from ...augment.dh_body import Made, placed
from ...augment.dh_generator import Maker
from ...augment.lpa import whole_image
from ...body import read_body
from ...camera import world_to_camera
from ...clip import Batch
from ...errors import DataError, SettingsError
from ...geometry import at_bones
from ...skeletons import H36M_16
from ..poseda.shown import chosen
from .settings import Game
from .shown import real_poses


def swap_for(game: Game) -> BoneSwap | None:
    """Whose bones real people get; None for their own."""
    if game.swap == "none":
        return None
    if game.swap == "batch":
        return BoneSwap()
    if not game.templates:
        return BoneSwap(measured())
    lengths = []
    for path in game.templates:
        body = read_body(path)
        if body.skeleton != H36M_16:
            raise DataError(
                f'A body to swap with has the skeleton "h36m16", but "{path}" has '
                f'"{body.skeleton.name}"; estimate it with crosslift body --to h36m16.'
            )
        lengths.append(at_bones(body.lengths, H36M_16))
    return BoneSwap(torch.stack(lengths))


def maker_without_players(game: Game) -> Maker | None:
    """Who makes bodies where no generator plays; None where there are only real ones."""
    return RandomBodies() if game.data == "random" else None


def source_of(batch: Batch, swap: BoneSwap | None, rng: Generator) -> Batch:
    """The windows whose poses are known in full, by other people's bones."""
    if batch.poses is None:
        raise SettingsError("DH-AUG's source needs poses, but the batch has keypoints alone.")
    whole = chosen(batch, real_poses(batch)[1])
    if swap is None or not len(whole):
        return whole
    assert whole.poses is not None, "it had some"
    return replace(whole, poses=swap.swapped(whole.poses, whole.skeleton, rng))


def stood(maker: Maker, source: Batch, game: Game, rng: Generator) -> Made:
    """Bodies for windows, where the game has them stand."""
    assert source.poses is not None, "the caller has poses"
    made = maker.made(len(source), source.poses.shape[1], rng)
    made = Made(*(each.to(source.poses) for each in made))
    if game.place == "learned" and game.data == "generated":
        return made
    return at_the_root_of(made, source)


def made_windows(maker: Maker, source: Batch, game: Game, rng: Generator) -> Batch:
    """The windows with made bodies in the place of the real ones, all joints of them seen."""
    lengths = own_lengths(source, game.scaling, rng)
    made = stood(maker, source, game, rng)
    world = placed(made, lengths[:, None], maker.meaning, source.skeleton)
    return whole_image(source, world_to_camera(world, source.camera), clamped=game.released.clamped)
