"use strict";

const PLAY = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M6 3.5v13l10.5-6.5z"/></svg>';
const PAUSE = '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M5 4h3.4v12H5zM11.6 4H15v12h-3.4z"/></svg>';

/** The moment that is shown, the keyframes beside it, and the clock that moves it. */
class Timeline {
  constructor(page) {
    this.page = page;
    this.playing = false;
    this.length = Math.max(2, page.doc.end);
    find("play").addEventListener("click", () => this.toggle());
    find("before").addEventListener("click", () => this.jump(-1));
    find("after").addEventListener("click", () => this.jump(1));
    find("add").addEventListener("click", () => this.add());
    find("remove").addEventListener("click", () => this.remove());
    find("time").addEventListener("input", (event) => {
      this.pause();
      page.goTo(Number(event.target.value));
    });
    find("length").addEventListener("change", (event) => {
      this.length = clamp(event.target.valueAsNumber || 2, 0.1, 600);
      page.goTo(page.time);
    });
    find("fps").addEventListener("change", (event) => page.change((doc) => {
      doc.fps = clamp(event.target.valueAsNumber || 30, 1, 240);
    }));
  }

  get whole() {
    return Math.max(this.length, this.page.doc.end);
  }

  /** The nearest moment that a frame has. */
  snapped(time) {
    const { doc } = this.page;
    const key = doc.keyAt(time);
    return key ? key.time : clamp(Math.round(time * doc.fps) / doc.fps, 0, this.whole);
  }

  add() {
    this.page.edit(() => {});
    this.page.commit();
  }

  remove() {
    const { page } = this;
    page.change((doc) => doc.remove(page.time));
  }

  /** To the next keyframe before or after this moment. */
  jump(sense) {
    const { doc, time } = this.page;
    this.pause();
    const margin = 0.5 / doc.fps;
    const there = doc.keys.map((key) => key.time).filter((each) => sense * (each - time) > margin);
    if (there.length) this.page.goTo(sense > 0 ? there[0] : there[there.length - 1]);
  }

  toggle() {
    if (this.playing) this.pause(); else this.play();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.page.goTo(this.snapped(this.page.time));
  }

  play() {
    const { page } = this;
    if (page.doc.keys.length < 2) return;
    this.playing = true;
    let last = null;
    const tick = (now) => {
      if (!this.playing) return;
      const [start, end] = [page.doc.keys[0].time, page.doc.end];
      const on = last === null ? 0 : Math.min((now - last) / 1000, 0.5);
      const time = page.time < start || page.time >= end ? start : page.time + on;
      last = now;
      page.showAt(Math.min(time, end));
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  show() {
    const { doc, time } = this.page;
    const slider = find("time");
    Object.assign(slider, { min: 0, max: this.whole, step: "any", value: time });
    slider.style.setProperty("--filled", `${100 * time / this.whole}%`);
    slider.setAttribute("aria-valuetext", `${time.toFixed(2)} seconds`);
    find("clock").textContent = `${time.toFixed(2)} s`;
    const here = doc.keyAt(time);
    find("remove").disabled = doc.keys.length < 2 || !here;
    find("add").disabled = Boolean(here);
    find("play").disabled = doc.keys.length < 2;
    find("count").textContent = doc.keys.length > 1 ? `${doc.keys.length} keyframes` : "1 keyframe";
    for (const [id, value] of [["length", this.whole], ["fps", doc.fps]]) {
      if (document.activeElement !== find(id)) find(id).value = +value.toFixed(3);
    }
    this.showButton();
    this.showKeys(here);
  }

  showButton() {
    const button = find("play");
    if (button.dataset.playing === String(this.playing)) return;
    button.dataset.playing = this.playing;
    button.innerHTML = this.playing ? PAUSE : PLAY;
    button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }

  /** A mark on the line for each keyframe; pressing on it goes there. */
  showKeys(here) {
    const { page } = this;
    const holder = find("keyframes");
    while (holder.children.length > page.doc.keys.length) holder.lastChild.remove();
    while (holder.children.length < page.doc.keys.length) {
      const mark = make("button", { type: "button", className: "mark", tabIndex: -1 });
      mark.addEventListener("click", () => { this.pause(); page.goTo(Number(mark.dataset.time)); });
      holder.append(mark);
    }
    page.doc.keys.forEach((key, i) => {
      const mark = holder.children[i];
      mark.dataset.time = key.time;
      mark.style.left = `${100 * key.time / this.whole}%`;
      mark.classList.toggle("here", key === here);
      mark.setAttribute("aria-label", `Keyframe at ${key.time.toFixed(2)} seconds`);
      mark.title = `${key.time.toFixed(2)} s`;
    });
  }
}
