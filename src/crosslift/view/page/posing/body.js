"use strict";

const PELVIS = -1;

/** The kinematic body: angles, lengths, a turn and a place in, positions out.
 *
 *  A pose is { angles, turn, root }: radians of all hinges, radians of the whole body about x, y
 *  and z, and the pelvis in metres. The tables are those of Python, whose results these equal. */
class Body {
  constructor(tables) {
    Object.assign(this, tables);
    this.count = this.figure.joints.length;
    this.boneTo = new Map(this.bones.map((bone) => [bone.joint, bone]));
    this.movers = this.figure.joints.map((_, joint) => this.moversOf(joint));
  }

  /** The hinges from the pelvis to a link, which is included. */
  wayTo(link) {
    return link === PELVIS ? [] : [...this.wayTo(this.hinges[link].parent), link];
  }

  /** The hinges that move a joint, from the pelvis outwards. */
  moversOf(joint) {
    const { nose } = this;
    if (joint === nose.joint) return this.wayTo(nose.link);
    const found = new Set();
    for (let bone = this.boneTo.get(joint); bone; bone = this.boneTo.get(bone.parent)) {
      this.wayTo(bone.link).forEach((link) => found.add(link));
    }
    return [...found].sort((a, b) => a - b);
  }

  /** A frame for each link, three columns x, y, z in the world; that of the pelvis is `pelvis`. */
  frames(angles, turn) {
    let pelvis = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    turn.forEach((angle, axis) => { pelvis = turned(pelvis, axis, angle); });
    const frames = [];
    this.hinges.forEach(({ parent, axis, sign }, link) => {
      const above = parent === PELVIS ? pelvis : frames[parent];
      frames.push(turned(above, axis, sign * angles[link]));
    });
    return Object.assign(frames, { pelvis });
  }

  /** All joints of a pose, each x, y, z. */
  joints({ angles, turn, root }, lengths, frames = this.frames(angles, turn)) {
    const joints = new Array(this.count);
    joints[this.figure.root] = [...root];
    for (const { length, parent, joint, link, axis, sign } of this.bones) {
      const frame = link === PELVIS ? frames.pelvis : frames[link];
      joints[joint] = along(joints[parent], sign * lengths[length], frame[axis]);
    }
    const { joint, thorax, link, length, offset } = this.nose;
    joints[joint] = offset.reduce(
      (place, part, axis) => along(place, part * lengths[length], frames[link][axis]), joints[thorax]);
    return joints;
  }

  /** How a joint moves with each of some hinges: metres a radian. */
  slopes(joint, hinges, joints, frames) {
    return hinges.map((link) => {
      const { axis, sign, pivot } = this.hinges[link];
      const lever = minus(joints[joint], joints[pivot]);
      return cross(frames[link][axis], lever).map((value) => sign * value);
    });
  }

  /** By how much an angle is beyond its limits: above 0 over the upper, below 0 under the lower. */
  excess(angle, value, { lower, upper }) {
    const over = value - clamp(value, lower[angle], upper[angle]);
    return Math.abs(over) > 1e-6 ? over : 0;
  }

  /** The mirror image of a pose, left for right, where it stands. */
  mirrored({ angles, turn, root }) {
    return {
      angles: this.mirror.map((other, angle) => this.mirrorSigns[angle] * angles[other]),
      turn: [turn[0], -turn[1], -turn[2]],
      root: [...root],
    };
  }
}

/** The columns of a frame after a turn about one of its own axes. */
function turned(columns, axis, angle) {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [first, second] = [(axis + 1) % 3, (axis + 2) % 3];
  const mix = (a, b, share) => a.map((value, i) => cosine * value + share * b[i]);
  const result = [...columns];
  result[first] = mix(columns[first], columns[second], sine);
  result[second] = mix(columns[second], columns[first], -sine);
  return result;
}

const copyOf = ({ angles, turn, root }) => ({ angles: [...angles], turn: [...turn], root: [...root] });
