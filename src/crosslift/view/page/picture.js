"use strict";

/** What the camera sees: a frame of the video or an empty picture, the keypoints, and over them
 *  where the poses appear. */
class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.brush = canvas.getContext("2d");
  }

  /** Take the canvas's width on the screen, and the height that the shown part then needs. */
  fit(recording, closeUp) {
    const { width, height } = closeUp ? closeUpOf(recording) : wholeOf(recording);
    this.closeUp = closeUp;
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.width = this.canvas.clientWidth;
    this.height = Math.min(this.width * clamp(height / width, 0.3, 1.2), 0.42 * window.innerHeight);
    this.canvas.style.height = this.height + "px";
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.scale = Math.min(this.width / width, this.height / height);
  }

  /** Bring the middle of the shown part to the middle of the canvas. */
  aim(recording, frame) {
    const { x, y } = this.closeUp ? closeUpOf(recording).at(frame) : wholeOf(recording);
    this.left = this.width / 2 - this.scale * x;
    this.top = this.height / 2 - this.scale * y;
  }

  draw(recordings, main, time, colours) {
    const { brush } = this;
    const frame = main.frameAt(time);
    this.aim(main, frame);
    brush.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    brush.globalAlpha = 1;
    brush.fillStyle = colours.sunken;
    brush.fillRect(0, 0, this.width, this.height);
    this.drawImage(main, time, colours);
    for (const each of recordings) {
      if (each.reprojected) this.drawPoses(each, each.frameAt(time), colours, main);
    }
    this.drawKeypoints(main, frame, colours);
  }

  place(points, index) {
    const [x, y] = [points[2 * index], points[2 * index + 1]];
    return Number.isNaN(x) ? null : [this.left + this.scale * x, this.top + this.scale * y];
  }

  drawImage({ images, size }, time, colours) {
    const { brush } = this;
    const corner = [this.left, this.top, this.scale * size[0], this.scale * size[1]];
    const at = images.findLastIndex((each) => each.time <= time + 1e-4);
    const image = images.length ? images[Math.max(at, 0)].image : null;
    this.onFilm = Boolean(image);
    if (image && image.complete && image.naturalWidth) {
      brush.drawImage(image, ...corner);
    } else {
      if (image) image.onload = () => this.onImage && this.onImage();
      brush.fillStyle = colours.picture;
      brush.fillRect(...corner);
    }
  }

  /** The estimate as the camera would see it: a thin figure. */
  drawPoses(recording, frame, colours, main) {
    const { brush } = this;
    const path = new Path2D();
    for (const { from, to } of recording.lines) {
      const ends = [from, to].map((joint) =>
        this.place(recording.reprojected, frame * recording.count + joint));
      if (!ends[0] || !ends[1]) continue;
      path.moveTo(...ends[0]);
      path.lineTo(...ends[1]);
    }
    brush.lineCap = brush.lineJoin = "round";
    if (this.onFilm) {
      brush.strokeStyle = "rgba(0, 0, 0, 0.45)";
      brush.lineWidth = 3.5;
      brush.stroke(path);
    }
    const plain = this.onFilm ? "#ffffff" : colours.ink;
    brush.strokeStyle = recording === main ? plain : recording.tones.left;
    brush.globalAlpha = recording === main ? 0.9 : 0.8;
    brush.lineWidth = 1.5;
    brush.stroke(path);
    brush.globalAlpha = 1;
  }

  /** Lines between the keypoints, where no pose shows how they hang together. */
  drawBones(recording, frame) {
    const { brush } = this;
    brush.lineWidth = 2;
    brush.lineCap = "round";
    brush.globalAlpha = 0.55;
    for (const { from, to, side } of recording.lines) {
      const ends = [from, to].map((joint) =>
        this.place(recording.keypoints, frame * recording.count + joint));
      if (!ends[0] || !ends[1]) continue;
      brush.beginPath();
      brush.moveTo(...ends[0]);
      brush.lineTo(...ends[1]);
      brush.strokeStyle = recording.tones[side];
      brush.stroke();
    }
    brush.globalAlpha = 1;
  }

  /** Dots, the paler the lower their scores, rings where they were filled in. */
  drawKeypoints(recording, frame, colours) {
    const { brush } = this;
    if (!recording.reprojected) this.drawBones(recording, frame);
    const size = clamp(0.011 * this.height, 2.5, 4.5);
    for (let joint = 0; joint < recording.count; joint++) {
      const index = frame * recording.count + joint;
      const place = recording.keypoints && this.place(recording.keypoints, index);
      if (!place) continue;
      const filled = recording.isObserved(frame, joint);
      brush.beginPath();
      brush.arc(...place, size, 0, 2 * Math.PI);
      brush.globalAlpha = filled ? 0.35 + 0.65 * recording.scores[index] : 0.9;
      brush.fillStyle = filled ? recording.tones[recording.sides[joint]] : colours.ground;
      brush.fill();
      brush.lineWidth = 1.25;
      brush.strokeStyle = filled ? colours.ground : recording.tones[recording.sides[joint]];
      brush.stroke();
    }
    brush.globalAlpha = 1;
  }
}

const wholeOf = ({ size: [width, height] }) => ({ width, height, x: width / 2, y: height / 2 });

/** A part of the picture that follows the person, as large as the person is at most. */
function closeUpOf(recording) {
  recording.closeUp = recording.closeUp || measured(recording);
  return recording.closeUp;
}

function measured(recording) {
  const { frames, count, keypoints } = recording;
  const middles = new Float32Array(3 * frames);
  const reaches = [[], []];
  for (let frame = 0; frame < frames; frame++) {
    for (const axis of [0, 1]) {
      let [low, high] = [Infinity, -Infinity];
      for (let joint = 0; joint < count; joint++) {
        const value = keypoints[2 * (frame * count + joint) + axis];
        if (value < low) low = value;
        if (value > high) high = value;
      }
      const known = high >= low;
      middles[3 * frame + axis] = known ? (low + high) / 2
        : frame ? middles[3 * frame - 3 + axis] : recording.size[axis] / 2;
      if (known) reaches[axis].push(high - low);
    }
  }
  const path = smoothed(middles, frames, Math.round(recording.fps / 2));
  const [width, height] = reaches.map((all) => all.sort((a, b) => a - b)[Math.floor(0.98 * (all.length - 1))]);
  if (!(width > 0 && height > 0)) return { ...wholeOf(recording), at: () => wholeOf(recording) };
  const side = 1.35 * Math.max(width, height);
  return { width: Math.max(1.35 * width, 0.9 * side), height: Math.max(1.3 * height, 0.6 * side),
    at: (frame) => ({ x: path[3 * frame], y: path[3 * frame + 1] }) };
}
