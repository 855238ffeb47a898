"use strict";

const find = (id) => document.getElementById(id);

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

const mixtures = new Map();

/** A colour with a share of another one in it, all written as #rrggbb. */
function mixed(colour, other, share) {
  const key = colour + other + share;
  if (!mixtures.has(key)) {
    const part = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
    const values = [0, 1, 2].map((i) =>
      Math.round(part(colour, i) * (1 - share) + part(other, i) * share));
    mixtures.set(key, "#" + values.map((v) => v.toString(16).padStart(2, "0")).join(""));
  }
  return mixtures.get(key);
}

const millimetres = (metres) => (Number.isNaN(metres) ? "" : `${Math.round(1000 * metres)} mm`);

function clockText(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(2).padStart(5, "0")}`;
}
