"""The page in Chromium, without a network."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from crosslift.clip import Clip, unlabelled
from crosslift.view import Picture, Shown, write_page
from crosslift.view.regions import regions_of
from crosslift.view.shown import PALETTES
from crosslift.view.upright import upright

from ..people import seen_walker, walker
from .test_film import jpeg
from .test_regions import doubtful

playwright = pytest.importorskip("playwright.sync_api", reason="pages are tested with playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="pages are tested in Chromium")
OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 20.0
"""Seconds after which something will not happen any more."""
DESK, PHONE = (1280, 800), (360, 740)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield chromium
        chromium.close()


@dataclass
class Seen:
    """A page that is open, and what went wrong in it."""

    tab: Any
    wrong: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def frame(self) -> int:
        return int(self.tab.locator("#time").input_value())

    def drawn(self, selector: str, colour: str) -> int:
        """How many pixels of a canvas have nearly that colour."""
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        return self.tab.evaluate(
            """async ([selector, wanted]) => {
                const painted = () => new Promise((done) => requestAnimationFrame(done));
                await painted();
                await painted();
                const canvas = document.querySelector(selector);
                const { width, height } = canvas;
                const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
                let count = 0;
                for (let i = 0; i < data.length; i += 4) {
                    count += data[i + 3] > 200
                        && wanted.every((value, k) => Math.abs(value - data[i + k]) < 14);
                }
                return count;
            }""",
            [selector, wanted],
        )

    def until(self, expression: str) -> None:
        """Wait for an expression to be true; asked from outside, as the page allows no `eval`."""
        end = time.monotonic() + PATIENCE
        while not self.tab.evaluate(expression):
            assert time.monotonic() < end, f"waited in vain for {expression}"
            self.tab.wait_for_timeout(15)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tab.keyboard.press(key)


@pytest.fixture
def look(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Seen]]:
    """Opens a page of the given recordings; at the end nothing may have gone wrong in any."""
    seen: list[Seen] = []

    def open_page(
        *shown: Shown, size: tuple[int, int] = DESK, scheme: str = "light", **words: Any
    ) -> Seen:
        path = tmp_path / f"{len(seen)}.html"
        write_page(path, shown, **words)
        width, height = size
        tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme,
                               has_touch=width < 500)  # fmt: skip
        page = Seen(tab)
        tab.on("console", lambda each: each.type == "error" and page.wrong.append(each.text))
        tab.on("pageerror", lambda problem: page.wrong.append(str(problem)))
        tab.on("request", lambda request: page.asked.append(request.url))
        tab.goto(path.as_uri())
        seen.append(page)
        return page

    yield open_page
    for page in seen:
        assert page.wrong == []
        assert [url[:40] for url in page.asked if not url.startswith(("file:", "data:"))] == []
        page.tab.close()


def estimate(clip: Clip, metres: float = 0.03) -> Clip:
    """The clip a little off, with other hypotheses and some joints filled in."""
    off = torch.randn(3, 1, 17, 3, generator=torch.Generator().manual_seed(0))
    seen = clip.observed.clone()
    seen[:, 3] = False
    return replace(clip, poses=clip.poses + metres * off, observed=seen)


def test_both_sides_of_the_body_and_the_keypoints_are_drawn(look):
    page = look(Shown(seen_walker()))
    for side in (PALETTES[0].left, PALETTES[0].right):
        assert page.drawn(".view canvas", side) > 100
        assert page.drawn("#picture", side) > 20
    assert page.tab.title() == page.tab.locator("h1").inner_text() == seen_walker().name


def test_it_plays_over_the_end_and_pauses(look):
    page = look(Shown(seen_walker(0.5)))
    page.tab.locator("#play").click()
    page.until("document.getElementById('play').ariaLabel === 'Pause'")
    page.until("document.getElementById('time').value > 10")
    page.until("document.getElementById('time').value < 5")
    page.press("Space")
    page.until("document.getElementById('play').ariaLabel === 'Play'")
    assert page.tab.evaluate("page.player.playing") is False


@pytest.mark.slow
def test_keys_step_jump_and_change_the_speed(look):
    page = look(Shown(seen_walker()))
    page.press("ArrowRight", "ArrowRight", "ArrowLeft", "Shift+ArrowRight")
    page.until("document.getElementById('time').value == 11")
    page.press("End")
    page.until("document.getElementById('time').value == 59")
    page.press("Home", "ArrowUp")
    page.until("document.getElementById('time').value == 0")
    assert page.tab.locator("#speed").input_value() == "2"
    page.press("?")
    assert page.tab.locator("dialog").is_visible()
    page.press("Escape")
    assert not page.tab.locator("dialog").is_visible()


@pytest.mark.slow
def test_mouse_wheel_and_keys_turn_and_zoom(look):
    page = look(Shown(seen_walker()))
    orbit = "[page.stage.orbit.azimuth, page.stage.orbit.elevation, page.stage.orbit.distance]"
    first = page.tab.evaluate(orbit)
    page.tab.mouse.move(300, 250)
    page.tab.mouse.down()
    page.tab.mouse.move(400, 300, steps=3)
    page.tab.mouse.up()
    turned = page.tab.evaluate(orbit)
    assert turned[0] - first[0] == pytest.approx(0.8, abs=0.05) and turned[1] > first[1]
    page.tab.mouse.wheel(0, -100)
    page.until(f"page.stage.orbit.distance < {turned[2]}")
    page.press("-", "-")
    assert page.tab.evaluate(orbit)[2] > turned[2]
    page.tab.get_by_role("button", name="Reset").click()
    assert page.tab.evaluate(orbit) == pytest.approx(first)


@pytest.mark.slow
def test_pressing_on_a_curve_and_the_slider_go_to_that_moment(look):
    page = look(Shown(seen_walker()))
    box = page.tab.locator(".field").first.bounding_box()
    page.tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    page.until("Math.abs(document.getElementById('time').value - 29.5) <= 1")
    page.tab.locator("#time").fill("45")
    page.until("document.getElementById('frame').textContent === 'frame 45'")
    cursor = page.tab.locator(".cursor").first.evaluate("(each) => parseFloat(each.style.left)")
    assert cursor == pytest.approx(100 * 45 / 59, abs=0.1)


@pytest.mark.parametrize("size", [DESK, PHONE, (700, 900)])
def test_nothing_sticks_out_at_the_side(size, look):
    clip = seen_walker()
    long = "a_name_without_any_blank_that_is_longer_than_a_phone_is_wide/" * 2
    shown = [Shown(estimate(clip), long), Shown(clip, "truth", truth=True)]
    page = look(*shown, size=size, title=long, facts={"Source": long}, warnings=[long])
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    stuck = """() => [...document.querySelectorAll("main *, header *")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && !each.closest("[hidden], svg") && box.right > innerWidth + 1;
    }).map((each) => each.id || each.className || each.tagName)"""
    assert page.tab.evaluate(stuck) == []


@pytest.mark.slow
def test_a_finger_turns_the_body_on_a_phone(look):
    page = look(Shown(seen_walker()), size=PHONE)
    before = page.tab.evaluate("page.stage.orbit.azimuth")
    box = page.tab.locator(".view canvas").bounding_box()
    touch = page.tab.context.new_cdp_session(page.tab)
    for kind, x in (
        ("touchStart", 100),
        ("touchMove", 140),
        ("touchMove", 180),
        ("touchEnd", None),
    ):
        points = [] if x is None else [{"x": x, "y": box["y"] + 150}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.until(f"page.stage.orbit.azimuth > {before} + 0.2")


@pytest.mark.slow
def test_the_system_and_the_switch_say_whether_it_is_dark(look):
    page = look(Shown(seen_walker()), scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.tab.evaluate(ground)
    assert max(int(each) for each in dark.strip("rgb()").split(",")) < 60
    page.press("t")
    light = page.tab.evaluate(ground)
    assert min(int(each) for each in light.strip("rgb()").split(",")) > 200
    page.tab.locator("#theme").click()
    assert page.tab.evaluate(ground) == dark


def test_recordings_are_compared_in_one_view_or_beside_each_other(look):
    clip = seen_walker()
    before, after = Shown(estimate(clip, 0.1), "before"), Shown(estimate(clip), "after")
    page = look(before, after, Shown(clip, "truth", truth=True))
    assert page.tab.locator(".view canvas").count() == 1
    assert page.drawn(".view canvas", PALETTES[1].left) > 50
    page.tab.get_by_label("One view for all").uncheck()
    assert page.tab.locator(".view canvas").count() == 3
    page.tab.get_by_role("checkbox", name="before").uncheck()
    assert page.tab.locator(".view figcaption").all_inner_texts() == ["after", "truth"]
    assert page.tab.locator(".plot b").first.inner_text() == "Distance to the truth"


@pytest.mark.slow
def test_pelvises_lie_on_each_other_only_where_that_is_asked(look):
    clip = seen_walker()
    away = replace(clip, poses=clip.poses + torch.tensor([0.5, 0, 0]))
    page = look(Shown(clip, "a"), Shown(away, "b"))
    gap = """() => { const [a, b] = page.stage.scenes[0].bodies.map((each) => each.points);
                     return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]); }"""
    assert page.tab.evaluate(gap) < 1e-3
    page.tab.get_by_label("Pelvis on pelvis").uncheck()
    page.until(f"({gap})() > 0.4")
    assert page.tab.evaluate(gap) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.slow
def test_other_hypotheses_and_their_ellipsoids_can_be_left_out(look):
    page = look(Shown(estimate(seen_walker())))
    count = "page.stage.scenes[0].bodies.length"
    assert page.tab.evaluate(count) == 3
    page.tab.get_by_label("Uncertainty").uncheck()
    page.tab.get_by_label("Other hypotheses").uncheck()
    page.until(f"{count} === 1")
    assert page.tab.evaluate("page.stage.scenes[0].bodies[0].covariances") is None


@pytest.mark.slow
def test_the_covariance_of_hypotheses_is_the_one_that_torch_finds(look):
    clip = estimate(seen_walker())
    page = look(Shown(clip))
    wanted = torch.cov(page_poses(page, hypotheses=3)[:, 5].T)
    found = page.tab.evaluate("page.stage.scenes[0].bodies[0].covariances[5]")
    upper = [float(wanted[a, b]) for a in range(3) for b in range(a, 3)]
    assert found == pytest.approx(upper, rel=1e-3, abs=1e-8)


def page_poses(page: Seen, hypotheses: int) -> torch.Tensor:
    """The joints that the script reads at frame 0."""
    poses = [page.tab.evaluate(f"[...page.recordings[0].pose(0, {k})]") for k in range(hypotheses)]
    return torch.tensor(poses, dtype=torch.float64).reshape(hypotheses, -1, 3)


@pytest.mark.slow
def test_a_joint_says_its_name_and_that_it_was_filled_in(look):
    page = look(Shown(estimate(seen_walker())))
    place = page.tab.evaluate(
        """() => { const scene = page.stage.scenes[0]; const point = scene.seen[0][3];
                   const box = scene.canvas.getBoundingClientRect();
                   return [box.left + point.x, box.top + point.y]; }"""
    )
    page.tab.mouse.move(*place)
    tip = page.tab.locator("#tip")
    tip.wait_for(state="visible")
    assert "right ankle" in tip.inner_text() and "filled in" in tip.inner_text()
    page.tab.locator("summary").click()
    page.until("document.querySelectorAll('#joints td')[3].textContent !== ''")
    assert page.tab.locator("#joints tr").count() == 18
    assert "filled in" in page.tab.locator("#joints tr").nth(4).inner_text()


@pytest.mark.slow
def test_the_frame_of_the_video_at_that_moment_is_shown(look):
    pictures = [Picture(0.0, jpeg((20, 200, 60))), Picture(1.0, jpeg((220, 200, 30)))]
    page = look(Shown(seen_walker(), pictures=pictures))
    page.until("page.recordings[0].images.every(({ image }) => image.complete)")
    assert page.drawn("#picture", "#14c83c") > 1000
    page.press("End")
    assert page.drawn("#picture", "#dcc81e") > 1000 and page.drawn("#picture", "#14c83c") == 0


@pytest.mark.slow
def test_recordings_of_other_lengths_keep_their_last_frame(look):
    page = look(Shown(seen_walker(1.0), "short"), Shown(replace(walker(2.0), name="other"), "long"))
    page.press("End")
    frames = "page.stage.scenes.map((each) => each.bodies[0].frame)"
    page.until("document.getElementById('time').value == 59")
    page.tab.evaluate("new Promise((done) => requestAnimationFrame(done))")
    assert page.tab.evaluate(frames) == [29, 59]


@pytest.mark.slow
def test_keypoints_alone_motions_unknown_poses_and_nothing_at_all_have_pages(look):
    clip = seen_walker()
    bare = unlabelled(clip)
    empty = replace(bare, keypoints=clip.keypoints[:0], scores=clip.scores[:0],
                    observed=clip.observed[:0])  # fmt: skip
    lost = replace(clip, poses=torch.full_like(clip.poses, torch.nan))
    texts = [look(Shown(each)).tab.locator("main").inner_text() for each in (bare, empty)]
    assert "lift them to see them in space" in texts[0] and "Nobody was found" in texts[1]
    for each in (walker(), lost):
        page = look(Shown(each))
        page.press("Space", "ArrowRight", "1", "3", "+", "t")


def test_no_name_is_taken_for_markup(look):
    nasty = '<img src=x onerror="console.error(1)"></script><script>console.error(2)</script>'
    clip = replace(seen_walker(), name=nasty)
    page = look(Shown(clip, nasty), Shown(clip, nasty, truth=True), title=nasty,
                facts={nasty: nasty}, warnings=[nasty])  # fmt: skip
    assert page.tab.locator("h1").inner_text() == nasty
    assert page.tab.locator("img").count() == 0


@pytest.mark.slow
def test_ten_thousand_frames_play_and_scrub(look):
    clip = seen_walker(1.0)
    many = 10_000 // len(clip) + 1
    long = replace(
        clip,
        keypoints=clip.keypoints.repeat(many, 1, 1)[:10_000],
        scores=clip.scores.repeat(many, 1)[:10_000],
        observed=clip.observed.repeat(many, 1)[:10_000],
        poses=clip.poses.repeat(1, many, 1, 1)[:, :10_000],
    )
    page = look(Shown(long))
    page.tab.locator("#time").fill("7000")
    page.press("Space")
    page.until("document.getElementById('time').value > 7003")
    assert page.frame > 7003


@pytest.mark.slow
def test_every_button_field_and_picture_has_a_name(look):
    clip = seen_walker()
    page = look(Shown(clip, "a"), Shown(clip, "truth", truth=True))
    nameless = """() => [...document.querySelectorAll("button, input, select, canvas")]
        .filter((each) => !each.ariaLabel && !each.closest("label") && !each.textContent.trim())
        .map((each) => each.outerHTML)"""
    assert page.tab.evaluate(nameless) == []


@pytest.mark.slow
def test_the_regions_of_joints_are_those_of_the_clip(look):
    clip = doubtful()
    page = look(Shown(clip))
    wanted = regions_of(clip, upright(clip))
    found = page.tab.evaluate("page.stage.scenes[0].bodies[0].covariances[13]")
    upper = [float(wanted.covariance[0, 13, a, b]) for a in range(3) for b in range(a, 3)]
    assert found == pytest.approx(upper, rel=1e-2, abs=1e-6)
    assert page.tab.evaluate("page.recordings[0].radii(13)") == [1.5, 3.0]
    rms = page.tab.evaluate("page.recordings[0].deviation(0, 13)")
    assert rms == pytest.approx(float(clip.spread[0, 13]), rel=1e-3)


def test_the_key_says_what_regions_mean_and_keys_hide_them(look):
    page = look(Shown(doubtful()))
    key = page.tab.locator("#sure")
    assert "as measured" in key.inner_text() and "other hypotheses" in key.inner_text()
    shown = "page.stage.scenes[0].bodies"
    page.press("u")
    page.until(f"{shown}[0].covariances === null")
    assert key.inner_text().strip() == "other hypotheses"
    page.press("g")
    page.until(f"{shown}.length === 1")
    assert not key.is_visible()
    page.press("g", "u")
    page.until(f"{shown}.length === 6")
    plain = look(Shown(doubtful(calibrated=False)))
    assert "not calibrated" in plain.tab.locator("#sure").inner_text()


@pytest.mark.slow
def test_an_ellipse_is_as_large_as_its_region(look):
    """The widest outline about the head, drawn alone, seen along the camera's axis."""
    page = look(Shown(doubtful()))
    wide, sizes = page.tab.evaluate(
        """() => {
            const scene = page.stage.scenes[0];
            const sizes = [];
            const brush = { ellipse: (x, y, long, short) => sizes.push([long, short]),
              beginPath() {}, fill() {}, stroke() {} };
            const flat = { x: 0, y: 0, scale: 100 };
            const shown = Object.assign(Object.create(Object.getPrototypeOf(scene)),
              { brush, orbit: { right: [1, 0, 0], up: [0, 0, 1] } });
            const shape = [0.04, 0, 0, 1, 0, 0.01];
            shown.drawRegions(flat, shape, [1.5, 3], { fill: "#000000", alpha: 1 });
            return [scene.width, sizes];
        }"""
    )
    assert wide > 100 and sizes == [
        pytest.approx([3 * 20, 3 * 10]), pytest.approx([1.5 * 20, 1.5 * 10])
    ]  # fmt: skip


def test_captions_take_the_place_of_the_frame_s_number(look):
    clip = seen_walker(0.1)
    page = look(Shown(clip, captions=("noise", "step 1 of 2", "step 2 of 2")))
    page.press("End")
    page.until("document.getElementById('frame').textContent === 'step 2 of 2'")
