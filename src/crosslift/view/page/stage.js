"use strict";

const TURNED = Math.PI / 7;

/** The views in which the recordings' bodies stand: one for all, or one for each. */
class Stage {
  constructor(holder, recordings, changed) {
    Object.assign(this, { holder, recordings });
    const azimuth = (recordings.length ? recordings[0].azimuth : 0) + TURNED;
    const home = { azimuth, elevation: 0.14, distance: nearEnough(recordings) };
    this.orbit = new Orbit(home, changed);
    this.scenes = [];
  }

  /** Make the canvases: each scene shows some of the recordings. */
  arrange(overlay) {
    const visible = this.recordings.filter((each) => each.shown);
    const groups = overlay && visible.length ? [visible] : visible.map((each) => [each]);
    this.holder.replaceChildren();
    this.scenes = groups.map((group) => {
      const figure = make("figure", { className: "view" });
      const canvas = make("canvas", { tabIndex: 0 });
      const names = group.map((each) => each.label).join(", ");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `3D view of ${names}; drag to turn`);
      figure.append(canvas);
      if (groups.length > 1) figure.append(make("figcaption", { textContent: names }));
      this.holder.append(figure);
      handle(canvas, this.orbit);
      return Object.assign(new Scene(canvas, this.orbit), { group });
    });
  }

  fit() {
    this.scenes.forEach((scene) => scene.fit());
  }

  draw(time, options, colours) {
    for (const scene of this.scenes) {
      const [first] = scene.group;
      this.orbit.lookAt(targetOf(first, time, options.follow));
      const bodies = scene.group.flatMap((each) => this.bodiesOf(each, first, time, options));
      const trails = options.trail ? scene.group.map(trailOf) : [];
      scene.draw(bodies, colours, trails);
      scene.bodies = bodies;
    }
  }

  /** The first hypothesis as a body, and the others as threads beside it. */
  bodiesOf(recording, first, time, options) {
    const frame = recording.frameAt(time);
    const count = options.ghosts || options.spread ? recording.hypotheses : 1;
    const poses = Array.from({ length: count }, (_, k) => recording.pose(frame, k));
    if (options.aligned && recording !== first) putTogether(poses, recording, first, time);
    const shared = { ...recording, palette: recording.tones, recording, frame };
    const body = {
      ...shared,
      points: poses[0],
      alpha: recording.truth ? 0.55 : 1,
      faint: (joint) => !recording.isObserved(frame, joint),
      covariances: options.spread ? recording.covariances(frame, poses) : null,
      radii: (joint) => recording.radii(joint),
    };
    const ghosts = options.ghosts ? poses.slice(1) : [];
    return [body, ...ghosts.map((points) => ({
      ...shared, points, alpha: 0.5, faint: () => false, covariances: null, thin: true,
    }))];
  }

  /** The joint under a place of a scene, with its recording. */
  pick(scene, x, y) {
    const found = scene.pick(x, y);
    return found && { ...found, ...scene.bodies[found.body], joint: found.joint };
  }
}

/** Move poses so that their first one has its root where another recording has it. */
function putTogether(poses, recording, other, time) {
  const wanted = other.pose(other.frameAt(time));
  const away = [0, 1, 2].map((axis) =>
    wanted[3 * other.root + axis] - poses[0][3 * recording.root + axis]);
  if (away.some(Number.isNaN)) return;
  for (const pose of poses) {
    for (let i = 0; i < pose.length; i++) pose[i] += away[i % 3];
  }
}

/** What is in the middle of a view: the person, or the middle of all places where they were. */
function targetOf(recording, time, follow) {
  const { path, frames } = recording;
  if (!path || !frames) return [0, 0, 1];
  const { low, high } = boundsOf(recording);
  const middle = low.map((value, axis) => (value + high[axis]) / 2);
  if (!follow) return middle;
  const at = 3 * recording.frameAt(time);
  return [path[at], path[at + 1], high[2] - low[2] > 0.6 ? path[at + 2] : middle[2]];
}

/** The corners of the box in which the middle of a body moves. */
function boundsOf(recording) {
  if (!recording.bounds) {
    const [low, high] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
    recording.path.forEach((value, i) => {
      low[i % 3] = Math.min(low[i % 3], value);
      high[i % 3] = Math.max(high[i % 3], value);
    });
    recording.bounds = { low, high };
  }
  return recording.bounds;
}

/** How far a recording's body walks, in metres. */
function wayOf(recording) {
  if (!recording.path || !recording.frames) return 0;
  const { low, high } = boundsOf(recording);
  return Math.hypot(high[0] - low[0], high[1] - low[1]);
}

/** The distance from which the tallest body fills most of a view. */
function nearEnough(recordings) {
  let tall = 0.4;
  for (const { about } of recordings) {
    for (let i = 2; i < (about ? about.length : 0); i += 3) {
      if (about[i] > tall) tall = about[i]; else if (-about[i] > tall) tall = -about[i];
    }
  }
  return 1.12 * Math.min(tall, 4) / Math.tan(FIELD_OF_VIEW / 2);
}

/** The way of a body over the floor, in at most some hundred points. */
function trailOf(recording) {
  if (!recording.trail) {
    const every = Math.max(1, Math.ceil(recording.frames / 400));
    const path = [];
    for (let frame = 0; frame < recording.frames; frame += every) {
      path.push(...recording.path.slice(3 * frame, 3 * frame + 3));
    }
    recording.trail = path;
  }
  return { path: recording.trail, colour: recording.tones.middle };
}
