"""The guided loss: what each term is, where gradients go, what each switch changes."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from crosslift.camera import Camera
from crosslift.detect.targets import hardest, map_error, target_maps
from crosslift.errors import SettingsError
from crosslift.lifters.direct import Direct
from crosslift.lifters.flat import FlatSettings
from crosslift.lifters.videopose import VideoPoseLifter
from crosslift.networks.hrnet import HRNet
from crosslift.networks.videopose import VideoPoseSettings
from crosslift.recipes.guided_loss import (
    PANOPTIC_OF_H36M,
    PUBLISHED,
    SEVERAL,
    Balance,
    Guidance,
    Guide,
    Guided,
    agreement,
    balanced,
    guided,
    judge,
    median_pose,
    places,
    together,
    with_one_less,
)
from crosslift.skeletons import COCO_17, H36M_17, PANOPTIC_15

from ..detect.map_networks import TINY
from ..lifters.small import small_settings
from .jobs import generator

BATCH = 3


def lifter(name: str = "simple_baseline", seed: int = 0, skeleton=H36M_17) -> Direct:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return small_settings(name).build(skeleton)


def camera(batch: int = BATCH) -> Camera:
    """Each looks along the world's axes; their leading axes are `batch 1`."""
    size = torch.tensor([1000.0, 1002.0]).expand(batch, 1, 2)
    eye, zero = torch.eye(3).expand(batch, 1, 3, 3), torch.zeros(batch, 1, 3)
    return Camera(size * 1.1, size / 2, eye, zero, size)


def keypoints(frames: int = 1) -> Tensor:
    return 500 + 100 * torch.randn(BATCH, frames, 17, 2, generator=generator(1))


def truth(frames: int = 1) -> Tensor:
    poses = torch.randn(BATCH, frames, 17, 3, generator=generator(2)) * 0.4
    return poses + torch.tensor([0.1, 0.2, 4.0])


def errors(frames: int = 1) -> Tensor:
    return torch.rand(BATCH, frames, 17, generator=generator(3))


def told(guides: list[Guide], guidance: Guidance = Guidance(), **more) -> Guided:  # noqa: B008
    frames = more.pop("frames", 1)
    points = more.pop("points", keypoints(frames))
    return guided(points, errors(frames), truth(frames), camera(), guides, guidance, generator(),
                  **more)  # fmt: skip


def test_the_terms_are_the_weighted_parts():
    guide = Guide.of("a", lifter(), H36M_17)
    guidance = Guidance(space=0.06)
    found = told([guide], guidance)
    (judged,) = found.judged
    for name in ("space", "across", "depth", "hard", "hard_space"):
        assert_close(found.terms[name], 0.8 * getattr(guidance, name) * getattr(judged, name))
    assert_close(found.terms["maps"], 0.8 * 0.5 * errors().mean())
    assert set(found.terms) == {"maps", "space", "across", "depth", "hard", "hard_space"}


def test_what_has_no_weight_is_no_term():
    guide = Guide.of("a", lifter(), H36M_17)
    assert set(told([guide], PUBLISHED).terms) == {"maps", "across", "depth", "hard"}
    assert set(told([]).terms) == {"maps"}


def test_a_view_is_worked_by_hand():
    poses, wanted = torch.zeros(1, 1, 3, 3), torch.zeros(1, 1, 3, 3)
    poses[0, 0, 1] = torch.tensor([1.0, 0, 0])
    poses[0, 0, 2] = torch.tensor([0, 0, 2.0])
    own = torch.tensor([[[1.0, 2, 4]]])
    found = judge(poses, wanted, own, 1)
    assert_close(torch.stack(list(found)), torch.tensor([5 / 9, 1 / 6, 4 / 3, 4.0, 4 / 3]))
    wanted[0, 0, 2] = torch.nan  # which is not known
    assert_close(judge(poses, wanted, own, 1).space, torch.tensor(1 / 6))
    assert judge(poses, wanted, own, 1).hard == 2


