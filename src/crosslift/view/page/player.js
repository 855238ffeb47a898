"use strict";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

/** The moment that is shown, and the clock that moves it. `main` gives the frames to step by. */
class Player {
  constructor(main, changed) {
    Object.assign(this, { main, changed, playing: false, speed: 1 });
    this.start = main.frames ? main.times[0] : 0;
    this.end = main.frames ? main.times[main.frames - 1] : 0;
    this.time = this.start;
  }

  get frame() {
    return this.main.frameAt(this.time);
  }

  goTo(time) {
    this.time = clamp(time, this.start, this.end);
    this.changed();
  }

  goToFrame(frame) {
    if (this.main.frames) this.goTo(this.main.times[clamp(frame, 0, this.main.frames - 1)]);
  }

  step(frames) {
    this.pause();
    this.goToFrame(this.frame + frames);
  }

  play() {
    if (this.playing || this.end <= this.start) return;
    this.playing = true;
    let last = null;
    const tick = (now) => {
      if (!this.playing) return;
      if (last !== null) this.advance((now - last) / 1000);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    this.changed();
  }

  /** Go on by so many seconds of the clock on the wall, from the end to the beginning. */
  advance(seconds) {
    const length = this.end - this.start + 1 / this.main.fps; // the last frame lasts as well
    const on = (this.time - this.start + Math.min(seconds, 0.5) * this.speed) % length;
    this.time = this.start + on;
    this.changed();
  }

  pause() {
    this.playing = false;
    this.changed();
  }

  toggle() {
    if (this.playing) this.pause(); else this.play();
  }

  /** The next slower or faster of the speeds on offer. */
  change(steps) {
    const at = SPEEDS.indexOf(this.speed) + steps;
    this.speed = SPEEDS[clamp(at, 0, SPEEDS.length - 1)];
    this.changed();
  }
}
