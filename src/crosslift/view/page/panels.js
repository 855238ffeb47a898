"use strict";

const PLAY = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M6 3.5v13l10.5-6.5z"/></svg>';
const PAUSE = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 4h3.4v12H5zM11.6 4H15v12h-3.4z"/></svg>';

const SWITCHES = {
  overlay: ["One view for all", (page) => page.posed.length > 1],
  aligned: ["Pelvis on pelvis", (page) => page.posed.length > 1],
  follow: ["Follow the person", (page) => page.posed.length > 0],
  trail: ["Way on the floor", (page) => page.posed.length > 0],
  ghosts: ["Other hypotheses", (page) => page.posed.some((each) => each.hypotheses > 1)],
  spread: ["Uncertainty (50 and 90 %)", (page) => page.posed.some((each) => each.hasDoubt)],
};

/** Fill what stays the same for as long as the page is open. */
function fillPage(page) {
  const { content, recordings, main, posed, looked } = page;
  find("title").textContent = content.title;
  find("subtitle").textContent = subtitleOf(main);
  for (const text of content.warnings) {
    find("warnings").append(make("p", { textContent: text }));
  }
  find("seen").hidden = !looked;
  find("again").hidden = !recordings.some((each) => each.reprojected);
  find("time").max = Math.max(main.frames - 1, 0);
  find("speed").append(...SPEEDS.map((speed) => make("option", { value: speed, textContent: `${speed}×` })));
  find("picture").setAttribute("aria-label", "Keypoints as the camera sees them");
  find("closeup").checked = page.options.closeUp;
  fillStage(page);
  fillLegend(page);
  fillSwitches(page);
  for (const [name, value] of Object.entries(factsOf(page))) {
    find("facts").append(make("dt", { textContent: name }), make("dd", { textContent: value }));
  }
  fillJoints(page);
  if (!posed.length) find("views").replaceWith(make("p", { className: "empty", textContent: emptyText(main) }));
}

const emptyText = ({ frames }) => (frames ? "These are keypoints without poses; lift them to see them in space."
  : "Nobody was found, so there is nothing to show.");

function subtitleOf({ frames, fps, count, times }) {
  const seconds = frames ? times[frames - 1] - times[0] + 1 / fps : 0;
  return `${frames.toLocaleString("en")} frames · ${+fps.toFixed(2)} a second · ${clockText(seconds)} · ${count} joints`;
}

/** The caller's table, after what every recording has. */
function factsOf({ content, main }) {
  const floor = main.hypotheses && !main.placed ? { Floor: "laid under the feet; the camera is taken to be level" } : {};
  return { ...content.facts, ...floor };
}

function fillStage({ posed, stage }) {
  const main = posed[0];
  find("hint").textContent = main ? "Tiles of 0.5 m · drag to turn, scroll or pinch to zoom" : "";
  find("angles").hidden = !main;
  if (!main) return;
  const first = main.keypoints ? "Camera" : "Front";
  const looks = {
    [first]: { azimuth: main.azimuth, elevation: 0.02 },
    Side: { azimuth: main.azimuth - Math.PI / 2, elevation: 0.02 },
    Top: { azimuth: main.azimuth, elevation: STEEPEST },
    Reset: null,
  };
  offerLooks(find("angles"), stage.orbit, looks);
}

/** A row for each recording: its colours, and whether it is shown. */
function fillLegend(page) {
  const { recordings } = page;
  for (const each of recordings) {
    const row = make("label", { className: "legend-row" });
    const box = make("input", { type: "checkbox", checked: true, hidden: recordings.length < 2 });
    box.addEventListener("change", () => {
      each.shown = box.checked;
      page.layOut();
    });
    each.swatch = make("span", { className: "swatch", title: "left and right of the body" });
    each.swatch.setAttribute("aria-hidden", "true");
    each.swatch.append(...["L", "R"].map((textContent) => make("i", { textContent })));
    row.append(box, each.swatch, make("span", { textContent: each.label }));
    find("legend").append(row);
  }
}