def test_hard_joints_are_chosen_in_space_and_counted_in_the_picture():
    guide = Guide.of("a", lifter(), H36M_17)
    found = told([guide], Guidance(hardest=4))
    wanted = truth() - truth()[:, :, :1]
    in_space = (found.poses[0] - wanted).square().mean(dim=-1)[:, 0]
    assert_close(found.judged[0].hard, hardest(errors()[:, 0], 4, in_space))


def test_poses_are_moved_to_their_root_unless_the_release_is_followed():
    guide = Guide.of("a", lifter(), H36M_17)
    assert told([guide]).poses[0][..., 0, :].abs().max() == 0
    assert told([guide], PUBLISHED).poses[0][..., 0, :].abs().max() > 0


def test_the_gradient_reaches_the_detectors_first_layer_and_no_lifter():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = HRNet(TINY)
    crops = torch.rand(BATCH, 3, 64, 64, generator=generator(4))
    maps = network(crops)
    guidance = Guidance()
    guide = Guide.of("a", lifter(), H36M_17)
    target = target_maps(torch.full((BATCH, 17, 2), 30.0), torch.ones(BATCH, 17), (64, 64),
                         (16, 16), 2)  # fmt: skip
    points = 400 + 4 * places(maps, guidance)[:, None]
    found = guided(points, map_error(maps, target)[:, None], truth(), camera(), [guide], guidance,
                   generator())  # fmt: skip
    torch.stack([found.terms[name] for name in ("across", "depth")]).sum().backward()
    first = network.conv1.get_parameter("weight").grad
    assert first is not None and float(first.abs().max()) > 0
    assert isinstance(guide.lifter, Direct)
    assert all(each.grad is None for each in guide.lifter.network.parameters())


def test_the_gradient_by_the_points_is_right():
    guide = Guide.of("a", lifter().to("cpu", torch.float64), H36M_17)
    places_64 = camera().map(lambda tensor: tensor.double())

    def loss(points: Tensor) -> Tensor:
        found = guided(points, errors().double(), truth().double(), places_64, [guide],
                       Guidance(hard=0, hard_space=0), generator())  # fmt: skip
        return torch.stack(list(found.terms.values())).sum()

    assert torch.autograd.gradcheck(loss, (keypoints().double().requires_grad_(),))


def test_the_quarter_step_is_added_only_where_the_release_is_followed():
    maps = torch.rand(2, 17, 12, 10, generator=generator())
    step = places(maps, PUBLISHED) - places(maps, Guidance())
    assert_close(step.abs().amax(), torch.tensor(0.25))


def test_a_single_picture_alone_is_a_batch():
    guide = Guide.of("a", lifter(), H36M_17)
    found = guided(keypoints()[:1], errors()[:1], truth()[:1], camera(1), [guide], Guidance(),
                   generator())  # fmt: skip
    assert found.poses[0].shape == (1, 1, 17, 3)


def test_lifters_of_windows_are_judged_on_the_frames_that_they_answer_for():
    sizes = VideoPoseSettings(filter_widths=(3,), channels=8)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        guide = Guide.of("video", VideoPoseLifter(sizes, fps=50).build(H36M_17), H36M_17)
    points = keypoints(3).requires_grad_()
    found = told([guide], frames=3, points=points)
    assert found.poses[0].shape == (BATCH, 1, 17, 3)
    middle = truth(3)[:, [1]] - truth(3)[:, [1], :1]
    assert_close(guide.truth(truth(3)), middle)
    (gradient,) = torch.autograd.grad(found.terms["depth"], points)
    assert bool((gradient.abs().amax(dim=(0, 2, 3)) > 0).all())  # all three frames matter


def test_a_lifter_of_other_joints_sees_what_its_joints_are_made_of():
    guide = Guide.of("panoptic", lifter(skeleton=PANOPTIC_15), H36M_17)
    mapped = guide.joints.weights(torch.zeros(1))[0]
    own = torch.zeros(1, 1, 17)
    own[..., 11] = 4.0  # the left shoulder, Panoptic's joint 3
    assert guide.of_joints(own)[0, 0, 3] == 4
    assert mapped.shape == (15, 17)
    found = told([guide])
    assert found.poses[0].shape == (BATCH, 1, 15, 3)
    as_published = [H36M_17.joints[each] for each in PANOPTIC_OF_H36M]
    here = dict(zip(PANOPTIC_15.joints, as_published, strict=True))
    assert here["neck"] == "thorax" and here["pelvis"] == "pelvis"
    assert all(here[joint] == joint for joint in PANOPTIC_15.joints if joint != "neck")


