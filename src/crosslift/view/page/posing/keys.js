"use strict";

/** What each key does, in words and in deed. */
const KEYS = [
  ["space", [" "], "play or pause", (page) => page.timeline.toggle()],
  [",", [","], "to the keyframe before", (page) => page.timeline.jump(-1)],
  [".", ["."], "to the next keyframe", (page) => page.timeline.jump(1)],
  ["k", ["k"], "make the shown pose a keyframe", (page) => page.timeline.add()],
  ["delete", ["Delete"], "take this keyframe away", (page) => page.timeline.remove()],
  ["z", ["z"], "undo", (page) => page.undo()],
  ["y", ["y"], "redo", (page) => page.redo()],
  ["m", ["m"], "mirror, left for right", (page) => page.mirror()],
  ["f", ["f"], "to the floor", (page) => page.toFloor()],
  ["c", ["c"], "copy as JSON", (page) => copy(page)],
  ["+", ["+", "="], "nearer", (page) => page.orbit.zoom(0.88)],
  ["-", ["-", "_"], "farther", (page) => page.orbit.zoom(1 / 0.88)],
  ["a", ["a"], "turn to the left", (page) => page.orbit.turn(0.1, 0)],
  ["d", ["d"], "turn to the right", (page) => page.orbit.turn(-0.1, 0)],
  ["w", ["w"], "look from higher up", (page) => page.orbit.turn(0, 0.08)],
  ["s", ["s"], "look from lower down", (page) => page.orbit.turn(0, -0.08)],
  ["1 to 5", ["1", "2", "3", "4", "5"], "look from the front, the side, the top, the camera, as at first",
    (page, { key }) => find("angles").children[key - 1].click()],
  ["t", ["t"], "light or dark", (page) => page.setTheme(!isDark())],
  ["?", ["?"], "this list", () => find("keys").showModal()],
];

/** Let buttons, keys and the window act on the page. */
function listen(page) {
  const press = (id, act) => find(id).addEventListener("click", act);
  press("undo", () => page.undo());
  press("redo", () => page.redo());
  press("copy", () => copy(page));
  press("as-text", () => showText(page));
  press("save", () => save(page));
  press("theme", () => page.setTheme(!isDark()));
  press("help", () => find("keys").showModal());
  press("mirror", () => page.mirror());
  press("floor", () => page.toFloor());
  press("use-text", () => useText(page));
  press("copy-text", () => copy(page));
  press("download", () => download(page));
  listKeys(KEYS);
  window.addEventListener("keydown", (event) => onPoseKey(page, event));
  new ResizeObserver(() => page.refit()).observe(document.querySelector("main"));
}

function onPoseKey(page, event) {
  if (find("text").open || /^(TEXTAREA)$/.test(event.target.tagName) || event.target.type === "number") return;
  if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) {
    event.preventDefault();
    const again = event.key.toLowerCase() === "y" || event.shiftKey;
    if (again) page.redo(); else page.undo();
    return;
  }
  onKey(KEYS, page, event);
}
