// The painter that runs the network as ONNX in the browser, without a server.
import { latentOf } from "../core/seeds.js";
import { RandomState } from "../random.js";
import { CHILDREN, inherited } from "./breeding.js";
import { encodeFilm, encodePng, readRecipe } from "./png.js";
import { INPUT, floatsOf, isInput, latentWith, lerp, pointsOf, slerp } from "./points.js";
import { Refused } from "./painter.js";
import { cornersOf, parseSeeds, seedAt } from "./seeds.js";

const BATCH = 8; // pictures in one run of the network: fast enough, and the first ones appear soon
const SMALLEST_PSI = 0.1; // below this psi a point is not divided by psi, since it would grow without bound
const MOST_PSI = 2;
const NEAR = 7; // number of variations of a picture
const STEPS = [-2, -1, 1, 2];

/**
 * @param model as model.json describes it
 * @param network {map(z, classes), paint(values, classes)}
 * @param say (key, values) => a sentence in the visitor's language
 * @param {{most: number, toUrl?: (png: Blob) => string}} options the most pictures an answer holds
 * @returns {import("./painter.js").Painter}
 */
export const onnxPainter = (model, network, say, { most, toUrl = (png) => URL.createObjectURL(png) }) => {
  const { classes, resolution, channels, layers, dim, space, way: kind } = model;
  const { points, levels, centre, size } = pointsOf(model, network);
  const refuse = (key, values) => {
    throw new Refused(say(key, values), key);
  };

  // Recipes

  const check = ({ psi, class: name }) => {
    if (!(Math.abs(psi) <= MOST_PSI)) refuse("static_no_psi", { found: psi, most: MOST_PSI });
    if (name && !classes.length) refuse("static_no_classes", { model: model.name, found: name });
    if (name && !classes.includes(name))
      refuse("static_no_class", { model: model.name, found: name, known: classes.join(", ") });
  };
  const fieldsOf = (taste) => {
    const { psi = 0.7, class: name, mix_with: second, mix_amount: amount = 0.5 } = taste;
    check({ psi, class: name });
    return { psi, class: name || undefined, ...(second ? { class_mix: { class: second, amount } } : {}) };
  };
  /** The recipe of a picture. Its class is named even where the seed chose it. */
  const recipeOf = (origin, { psi, class: name, ...fields }) => {
    const own = origin.seed !== undefined && classes.length && !name ? latentOf(origin.seed, model).class : name;
    const recipe = { version: 1, model: model.reference, class: own ?? null, ...origin, psi, ...fields };
    return model.licence ? { ...recipe, licence: model.licence } : recipe;
  };
  const recipeOfPoint = (values, psi, name, lineage) => {
    const middle = centre(name);
    const kept = Math.abs(psi) >= SMALLEST_PSI;
    const back = kept
      ? values.map((value, index) => middle[index % dim] + (value - middle[index % dim]) / psi)
      : values;
    const same = back.every((value, index) => value === back[index % dim]);
    const shape = layers && !same ? [layers, dim] : [dim];
    const latent = latentWith(space, shape, shape.length === 1 ? back.slice(0, dim) : back);
    return recipeOf({ latent }, { psi: kept ? psi : 1, class: name, lineage });
  };

  // Pictures

  const paint = async (recipes) => {
    const pictures = [];
    for (let start = 0; start < recipes.length; start += BATCH) {
      const part = recipes.slice(start, start + BATCH);
      const painted = await levels(part);
      const length = resolution * resolution * channels;
      part.forEach((_, row) => {
        const pixels = painted.slice(row * length, (row + 1) * length);
        pictures.push({ pixels, width: resolution, height: resolution, channels });
      });
    }
    return pictures;
  };
  const tilesOf = async (recipes) => {
    const pictures = await paint(recipes);
    return Promise.all(
      pictures.map(async (each, row) => ({
        src: toUrl(await encodePng(each, recipes[row])),
        recipe: recipes[row],
      })),
    );
  };
  const seedsOf = (text) => {
    const seeds = parseSeeds(text, most);
    return seeds ?? refuse("static_no_seeds", { found: text.slice(0, 40), most });
  };

  // Between pictures

  const named = (recipes) => new Set(recipes.map(({ class: name }) => name ?? null));
  const explored = async ({ x, y }, fields) => {
    const corners = cornersOf(x, y);
    const parents = [...corners.keys()].map((seed) => recipeOf({ seed }, fields));
    if (parents.length === 1) return parents[0];
    const weights = [...corners.values()];
    const found = await points(parents);
    const length = kind.spherical ? Math.hypot(...weights) : 1; // keeps the variance of independent normal latents
    const blend = new Float32Array(size);
    found.forEach(({ values }, row) =>
      values.forEach((value, index) => {
        blend[index] += (weights[row] / length) * value;
      }),
    );
    const names = named(parents);
    const nearest = parents[weights.indexOf(Math.max(...weights))].class;
    const name = names.size === 1 || !kind.across_classes ? nearest : null;
    return recipeOfPoint(blend, fields.psi, name, {
      tool: "explore",
      parents: [],
      settings: { x, y, psi: fields.psi },
    });
  };
  /** Recipes between a and b: on a straight line, or on an arc where latents are normal. */
  const wayOver = async (a, b, ts) => {
    const names = named([a, b]);
    if (!kind.across_classes && names.size > 1) refuse("static_other_class", { found: [...names].join(", ") });
    const [from, to] = (await points([a, b])).map(({ values }) => values);
    const name = names.size === 1 ? [...names][0] : null;
    const step = kind.spherical ? slerp : lerp;
    return ts.map((t) => {
      if (t === 0 || t === 1) return t ? b : a;
      const psi = a.psi + t * (b.psi - a.psi);
      return recipeOfPoint(step(from, to, t), psi, name, { tool: "morph", parents: [], settings: { t } });
    });
  };
  /**
   * A recipe whose picture is near that of another: its z is turned, or its latent moved, by a fraction of the distance
   * to an independent one.
   */
  const varied = async ({ seed, latent, ...rest }, distance, noise) => {
    const lineage = { tool: "variation", parents: [], settings: { distance } };
    if (latent && !isInput(latent)) {
      const index = Math.max(0, classes.indexOf(rest.class));
      const [to, from] = [await network.map(noise, [index]), centre(rest.class)];
      const moved = floatsOf(latent).map((value, at) => value + distance * (to[at % dim] - from[at % dim]));
      return { ...rest, latent: latentWith(latent.space, latent.shape, moved), lineage };
    }
    const z = latent ? floatsOf(latent) : latentOf(seed, model).z;
    const angle = (distance * Math.PI) / 2;
    const turned = z.map((value, at) => Math.cos(angle) * value + Math.sin(angle) * noise[at]);
    return { ...rest, latent: latentWith(INPUT, [model.z_dim], turned), lineage };
  };
  /** The class that the seed of a recipe chooses. */
  const classOf = ({ seed }) => (seed === undefined ? undefined : (latentOf(seed, model).class ?? undefined));
  /** The recipes of the children of 1 … 8 parents (gan/sampler/breeding.py). */
  const childrenOf = async (given, { seed, mutation }) => {
    const parents = given.map((each) => ({ ...each, class: each.class ?? classOf(each) }));
    const found = (await points(parents)).map(({ values }) => values);
    const children = inherited(model, parents, found, seed);
    const psi = parents.reduce((sum, parent) => sum + parent.psi, 0) / parents.length;
    const [angle, spread] = [(mutation * Math.PI) / 2, Math.abs(psi)];
    let steps = null;
    if (model.is_mapped) {
      const z = new Float32Array(children.length * model.z_dim);
      children.forEach((child, index) => z.set(child.z, index * model.z_dim));
      steps = await network.map(
        z,
        children.map(({ row }) => row),
      );
    }
    const names = named(parents);
    return children.map(({ point, z, name, row }, child) => {
      const middle = model.is_mapped ? centre(classes[row]) : null;
      const moved = point.map((value, at) =>
        middle
          ? value + mutation * spread * (steps[child * dim + (at % dim)] - middle[at % dim])
          : Math.cos(angle) * value + Math.sin(angle) * spread * z[at],
      );
      const own = model.points_carry_class ? name : names.size === 1 ? [...names][0] : null;
      const lineage = { tool: "breed", parents: [], settings: { seed, child, mutation, count: CHILDREN } };
      return recipeOfPoint(moved, psi, own, lineage);
    });
  };
  const settled = async (recipe) => {
    if (!recipe.mix && !recipe.directions?.length) return recipe;
    const [{ values }] = await points([recipe]);
    return recipeOfPoint(values, 0, recipe.class, undefined);
  };
  const placeOf = ({ seed, latent, psi, class: name, class_mix: second }) =>
    JSON.parse(JSON.stringify({ seed, latent, psi, class: name, class_mix: second }));
  const sideOf = ({ seeds, pictures = [] }, fields) => [
    ...(seeds.trim() ? seedsOf(seeds) : []).map((seed) => recipeOf({ seed }, fields)),
    ...pictures,
  ];

  const found = (recipe, name) => {
    if (recipe === undefined) refuse("static_not_a_picture", { name });
    if (recipe === null) refuse("static_no_recipe", { name });
    if (recipe.model.weights_sha256 === model.weights) return { recipe, model: model.key };
    return refuse("static_other_model", { name, wanted: recipe.model.name });
  };

  return {
    describe: async () => ({ models: [{ key: model.key, label: model.name }], model }),
    async pictures({ seeds, ...taste }) {
      const fields = fieldsOf(taste);
      const list = seedsOf(seeds);
      return { seeds: list, tiles: await tilesOf(list.map((seed) => recipeOf({ seed }, fields))) };
    },
    async draw({ recipes }) {
      recipes.forEach(check);
      return { tiles: await tilesOf(recipes) };
    },
    async variations({ recipe, distance, seed }) {
      const random = new RandomState(seed);
      const noises = Array.from({ length: NEAR }, () => random.standardNormal(model.z_dim));
      const near = await Promise.all(noises.map((noise) => varied(recipe, distance, noise)));
      return { tiles: await tilesOf([recipe, ...near]) };
    },
    latents: async ({ seeds }) => ({ latents: seeds.map((seed) => latentOf(seed, model)) }),
    explore: async ({ x, y, ...taste }) => ({ tiles: await tilesOf([await explored({ x, y }, fieldsOf(taste))]) }),
    async seedsAround({ places, ...taste }) {
      const fields = fieldsOf(taste);
      const seeds = places.map(([x, y]) => seedAt(x, y));
      const tiles = await tilesOf(seeds.map((seed) => recipeOf({ seed }, fields)));
      return { seeds, small: tiles.map(({ src }) => src) };
    },
    async mix({ rows, columns, layers: taken, ...taste }) {
      if (!model.capabilities.mixes_layers) refuse("static_no_mix", { model: model.name });
      const fields = fieldsOf(taste);
      const [left, top] = [sideOf(rows, fields), sideOf(columns, fields)];
      const places = (await Promise.all(top.map(settled))).map(placeOf);
      const bases = await Promise.all(left.map(settled));
      const cells = bases.flatMap((base) => places.map((place) => ({ ...base, mix: { with: place, layers: taken } })));
      const tiles = await tilesOf([...left, ...top, ...cells]);
      const inner = tiles.slice(left.length + top.length);
      return {
        tiles,
        rows: tiles.slice(0, left.length),
        columns: tiles.slice(left.length, left.length + top.length),
        cells: left.map((_, row) => inner.slice(row * top.length, (row + 1) * top.length)),
      };
    },
    async breed({ generations, ...taste }) {
      const fields = fieldsOf(taste);
      const line = [];
      for (const generation of generations) {
        const parents = generation.parents.map(({ seed, recipe, of, child = 0 }) => {
          if (recipe && recipe.model.weights_sha256 !== model.weights)
            refuse("static_other_model", { name: recipe.model.name, wanted: recipe.model.name });
          return recipe ?? (of === undefined ? recipeOf({ seed }, fields) : line[of][child]);
        });
        line.push(await childrenOf(parents, generation));
      }
      return { tiles: await tilesOf(line.at(-1)) };
    },
    between: async ({ a, b, t }) => ({ tiles: await tilesOf(await wayOver(a, b, [t])) }),
    /** `count` pictures between a and b, both ends included. */
    walk: async ({ a, b, ts }) => ({ tiles: await tilesOf(await wayOver(a, b, ts)) }),
    /** The path from a to b and back as an animated PNG. */
    async loop({ a, b, ts, framesPerSecond }) {
      const frames = await paint(await wayOver(a, b, ts));
      const back = frames.slice(1, -1).reverse();
      return { src: toUrl(await encodeFilm([...frames, ...back], framesPerSecond)) };
    },
    directions: async () => ({ weights: [], samples: [], saved: model.directions, refusal: null }),
    async push({ seed, recipe, pushes, ...taste }) {
      const base = recipe ?? recipeOf({ seed: seedsOf(String(seed))[0] }, fieldsOf(taste));
      const steps = [...(base.directions ?? []), ...pushes.filter(({ strength }) => strength)];
      return { tiles: await tilesOf([steps.length ? { ...base, directions: steps } : base]) };
    },
    async strips({ seed, recipe, pushes, ...taste }) {
      const base = recipe ?? recipeOf({ seed: seedsOf(String(seed))[0] }, fieldsOf(taste));
      const steps = pushes.flatMap((each) =>
        STEPS.map((strength) => ({ ...base, directions: [{ ...each, strength }] })),
      );
      const [first, ...rest] = (await tilesOf([base, ...steps])).map(({ src }) => src);
      return { base: first, strips: pushes.map((_, row) => rest.slice(row * STEPS.length, (row + 1) * STEPS.length)) };
    },
    recallFile: async ({ name, bytes }) => found(readRecipe(bytes), name),
    recallRecipe: async ({ recipe }) => found(recipe, model.name),
  };
};
