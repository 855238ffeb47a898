"use strict";

const REACH_STEPS = 40;
const NEAR_ENOUGH = 1e-5;
const STUCK = 0.003;
const ELSEWHERE = [[0.5], [0.2, 0.5, 0.8], [0.8, 0.5, 0.2], [0.25], [0.75]];
const LIMBS = /^(left|right)_(shoulder|elbow|hip|knee)/;

/** Two bones that bend like a hinge: the joint at their end, their middle and beginning. */
const BENT = {
  "right wrist": ["right_elbow_flexion", "right shoulder", 1], "left wrist": ["left_elbow_flexion", "left shoulder", 1],
  "right ankle": ["right_knee_flexion", "right hip", -1], "left ankle": ["left_knee_flexion", "left hip", -1],
};

/** Which hinges follow when a joint is pulled: first those of its limb or its part of the trunk,
 *  and, if the trunk is to follow, then all that move it. */
function followers(body, joint, trunk) {
  const all = body.movers[joint];
  const names = all.map((link) => body.angles[link]);
  const own = names.some((name) => LIMBS.test(name)) ? LIMBS
    : names.some((name) => name.startsWith("neck")) ? /^neck/ : /./;
  const near = all.filter((_, i) => own.test(names[i]));
  return trunk && near.length < all.length ? [near, all] : [near];
}

/** Bring a joint of a pose as near to a place as the hinges allow; the pose is changed.
 *
 *  Damped least squares, one joint at a time: an angle at a limit that would leave it is held. */
function reach(body, pose, lengths, joint, target, { trunk = false, limits = null } = {}) {
  bend(body, pose, lengths, joint, target, limits);
  for (const hinges of followers(body, joint, trunk)) {
    const missed = approach(body, pose, lengths, joint, target, hinges, limits);
    if (missed < NEAR_ENOUGH) return;
    if (limits && missed > STUCK) tryElsewhere(body, pose, lengths, joint, target, hinges, limits, missed);
  }
}

/** Where limits stand in the way, begin anew from other places within them, and stay with the one
 *  that brings the joint nearest, if that is nearer by half. */
function tryElsewhere(body, pose, lengths, joint, target, hinges, limits, missed) {
  let least = missed / 2;
  for (const shares of ELSEWHERE) {
    const trial = copyOf(pose);
    hinges.forEach((hinge, i) => {
      const share = shares[i % shares.length];
      trial.angles[hinge] = (1 - share) * limits.lower[hinge] + share * limits.upper[hinge];
    });
    bend(body, trial, lengths, joint, target, limits);
    const off = approach(body, trial, lengths, joint, target, hinges, limits);
    if (off < least) { pose.angles = trial.angles; least = off; }
    if (off < STUCK) return;
  }
}

/** Open or close an elbow or knee so that its limb is as long as the target is far: the slopes
 *  of a straight limb do not tell that it can bend. */
function bend(body, pose, lengths, joint, target, limits) {
  const limb = BENT[body.figure.joints[joint]];
  if (!limb) return;
  const hinge = body.angles.indexOf(limb[0]);
  const start = body.figure.joints.indexOf(limb[1]);
  const lower = body.boneTo.get(joint);
  const [a, b] = [lengths[body.boneTo.get(lower.parent).length], lengths[lower.length]];
  const away = norm(minus(target, body.joints(pose, lengths)[start]));
  const angle = limb[2] * Math.acos(clamp((away * away - a * a - b * b) / (2 * a * b), -1, 1));
  pose.angles[hinge] = limits ? clamp(angle, limits.lower[hinge], limits.upper[hinge]) : angle;
}

/** Steps towards the target with some of the hinges; how far it still is. */
function approach(body, pose, lengths, joint, target, hinges, limits) {
  if (limits) hinges.forEach((hinge) => { pose.angles[hinge] = clamp(pose.angles[hinge], limits.lower[hinge], limits.upper[hinge]); });
  let damping = 1e-4;
  let off = minus(target, body.joints(pose, lengths)[joint]);
  for (let step = 0; step < REACH_STEPS && norm(off) > NEAR_ENOUGH; step++) {
    const trial = { ...pose, angles: stepped(body, pose, lengths, joint, off, hinges, limits, damping) };
    const left = minus(target, body.joints(trial, lengths)[joint]);
    if (norm(left) < norm(off)) {
      pose.angles = trial.angles;
      off = left;
      damping = Math.max(damping / 4, 1e-7);
    } else {
      damping *= 8;
      if (damping > 1e3) break;
    }
  }
  return norm(off);
}

/** The angles after one step. */
function stepped(body, pose, lengths, joint, off, hinges, limits, damping) {
  const frames = body.frames(pose.angles, pose.turn);
  const slopes = body.slopes(joint, hinges, body.joints(pose, lengths, frames), frames);
  const free = hinges.map((hinge, i) => !leaves(pose.angles[hinge], dot(slopes[i], off), hinge, limits));
  const square = [0, 1, 2].map((row) => [0, 1, 2].map((column) => slopes.reduce(
    (sum, slope, i) => sum + (free[i] ? slope[row] * slope[column] : 0), row === column ? damping : 0)));
  const pull = solved(square, off);
  const angles = [...pose.angles];
  hinges.forEach((hinge, i) => {
    if (!free[i]) return;
    const wished = around(body, hinge, angles[hinge] + clamp(dot(slopes[i], pull), -0.4, 0.4));
    angles[hinge] = limits ? clamp(wished, limits.lower[hinge], limits.upper[hinge]) : wished;
  });
  return angles;
}

/** Whether an angle is at a limit that it is pulled beyond. */
function leaves(value, pull, hinge, limits) {
  if (!limits) return false;
  return (value <= limits.lower[hinge] && pull < 0) || (value >= limits.upper[hinge] && pull > 0);
}

/** An angle that may turn full circle, between minus and plus half a turn. */
function around(body, hinge, value) {
  if (!body.fullCircle[hinge]) return value;
  return value - 2 * Math.PI * Math.round(value / (2 * Math.PI));
}
