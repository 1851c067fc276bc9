// Draws the random choices of a generation of children, in the order of gan/sampler/breeding.py.
import { RandomState } from "../random.js";

const STREAM = 2;
const GENE_LAYERS = 2; // the layers of one side of the picture are inherited together
export const CHILDREN = 8;

/** The parent of each layer. */
const layersFrom = (random, parents, layers) => {
  const genes = Math.ceil(layers / GENE_LAYERS);
  const chosen = Array.from({ length: genes }, () => random.randint(0, parents));
  if (parents > 1 && genes > 1 && new Set(chosen).size === 1) {
    // prevents a copy of one parent
    const gene = random.randint(0, genes);
    chosen[gene] = (chosen[gene] + random.randint(1, parents)) % parents;
  }
  return Array.from({ length: layers }, (_, layer) => chosen[Math.floor(layer / GENE_LAYERS)]);
};

/**
 * @param model as model.json describes it
 * @param {import("./painter.js").Recipe[]} parents with their classes named
 * @param {Float32Array[]} points the parents' points
 * @returns {{point: Float32Array, z: Float32Array, name: string | null, row: number}[]} for each child what it inherits,
 *   and the z, the class and the class's index with which it mutates
 */
export const inherited = (model, parents, points, seed) => {
  const { classes, layers, dim, z_dim } = model;
  const random = new RandomState([seed, STREAM]);
  return Array.from({ length: CHILDREN }, () => {
    const point = new Float32Array(points[0].length);
    if (model.capabilities.mixes_layers) {
      layersFrom(random, parents.length, layers).forEach((parent, layer) => {
        const [start, end] = [layer * dim, (layer + 1) * dim];
        point.set(points[parent].subarray(start, end), start);
      });
    } else {
      const weights = Float32Array.from(random.weights(parents.length));
      const length = model.is_mapped ? 1 : Math.hypot(...weights); // keeps the variance of independent normal latents
      point.forEach((_, at) => {
        point[at] = points.reduce((sum, values, index) => sum + weights[index] * values[at], 0) / length;
      });
    }
    const z = random.standardNormal(z_dim);
    const name = parents[random.randint(0, parents.length)].class ?? null;
    let row = 0;
    if (name !== null) row = classes.indexOf(name);
    else if (!model.points_carry_class) row = Math.floor(random.randomSample() * classes.length);
    return { point, z, name, row };
  });
};
