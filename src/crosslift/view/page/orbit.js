"use strict";

const FIELD_OF_VIEW = 32 * Math.PI / 180;
const STEEPEST = 89 * Math.PI / 180;

/** Where one looks from: a direction and a distance from a point in the middle of the picture.
 *  Several scenes may share one orbit; turning one of them turns all. */
class Orbit {
  constructor(home, changed) {
    this.changed = changed;
    this.target = [0, 0, 1];
    this.shift = [0, 0, 0];
    this.reset(home);
  }

  /** Back to where the page began, or to another direction. */
  reset(home = this.home) {
    this.home = { ...this.home, ...home };
    ({ azimuth: this.azimuth, elevation: this.elevation, distance: this.distance } = this.home);
    this.shift = [0, 0, 0];
    this.update();
  }

  turn(right, up) {
    this.azimuth += right;
    this.elevation = clamp(this.elevation + up, -0.35, STEEPEST);
    this.update();
  }

  zoom(factor) {
    this.distance = clamp(this.distance * factor, 0.4, 60);
    this.update();
  }

  /** Move what is in the middle by so many screen heights at the target's distance. */
  pan(right, up) {
    const height = 2 * this.distance * Math.tan(FIELD_OF_VIEW / 2);
    for (let axis = 0; axis < 3; axis++) {
      this.shift[axis] += height * (right * this.right[axis] + up * this.up[axis]);
    }
    this.update();
  }

  lookAt(point) {
    this.target = point;
    this.place();
  }

  update() {
    const [sa, ca] = [Math.sin(this.azimuth), Math.cos(this.azimuth)];
    const [se, ce] = [Math.sin(this.elevation), Math.cos(this.elevation)];
    this.forward = [sa * ce, ca * ce, -se];
    this.right = [ca, -sa, 0];
    this.up = [sa * se, ca * se, ce];
    this.place();
    this.changed();
  }

  place() {
    this.middle = this.target.map((value, axis) => value + this.shift[axis]);
    this.eye = this.middle.map((value, axis) => value - this.distance * this.forward[axis]);
  }
}

/** Let mouse, pen and fingers turn, move and zoom: one finger turns, two move and zoom. */
function handle(canvas, orbit) {
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, width: Math.hypot(a.x - b.x, a.y - b.y) };
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const before = fingers.size === 2 && spread();
    const [x, y] = [event.clientX - last.x, event.clientY - last.y];
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const height = canvas.clientHeight;
    if (before) {
      const now = spread();
      orbit.zoom(before.width / Math.max(now.width, 1));
      orbit.pan((before.x - now.x) / height, (now.y - before.y) / height);
    } else if (event.shiftKey || event.buttons === 2) {
      orbit.pan(-x / height, y / height);
    } else {
      orbit.turn(x * 0.008, y * 0.006);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    orbit.zoom(Math.exp(clamp(event.deltaY, -120, 120) * 0.0015));
  }, { passive: false });
  canvas.addEventListener("dblclick", () => orbit.reset());
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
}

/** A button for each direction to look from, in which null stands for the first one. */
function offerLooks(holder, orbit, looks) {
  Object.entries(looks).forEach(([textContent, look], i) => {
    const button = make("button", { type: "button", textContent, title: `Key ${i + 1}` });
    button.addEventListener("click", () => {
      if (!look) { orbit.reset(); return; }
      Object.assign(orbit, look);
      orbit.update();
    });
    holder.append(button);
  });
}
