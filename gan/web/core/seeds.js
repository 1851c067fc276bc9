// Seeds: parsing them as users type them, rolling random ones, and the latent and class of each.
import { RandomState } from "../random.js";
import { limits } from "./limits.js";

const SHORT = 1_000_000; // rolled seeds stay below this: short enough to read, remember and type
const MOST_TRIED = 10_000; // seeds tried in the search for a class; the search then gives up

export const rollSeed = () => Math.floor(Math.random() * SHORT);
/** A random seed for a tool's own random numbers, which the user does not see. */
export const rollChance = () => Math.floor(Math.random() * 2 ** 31);

export const isSeed = (text) => /^\s*\d+\s*$/.test(text) && Number(text) <= limits.maxSeed;

const partsOf = (text) =>
  text.split(",").map((part) => {
    const [first, last] = part.split("-").map((each) => Number.parseInt(each, 10));
    return [first, last ?? first];
  });

/** The number of seeds that a text names; text that is not a number counts as none. */
export const countOf = (text) =>
  partsOf(text).reduce((sum, [first, last]) => sum + (Number.isNaN(first) ? 0 : last - first + 1), 0);

/** The seeds that a text names. */
export const seedsOf = (text) =>
  partsOf(text).flatMap(([first, last]) => Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index));

/** Different random seeds, in order, as text. */
export const rollSeeds = (count) => {
  const rolled = new Set();
  while (rolled.size < count) rolled.add(rollSeed());
  return written([...rolled]);
};

export const written = (seeds) => [...seeds].sort((a, b) => a - b).join(", ");

/** The text with `count` seeds: a range is extended or shortened at its end, and a list is cut or gets random seeds. */
export const resized = (text, count) => {
  const range = /^\s*(\d+)\s*(-\s*\d+\s*)?$/.exec(text);
  if (range) return count === 1 ? range[1] : `${range[1]}-${Number(range[1]) + count - 1}`;
  const all = seedsOf(text);
  const more = count > all.length ? rollSeeds(count - all.length).split(", ") : [];
  return [...all.slice(0, count), ...more].join(", ");
};

/**
 * The latent of a seed: its z, and the class that it chooses where none is named (gan/sampler/seeds.py).
 * @returns {{seed: number, z: Float32Array, class: string | null}}
 */
export const latentOf = (seed, { z_dim, classes }) => {
  const random = new RandomState(seed);
  const z = random.standardNormal(z_dim);
  return { seed, z, class: classes.length ? classes[Math.floor(random.randomSample() * classes.length)] : null };
};

export const latentsOf = ({ seeds, ...model }) => seeds.map((seed) => latentOf(seed, model));

/** `count` seeds of one class, from `next(tried)`: the class `wanted`, else that of the first one. */
const seedsOfClass = (count, model, wanted, next) => {
  const found = [];
  let name = wanted;
  for (let tried = 0; found.length < count; tried++) {
    const seed = next(tried);
    if (found.includes(seed)) continue;
    if (model.classes.length < 2 || tried >= MOST_TRIED) found.push(seed);
    else {
      const own = latentOf(seed, model).class;
      name ??= own;
      if (own === name) found.push(seed);
    }
  }
  return found;
};

const firsts = new Map(); // arguments of firstOfOneClass -> seeds

/**
 * The first seeds that share a class: pictures of one class mix well. With a chosen class all seeds have it; else it is
 * the class `like`, or that of the first seed.
 */
export const firstOfOneClass = (count, model, chosen, like) => {
  const { z_dim, classes } = chosen || !model ? { z_dim: 0, classes: [] } : model;
  const key = JSON.stringify([count, z_dim, classes, like]);
  if (!firsts.has(key))
    firsts.set(
      key,
      seedsOfClass(count, { z_dim, classes }, like, (tried) => tried),
    );
  return firsts.get(key);
};

/** Random seeds of one class: `like`, or that of the first one. */
export const rollOfOneClass = (count, model, chosen, like) =>
  seedsOfClass(count, chosen ? { ...model, classes: [] } : model, like, rollSeed);
