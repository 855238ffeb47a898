"use strict";

/** One recording of the page: its arrays, and what they hold at a frame. */
class Recording {
  constructor(data) {
    Object.assign(this, data);
    this.count = this.joints.length;
    this.hypotheses = data.poses ? data.poses.about.shape[0] : 0;
    this.middles = data.poses && unpack(data.poses.middles);
    this.about = data.poses && unpack(data.poses.about);
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

  /** How uncertain each joint is: a covariance xx xy xz yy yz zz in square metres, or null. */
  covariances(frame, poses) {
    if (this.spread) {
      return this.joints.map((_, joint) => round(this.spread[frame * this.count + joint] ** 2));
    }
    return poses.length > 2 ? this.joints.map((_, joint) => covariance(poses, joint)) : null;
  }

  /** The standard deviation of a joint in metres, NaN where nothing tells it. */
  deviation(frame, joint) {
    if (this.spread) return this.spread[frame * this.count + joint];
    if (this.hypotheses < 3) return NaN;
    const poses = Array.from({ length: this.hypotheses }, (_, k) => this.pose(frame, k));
    const [xx, , , yy, , zz] = covariance(poses, joint);
    return Math.sqrt((xx + yy + zz) / 3);
  }

  /** Find how thick lines and joints are drawn, in metres: by the length of the bones, so that
   *  faces and hands stay fine. A head is more than the end of a bone. */
  measure() {
    const every = Math.max(1, Math.ceil(this.frames / 50));
    const poses = [];
    for (let frame = 0; frame < this.frames; frame += every) poses.push(this.pose(frame));
    this.lines = this.lines.map((line) => {
      const lengths = poses.map((pose) => distanceOf(pose, line.from, line.to)).filter((each) => each >= 0);
      const length = lengths.reduce((sum, each) => sum + each, 0) / (lengths.length || 1);
      return { ...line, radius: clamp(0.009 + 0.07 * length, 0.01, 0.032) };
    });
    this.balls = this.joints.map((name, joint) => {
      const ends = this.lines.filter((line) => line.to === joint || line.from === joint);
      return name === "head" ? 0.062 : 1.25 * Math.max(0.01, ...ends.map((line) => line.radius));
    });
  }
}

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
