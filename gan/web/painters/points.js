// Computes the points of pictures in a model's latent space, with all edits applied, as gan/sampler/model.py does.
import { latentOf } from "../core/seeds.js";

export const INPUT = "z"; // the name of the space that the network maps from

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

export const floatsOf = (latent) => new Float32Array(fromBase64(latent.float32).buffer);
export const latentWith = (space, shape, values) => ({
  space,
  shape,
  float32: toBase64(new Uint8Array(new Float32Array(values).buffer)),
});

/** Whether a latent is a z, which the network maps (Latent.is_input in gan/recipes.py). */
export const isInput = ({ space }) => INPUT === space;

export const lerp = (from, to, t) => from.map((value, index) => value + t * (to[index] - value));

const repeated = (row, count) => {
  const rows = new Float32Array(row.length * count);
  for (let index = 0; index < count; index++) rows.set(row, index * row.length);
  return rows;
};

const PARALLEL = 1e-3; // radians: float32 cannot distinguish smaller angles from 0

/** Interpolate from a to b along the arc between their directions; the length changes linearly. */
export const slerp = (a, b, t) => {
  const length = (values) => Math.hypot(...values);
  const [lengthA, lengthB] = [length(a), length(b)];
  if (!(lengthA > 0 && lengthB > 0)) return lerp(a, b, t);
  const cosine = a.reduce((sum, value, index) => sum + (value / lengthA) * (b[index] / lengthB), 0);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  if (angle < PARALLEL || angle > Math.PI - PARALLEL) return lerp(a, b, t);
  const [here, there] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  const long = lengthA + t * (lengthB - lengthA);
  return a.map((value, index) => long * ((here * value) / lengthA + (there * b[index]) / lengthB));
};

/**
 * @param model as model.json describes it
 * @param network {map(z, classes), paint(values, classes)}: the graphs, for many rows at once
 */
export const pointsOf = (model, network) => {
  const { classes, layers, dim, z_dim } = model;
  const size = layers ? layers * dim : dim;
  const means = floatsOf({ float32: model.means });

  const numberOf = (name) => classes.indexOf(name);

  /** The latent that truncation gives at psi 0: the mean of a class, or of all classes where none is named. */
  const centre = (name) => {
    if (name || !classes.length) {
      const row = name ? numberOf(name) : 0;
      return means.slice(row * dim, (row + 1) * dim);
    }
    const whole = new Float32Array(dim);
    means.forEach((value, index) => {
      whole[index % dim] += value / classes.length;
    });
    return whole;
  };

  /** The input of the graphs for the start of a recipe: its z, its class, and that class's index. */
  const begun = (place) => {
    const own = place.seed === undefined ? null : latentOf(place.seed, model);
    const z = own ? own.z : isInput(place.latent) ? floatsOf(place.latent) : new Float32Array(z_dim);
    const name = place.class ?? own?.class ?? null;
    return { place, z, name, index: name === null ? 0 : numberOf(name) };
  };

  const mapped = async (rows) => {
    const z = new Float32Array(rows.length * z_dim);
    rows.forEach((row, index) => z.set(row.z, index * z_dim));
    if (!model.is_mapped) return rows.map((row) => row.z);
    const latents = await network.map(
      z,
      rows.map((row) => row.index),
    );
    return rows.map((_, index) => latents.slice(index * dim, (index + 1) * dim));
  };

  const truncated = ({ place, name }, point, other) => {
    const given = place.latent && !isInput(place.latent);
    let middle = centre(name);
    let values = given ? floatsOf(place.latent) : point;
    if (place.class_mix) {
      const { class: second, amount } = place.class_mix;
      const move = centre(second).map((value, index) => amount * (value - middle[index]));
      values = other ? lerp(values, other, amount) : values.map((value, index) => value + move[index % dim]);
      middle = lerp(middle, centre(second), amount);
    }
    const all = values.length === size ? values : repeated(values, layers);
    return all.map((value, index) => middle[index % dim] + place.psi * (value - middle[index % dim]));
  };

  const locate = async (places) => {
    const rows = places.map(begun);
    const seconds = rows.filter(({ place }) => place.class_mix && (!place.latent || isInput(place.latent)));
    const others = seconds.map((row) => ({ ...row, index: numberOf(row.place.class_mix.class) }));
    const found = await mapped([...rows, ...others]);
    return rows.map((row, index) => {
      const second = seconds.indexOf(row);
      return {
        values: truncated(row, found[index], second < 0 ? null : found[rows.length + second]),
        index: row.index,
      };
    });
  };

  const push = (values, { vector, strength, layers: chosen }) => {
    const step = floatsOf(vector);
    for (let index = 0; index < size; index++) {
      const layer = Math.floor(index / dim);
      if (layers && chosen && !chosen.includes(layer)) continue;
      values[index] += strength * step[step.length === size ? index : index % dim];
    }
  };

  /** @returns {Promise<{values: Float32Array, index: number}[]>} truncated, mixed and pushed */
  const points = async (recipes) => {
    const mixed = recipes.filter(({ mix }) => mix);
    const found = await locate([...recipes, ...mixed.map(({ mix }) => mix.with)]);
    return recipes.map((recipe, row) => {
      const { values, index } = found[row];
      if (recipe.mix) {
        const other = found[recipes.length + mixed.indexOf(recipe)].values;
        for (const layer of recipe.mix.layers) values.set(other.slice(layer * dim, (layer + 1) * dim), layer * dim);
      }
      for (const each of recipe.directions ?? []) push(values, each);
      return { values, index };
    });
  };

  /** @returns {Promise<Uint8Array>} the levels of the pictures, (recipes, resolution, resolution, channels) */
  const levels = async (recipes) => {
    const found = await points(recipes);
    const values = new Float32Array(found.length * size);
    found.forEach((point, row) => values.set(point.values, row * size));
    return network.paint(
      values,
      found.map(({ index }) => index),
    );
  };

  return { points, levels, centre, size, dim };
};
