"use strict";

/** What each key does, in words and in deed. */
const KEYS = [
  ["space", [" "], "play or pause", (page) => page.player.toggle()],
  ["←", ["ArrowLeft"], "one frame back, ten with shift", (page, { shiftKey }) => page.player.step(shiftKey ? -10 : -1)],
  ["→", ["ArrowRight"], "one frame on, ten with shift", (page, { shiftKey }) => page.player.step(shiftKey ? 10 : 1)],
  ["↑", ["ArrowUp"], "faster", (page) => page.player.change(1)],
  ["↓", ["ArrowDown"], "slower", (page) => page.player.change(-1)],
  ["home", ["Home"], "to the beginning", (page) => page.player.goToFrame(0)],
  ["end", ["End"], "to the end", (page) => { page.player.pause(); page.player.goToFrame(Infinity); }],
  ["+", ["+", "="], "nearer", (page) => page.stage.orbit.zoom(0.88)],
  ["-", ["-", "_"], "farther", (page) => page.stage.orbit.zoom(1 / 0.88)],
  ["a", ["a"], "turn to the left", (page) => page.stage.orbit.turn(0.1, 0)],
  ["d", ["d"], "turn to the right", (page) => page.stage.orbit.turn(-0.1, 0)],
  ["w", ["w"], "look from higher up", (page) => page.stage.orbit.turn(0, 0.08)],
  ["s", ["s"], "look from lower down", (page) => page.stage.orbit.turn(0, -0.08)],
  ["1 to 4", ["1", "2", "3", "4"], "look from the camera, the side, the top, as at first",
    (page, { key }) => { const button = find("angles").children[key - 1]; if (button) button.click(); }],
  ["u", ["u"], "uncertainty: show or hide the regions of joints", () => flip("spread")],
  ["g", ["g"], "show or hide other hypotheses", () => flip("ghosts")],
  ["t", ["t"], "light or dark", (page) => page.setTheme(!isDark())],
  ["?", ["?"], "this list", () => find("keys").showModal()],
];

/** Let buttons, keys and the window act on the page. */
function listen(page) {
  const { player } = page;
  const press = (id, act) => find(id).addEventListener("click", act);
  press("play", () => player.toggle());
  press("back", () => player.step(-1));
  press("on", () => player.step(1));
  press("theme", () => page.setTheme(!isDark()));
  press("help", () => find("keys").showModal());
  find("time").addEventListener("input", (event) => player.goToFrame(Number(event.target.value)));
  find("speed").addEventListener("change", (event) => {
    player.speed = Number(event.target.value);
    event.target.blur();
  });
  find("closeup").addEventListener("change", (event) => page.set("closeUp", event.target.checked));
  listKeys(KEYS);
  window.addEventListener("keydown", (event) => onKey(KEYS, page, event));
  new ResizeObserver(() => page.refit()).observe(document.querySelector("main"));
  point(page);
}

/** Tell the name and the numbers of the joint under the mouse or a tapping finger. */
function point(page) {
  const tip = find("tip");
  const holder = find("views");
  if (!holder) return;
  const tell = (event) => {
    const scene = page.stage.scenes.find(({ canvas }) => canvas === event.target);
    const box = scene && scene.canvas.getBoundingClientRect();
    const found = scene && page.stage.pick(scene, event.clientX - box.left, event.clientY - box.top);
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = aboutJoint(found, page.recordings.length > 1);
    const stage = holder.getBoundingClientRect();
    const half = tip.offsetWidth / 2 + 6;
    const x = box.left - stage.left + found.point.x;
    tip.style.left = `${clamp(x, half, stage.width - half)}px`;
    tip.style.top = `${Math.max(found.point.y, 52)}px`;
  };
  holder.addEventListener("pointermove", (event) => { if (!event.buttons) tell(event); else tip.hidden = true; });
  holder.addEventListener("pointerdown", (event) => { if (event.pointerType !== "mouse") tell(event); });
  holder.addEventListener("pointerleave", () => { tip.hidden = true; });
}

function aboutJoint({ recording, frame, joint, points }, several) {
  const score = recording.scores ? `score ${recording.scores[frame * recording.count + joint].toFixed(2)}` : "";
  return [
    several ? `${recording.joints[joint]}, ${recording.label}` : recording.joints[joint],
    `height ${millimetres(points[3 * joint + 2])}`,
    score,
    recording.isObserved(frame, joint) ? "" : "filled in",
    plusMinus(recording.deviation(frame, joint)),
  ].filter(Boolean).join(" · ");
}
