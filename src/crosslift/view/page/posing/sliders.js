"use strict";

const WHOLE = [
  ["turn", 0, "Lean back (x)"], ["turn", 1, "Lean aside (y)"], ["turn", 2, "Heading (z)"],
  ["root", 0, "Place along x"], ["root", 1, "Place along y"], ["root", 2, "Height (z)"],
];
const ROOM = [[-3000, 3000], [-3000, 3000], [0, 2000]];
const LONGEST = 800;

/** A slider for every number of a pose, in groups that open and close. */
class Sliders {
  constructor(holder, page) {
    Object.assign(this, { holder, page, rows: [], groups: [] });
    const { body } = page;
    this.addGroup("Whole body", WHOLE.map(([part, axis, text]) => this.wholeRow(part, axis, text)));
    for (const [title, angles] of Object.entries(body.groups)) {
      this.addGroup(title, angles.map((angle) => this.angleRow(angle, title)));
    }
    this.addGroup("Bone lengths", body.boneNames.map((_, bone) => this.boneRow(bone)));
  }

  addGroup(title, rows) {
    const details = make("details", { open: title === "Whole body" });
    const summary = make("summary");
    const badge = make("span", { className: "badge" });
    summary.append(make("span", { textContent: title }), badge);
    details.append(summary, ...rows.map((row) => this.build(row, title)));
    details.addEventListener("toggle", () => this.page.ask());
    this.holder.append(details);
    this.groups.push({ details, badge, rows });
    this.rows.push(...rows);
  }

  angleRow(angle, title) {
    const { page } = this;
    return {
      text: angleText(page.body.angles[angle], title),
      unit: "degrees",
      value: () => degrees(page.pose.angles[angle]),
      take: (value) => page.edit((pose) => { pose.angles[angle] = page.held(angle, radians(value)); }),
      limits: () => [degrees(page.limits.lower[angle]), degrees(page.limits.upper[angle])],
      span: () => (page.options.hold ? null : [-180, 180]),
    };
  }

  wholeRow(part, axis, text) {
    const { page } = this;
    const [shown, kept] = part === "turn" ? [degrees, radians] : [(v) => 1000 * v, (v) => v / 1000];
    return {
      text,
      unit: part === "turn" ? "degrees" : "mm",
      value: () => shown(page.pose[part][axis]),
      take: (value) => page.edit((pose) => { pose[part][axis] = kept(value); }),
      span: () => (part === "turn" ? [-180, 180] : ROOM[axis]),
    };
  }

  boneRow(bone) {
    const { page } = this;
    return {
      text: capital(page.body.boneNames[bone].replace("_", " ")),
      unit: "mm",
      value: () => 1000 * page.doc.lengths[bone],
      take: (value) => page.stretch(bone, Math.max(value, 1) / 1000),
      span: () => [10, LONGEST],
    };
  }

  /** The elements of a row: its name, its slider, its number. */
  build(row, title) {
    const line = make("div", { className: "row" });
    const name = `${title}: ${row.text}, ${row.unit}`;
    const slider = make("input", { type: "range", step: "any", ariaLabel: name });
    const field = make("input", { type: "number", step: 1, ariaLabel: `${name}, as a number` });
    slider.addEventListener("input", () => row.take(Number(slider.value)));
    slider.addEventListener("change", () => this.page.commit());
    slider.addEventListener("keydown", (event) => nudge(event, row, this.page));
    field.addEventListener("change", () => {
      if (Number.isFinite(field.valueAsNumber)) row.take(field.valueAsNumber);
      this.page.commit();
      field.value = rounded(row); // what became of it, as limits may have changed it
    });
    line.append(make("span", { textContent: row.text, className: "name" }), slider, field);
    Object.assign(row, { line, slider, field });
    return line;
  }

  /** Bring all that can be seen up to date. */
  show() {
    for (const { details, badge, rows } of this.groups) {
      const beyond = rows.filter((row) => excessOf(row)).length;
      badge.textContent = beyond ? `${beyond} beyond` : "";
      if (details.open) rows.forEach(showRow);
    }
  }
}

/** By how much a row's number is beyond its limits. */
function excessOf({ limits, value }) {
  if (!limits) return 0;
  const [least, most] = limits();
  const over = value() - clamp(value(), least, most);
  return Math.abs(over) > 1e-4 ? over : 0;
}

function showRow(row) {
  const { line, slider, field } = row;
  const value = row.value();
  const limits = row.limits && row.limits();
  const [low, high] = row.span() || limits;
  const [least, most] = [Math.min(low, value), Math.max(high, value)];
  Object.assign(slider, { min: least, max: most, value, disabled: least === most });
  const share = (number) => `${most > least ? 100 * (number - least) / (most - least) : 0}%`;
  const [from, to] = limits || [low, high];
  const edges = { "--filled": share(value), "--from": share(Math.max(from, least)), "--to": share(Math.min(to, most)) };
  Object.entries(edges).forEach(([name, edge]) => slider.style.setProperty(name, edge));
  slider.setAttribute("aria-valuetext", `${Math.round(value)} ${row.unit}`);
  line.classList.toggle("beyond", Boolean(excessOf(row)));
  line.title = limits ? `${Math.round(from)}° to ${Math.round(to)}°` : "";
  if (document.activeElement !== field) field.value = rounded(row);
  field.disabled = slider.disabled;
}

/** A row's number as its field shows it: degrees to a tenth, millimetres whole. */
const rounded = ({ value, unit }) => +value().toFixed(unit === "degrees" ? 1 : 0) || 0;

/** Arrow keys move a slider by one, with shift by ten. */
function nudge(event, row, page) {
  const sense = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
  if (!sense || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  row.take(row.value() + sense * (event.shiftKey ? 10 : 1));
  page.commit();
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** What an angle is called within its group. */
function angleText(name, title) {
  const side = title.split(" ")[0].toLowerCase();
  return capital(name.replace(new RegExp(`^${side}_`), "").replaceAll("_", " "));
}
