// Arithmetic of the plane of seeds: points with whole coordinates are seeds, counted in a square spiral
// (gan/sampler/lattice.py).
import { limits } from "../core/limits.js";

/** The greatest seed with a position of its own: beyond it the plane repeats. */
export const mostPlaced = () => (2 * limits.planeRings + 1) ** 2 - 1;

/** The whole points in view and a little beyond, nearest first; `reach` is how many fit from side to side. */
export const placesAround = ({ x, y, reach }) => {
  const far = reach / 2 + 0.6;
  const places = [];
  for (let i = Math.ceil(x - far); i <= x + far; i++) {
    for (let j = Math.ceil(y - far); j <= y + far; j++) places.push([i, j]);
  }
  return places.sort(([a, b], [c, d]) => Math.hypot(a - x, b - y) - Math.hypot(c - x, d - y));
};

export const nearestPlace = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });

export const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

/** Round to three digits, and never to -0. */
export const rounded = (value) => Math.round(value * 1000) / 1000 || 0;
