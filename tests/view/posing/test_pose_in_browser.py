"""The page of a posed body in Chromium, without a network but for its own server."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch
from torch.testing import assert_close

from crosslift.camera import Camera, project, world_to_camera
from crosslift.kinematics import ANGLES, NARROW, Sampling, random_angles
from crosslift.skeletons import H36M_17
from crosslift.view.posing import (
    Keyframes,
    Offered,
    PoseServer,
    Saving,
    Start,
    from_recording,
    keyframes_of,
    motion_of,
    offered,
    on_the_floor,
    page_text,
    words_of,
    write_pose_page,
)
from crosslift.view.posing.cameras import SUBJECT

from ...people import seen_walker
from ..test_page_in_browser import CHROMIUM, DESK, PHONE, Seen, browser  # noqa: F401  a fixture
from .bodies import LENGTHS, at_random, of_angle

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="pages are tested in Chromium")


@dataclass
class Posed(Seen):
    """A page that is open."""

    @property
    def keyed(self) -> Keyframes:
        """What is on the page."""
        return keyframes_of(self.tab.evaluate("page.doc.words()"))

    def angle(self, name: str) -> float:
        """Of the shown pose, in degrees."""
        return self.tab.evaluate(f"degrees(page.pose.angles[{ANGLES.index(name)}])")

    def joint(self, name: str) -> list[float]:
        return self.tab.evaluate(f"page.joints[page.figure.joints.indexOf('{name}')]")

    def screen(self, name: str) -> tuple[float, float]:
        """Where a joint is on the screen."""
        return tuple(self.tab.evaluate(
            """(name) => { const box = page.scene.canvas.getBoundingClientRect();
                           const at = page.scene.seen[0][page.figure.joints.indexOf(name)];
                           return [box.left + at.x, box.top + at.y]; }""", name))  # fmt: skip

    def settle(self) -> None:
        self.tab.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def drag(self, name: str, right: float, down: float) -> None:
        """Pull a joint over the screen."""
        x, y = self.screen(name)
        mouse = self.tab.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + right, y + down, steps=4)
        mouse.up()
        self.settle()


@pytest.fixture
def look(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Posed]]:  # noqa: F811
    """Opens a page; at the end nothing may have gone wrong in any, or been asked for elsewhere."""
    pages: list[Posed] = []

    def open_page(
        start: Start | None = None,
        url: str = "",
        size: tuple[int, int] = DESK,
        scheme: str = "light",
    ) -> Posed:
        start = start or Start(on_the_floor("pose", LENGTHS))
        path = tmp_path / f"{len(pages)}.html"
        write_pose_page(path, start, cameras_of(start))
        tab = browser.new_page(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme,
            has_touch=size[0] < 500,
        )  # fmt: skip
        page = Posed(tab)
        tab.on("console", lambda each: each.type == "error" and page.wrong.append(each.text))
        tab.on("pageerror", lambda problem: page.wrong.append(str(problem)))
        tab.on("request", lambda request: page.asked.append(request.url))
        tab.goto(url or path.as_uri())
        page.settle()
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        assert page.wrong == []
        foreign = [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))]
        assert [url for url in foreign if not url.startswith("http://127.0.0.1:")] == []
        page.tab.close()


def cameras_of(start: Start) -> list[Offered]:
    return offered(start, torch.Generator().manual_seed(0))


def test_the_pages_joints_are_those_of_python(look):
    page = look()
    drawn = random_angles(
        50, torch.Generator().manual_seed(7), Sampling(share=(0.5, 1.0)), dtype=torch.float64
    )
    keyed = at_random(1)
    for angles, turn in zip(drawn.angles, drawn.turn, strict=True):
        one = replace(keyed, angles=angles[None], turn=turn[None])
        found = page.tab.evaluate(
            "([pose, lengths]) => page.body.joints(pose, lengths)",
            [
                {"angles": angles.tolist(), "turn": turn.tolist(), "root": keyed.root[0].tolist()},
                keyed.lengths.tolist(),
            ],
        )
        assert_close(torch.tensor(found), motion_of(one).positions[0], atol=1e-5, rtol=0)


def test_what_the_page_shows_between_keyframes_is_what_python_writes(look):
    keyed = at_random(6, seed=5)
    motion = motion_of(keyed)
    page = look(Start(keyed))
    found = page.tab.evaluate(
        """([count, fps]) => Array.from({ length: count }, (_, frame) => page.body.joints(
               page.doc.between.at(page.doc.keys[0].time + frame / fps), page.doc.lengths))""",
        [len(motion), motion.fps],
    )
    assert_close(torch.tensor(found), motion.positions, atol=1e-5, rtol=0)


@pytest.mark.slow
def test_every_camera_sees_what_python_projects(look):
    start = from_recording(seen_walker(), [0])
    page = look(start)
    joints = motion_of(start.keyed).positions.double()
    for number, (_, camera) in enumerate(cameras_of(start)):
        exact: Camera = camera.map(lambda tensor: tensor.double())
        wanted = project(world_to_camera(joints[0], exact), exact)
        found = page.tab.evaluate(
            "([number, joints]) => seenBy(page.content.cameras[number], joints)"
            ".map((value) => Number.isNaN(value) ? null : value)",
            [number, joints[0].tolist()],
        )
        pixels = torch.tensor([torch.nan if each is None else each for each in found]).double()
        assert_close(pixels.reshape(17, 2), wanted, atol=1e-2, rtol=1e-5, equal_nan=True)
    assert number > 4 and page.tab.evaluate("page.content.cameras.length") == number + 1


def test_a_hand_that_is_pulled_comes_along_within_the_limits(look):
    page = look()
    before = page.joint("left wrist")
    x, y = page.screen("left wrist")
    page.drag("left wrist", 70, -90)
    assert page.screen("left wrist") == pytest.approx((x + 70, y - 90), abs=1.5)
    assert page.joint("left wrist")[2] > before[2] + 0.3
    keyed = page.keyed
    assert NARROW.contains(keyed.angles).all() and int((keyed.angles != 0).sum()) <= 4


REACHED = """([poses, joint, hold, trunk]) => poses.map((angles) => {
    const { body, doc } = page;
    const place = (pose) => body.joints(pose, doc.lengths)[page.figure.joints.indexOf(joint)];
    const hinges = followers(body, page.figure.joints.indexOf(joint), trunk).at(-1);
    const begun = { ...page.pose, angles: page.pose.angles.map(() => 0) };
    const aimed = { ...begun, angles: angles.map((angle, i) => (hinges.includes(i) ? angle : 0)) };
    reach(body, begun, doc.lengths, page.figure.joints.indexOf(joint), place(aimed),
          { trunk, limits: hold ? page.limits : null });
    return [norm(minus(place(begun), place(aimed))), ...begun.angles];
})"""


@pytest.mark.slow
@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize(
    ("joint", "trunk"),
    [("left wrist", False), ("left wrist", True), ("right elbow", False), ("right ankle", False),
     ("left knee", False), ("head", False), ("thorax", False), ("left shoulder", False)],
)  # fmt: skip
def test_what_can_be_reached_is_reached(joint, trunk, hold, look):
    rng = torch.Generator().manual_seed(2)
    ends = torch.tensor([NARROW.lower, NARROW.upper], dtype=torch.float64)
    poses = ends[0] + torch.rand(60, 33, generator=rng, dtype=torch.float64) * (ends[1] - ends[0])
    found = look().tab.evaluate(REACHED, [poses.tolist(), joint, hold, trunk])
    off, angles = torch.tensor(found).double().split([1, len(ANGLES)], dim=-1)
    assert float(off.median()) < 1e-5 and float(off.max()) < (0.01 if hold else 2e-5)
    assert not hold or float(NARROW.excess(angles).abs().max()) < 1e-6


@pytest.mark.slow
def test_pulling_the_pelvis_moves_all_and_the_feet_stay_if_asked(look):
    page = look()
    page.drag("pelvis", 0, 40)
    ankle = page.joint("left ankle")
    assert ankle[2] < -0.05 and page.angle("left_knee_flexion") == 0
    page.press("z")
    page.tab.get_by_label("Feet stay").check()
    ankle = page.joint("left ankle")
    page.drag("pelvis", 0, 40)
    assert page.joint("left ankle") == pytest.approx(ankle, abs=1e-3)
    assert page.angle("left_knee_flexion") < -20


@pytest.mark.slow
def test_what_the_hand_cannot_reach_the_trunk_brings_it_to(look):
    page = look()
    page.press("2")
    page.settle()
    page.tab.get_by_label("Trunk follows").check()
    wrist = page.screen("left wrist")
    page.drag("left wrist", 160, 110)
    assert abs(page.angle("pelvis_flexion")) > 5
    assert page.screen("left wrist") != pytest.approx(wrist, abs=50)


@pytest.mark.slow
def test_what_was_done_can_be_undone_and_done_again(look):
    page = look()
    assert page.tab.locator("#undo").is_disabled()
    page.drag("right wrist", -60, -60)
    bent = page.keyed.angles
    page.press("m", "z", "Control+z")
    assert float(page.keyed.angles.abs().max()) == 0
    page.press("y")
    assert_close(page.keyed.angles, bent)
    page.press("Control+Shift+z")
    assert page.angle("left_shoulder_flexion") == pytest.approx(
        float(bent[0, ANGLES.index("right_shoulder_flexion")].rad2deg())
    )
    page.settle()
    assert page.tab.locator("#redo").is_disabled()


def test_sliders_set_angles_and_their_limits_hold_until_they_are_let_go(look):
    page = look()
    page.tab.get_by_text("Right leg", exact=True).click()
    field = page.tab.get_by_label("Right leg: Knee flexion, degrees, as a number")
    field.fill("-60")
    field.press("Enter")
    assert page.angle("right_knee_flexion") == pytest.approx(-60)
    field.fill("40")
    field.press("Enter")
    assert page.angle("right_knee_flexion") == pytest.approx(0)
    assert field.input_value() == "0"
    page.tab.get_by_label("Hold the limits").uncheck()
    field.fill("40")
    field.press("Enter")
    page.settle()
    assert page.angle("right_knee_flexion") == pytest.approx(40)
    assert page.tab.locator("#beyond").inner_text() == "Beyond its limit: right knee flexion"
    assert page.tab.locator(".row.beyond .name").inner_text() == "Knee flexion"
    assert page.drawn("#body", "#c98200") > 200


@pytest.mark.slow
def test_wide_limits_let_go_farther(look):
    page = look(Start(of_angle("neck_twist", 120)))
    assert page.tab.locator("#beyond").is_visible()
    page.tab.get_by_label("Limits", exact=True).select_option("Wide limits")
    page.settle()
    assert not page.tab.locator("#beyond").is_visible()


@pytest.mark.slow
def test_arrow_keys_move_a_slider_by_degrees(look):
    page = look()
    page.tab.locator("summary", has_text="Head").click()
    page.settle()
    page.tab.get_by_label("Head: Neck twist, degrees", exact=True).focus()
    page.press("ArrowRight", "Shift+ArrowRight", "ArrowLeft")
    assert page.angle("neck_twist") == pytest.approx(10)
    page.press("z")
    assert page.angle("neck_twist") == pytest.approx(11)


@pytest.mark.slow
def test_bones_grow_on_both_sides_unless_told(look):
    page = look()
    page.tab.get_by_text("Bone lengths", exact=True).click()
    field = page.tab.get_by_label("Bone lengths: Left wrist, mm, as a number")
    field.fill("300")
    field.press("Enter")
    page.tab.get_by_label("Same bones left and right").uncheck()
    field.fill("310")
    field.press("Enter")
    found = page.keyed.lengths
    assert float(found[11]) == pytest.approx(0.31) and float(found[-1]) == pytest.approx(0.3)


def test_a_change_at_another_moment_becomes_a_keyframe_there(look):
    page = look()
    page.tab.locator("#time").evaluate(
        "(each) => { each.value = 1.017; each.dispatchEvent(new Event('input')); }"
    )
    page.settle()
    page.drag("left wrist", 30, -120)
    keyed = page.keyed
    assert keyed.times.tolist() == pytest.approx([0, 31 / 30])
    assert float(keyed.angles[0].abs().max()) == 0 < float(keyed.angles[1].abs().max())
    page.press(",")
    assert page.tab.evaluate("page.time") == 0
    page.press("Space")
    page.until("page.time > 0.3")
    page.press("Space", ".", "Delete")
    page.settle()
    assert len(page.keyed) == 1 and page.tab.locator("#count").inner_text() == "1 keyframe"


@pytest.mark.slow
def test_named_poses_stand_on_the_floor(look):
    page = look()
    page.tab.get_by_label("Poses", exact=True).select_option("Sitting")
    page.settle()
    assert page.angle("left_knee_flexion") == pytest.approx(-90)
    heights = page.tab.evaluate("page.joints.map(([, , z]) => z)")
    assert min(heights) == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_the_text_is_a_pose_file_and_another_one_is_taken_over(look):
    keyed = at_random(3)
    page = look()
    page.tab.get_by_role("button", name="As text").click()
    field = page.tab.get_by_label("The pose as JSON")
    assert_close(keyframes_of(json.loads(field.input_value())).lengths, LENGTHS)
    field.fill("{}")
    page.tab.get_by_text("Use this text").click()
    assert "This is no pose" in page.tab.locator("#text-problem").inner_text()
    field.fill(json.dumps(words_of(keyed)))
    page.tab.get_by_text("Use this text").click()
    found = page.keyed
    for part in ("times", "angles", "turn", "root", "lengths"):
        assert_close(getattr(found, part), getattr(keyed, part), atol=1e-9, rtol=0)


@pytest.mark.slow
def test_the_pose_is_copied_and_downloaded(look, tmp_path):
    page = look(Start(at_random(1)))
    page.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.press("c")
    page.until("document.getElementById('said').textContent === 'Copied as JSON.'")
    copied = keyframes_of(json.loads(page.tab.evaluate("navigator.clipboard.readText()")))
    assert_close(copied.angles, page.keyed.angles)
    page.tab.get_by_role("button", name="As text").click()
    with page.tab.expect_download() as found:
        page.tab.get_by_text("Download").click()
    found.value.save_as(tmp_path / "got.json")
    assert found.value.suggested_filename == "dancer.json"
    assert len(keyframes_of(json.loads((tmp_path / "got.json").read_text()))) == 1


@pytest.mark.slow
def test_a_clips_camera_shows_what_it_saw_and_another_one_the_body(look):
    page = look(from_recording(seen_walker(), [0]))
    seen = page.tab.evaluate("page.seen()")
    assert seen["reprojected"] is not None
    apart = torch.tensor(seen["keypoints"]) - torch.tensor(seen["reprojected"])
    assert float(apart.abs().max()) < 2
    page.tab.get_by_label("Camera", exact=True).select_option(
        f"Camera: Human3.6M {SUBJECT}, 54138969"
    )
    page.settle()
    assert page.tab.evaluate("page.seen().reprojected") is None
    assert page.drawn("#picture", "#2166ac") > 20


@pytest.mark.slow
def test_the_save_button_sends_pose_and_camera_and_says_what_came_of_it(look):
    start = Start(at_random(2))
    got: list[Any] = []

    def take(words: Any) -> dict[str, Any]:
        got.append(words)
        return {"files": ["a.bvh"], "notes": ["Mind the gap."]}

    with PoseServer(take) as server:
        saving = Saving([Path("a.bvh")], server.token)
        server.page = page_text(start, cameras_of(start), saving).encode()
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            page = look(start, url=server.address)
            page.tab.get_by_label("Camera", exact=True).select_option(index=2)
            page.tab.get_by_role("button", name="Save").click()
            page.until("document.getElementById('said').textContent.startsWith('Written')")
            said = page.tab.locator("#said").inner_text()
        finally:
            server.shutdown()
            thread.join()
    assert said == "Written: a.bvh. Mind the gap." and got[0]["camera"] == 1
    assert_close(keyframes_of(got[0]["pose"]).angles, start.keyed.angles)


@pytest.mark.slow
@pytest.mark.parametrize("close", [True, False])
def test_a_joint_is_pulled_in_the_cameras_picture_too(close, look):
    page = look(from_recording(seen_walker(), [0]))
    page.tab.get_by_label("Close-up").set_checked(close)
    page.settle()
    number = H36M_17.index("left_wrist")
    before = page.tab.evaluate("page.joints")
    pixel = f"seenBy(page.lens, [page.joints[{number}]])"
    x, y = page.tab.evaluate(
        f"""() => {{ const box = page.picture.canvas.getBoundingClientRect();
                    const [u, v] = {pixel};
                    const {{ left, top, scale }} = page.picture;
                    return [box.left + left + scale * u, box.top + top + scale * v]; }}"""
    )
    seen, scale = page.tab.evaluate(f"[{pixel}, page.picture.scale]")
    page.tab.mouse.move(x, y)
    page.tab.mouse.down()
    page.tab.mouse.move(x + 12, y - 9, steps=3)
    page.tab.mouse.up()
    page.settle()
    found = page.tab.evaluate(pixel)
    wanted = [seen[0] + 12 / scale, seen[1] - 9 / scale]
    assert found == pytest.approx(wanted, abs=1.0 / scale)
    after = page.tab.evaluate("page.joints")
    assert after[H36M_17.index("right_wrist")] == pytest.approx(
        before[H36M_17.index("right_wrist")]
    )
    page.press("z")
    assert page.tab.evaluate("page.doc.past.length") == 0


@pytest.mark.slow
def test_without_a_server_there_is_no_save_button(look):
    assert not look().tab.get_by_role("button", name="Save").is_visible()


@pytest.mark.parametrize(
    "size", [PHONE, *(pytest.param(size, marks=pytest.mark.slow) for size in (DESK, (700, 900)))]
)
def test_nothing_sticks_out_at_the_side(size, look):
    long = "a_name_without_any_blank_that_is_longer_than_a_phone_is_wide/" * 2
    page = look(Start(replace(at_random(2), name=long)), size=size)
    page.tab.evaluate(
        "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )
    page.settle()
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    stuck = """() => [...document.querySelectorAll("main *, header *")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && !each.closest("[hidden], svg") && box.right > innerWidth + 1;
    }).map((each) => each.id || each.className || each.tagName)"""
    assert page.tab.evaluate(stuck) == []


@pytest.mark.slow
def test_a_finger_pulls_a_hand_on_a_phone_and_turns_the_view_beside_it(look):
    page = look(size=PHONE)
    touch = page.tab.context.new_cdp_session(page.tab)

    def swipe(x: float, y: float, right: float, up: float) -> None:
        for kind, share in (
            ("touchStart", 0),
            ("touchMove", 0.5),
            ("touchMove", 1),
            ("touchEnd", None),
        ):
            points = [] if share is None else [{"x": x + share * right, "y": y - share * up}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.settle()

    azimuth = page.tab.evaluate("page.orbit.azimuth")
    before = page.joint("left wrist")
    swipe(*page.screen("left wrist"), 20, 80)
    assert page.joint("left wrist")[2] > before[2] + 0.2
    assert page.tab.evaluate("page.orbit.azimuth") == azimuth
    box = page.tab.locator("#body").bounding_box()
    swipe(40, box["y"] + box["height"] - 60, 80, 0)
    assert page.tab.evaluate("page.orbit.azimuth") > azimuth + 0.2


@pytest.mark.slow
def test_the_system_and_the_switch_say_whether_it_is_dark(look):
    page = look(scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert max(int(each) for each in page.tab.evaluate(ground).strip("rgb()").split(",")) < 60
    page.press("t")
    assert min(int(each) for each in page.tab.evaluate(ground).strip("rgb()").split(",")) > 200


@pytest.mark.slow
def test_every_button_field_and_picture_has_a_name(look):
    nameless = """() => [...document.querySelectorAll("button, input, select, canvas, textarea")]
        .filter((each) => !each.ariaLabel && !each.closest("label") && !each.textContent.trim())
        .map((each) => each.outerHTML)"""
    assert look().tab.evaluate(nameless) == []


@pytest.mark.slow
def test_a_name_is_no_markup(look):
    nasty = '<img src=x onerror="console.error(1)"></script><script>console.error(2)</script>'
    page = look(Start(replace(at_random(1), name=nasty)))
    assert (
        nasty == page.tab.locator("#subtitle").inner_text() and page.tab.locator("img").count() == 0
    )