def test_detectors_of_coco_joints_are_guided_through_a_mapping():
    guide = Guide.of("a", lifter(), COCO_17)
    points = keypoints().requires_grad_()
    pose = guide.poses(points, camera(), generator(), rerooted=True)
    assert bool(torch.autograd.grad(pose.square().sum(), points)[0].isfinite().all())


def test_a_lifter_without_a_network_can_take_part():
    guide = Guide.of("flat", FlatSettings().build(H36M_17), H36M_17)
    assert told([guide]).poses[0].shape == (BATCH, 1, 17, 3)


def test_several_lifters_are_averaged_and_compared():
    guides = [Guide.of(str(seed), lifter(seed=seed), H36M_17) for seed in range(3)]
    found = told(guides, SEVERAL)
    mean = torch.stack(found.poses).mean(dim=0)
    wanted = truth() - truth()[:, :, :1]
    assert_close(found.terms["together"], 0.05 * (mean - wanted).square().mean())
    pairs = [(0, 1), (0, 2), (1, 2)]
    apart = sum((found.poses[one] - found.poses[two]).square().mean() for one, two in pairs)
    assert_close(found.terms["agreement"], 0.1 * apart)
    each = torch.stack([judged.depth for judged in found.judged])
    assert_close(found.terms["depth"], 0.8 * 0.04 * each.mean())
    assert_close(found.space, torch.stack([judged.space for judged in found.judged]))


def test_lifters_of_other_joints_or_frames_are_not_compared():
    some = [torch.zeros(1, 1, 17, 3), torch.zeros(1, 1, 15, 3)]
    with pytest.raises(
        SettingsError, match="same frames and joints, but theirs are 1 x 15, 1 x 17"
    ):
        agreement(some)
    with pytest.raises(SettingsError, match="set together and agreement to 0"):
        together(some, some)


def test_the_median_is_that_of_each_coordinate():
    some = [torch.full((1, 1, 2, 3), value) for value in (1.0, 9.0, 2.0)]
    assert_close(median_pose(some), torch.full((1, 1, 2, 3), 2.0))
    assert_close(median_pose(some[:2]), torch.full((1, 1, 2, 3), 5.0))


def test_weights_follow_from_how_losses_fell():
    found = balanced(torch.tensor([0.8, 1.2]), torch.ones(2))
    assert_close(found, torch.tensor([0.45, 0.55]), atol=0.01, rtol=0)
    balance = Balance(2)
    assert_close(balance.weights, torch.full((2,), 0.5, dtype=torch.float64))
    balance.note(torch.tensor([2.0, 4.0]))
    balance.note(torch.tensor([1.0, 4.0]))
    assert_close(balance.weights, balanced(torch.tensor([0.5, 1.0]), torch.ones(2)).double())
    again = Balance(2)
    again.load_state_dict(balance.state_dict())
    assert torch.equal(again.weights, balance.weights)


def test_one_lifter_or_none_is_left_out():
    weights = torch.full((3,), 1 / 3)
    drawn = torch.stack([with_one_less(weights, generator(seed)) for seed in range(40)])
    assert set((drawn > 0).sum(dim=-1).tolist()) == {2, 3}
    assert bool(((drawn == 0) | (drawn == 1 / 3)).all())
    assert torch.equal(with_one_less(weights, generator(5)), with_one_less(weights, generator(5)))


def test_no_hardest_joint_is_refused():
    with pytest.raises(SettingsError, match="hardest is 0; set hard to 0"):
        Guidance(hardest=0)
    guide = Guide.of("a", lifter(), H36M_17)
    assert_close(told([guide], replace(Guidance(), hardest=99)).judged[0].hard, errors().mean())
