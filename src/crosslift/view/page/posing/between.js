"use strict";

/** The pose at a moment between keyframes: monotone cubics, as Python's `motion_of` has them. */
class Between {
  constructor(keys, fullCircle) {
    this.times = keys.map((key) => key.time);
    const columns = transposed(keys.map((key) => key.angles));
    const angles = columns.map((column, i) => (fullCircle[i] ? unwrapped(column) : column));
    const turns = transposed(onOneSide(keys.map((key) => quaternionOf(key.turn))));
    const roots = transposed(keys.map((key) => key.root));
    this.size = angles.length;
    this.columns = [...angles, ...turns, ...roots];
    this.slopes = this.columns.map((column) => slopesOf(this.times, column));
    this.first = keys[0];
  }

  /** The pose at a moment; before the first keyframe it is that one, after the last the last. */
  at(time) {
    if (this.times.length < 2) return copyOf(this.first);
    const { times } = this;
    const moment = clamp(time, times[0], times[times.length - 1]);
    let part = times.findIndex((each, i) => i > 0 && moment <= each) - 1;
    part = clamp(part, 0, times.length - 2);
    const values = this.columns.map((column, i) => hermite(times, column, this.slopes[i], part, moment));
    return {
      angles: values.slice(0, this.size),
      turn: turnOf(values.slice(this.size, this.size + 4)),
      root: values.slice(this.size + 4),
    };
  }
}

const transposed = (rows) => rows[0].map((_, column) => rows.map((row) => row[column]));

/** Angles each of which is at most half a turn from the one before. */
function unwrapped(column) {
  const result = [column[0]];
  for (let i = 1; i < column.length; i++) {
    const step = column[i] - column[i - 1];
    result.push(result[i - 1] + step - 2 * Math.PI * Math.round(step / (2 * Math.PI)));
  }
  return result;
}

/** The same rotations, each quaternion on the side of the one before it. */
function onOneSide(quaternions) {
  const result = [quaternions[0]];
  for (const each of quaternions.slice(1)) {
    const last = result[result.length - 1];
    const same = each.reduce((sum, value, i) => sum + value * last[i], 0) >= 0;
    result.push(same ? each : each.map((value) => -value));
  }
  return result;
}

/** Slopes that keep a cubic monotone between any two values: harmonic means of the neighbours'. */
function slopesOf(times, values) {
  const widths = times.slice(1).map((time, i) => time - times[i]);
  const rises = widths.map((width, i) => (values[i + 1] - values[i]) / width);
  const last = rises.length - 1;
  if (last < 1) return [rises[0], rises[0]];
  const inner = rises.slice(1).map((after, i) => {
    const before = rises[i];
    if (!(before * after > 0)) return 0;
    const [u, v] = [2 * widths[i + 1] + widths[i], widths[i + 1] + 2 * widths[i]];
    return (u + v) / (u / before + v / after);
  });
  return [
    endSlope(widths[0], widths[1], rises[0], rises[1]), ...inner,
    endSlope(widths[last], widths[last - 1], rises[last], rises[last - 1])];
}

/** The slope at an end, by three points and without overshooting. */
function endSlope(near, far, here, there) {
  const slope = ((2 * near + far) * here - near * there) / (near + far);
  if (Math.sign(slope) !== Math.sign(here)) return 0;
  if (Math.sign(here) !== Math.sign(there) && Math.abs(slope) > 3 * Math.abs(here)) return 3 * here;
  return slope;
}

function hermite(times, values, slopes, part, moment) {
  const width = times[part + 1] - times[part];
  const t = (moment - times[part]) / width;
  const [a, b] = [values[part], values[part + 1]];
  const [u, v] = [slopes[part] * width, slopes[part + 1] * width];
  const rise = b - a;
  return a + t * (u + t * (3 * rise - 2 * u - v + t * (u + v - 2 * rise)));
}
