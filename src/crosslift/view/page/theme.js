"use strict";

const COLOURS = ["ground", "sunken", "picture", "ink", "quiet", "faint", "line", "floor", "shadow", "accent", "warn", "font"];

const isDark = () => document.documentElement.dataset.theme === "dark";

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

/** Whether the system is dark; `changed` is told whenever that changes. */
function followSystem(changed) {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", () => changed(system.matches));
  return system.matches;
}

/** The colours that the style has now, for what is drawn on canvases. */
function coloursOfStyle() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

/** A body's colours as they stand out from the ground. */
function tonesOf(palette) {
  return Object.fromEntries(Object.entries(palette).map(([side, colour]) =>
    [side, isDark() ? mixed(colour, "#ffffff", side === "middle" ? 0.5 : 0.26) : colour]));
}
