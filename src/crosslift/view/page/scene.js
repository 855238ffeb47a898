"use strict";

const NEAREST = 0.15;
const FLOOR_STEP = 0.5;
const FLOOR_REACH = 9;

/** Bodies on a floor, drawn on a canvas as an orbit sees them.
 *
 *  A body is { points, sides, lines, balls, palette, alpha, faint(joint), covariances, radii(joint),
 *  thin }: `points` are x, y, z of each joint in metres with z up, a line is { from, to, side, radius },
 *  `balls` are the joints' radii, and `faint` tells which joints were filled in. */
class Scene {
  constructor(canvas, orbit) {
    this.canvas = canvas;
    this.orbit = orbit;
    this.brush = canvas.getContext("2d");
    this.fit();
  }

  /** Take the canvas's size on the screen. */
  fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.focal = Math.min(this.height, 1.25 * this.width) / (2 * Math.tan(FIELD_OF_VIEW / 2));
  }

  /** Where a point of the world is seen, and how many pixels a metre is there; null behind us. */
  project(x, y, z) {
    const { eye, forward, right, up } = this.orbit;
    const ray = [x - eye[0], y - eye[1], z - eye[2]];
    const depth = dot(forward, ray);
    if (!(depth > NEAREST)) return null;
    const scale = this.focal / depth;
    return {
      x: this.width / 2 + scale * dot(right, ray),
      y: this.height / 2 - scale * dot(up, ray),
      scale,
      depth,
    };
  }

  draw(bodies, colours, trails = []) {
    const { brush } = this;
    brush.clearRect(0, 0, this.width, this.height);
    this.drawFloor(colours);
    trails.forEach((trail) => this.drawTrail(trail, colours));
    this.seen = bodies.map((body) => this.joints(body, body.points));
    bodies.forEach((body) => !body.thin && this.drawShadow(body, colours));
    const strokes = bodies.flatMap((body, index) => this.strokes(body, this.seen[index], colours));
    strokes.sort((a, b) => b.depth - a.depth);
    for (const stroke of strokes) stroke.draw();
  }

  /** The joint nearest to a place on the canvas, within the reach of a finger, as [body, joint]. */
  pick(x, y, reach = 16) {
    let best = null;
    (this.seen || []).forEach((joints, body) => joints.forEach((point, joint) => {
      const away = point ? Math.hypot(point.x - x, point.y - y) : Infinity;
      if (away < reach) { best = { body, joint, point }; reach = away; }
    }));
    return best;
  }

  joints({ sides }, points) {
    return sides.map((_, joint) => (Number.isNaN(points[3 * joint]) ? null
      : this.project(points[3 * joint], points[3 * joint + 1], points[3 * joint + 2])));
  }

  /** Square tiles around the middle, paler with the distance. */
  drawFloor(colours) {
    const { brush, orbit } = this;
    const middle = [0, 1].map((axis) => Math.round(orbit.middle[axis] / FLOOR_STEP));
    const size = 2 * FLOOR_REACH + 1;
    const corners = Array.from({ length: size * size }, (_, i) => this.project(
      (middle[0] + (i % size) - FLOOR_REACH) * FLOOR_STEP,
      (middle[1] + Math.floor(i / size) - FLOOR_REACH) * FLOOR_STEP, 0));
    const shades = new Map();
    const line = (a, b, column, row, whole) => {
      if (!corners[a] || !corners[b]) return;
      const far = Math.hypot(column - FLOOR_REACH, row - FLOOR_REACH) / FLOOR_REACH;
      const shade = Math.round(10 * Math.max(0, 1 - far * far) * (whole ? 0.8 : 0.4));
      if (shade) shades.set(shade, [...(shades.get(shade) || []), a, b]);
    };
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const here = row * size + column;
        const wholeRow = (row - FLOOR_REACH + middle[1]) % 2 === 0;
        const wholeColumn = (column - FLOOR_REACH + middle[0]) % 2 === 0;
        if (column + 1 < size) line(here, here + 1, column + 0.5, row, wholeRow);
        if (row + 1 < size) line(here, here + size, column, row + 0.5, wholeColumn);
      }
    }
    brush.strokeStyle = colours.floor;
    brush.lineWidth = 1;
    for (const [shade, ends] of shades) {
      brush.globalAlpha = shade / 10;
      brush.beginPath();
      for (let i = 0; i < ends.length; i += 2) {
        brush.moveTo(corners[ends[i]].x, corners[ends[i]].y);
        brush.lineTo(corners[ends[i + 1]].x, corners[ends[i + 1]].y);
      }
      brush.stroke();
    }
    brush.globalAlpha = 1;
  }

  /** A way over the floor. */
  drawTrail({ path, colour }) {
    const { brush } = this;
    brush.beginPath();
    let pen = "moveTo";
    for (let i = 0; i < path.length; i += 3) {
      const point = this.project(path[i], path[i + 1], 0);
      if (point) brush[pen](point.x, point.y);
      pen = point ? "lineTo" : "moveTo";
    }
    brush.strokeStyle = colour;
    brush.globalAlpha = 0.35;
    brush.lineWidth = 1.5;
    brush.stroke();
    brush.globalAlpha = 1;
  }

  /** What the body would shade if the light came from straight above. */
  drawShadow(body, colours) {
    const { brush } = this;
    const flat = body.points.map((value, i) => (i % 3 === 2 ? 0 : value));
    const joints = this.joints(body, flat);
    const middle = joints.find(Boolean);
    if (!middle) return;
    brush.beginPath();
    for (const { from, to } of body.lines) {
      if (!joints[from] || !joints[to]) continue;
      brush.moveTo(joints[from].x, joints[from].y);
      brush.lineTo(joints[to].x, joints[to].y);
    }
    brush.strokeStyle = colours.shadow;
    brush.lineCap = "round";
    brush.lineJoin = "round";
    brush.lineWidth = 0.07 * middle.scale;
    brush.globalAlpha = body.alpha;
    brush.stroke();
    brush.globalAlpha = 1;
  }

  /** All that makes up a body, each with its distance, so that what is near covers what is far. */
  strokes(body, joints, colours) {
    const strokes = body.lines.flatMap((line) => this.lineStrokes(body, joints, line));
    if (body.thin) return strokes;
    joints.forEach((here, joint) => {
      if (!here) return;
      const faint = body.faint(joint);
      const look = lookOf(body, body.sides[joint], faint);
      const radius = body.balls[joint];
      strokes.push({
        depth: here.depth - radius, draw: () => this.drawJoint(here, radius, look, faint, colours),
      });
      const shape = body.covariances && body.covariances[joint];
      if (shape && shape[0] >= 0) {
        const radii = body.radii(joint);
        strokes.push({ depth: here.depth - 0.1, draw: () => this.drawRegions(here, shape, radii, look) });
      }
    });
    return strokes;
  }

  lineStrokes(body, joints, { from, to, side, radius }) {
    const [start, end] = [joints[from], joints[to]];
    if (!start || !end) return [];
    const depth = (start.depth + end.depth) / 2;
    const look = lookOf(body, side, body.faint(to));
    const draw = body.thin ? () => this.drawThread(start, end, look)
      : () => this.drawBone(start, end, radius, look);
    return [{ depth, draw }];
  }

  drawThread(here, there, { fill, alpha }) {
    const { brush } = this;
    brush.beginPath();
    brush.moveTo(there.x, there.y);
    brush.lineTo(here.x, here.y);
    brush.strokeStyle = fill;
    brush.lineWidth = Math.max(1, 0.011 * here.scale);
    brush.lineCap = "round";
    brush.globalAlpha = alpha;
    brush.stroke();
    brush.globalAlpha = 1;
  }

  /** A round rod that narrows towards its end, lit from above. */
  drawBone(from, to, radius, { fill, alpha }) {
    const { brush } = this;
    const [thick, fine] = [1.15 * radius * from.scale, 0.85 * radius * to.scale];
    const long = Math.hypot(to.x - from.x, to.y - from.y);
    brush.globalAlpha = alpha;
    brush.beginPath();
    if (long <= Math.abs(thick - fine)) {
      const end = thick > fine ? from : to;
      brush.arc(end.x, end.y, Math.max(thick, fine), 0, 2 * Math.PI);
    } else {
      const angle = Math.atan2(to.y - from.y, to.x - from.x);
      const lean = Math.acos((thick - fine) / long);
      brush.arc(from.x, from.y, thick, angle + lean, angle - lean + 2 * Math.PI);
      brush.arc(to.x, to.y, fine, angle - lean, angle + lean);
      brush.closePath();
    }
    brush.fillStyle = this.rounded(from, to, Math.max(thick, fine), fill);
    brush.fill();
    brush.globalAlpha = 1;
  }

  /** A gradient across a rod, bright on its upper side. */
  rounded(from, to, radius, fill) {
    const long = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    let [x, y] = [(to.y - from.y) / long, (from.x - to.x) / long];
    if (y > 0 || (y === 0 && x > 0)) [x, y] = [-x, -y];
    const [cx, cy] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
    const shade = this.brush.createLinearGradient(
      cx + radius * x, cy + radius * y, cx - radius * x, cy - radius * y);
    shade.addColorStop(0, mixed(fill, "#ffffff", 0.3));
    shade.addColorStop(0.45, fill);
    shade.addColorStop(1, mixed(fill, "#000000", 0.28));
    return shade;
  }

  /** A ball; an empty ring where the keypoint was filled in. */
  drawJoint({ x, y, scale }, radius, { fill, alpha }, faint, colours) {
    const { brush } = this;
    const size = Math.max(radius * scale, 1.5);
    brush.globalAlpha = faint ? Math.min(1, 2 * alpha) : alpha;
    brush.beginPath();
    brush.arc(x, y, size, 0, 2 * Math.PI);
    if (faint) {
      brush.fillStyle = colours.ground;
      brush.fill();
      brush.strokeStyle = fill;
      brush.lineWidth = Math.max(1.2, 0.2 * size);
      brush.stroke();
    } else {
      const shade = brush.createRadialGradient(
        x - 0.35 * size, y - 0.4 * size, 0.1 * size, x, y, size);
      shade.addColorStop(0, mixed(fill, "#ffffff", 0.42));
      shade.addColorStop(0.6, fill);
      shade.addColorStop(1, mixed(fill, "#000000", 0.22));
      brush.fillStyle = shade;
      brush.fill();
    }
    brush.globalAlpha = 1;
  }

  /** Where a joint may be: the outlines that its ellipsoids have from here, the inner one full. */
  drawRegions({ x, y, scale }, [xx, xy, xz, yy, yz, zz], [inner, outer], { fill, alpha }) {
    const { brush, orbit } = this;
    const times = (v) => [xx * v[0] + xy * v[1] + xz * v[2], xy * v[0] + yy * v[1] + yz * v[2],
      xz * v[0] + yz * v[1] + zz * v[2]];
    const [a, b, c] = [dot(orbit.right, times(orbit.right)), -dot(orbit.up, times(orbit.right)),
      dot(orbit.up, times(orbit.up))];
    const [mean, part] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
    const [long, short] = [mean + part, mean - part].map((v) => scale * Math.sqrt(Math.max(v, 0)));
    brush.fillStyle = brush.strokeStyle = fill;
    brush.lineWidth = 1;
    for (const [radius, full, line] of [[outer, 0.1, 0.5], [inner, 0.2, 0]]) {
      brush.beginPath();
      brush.ellipse(x, y, radius * long, radius * short, Math.atan2(2 * b, a - c) / 2, 0, 2 * Math.PI);
      brush.globalAlpha = full * alpha;
      brush.fill();
      brush.globalAlpha = line * alpha;
      brush.stroke();
    }
    brush.globalAlpha = 1;
  }
}

/** The colour of a side of a body, paler where a joint was filled in. */
const lookOf = (body, side, faint) => ({ fill: body.palette[side], alpha: body.alpha * (faint ? 0.4 : 1) });

/** The radius in metres with which a bone is drawn: by its length, so that faces and hands stay fine. */
const radiusOf = (length) => clamp(0.009 + 0.07 * length, 0.01, 0.032);

/** The radii of the joints, by those of the lines that end there; a head is more than an end. */
const ballsOf = (joints, lines) => joints.map((name, joint) => {
  const ends = lines.filter((line) => line.to === joint || line.from === joint);
  return name === "head" ? 0.062 : 1.25 * Math.max(0.01, ...ends.map((line) => line.radius));
});
