"use strict";

const DASHES = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

/** Curves over the time line of the page; pressing or dragging on one goes to that moment. */
class Plots {
  constructor(holder, curves, recordings, seconds, goTo) {
    Object.assign(this, { recordings, seconds });
    this.plots = curves.map((curve) => this.plotOf(holder, curve, goTo));
  }

  /** The elements of one plot: its heading with the numbers of the moment, its canvas, its cursor. */
  plotOf(holder, curve, goTo) {
    const figure = make("figure", { className: "plot" });
    const caption = make("figcaption");
    caption.append(make("b", { textContent: curve.title }),
      make("span", { textContent: curve.unit ? ` ${curve.unit}` : "", className: "quiet" }));
    const readout = make("span", { className: "readout" });
    caption.append(readout);
    const lines = curve.lines.map((line) => ({ ...line, values: unpack(line.values) }));
    const readings = lines.map((line) => {
      const reading = make("output", { title: this.nameOf(line) });
      readout.append(reading);
      return reading;
    });
    const field = make("div", { className: "field" });
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", describe(curve, lines, (line) => this.nameOf(line)));
    const cursor = make("i", { className: "cursor" });
    field.append(canvas, cursor);
    figure.append(caption, field);
    holder.append(figure);
    const go = (event) => {
      const box = canvas.getBoundingClientRect();
      goTo(clamp((event.clientX - box.left) / box.width, 0, 1) * this.seconds);
    };
    field.addEventListener("pointerdown", (event) => {
      field.setPointerCapture(event.pointerId);
      go(event);
    });
    field.addEventListener("pointermove", (event) => event.buttons && go(event));
    const digits = curve.unit ? 0 : 2;
    return { figure, canvas, cursor, lines, readings, digits, range: rangeOf(lines) };
  }

  nameOf(line) {
    const several = this.recordings.length > 1 ? this.recordings[line.clip].label : "";
    return [line.side, several].filter(Boolean).join(", ");
  }

  colourOf({ clip, side }) {
    return this.recordings[clip].tones[side || (this.recordings.length > 1 ? "left" : "middle")];
  }

  /** Draw all curves; the cursors move without that. */
  draw(colours) {
    for (const plot of this.plots) {
      const { canvas, lines, range } = plot;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const brush = canvas.getContext("2d");
      brush.scale(ratio, ratio);
      this.drawLevels(brush, range, width, height, colours);
      for (const line of lines) {
        if (!this.recordings[line.clip].shown) continue;
        this.drawLine(brush, line, (v) => levelOf(v, range, height), width);
      }
      this.drawNumbers(brush, range, height, colours);
      plot.readings.forEach((reading, i) => {
        reading.style.color = this.colourOf(lines[i]);
        reading.hidden = !this.recordings[lines[i].clip].shown;
      });
    }
  }

  drawLevels(brush, range, width, height, colours) {
    brush.strokeStyle = colours.line;
    brush.lineWidth = 1;
    for (const tick of range.ticks) {
      const y = Math.round(levelOf(tick, range, height)) + 0.5;
      brush.beginPath();
      brush.moveTo(0, y);
      brush.lineTo(width, y);
      brush.stroke();
    }
  }

  /** The numbers of the levels, each on a small clearing. */
  drawNumbers(brush, range, height, colours) {
    brush.font = `10px ${colours.font}`;
    brush.fillStyle = colours.quiet;
    brush.strokeStyle = colours.ground;
    brush.lineWidth = 4;
    brush.lineJoin = "round";
    for (const tick of range.ticks) {
      const y = levelOf(tick, range, height) - 3;
      if (y < 9) continue;
      brush.strokeText(tickText(tick), 3, y);
      brush.fillText(tickText(tick), 3, y);
    }
  }

  /** One curve; where several frames share a pixel, all that they reach. */
  drawLine(brush, line, level, width) {
    const { times, truth } = this.recordings[line.clip];
    const start = this.recordings.start;
    const path = new Path2D();
    let [column, low, high, pen] = [-1, NaN, NaN, "moveTo"];
    const flush = (x) => {
      if (Number.isNaN(low)) return;
      path[pen](x, level(low));
      if (high !== low) path.lineTo(x, level(high));
      pen = "lineTo";
      low = high = NaN;
    };
    line.values.forEach((value, frame) => {
      const x = width * (times[frame] - start) / (this.seconds || 1);
      if (Math.floor(2 * x) !== column) { flush(column / 2); column = Math.floor(2 * x); }
      if (Number.isNaN(value)) { flush(column / 2); pen = "moveTo"; return; }
      [low, high] = Number.isNaN(low) ? [value, value] : [Math.min(low, value), Math.max(high, value)];
    });
    flush(column / 2);
    brush.strokeStyle = this.colourOf(line);
    brush.lineWidth = truth ? 2.5 : 1.5;
    brush.globalAlpha = truth ? 0.55 : 1;
    brush.setLineDash(truth ? [] : DASHES[line.clip % DASHES.length]);
    brush.lineJoin = "round";
    brush.stroke(path);
    brush.setLineDash([]);
    brush.globalAlpha = 1;
  }

  /** Put the cursors and the numbers beside the headings to a moment. */
  show(time) {
    const share = this.seconds ? clamp((time - this.recordings.start) / this.seconds, 0, 1) : 0;
    for (const { cursor, lines, readings, digits } of this.plots) {
      cursor.style.left = `${100 * share}%`;
      lines.forEach((line, i) => {
        const value = line.values[this.recordings[line.clip].frameAt(time)];
        readings[i].textContent = Number.isFinite(value) ? value.toFixed(digits) : "–";
      });
    }
  }
}

/** The numbers that a plot spans, and two or three round ones among them. */
function rangeOf(lines) {
  let [low, high] = [Infinity, -Infinity];
  for (const { values } of lines) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(high >= low)) return { low: 0, high: 1, ticks: [] };
  const span = high - low || Math.abs(high) || 1;
  [low, high] = [low - 0.06 * span, high + 0.1 * span];
  const step = [1, 2, 5, 10].map((each) => each * 10 ** Math.floor(Math.log10(span / 3)))
    .find((each) => (high - low) / each <= 4);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return { low, high, ticks };
}

const levelOf = (value, { low, high }, height) => height * (1 - (value - low) / (high - low));

const tickText = (tick) => String(+tick.toPrecision(6));

/** A plot in words, for those who hear the page. */
function describe(curve, lines, nameOf) {
  const spans = lines.map((line) => {
    const { low, high } = extremes(line.values);
    return `${nameOf(line) || "value"} ${low} to ${high}`;
  });
  return `${curve.title}${curve.unit ? " in " + curve.unit : ""} over time: ${spans.join("; ")}`;
}

function extremes(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const v of values) { if (v < low) low = v; if (v > high) high = v; }
  return { low: +low.toPrecision(3), high: +high.toPrecision(3) };
}
