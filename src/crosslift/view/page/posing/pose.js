"use strict";

const TURNED = Math.PI / 7;
const TALL = 1.05;
const FRUSTUM = 0.4;

/** The page of a posed body: what is edited, what is shown of it, and what changes it. */
class PosePage {
  constructor(content) {
    this.content = content;
    this.body = new Body(content.body);
    this.figure = { ...this.body.figure };
    this.doc = new PoseDocument(content.start, this.body, content.format);
    this.options = { limits: "narrow", hold: true, trunk: false, feet: false, even: true, closeUp: true };
    this.time = this.doc.keys[0].time;
    this.pose = this.doc.poseAt(this.time);
    this.camera = content.keypoints ? 0 : null;
    const home = { azimuth: this.facing() + TURNED, elevation: 0.14, distance: 1.12 * TALL / Math.tan(FIELD_OF_VIEW / 2) };
    this.orbit = new Orbit(home, () => this.ask());
    this.scene = new Scene(find("body"), this.orbit);
    this.picture = new Picture(find("picture"));
    this.timeline = new Timeline(this);
    this.dragging = new Dragging(this);
    this.tracing = new Tracing(this);
    handle(this.scene.canvas, this.orbit);
    this.sliders = new Sliders(find("sliders"), this);
    fillPage(this);
    listen(this);
    this.measure();
    this.aim();
    this.setTheme(followSystem((dark) => this.setTheme(dark)));
  }

  /** The numbers of the chosen camera. */
  get lens() {
    return this.content.cameras[this.camera];
  }

  /** The angles of this pose that are beyond their limits. */
  get beyond() {
    return this.pose.angles.flatMap((value, angle) => (this.body.excess(angle, value, this.limits) ? [angle] : []));
  }

  get limits() {
    return this.body.limits[this.options.limits];
  }

  /** The direction, clockwise from the world's y, in which one looks the body in the face. */
  facing() {
    const [, ahead] = this.body.frames(this.pose.angles, this.pose.turn).pelvis;
    return Math.atan2(-ahead[0], -ahead[1]);
  }

  /** An angle within its limits, if these are to be held. */
  held(angle, value) {
    return this.options.hold ? clamp(value, this.limits.lower[angle], this.limits.upper[angle]) : value;
  }

  /** Change the pose of this moment, which thereby becomes a keyframe. */
  edit(change) {
    this.timeline.pause();
    change(this.pose);
    this.doc.set(this.time, this.pose);
    this.ask();
  }

  /** Change the whole document at once. */
  change(act) {
    this.timeline.pause();
    act(this.doc);
    this.commit();
    this.measure();
    this.goTo(this.time);
  }

  commit() {
    this.doc.commit(this.time);
    this.ask();
  }

  /** Bring a joint to a place: with angles, or the whole body where no angle moves the joint. */
  pull(joint, target, feet) {
    const { body, doc, options } = this;
    const limits = options.hold ? this.limits : null;
    this.edit((pose) => {
      if (body.movers[joint].length) {
        reach(body, pose, doc.lengths, joint, target, { trunk: options.trunk, limits });
        return;
      }
      const away = minus(target, body.joints(pose, doc.lengths)[joint]);
      pose.root = along(pose.root, 1, away);
      if (!options.feet) return;
      feet.forEach(([ankle, place]) => reach(body, pose, doc.lengths, ankle, place, { limits }));
    });
  }

  /** Where the ankles are, as [joint, place]. */
  feet() {
    const joints = this.body.joints(this.pose, this.doc.lengths);
    return ["left ankle", "right ankle"].map((name) => {
      const joint = this.figure.joints.indexOf(name);
      return [joint, joints[joint]];
    });
  }

  /** Give a bone another length, and its partner on the other side the same. */
  stretch(bone, length) {
    this.doc.lengths[bone] = length;
    if (this.options.even) this.doc.lengths[this.body.boneMirror[bone]] = length;
    this.measure();
    this.ask();
  }

  mirror() {
    this.edit((pose) => Object.assign(pose, this.body.mirrored(pose)));
    this.commit();
  }

  /** Move the body up or down until its lowest joint is on the floor. */
  toFloor() {
    const heights = this.body.joints(this.pose, this.doc.lengths).map(([, , z]) => z);
    this.edit((pose) => { pose.root[2] -= Math.min(...heights); });
    this.commit();
  }

  /** Take the angles of a named pose; the body stays where it is, on the floor. */
  takePreset(name) {
    const { angles } = this.content.presets[name];
    this.edit((pose) => { pose.angles = this.body.angles.map((each) => radians(angles[each])); });
    this.toFloor();
    this.aim();
  }