function paintLegend({ recordings }) {
  for (const { swatch, tones } of recordings) {
    const [left, right] = swatch.children;
    left.style.background = tones.left;
    right.style.background = tones.right;
  }
}

function fillSwitches(page) {
  for (const [option, [text, applies]] of Object.entries(SWITCHES)) {
    if (!applies(page)) continue;
    const label = make("label", { className: "switch" });
    const box = make("input", { type: "checkbox", checked: page.options[option] });
    box.dataset.option = option;
    box.addEventListener("change", () => page.set(option, box.checked));
    label.append(box, text);
    find("switches").append(label);
  }
  showSure(page);
}

/** Turn a switch as if it had been pressed, if the page has it. */
function flip(option) {
  const box = find("switches").querySelector(`[data-option="${option}"]`);
  if (box) box.click();
}

/** The key to what tells how sure the poses are, as far as it is shown. */
function showSure({ posed, options }) {
  const doubtful = posed.filter((each) => each.hasDoubt);
  const measured = doubtful.every((each) => each.regions && each.regions.measured);
  find("sure").hidden = !options.spread && !options.ghosts;
  find("regions").hidden = !options.spread;
  find("regions-text").textContent = measured
    ? "hold the joint in 50 and 90 % of the frames, as measured"
    : "would hold the joint in 50 and 90 % if errors were normal; not calibrated";
  find("others").hidden = !options.ghosts;
}

/** A row for each joint of the recording that is looked at; the numbers follow the moment. */
function fillJoints(page) {
  const subject = page.looked || page.posed[0];
  const table = find("joints").querySelector("table");
  find("joints").hidden = !subject;
  if (!subject) return;
  const head = make("tr");
  const spread = subject.hasDoubt ? "uncertainty" : "";
  const height = subject.hypotheses ? "height" : "";
  const headings = ["joint", subject.scores ? "score" : "", height, spread];
  headings.forEach((textContent) => head.append(make("th", { scope: "col", textContent })));
  table.append(head);
  page.jointRows = subject.joints.map((joint) => {
    const row = make("tr");
    const cells = headings.map((_, i) => make(i ? "td" : "th", i ? {} : { scope: "row", textContent: joint }));
    row.append(...cells);
    table.append(row);
    return cells;
  });
  page.subject = subject;
  find("joints").addEventListener("toggle", () => page.ask());
}

function showJoints({ jointRows, subject, player }) {
  if (!jointRows || !find("joints").open) return;
  const frame = subject.frameAt(player.time);
  const pose = subject.hypotheses ? subject.pose(frame) : null;
  jointRows.forEach(([, score, height, spread], joint) => {
    if (subject.scores) {
      const filled = subject.isObserved(frame, joint) ? "" : " filled in";
      score.textContent = subject.scores[frame * subject.count + joint].toFixed(2) + filled;
    }
    height.textContent = pose ? millimetres(pose[3 * joint + 2]) : "";
    spread.textContent = pose ? plusMinus(subject.deviation(frame, joint)) : "";
  });
}

const plusMinus = (metres) => (Number.isNaN(metres) ? "" : `± ${Math.round(1000 * metres)} mm`);

function showTime({ player, main }) {
  const { frame, time, start, end, playing, speed } = player;
  const slider = find("time");
  slider.value = frame;
  const share = main.frames > 1 ? 100 * frame / (main.frames - 1) : 0;
  slider.style.setProperty("--filled", `${share}%`);
  slider.setAttribute("aria-valuetext", `frame ${frame + 1} of ${main.frames}, ${(time - start).toFixed(2)} seconds`);
  find("clock").textContent = main.frames
    ? `${clockText(main.times[frame] - start)} / ${clockText(end - start)}` : "no frames";
  find("frame").textContent = !main.frames ? "" : main.captions ? main.captions[frame] : `frame ${frame}`;
  find("speed").value = speed;
  const button = find("play");
  if (button.dataset.playing !== String(playing)) {
    button.dataset.playing = playing;
    button.innerHTML = playing ? PAUSE : PLAY;
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
}
