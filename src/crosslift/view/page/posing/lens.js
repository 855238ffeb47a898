"use strict";

const NEAREST_SEEN = 1e-3;

/** Where a camera sees points of the world: pixels x, y of each, NaN behind the camera. */
function seenBy({ focal, centre, rotation, translation, distortion, twice }, points) {
  const [k1, k2, p1, p2, k3] = distortion;
  return points.flatMap((point) => {
    const [x, y, z] = [0, 1, 2].map((row) =>
      dot(rotation.slice(3 * row, 3 * row + 3), point) + translation[row]);
    if (!(z > NEAREST_SEEN)) return [NaN, NaN];
    const [u, v] = [x / z, y / z];
    const squared = u * u + v * v;
    const radial = 1 + squared * (k1 + squared * (k2 + squared * k3));
    const bent = radial + twice * (p2 * u + p1 * v);
    return [
      focal[0] * (u * bent + p2 * squared) + centre[0],
      focal[1] * (v * bent + p1 * squared) + centre[1]];
  });
}

/** The part of a picture about a body, as the class Picture takes it; the whole where none is seen. */
function closeUpAt(places, size) {
  const spans = [0, 1].map((axis) => places.filter((value, i) => i % 2 === axis && !Number.isNaN(value)));
  if (!spans[0].length) return { ...wholeOf({ size }), at: () => wholeOf({ size }) };
  const [[left, right], [top, bottom]] = spans.map((span) => [Math.min(...span), Math.max(...span)]);
  const side = Math.min(1.5 * Math.max(right - left, bottom - top, 1), Math.max(...size));
  return { width: side, height: 0.8 * side, at: () => ({ x: (left + right) / 2, y: (top + bottom) / 2 }) };
}

/** The direction in which a camera looks, clockwise from the world's y, and how high from above. */
function lookOfCamera({ rotation }) {
  const [x, y, z] = rotation.slice(6, 9);
  return { azimuth: Math.atan2(x, y), elevation: clamp(-Math.asin(clamp(z, -1, 1)), -0.35, STEEPEST) };
}

/** A point moved across a camera's line of sight until it is seen at a pixel; null behind it. */
function broughtTo(camera, point, [x, y]) {
  const { focal, rotation, translation } = camera;
  const rows = [0, 1, 2].map((row) => rotation.slice(3 * row, 3 * row + 3));
  let place = point;
  for (let step = 0; step < 8; step++) { // the lens bends what would be right at once
    const depth = dot(rows[2], place) + translation[2];
    const [u, v] = seenBy(camera, [place]);
    if (Number.isNaN(u)) return null;
    place = along(along(place, depth * (x - u) / focal[0], rows[0]), depth * (y - v) / focal[1], rows[1]);
  }
  return place;
}

/** A camera's place in the world, and where the corners of its picture lie `reach` metres before it. */
function frustumOf({ focal, centre, rotation, translation, size }, reach) {
  const toWorld = (point) => [0, 1, 2].map((axis) =>
    [0, 1, 2].reduce((sum, row) => sum + rotation[3 * row + axis] * (point[row] - translation[row]), 0));
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([right, down]) => toWorld([
    reach * (right * size[0] - centre[0]) / focal[0], reach * (down * size[1] - centre[1]) / focal[1], reach]));
  return { eye: toWorld([0, 0, 0]), corners };
}
