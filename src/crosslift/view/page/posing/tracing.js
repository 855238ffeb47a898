"use strict";

/** Let joints be pulled about in the camera's picture too, onto what it saw; each stays as far from
 *  the camera as it is. */
class Tracing {
  constructor(page) {
    Object.assign(this, { page, held: null });
    const { canvas } = page.picture;
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => this.pull(event));
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => this.release(event));
    }
  }

  /** Where in the camera's picture a pointer is, in its pixels. */
  pixelOf(event) {
    const { picture } = this.page;
    const box = picture.canvas.getBoundingClientRect();
    return [(event.clientX - box.left - picture.left) / picture.scale, (event.clientY - box.top - picture.top) / picture.scale];
  }

  grab(event) {
    const { page } = this;
    if (this.held || event.button !== 0 || page.camera === null) return;
    const [x, y] = this.pixelOf(event);
    const places = seenBy(page.lens, page.joints);
    let [joint, reach] = [null, (event.pointerType === "mouse" ? 12 : 24) / page.picture.scale];
    for (let i = 0; i < page.body.count; i++) {
      const away = Math.hypot(places[2 * i] - x, places[2 * i + 1] - y);
      if (away < reach) [joint, reach] = [i, away];
    }
    if (joint === null) return;
    page.picture.canvas.setPointerCapture(event.pointerId);
    this.held = { id: event.pointerId, joint, feet: page.feet(), closeUp: closeUpAt(places, page.lens.size) };
  }

  pull(event) {
    const { held, page } = this;
    if (!held || event.pointerId !== held.id) return;
    const there = broughtTo(page.lens, page.body.joints(page.pose, page.doc.lengths)[held.joint], this.pixelOf(event));
    if (there) page.pull(held.joint, there, held.feet);
  }

  release(event) {
    if (!this.held || event.pointerId !== this.held.id) return;
    this.held = null;
    this.page.commit();
  }
}