  /** Take over a whole document. */
  take(words) {
    this.change((doc) => doc.take(words));
    this.goTo(this.doc.keys[0].time);
    this.aim();
  }

  undo() {
    this.travelled(this.doc.undo());
  }

  redo() {
    this.travelled(this.doc.redo());
  }

  travelled(time) {
    if (time === null) return;
    this.measure();
    this.goTo(time);
  }

  goTo(time) {
    this.showAt(this.timeline.snapped(time));
  }

  showAt(time) {
    this.time = time;
    this.pose = this.doc.poseAt(time);
    this.ask();
  }

  /** Bring the body to the middle of the view. */
  aim() {
    const [x, y, z] = this.pose.root;
    this.orbit.lookAt([x, y, Math.max(z, 0.5)]);
    this.ask();
  }

  set(option, value) {
    this.options[option] = value;
    this.ask();
  }

  lookThrough(camera) {
    this.camera = camera;
    this.refit();
  }

  /** Find how thick bones and joints are drawn. */
  measure() {
    const joints = this.body.joints(this.pose, this.doc.lengths);
    this.figure.lines = this.body.figure.lines.map((line) => (
      { ...line, radius: radiusOf(norm(minus(joints[line.from], joints[line.to]))) }));
    this.figure.balls = ballsOf(this.figure.joints, this.figure.lines);
  }

  setTheme(dark) {
    setTheme(dark);
    this.colours = coloursOfStyle();
    const beyond = getComputedStyle(document.documentElement).getPropertyValue("--beyond").trim();
    this.tones = { ...tonesOf(this.figure.palette), beyond };
    this.refit();
  }

  refit() {
    this.scene.fit();
    find("seen").classList.toggle("empty-picture", this.camera === null);
    if (this.camera !== null) this.picture.fit(this.seen(), this.options.closeUp);
    this.ask();
  }

  /** Draw before the screen is next painted, once however often this is asked. */
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  draw() {
    this.joints = this.body.joints(this.pose, this.doc.lengths);
    this.scene.draw([this.solid()], this.colours);
    this.drawCamera();
    this.dragging.draw();
    if (this.camera !== null) {
      const seen = this.seen();
      this.picture.draw([seen], seen, 0, this.colours);
    }
    this.sliders.show();
    this.timeline.show();
    showState(this);
  }

  /** The figure's lines, those that an angle beyond its limits carries in a colour of their own. */
  lines() {
    const marked = new Set(this.beyond.flatMap((angle) => this.body.carries[angle]));
    return this.figure.lines.map((line) => (marked.has(line.to) ? { ...line, side: "beyond" } : line));
  }

  /** The body as the scene draws it. */
  solid() {
    return {
      ...this.figure, lines: this.lines(), points: this.joints.flat(), palette: this.tones,
      alpha: 1, faint: () => false, covariances: null,
    };
  }

  /** The body as the picture draws it; over the keypoints, where a clip's own camera saw some. */
  seen() {
    const places = seenBy(this.lens, this.joints || this.body.joints(this.pose, this.doc.lengths));
    const given = this.camera === 0 && this.time === this.doc.keys[0].time && this.content.keypoints;
    return {
      ...this.figure, lines: this.lines(), tones: this.tones, count: this.body.count, size: this.lens.size, images: [],
      closeUp: this.tracing.held ? this.tracing.held.closeUp : closeUpAt(places, this.lens.size),
      keypoints: given ? given.map((value) => value ?? NaN) : places,
      reprojected: given ? places : null,
      scores: this.figure.joints.map(() => 1), isObserved: () => true, frameAt: () => 0,
    };
  }

  /** Where the chosen camera stands, and what it looks at. */
  drawCamera() {
    if (this.camera === null) return;
    const { eye, corners } = frustumOf(this.lens, FRUSTUM);
    const [start, ...ends] = [eye, ...corners].map((point) => this.scene.project(...point));
    if (!start || ends.some((end) => !end)) return;
    const { brush } = this.scene;
    brush.beginPath();
    ends.forEach((end, i) => {
      brush.moveTo(start.x, start.y);
      brush.lineTo(end.x, end.y);
      brush.lineTo(ends[(i + 1) % 4].x, ends[(i + 1) % 4].y);
    });
    brush.strokeStyle = this.colours.accent;
    brush.lineWidth = 1.25;
    brush.stroke();
  }
}

/** What the page shows; a name of its own, so that it can be looked at from the console. */
const page = new PosePage(JSON.parse(find("data").textContent));
