"use strict";

/** The numbers of an array that packing.py packed, NaN where there is none; null stays null. */
function unpack(packed) {
  if (!packed) return null;
  const text = atob(packed.base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  if (packed.kind === "uint8") return bytes;
  if (packed.kind === "float32") return new Float32Array(bytes.buffer);
  const steps = new Int16Array(bytes.buffer);
  const values = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) {
    values[i] = steps[i] === -32768 ? NaN : steps[i] * packed.step;
  }
  return values;
}
