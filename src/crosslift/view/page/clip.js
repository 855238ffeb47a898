"use strict";

/** The page of clips: the recordings, what is shown of them, and the elements that change it. */
class ClipPage {
  constructor(content) {
    this.content = content;
    this.recordings = content.clips.map((each) => new Recording(each));
    this.posed = this.recordings.filter((each) => each.hypotheses && each.frames);
    this.seen = this.recordings.filter((each) => each.keypoints && each.frames);
    this.main = longest(this.recordings);
    this.looked = this.seen.find((each) => each.images.length) || this.seen[0];
    this.options = this.firstOptions();
    this.player = new Player(this.main, () => this.ask());
    this.recordings.start = this.player.start;
    this.stage = new Stage(find("views"), this.posed, () => this.ask());
    this.picture = new Picture(find("picture"));
    this.picture.onImage = () => this.ask();
    setTheme(followSystem((dark) => this.setTheme(dark)));
    this.retone();
    const length = this.player.end - this.player.start;
    this.plots = new Plots(find("curves"), content.curves, this.recordings, length,
      (seconds) => this.player.goTo(this.player.start + seconds));
    fillPage(this);
    listen(this);
    this.layOut();
  }

  firstOptions() {
    const many = this.posed.length > 1;
    return {
      overlay: this.content.overlay && many,
      aligned: this.content.overlay && many,
      follow: this.posed.some((each) => wayOf(each) > 1.2),
      trail: this.posed.some((each) => wayOf(each) > 1.2),
      ghosts: this.posed.some((each) => each.hypotheses > 1),
      spread: this.posed.some((each) => each.hasDoubt),
      closeUp: Boolean(this.looked) && closeUpOf(this.looked).height < 0.55 * this.looked.size[1],
    };
  }

  setTheme(dark) {
    setTheme(dark);
    this.retone();
    this.layOut();
  }

  /** Take the colours of the style, and make the bodies' fit them. */
  retone() {
    this.colours = coloursOfStyle();
    for (const each of this.recordings) each.tones = tonesOf(each.palette);
  }

  /** Fit everything to the window, after a change of size, colours or what is shown. */
  layOut() {
    this.stage.arrange(this.options.overlay);
    this.refit();
  }

  refit() {
    if (this.looked) this.picture.fit(this.looked, this.options.closeUp);
    this.stage.fit();
    this.plots.draw(this.colours);
    const curves = find("curves");
    document.documentElement.style.setProperty("--bar", `${curves.offsetWidth - curves.clientWidth - 2}px`);
    paintLegend(this);
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
    const { player, options, colours } = this;
    this.stage.draw(player.time, options, colours);
    if (this.looked) {
      const others = this.seen.filter((each) => each.shown && sameView(each, this.looked));
      this.picture.draw(others, this.looked, player.time, colours);
    }
    this.plots.show(player.time);
    showTime(this);
    showJoints(this);
  }

  /** Turn one of the switches. */
  set(option, value) {
    this.options[option] = value;
    showSure(this);
    if (option === "overlay") this.layOut();
    else if (option === "closeUp") this.refit();
    else this.ask();
  }
}

/** The recording that lasts longest, whose frames are stepped through. */
function longest(recordings) {
  const length = ({ times, frames }) => (frames ? times[frames - 1] - times[0] : -1);
  return recordings.reduce((best, each) => (length(each) > length(best) ? each : best));
}

/** Whether two clips show one scene from one camera, so that one's poses fit the other's picture. */
const sameView = (a, b) => a === b || (a.name === b.name && a.frames === b.frames)
  || ((a.truth || b.truth) && a.frames === b.frames && String(a.size) === String(b.size));

/** What the page shows; a name of its own, so that it can be looked at from the console. */
const page = new ClipPage(JSON.parse(find("data").textContent));
