"use strict";

const MOST_CHANGES = 300;

/** What is edited: one body and its keyframes, and how it was before each change. */
class PoseDocument {
  constructor(words, body, format) {
    Object.assign(this, { body, format });
    this.past = [];
    this.future = [];
    this.take(words);
    this.kept = this.text();
  }

  /** Begin with plain data as `words` gives them; says in a sentence what is wrong with them. */
  take(words) {
    const found = read(words, this.body, this.format);
    Object.assign(this, found);
    this.renew();
  }

  /** The same as plain data, in degrees. */
  words() {
    const { body } = this;
    return {
      ...this.format,
      name: this.name,
      fps: this.fps,
      lengths: Object.fromEntries(body.boneNames.map((name, i) => [name, this.lengths[i]])),
      keyframes: this.keys.map(({ time, angles, turn, root }) => ({
        time,
        angles: Object.fromEntries(body.angles.map((name, i) => [name, degrees(angles[i])])),
        turn: turn.map(degrees),
        root: [...root],
      })),
    };
  }

  text() {
    return JSON.stringify(this.words());
  }

  get end() {
    return this.keys[this.keys.length - 1].time;
  }

  renew() {
    this.between = new Between(this.keys, this.body.fullCircle);
  }

  poseAt(time) {
    const key = this.keyAt(time);
    return copyOf(key || this.between.at(time));
  }

  /** The keyframe of a moment, if there is one in that frame. */
  keyAt(time) {
    return this.keys.find((key) => Math.abs(key.time - time) < 0.5 / this.fps);
  }

  /** Make a pose the keyframe of a moment. */
  set(time, pose) {
    const key = this.keyAt(time);
    if (key) Object.assign(key, copyOf(pose));
    else this.keys.push({ time, ...copyOf(pose) });
    this.keys.sort((a, b) => a.time - b.time);
    this.renew();
  }

  remove(time) {
    if (this.keys.length < 2) return;
    this.keys = this.keys.filter((key) => key !== this.keyAt(time));
    this.renew();
  }

  /** Note a change that is complete, made at a moment, so that it can be undone. */
  commit(time) {
    const text = this.text();
    if (text === this.kept) return;
    this.past.push({ before: this.kept, after: text, time });
    if (this.past.length > MOST_CHANGES) this.past.shift();
    this.future = [];
    this.kept = text;
  }

  /** Take the last change back; the moment that it was made at, or null if there is none. */
  undo() {
    return this.travel(this.past, this.future, "before");
  }

  redo() {
    return this.travel(this.future, this.past, "after");
  }

  travel(from, to, side) {
    if (!from.length) return null;
    const change = from.pop();
    to.push(change);
    this.kept = change[side];
    this.take(JSON.parse(this.kept));
    return change.time;
  }
}

/** Name, rate, lengths and keyframes of plain data. */
function read(words, body, { format, version }) {
  if (!words || words.format !== format) throw new Error(`This is no pose: it should say "format": "${format}".`);
  if (words.version !== version) throw new Error(`This page reads poses of version ${version}, not ${words.version}.`);
  const named = (values, names, usual) => {
    const stranger = Object.keys(values || {}).find((name) => !names.includes(name));
    if (stranger) throw new Error(`There is no "${stranger}" in this body.`);
    return names.map((name, i) => number((values || {})[name] ?? usual(i), name));
  };
  const three = (values, name) => {
    if (!Array.isArray(values) || values.length !== 3) throw new Error(`"${name}" should be three numbers.`);
    return values.map((value) => number(value, name));
  };
  if (!Array.isArray(words.keyframes) || !words.keyframes.length) throw new Error("There are no keyframes in it.");
  const keys = words.keyframes.map((key) => ({
    time: number(key.time ?? 0, "time"),
    angles: named(key.angles, body.angles, () => 0).map(radians),
    turn: three(key.turn ?? [0, 0, 0], "turn").map(radians),
    root: three(key.root ?? [0, 0, 0], "root"),
  })).sort((a, b) => a.time - b.time);
  if (keys.some((key, i) => i && key.time === keys[i - 1].time)) throw new Error("Two keyframes are of one moment.");
  const lengths = named(words.lengths, body.boneNames, (i) => body.average[i]);
  if (lengths.some((length) => length <= 0)) throw new Error("Bones are longer than nothing.");
  const fps = number(words.fps ?? 30, "fps");
  if (fps <= 0) throw new Error("There is more than no frame a second.");
  return { name: String(words.name ?? "pose"), fps, lengths, keys };
}

function number(value, name) {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`"${name}" should be a number.`);
  return value;
}
