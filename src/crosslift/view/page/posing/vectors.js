"use strict";

const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

const norm = (a) => Math.hypot(a[0], a[1], a[2]);

/** a + t b. */
const along = (a, t, b) => [a[0] + t * b[0], a[1] + t * b[1], a[2] + t * b[2]];

const radians = (degrees) => degrees * Math.PI / 180;

const degrees = (angle) => angle * 180 / Math.PI;

/** The quaternion w, x, y, z of turns about x, y and z, one after the other. */
function quaternionOf(turn) {
  const [[cx, sx], [cy, sy], [cz, sz]] = turn.map((angle) => [Math.cos(angle / 2), Math.sin(angle / 2)]);
  return [
    cx * cy * cz - sx * sy * sz, sx * cy * cz + cx * sy * sz,
    cx * sy * cz - sx * cy * sz, cx * cy * sz + sx * sy * cz];
}

/** The turns about x, y and z of a quaternion of any length; at the gimbal lock the last is 0. */
function turnOf(quaternion) {
  const length = Math.hypot(...quaternion);
  const [w, x, y, z] = quaternion.map((value) => value / length);
  const sine = clamp(2 * (x * z + w * y), -1, 1);
  if (Math.abs(sine) > 1 - 1e-12) return [Math.sign(sine) * 2 * Math.atan2(x, w) || 0, Math.asin(sine), 0];
  return [
    Math.atan2(2 * (w * x - y * z), 1 - 2 * (x * x + y * y)), Math.asin(sine),
    Math.atan2(2 * (w * z - x * y), 1 - 2 * (y * y + z * z))];
}

/** The vector x for which matrix x = right, by Cramer's rule; the matrix is three rows. */
function solved(matrix, right) {
  const [a, b, c] = matrix;
  const whole = dot(a, cross(b, c));
  return [0, 1, 2].map((axis) => {
    const [p, q, r] = matrix.map((row, i) => row.map((value, j) => (j === axis ? right[i] : value)));
    return dot(p, cross(q, r)) / whole;
  });
}
