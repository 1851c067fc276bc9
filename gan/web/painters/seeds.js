// Seeds as numbers: parsing a list of seeds, and the position of a seed on the plane.

export const MAX_SEED = 2 ** 32 - 1;
const AS_TYPED_IN_CHINESE = { "、": ",", "，": ",", "－": "-" };
const RINGS = 32_767; // rings around the middle of the plane; every cell in them has its own seed

/** "0-3, 8" -> [0, 1, 2, 3, 8], each once; null for anything else, or for more than `most`. */
export const parseSeeds = (text, most) => {
  const plain = text.normalize("NFKC").replace(/[、，－]/g, (letter) => AS_TYPED_IN_CHINESE[letter]);
  const seeds = new Set();
  for (const part of plain.split(",")) {
    const match = /^\s*(\d{1,10})\s*(?:-\s*(\d{1,10})\s*)?$/.exec(part);
    if (!match) return null;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (first > last || last > MAX_SEED || last - first >= most) return null;
    for (let seed = first; seed <= last; seed++) seeds.add(seed);
  }
  return seeds.size <= most ? [...seeds] : null;
};

const wrapped = (value) => {
  const period = 2 * RINGS + 1;
  return ((((value + RINGS) % period) + period) % period) - RINGS;
};

/** The seed at a whole point of the plane, in a square spiral around 0 (gan/sampler/lattice.py). */
export const seedAt = (x, y) => {
  const [i, j] = [wrapped(x), wrapped(y)];
  const ring = Math.max(Math.abs(i), Math.abs(j));
  if (ring === 0) return 0;
  const first = (2 * ring - 1) ** 2;
  if (i === ring && j > -ring) return first + j + ring - 1;
  if (j === ring) return first + 2 * ring + ring - 1 - i;
  if (i === -ring) return first + 4 * ring + ring - 1 - j;
  return first + 6 * ring + i + ring - 1;
};

/** The position of a seed: the inverse of `seedAt`. */
export const placeOf = (seed) => {
  const ring = Math.ceil((Math.sqrt(seed + 1) - 1) / 2);
  if (ring === 0) return { x: 0, y: 0 };
  const along = seed - (2 * ring - 1) ** 2;
  const rest = along % (2 * ring);
  const sides = [
    { x: ring, y: rest - ring + 1 },
    { x: ring - 1 - rest, y: ring },
    { x: -ring, y: ring - 1 - rest },
    { x: rest - ring + 1, y: -ring },
  ];
  return sides[Math.floor(along / (2 * ring))];
};

/** The seeds around a point that have weights above 0, and these weights, of sum 1. */
export const cornersOf = (x, y) => {
  const [left, below] = [Math.floor(x), Math.floor(y)];
  const [right, above] = [x - left, y - below];
  const corners = new Map();
  for (const [i, across] of [
    [left, 1 - right],
    [left + 1, right],
  ]) {
    for (const [j, along] of [
      [below, 1 - above],
      [below + 1, above],
    ]) {
      if (across * along > 0) corners.set(seedAt(i, j), across * along);
    }
  }
  return corners;
};
