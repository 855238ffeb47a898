"use strict";

/** One recording of the page: its arrays, and what they hold at a frame. */
class Recording {
  constructor(data) {
    Object.assign(this, data);
    this.count = this.joints.length;
    this.hypotheses = data.poses ? data.poses.about.shape[0] : 0;
    this.middles = data.poses && unpack(data.poses.middles);
    this.about = data.poses && unpack(data.poses.about);
    this.factors = data.regions && unpack(data.regions.factors);
    for (const key of ["keypoints", "scores", "observed", "spread", "reprojected"]) {
      this[key] = unpack(data[key]);
    }
    this.times = this.momentsOf(data);
    this.path = this.hypotheses ? smoothed(this.middles, this.frames, Math.round(this.fps / 2)) : null;
    if (this.hypotheses) this.measure();
    this.images = (data.pictures || []).map(imageOf);
    this.shown = true;
  }

  /** Seconds of each frame. */
  momentsOf(data) {
    const given = unpack(data.times);
    return Float64Array.from({ length: this.frames }, (_, frame) =>
      given ? data.start + given[frame] : frame / this.fps);
  }

  /** The last frame that began at or before a moment. */
  frameAt(time) {
    let low = 0;
    let high = this.frames - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.times[middle] <= time + 1e-6) low = middle; else high = middle - 1;
    }
    return low;
  }

  /** The joints of one hypothesis at a frame: x, y, z of each in metres, z up. */
  pose(frame, hypothesis = 0) {
    const row = hypothesis * this.frames + frame;
    const points = new Float32Array(3 * this.count);
    for (let i = 0; i < points.length; i++) {
      points[i] = this.middles[3 * row + (i % 3)] + this.about[row * points.length + i];
    }
    return points;
  }

  /** Whether the keypoint of a joint was seen and not filled in. */
  isObserved(frame, joint) {
    return !this.observed || this.observed[frame * this.count + joint] === 1;
  }

  /** Whether anything tells how uncertain the joints are. */
  get hasDoubt() {
    return Boolean(this.factors || this.spread) || this.hypotheses > 2;
  }

  /** How uncertain each joint is: a covariance xx xy xz yy yz zz in square metres, or null. */
  covariances(frame, poses) {
    const at = (joint) => frame * this.count + joint;
    if (this.factors) {
      return this.joints.map((_, joint) => squared(this.factors.subarray(6 * at(joint), 6 * at(joint) + 6)));
    }
    if (this.spread) return this.joints.map((_, joint) => round(this.spread[at(joint)] ** 2 / 3));
    return poses.length > 2 ? this.joints.map((_, joint) => covariance(poses, joint)) : null;
  }

  /** The radii of a joint's regions of 50 and 90 % in standard deviations: as they were measured,
   *  or of normal errors. */
  radii(joint) {
    return this.regions ? this.regions.radii.map((row) => row[joint]) : NORMAL;
  }

  /** How far a joint is from its place (root mean square) in metres, NaN where nothing tells it. */
  deviation(frame, joint) {
    if (this.spread && !this.factors) return this.spread[frame * this.count + joint];
    const poses = this.factors ? [] : Array.from({ length: this.hypotheses }, (_, k) => this.pose(frame, k));
    const found = this.covariances(frame, poses);
    return found ? Math.sqrt(found[joint][0] + found[joint][3] + found[joint][5]) : NaN;
  }

  /** Find how thick lines and joints are drawn, by the length of the bones. */
  measure() {
    const every = Math.max(1, Math.ceil(this.frames / 50));
    const poses = [];
    for (let frame = 0; frame < this.frames; frame += every) poses.push(this.pose(frame));
    this.lines = this.lines.map((line) => {
      const lengths = poses.map((pose) => distanceOf(pose, line.from, line.to)).filter((each) => each >= 0);
      const length = lengths.reduce((sum, each) => sum + each, 0) / (lengths.length || 1);
      return { ...line, radius: radiusOf(length) };
    });
    this.balls = ballsOf(this.joints, this.lines);
  }
}

/** Radii that hold 50 and 90 % if errors are normal, in three dimensions. */
const NORMAL = [1.5382, 2.5003];

/** The covariance of which a root is given, as the rows of its lower triangle. */
const squared = ([a, b, c, d, e, f]) => [a * a, a * b, a * d, b * b + c * c, b * d + c * e, d * d + e * e + f * f];

const round = (variance) => [variance, 0, 0, variance, 0, variance];

const distanceOf = (pose, a, b) => Math.hypot(
  pose[3 * a] - pose[3 * b], pose[3 * a + 1] - pose[3 * b + 1], pose[3 * a + 2] - pose[3 * b + 2]);

/** The covariance of one joint over several poses. */
function covariance(poses, joint) {
  const mean = [0, 1, 2].map((axis) =>
    poses.reduce((sum, pose) => sum + pose[3 * joint + axis], 0) / poses.length);
  const moment = (a, b) => poses.reduce((sum, pose) =>
    sum + (pose[3 * joint + a] - mean[a]) * (pose[3 * joint + b] - mean[b]), 0) / (poses.length - 1);
  return [moment(0, 0), moment(0, 1), moment(0, 2), moment(1, 1), moment(1, 2), moment(2, 2)];
}

/** A track of points, each replaced by the mean of those up to `reach` frames away. */
function smoothed(track, frames, reach) {
  const path = new Float32Array(3 * frames);
  for (let axis = 0; axis < 3; axis++) {
    let [sum, from, to] = [0, 0, 0];
    for (let frame = 0; frame < frames; frame++) {
      for (; to <= Math.min(frame + reach, frames - 1); to++) sum += track[3 * to + axis];
      for (; from < frame - reach; from++) sum -= track[3 * from + axis];
      path[3 * frame + axis] = sum / (to - from);
    }
  }
  return path;
}

/** An image of a frame of the video, decoded by the browser when it is first drawn. */
function imageOf(picture) {
  const image = new Image();
  image.src = "data:image/jpeg;base64," + picture.base64;
  return { time: picture.time, image };
}
