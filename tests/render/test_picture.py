"""Pictures of people: what is hidden, what is repeated, what is blurred."""

from dataclasses import replace

import pytest
import torch

from crosslift.camera import Camera, looking_at, pinhole, project, stacked, world_to_camera
from crosslift.errors import SettingsError
from crosslift.kinematics import ANGLES, AVERAGE, forward_with_nose
from crosslift.render import Rendered, Rendering, render
from crosslift.skeletons import H36M_17

PLAIN = Rendering(size=(96, 128), hidden=0.0, shutter=0.0, shaking=0.0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def standing(**degrees: float) -> torch.Tensor:
    """Someone who stands at the origin facing +y, with some angles."""
    angles = torch.zeros(len(ANGLES), dtype=torch.float64)
    for name, size in degrees.items():
        angles[ANGLES.index(name)] = torch.deg2rad(torch.tensor(size))
    lengths = torch.from_numpy(AVERAGE.copy())
    return forward_with_nose(angles, lengths, root=torch.tensor([0.0, 0, 0.95]).double()).float()


def camera_at(x: float, y: float, z: float = 1.2) -> Camera:
    lens = pinhole(180.0, (96, 128))
    return looking_at(lens, torch.tensor([x, y, z]), torch.tensor([0.0, 0, 0.95]))


def seen(pose: torch.Tensor, *cameras: Camera, settings: Rendering = PLAIN) -> Rendered:
    poses = torch.stack([world_to_camera(pose, camera) for camera in cameras])
    return render(poses, stacked(list(cameras)), seeded(), settings)


def is_seen(found: Rendered, picture: int, joint: str) -> bool:
    return bool(found.visible[picture, H36M_17.index(joint)])


def test_a_face_is_seen_from_before_and_not_from_behind():
    found = seen(standing(), camera_at(0, 3), camera_at(0, -3))
    assert is_seen(found, 0, "nose")
    assert not is_seen(found, 1, "nose")


def test_the_near_arm_hides_and_the_far_arm_is_hidden():
    found = seen(standing(), camera_at(3, 0), camera_at(-3, 0))  # the right side is at +x
    for joint in ("shoulder", "hip"):
        assert is_seen(found, 0, f"right_{joint}")
        assert not is_seen(found, 0, f"left_{joint}")
        assert is_seen(found, 1, f"left_{joint}")
        assert not is_seen(found, 1, f"right_{joint}")


def test_limbs_are_seen_from_before():
    spread = standing(right_shoulder_abduction=-60.0, left_shoulder_abduction=20.0)
    found = seen(spread, camera_at(0, 3))
    for joint in ("right_wrist", "left_wrist", "right_knee", "left_ankle", "pelvis", "thorax"):
        assert is_seen(found, 0, joint), joint


def test_a_wrist_before_the_belly_is_seen_and_behind_it_is_not():
    raised = standing(right_shoulder_flexion=35.0, right_elbow_flexion=70.0,
                      right_shoulder_twist=60.0)  # fmt: skip
    found = seen(raised, camera_at(0, 3), camera_at(0, -3))
    assert is_seen(found, 0, "right_wrist")
    assert not is_seen(found, 1, "right_wrist")


def test_keypoints_are_where_the_camera_sees_the_joints():
    camera = camera_at(1, 3)
    poses = world_to_camera(standing(), camera)
    found = seen(standing(), camera)
    torch.testing.assert_close(found.keypoints[0], project(poses, camera))


def test_joints_outside_the_picture_are_not_visible():
    camera = camera_at(0, 3)
    aside = replace(camera, centre=camera.centre + torch.tensor([90.0, 0]))
    assert not bool(seen(standing(), aside).visible.any())


def test_something_before_a_person_hides_joints():
    cameras = [camera_at(0, 3)] * 40
    free = seen(standing(), *cameras).visible.float().mean()
    crowded = replace(PLAIN, hidden=1.0)
    hidden = seen(standing(), *cameras, settings=crowded).visible.float().mean()
    assert float(free) > 0.85
    assert 0.3 < float(hidden) < float(free) - 0.03


def test_the_person_is_in_the_picture_where_the_joints_are():
    """A picture differs from that of someone aside where they are, and not where neither is."""
    camera = camera_at(0, 3)
    here = world_to_camera(standing(), camera)[None]
    settings = replace(PLAIN, shadows=False)
    first = render(here, camera[None], seeded(), settings).pictures
    moved = here + torch.tensor([0.35, 0, 0])
    other = render(moved, camera[None], seeded(), settings).pictures
    change = (first - other).abs().amax(dim=1)[0]
    knee = project(here[0], camera)[H36M_17.index("right_knee")].round().long()
    assert float(change[knee[1], knee[0]]) > 0.05
    assert float(change[5:40, :10].max()) < 1e-6


def test_the_same_generator_gives_the_same_pictures():
    camera = camera_at(0, 3)
    first, again = (seen(standing(), camera, camera) for _ in range(2))
    assert torch.equal(first.pictures, again.pictures)
    assert not torch.equal(first.pictures[0], first.pictures[1])
    assert 0 <= float(first.pictures.min()) < 0.4 < float(first.pictures.max()) <= 1


def test_what_moves_is_blurred():
    camera = camera_at(0, 3)
    pose = world_to_camera(standing(), camera)[None]
    settings = replace(PLAIN, shutter=0.05, shadows=False)
    still = render(pose, camera[None], seeded(), settings).pictures
    velocity = torch.tensor([6.0, 0, 0]).expand_as(pose)
    blurred = render(pose, camera[None], seeded(), settings, velocity).pictures
    edges = [(p[..., 1:] - p[..., :-1]).abs()[..., 40:90, 30:65].mean() for p in (still, blurred)]
    assert float(edges[1]) < 0.9 * float(edges[0])
    assert torch.equal(still[..., 2:10, :8], blurred[..., 2:10, :8])  # the background stands still


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"size": (4, 100)}, "8 to 4096 pixels"),
        ({"hidden": 1.5}, "Shares lie between 0 and 1"),
        ({"shutter": -1.0}, "a shutter opens for 0 seconds or more"),
    ],
)
def test_pictures_that_cannot_be_are_refused(words, message):
    with pytest.raises(SettingsError, match=message):
        Rendering(**words)
