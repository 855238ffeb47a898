"use strict";

/** Let joints be pulled about in the picture; where there is none, the view is turned. */
class Dragging {
  constructor(page) {
    Object.assign(this, { page, held: null, joint: null });
    const { canvas } = page.scene;
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => (this.held ? this.pull(event) : this.hover(event)));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.release(event));
    }
    canvas.addEventListener("pointerleave", () => { if (!this.held) this.point(null); });
  }

  /** Where a pointer is on the canvas, and the joint there. */
  under(event) {
    const box = this.page.scene.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return { x, y, found: this.page.scene.pick(x, y, event.pointerType === "mouse" ? 14 : 26) };
  }

  grab(event) {
    if (this.held || event.button !== 0 || event.shiftKey) return;
    const { x, y, found } = this.under(event);
    if (!found) return;
    event.stopImmediatePropagation(); // so that the view is not turned as well
    const { page } = this;
    page.scene.canvas.setPointerCapture(event.pointerId);
    page.timeline.pause();
    const { point, joint } = found;
    this.held = { id: event.pointerId, joint, depth: point.depth, dx: point.x - x, dy: point.y - y };
    this.held.feet = page.feet();
    this.point(joint);
  }

  pull(event) {
    const { held, page } = this;
    if (event.pointerId !== held.id) return;
    const { x, y } = this.under(event);
    page.pull(held.joint, placeAt(page.scene, x + held.dx, y + held.dy, held.depth), held.feet);
    this.point(held.joint);
  }

  release(event) {
    if (!this.held || event.pointerId !== this.held.id) return;
    this.held = null;
    this.page.commit();
    if (event.pointerType !== "mouse") this.point(null);
  }

  hover(event) {
    if (event.buttons) return;
    const { found } = this.under(event);
    this.point(found ? found.joint : null);
    this.page.scene.canvas.style.cursor = found ? "pointer" : "";
  }

  /** Mark a joint and tell its name. */
  point(joint) {
    this.joint = joint;
    this.page.ask();
  }

  /** A ring about the joint, and its name beside it; after the scene has been drawn. */
  draw() {
    const { scene, figure, colours } = this.page;
    const tip = find("tip");
    const at = this.joint === null ? null : scene.seen[0][this.joint];
    tip.hidden = !at;
    if (!at) return;
    const { brush } = scene;
    brush.beginPath();
    brush.arc(at.x, at.y, Math.max(9, 1.5 * figure.balls[this.joint] * at.scale), 0, 2 * Math.PI);
    brush.strokeStyle = colours.ink;
    brush.lineWidth = this.held ? 2.5 : 1.5;
    brush.stroke();
    tip.textContent = capital(figure.joints[this.joint]);
    const half = tip.offsetWidth / 2 + 6;
    tip.style.left = `${clamp(at.x, half, scene.width - half)}px`;
    tip.style.top = `${Math.max(at.y - 8, 52)}px`;
  }
}

/** The point of the world that is seen at a place of a scene, so many metres ahead. */
function placeAt(scene, x, y, depth) {
  const { eye, forward, right, up } = scene.orbit;
  const ahead = along(eye, depth, forward);
  const aside = along(ahead, depth * (x - scene.width / 2) / scene.focal, right);
  return along(aside, -depth * (y - scene.height / 2) / scene.focal, up);
}
