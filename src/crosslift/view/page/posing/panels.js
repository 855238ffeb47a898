"use strict";

const SWITCHES = {
  hold: "Hold the limits",
  trunk: "Trunk follows the arms and the head",
  feet: "Feet stay when the pelvis moves",
  even: "Same bones left and right",
};

/** Fill what stays the same for as long as the page is open. */
function fillPage(page) {
  const { content } = page;
  find("subtitle").textContent = content.subtitle;
  fillChoice("preset", ["Take a pose ...", ...Object.keys(content.presets)], (index, name) => {
    if (index) page.takePreset(name);
    find("preset").selectedIndex = 0;
  });
  const limits = Object.entries(page.body.limits);
  fillChoice("limits", limits.map(([name, { words }]) => words), (index) => page.set("limits", limits[index][0]));
  fillChoice("camera", ["No camera", ...content.cameras.map(({ label }) => `Camera: ${label}`)],
    (index) => page.lookThrough(index ? index - 1 : null));
  find("closeup").checked = page.options.closeUp;
  find("closeup").addEventListener("change", (event) => {
    page.options.closeUp = event.target.checked;
    page.refit();
  });
  find("camera").selectedIndex = page.camera === null ? 0 : page.camera + 1;
  for (const [option, text] of Object.entries(SWITCHES)) {
    const label = make("label", { className: "switch" });
    const box = make("input", { type: "checkbox", checked: page.options[option] });
    box.addEventListener("change", () => page.set(option, box.checked));
    label.append(box, text);
    find("switches").append(label);
  }
  fillLooks(page);
  find("save").hidden = !content.save;
  if (content.save) find("save").title = `Write ${content.save.files.join(", ")}`;
}

function fillChoice(id, texts, take) {
  const choice = find(id);
  choice.append(...texts.map((textContent, value) => make("option", { value, textContent })));
  choice.addEventListener("change", () => {
    take(choice.selectedIndex, texts[choice.selectedIndex]);
    choice.blur();
  });
}

/** Buttons to look from; each brings the body to the middle. */
function fillLooks(page) {
  const azimuth = page.facing();
  offerLooks(find("angles"), page.orbit, {
    Front: { azimuth, elevation: 0.02 },
    Side: { azimuth: azimuth - Math.PI / 2, elevation: 0.02 },
    Top: { azimuth, elevation: STEEPEST },
  });
  const through = make("button", { type: "button", textContent: "Camera", title: "Key 4" });
  through.addEventListener("click", () => {
    if (page.camera === null) { say("Choose a camera first."); return; }
    Object.assign(page.orbit, lookOfCamera(page.lens));
    page.orbit.update();
  });
  const again = make("button", { type: "button", textContent: "Reset", title: "Key 5" });
  again.addEventListener("click", () => page.orbit.reset());
  find("angles").append(through, again);
  find("angles").addEventListener("click", () => page.aim());
}

/** What changes with every edit beside the pictures. */
function showState(page) {
  const { doc, beyond, body } = page;
  find("undo").disabled = !doc.past.length;
  find("redo").disabled = !doc.future.length;
  find("beyond").hidden = !beyond.length;
  find("beyond").textContent = beyond.length
    ? `Beyond its limit: ${beyond.map((angle) => body.angles[angle].replaceAll("_", " ")).join(", ")}` : "";
  find("behind").hidden = page.camera === null
    || page.seen().keypoints.some((value) => !Number.isNaN(value));
}
