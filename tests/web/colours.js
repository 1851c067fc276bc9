// A painter without a server: each seed is a square in the colour of its latent. It draws in the browser, as the
// painter onnx.js does.
import { latentsOf } from "/core/seeds.js";
import { Refused } from "/painters/painter.js";

const MODEL = {
  key: "colours",
  name: "colours",
  weights: "0".repeat(64),
  family: "colours",
  resolution: 16,
  classes: ["warm", "cold"],
  z_dim: 3,
  layers: 0,
  groups: {},
  capabilities: { mixes_layers: false, mixes_classes: false },
};

const draw = ({ recipes }) => ({ tiles: recipes.map((recipe) => ({ src: pictureOf(recipe), recipe })) });

const pictureOf = (recipe) => {
  const { z, class: name } = latentsOf({ ...MODEL, seeds: [recipe.seed] })[0];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = MODEL.resolution;
  const context = canvas.getContext("2d");
  const hue = ((recipe.class ?? name) === "warm" ? 30 : 220) + 10 * z[0] * recipe.psi;
  context.fillStyle = `hsl(${hue} ${50 + 10 * z[1]}% ${50 + 10 * z[2]}%)`;
  context.fillRect(0, 0, MODEL.resolution, MODEL.resolution);
  return canvas.toDataURL("image/png");
};

export const coloursPainter = () => ({
  describe: async () => ({ models: [{ key: MODEL.key, label: MODEL.name }], model: MODEL }),
  latents: async (asked) => ({ latents: latentsOf(asked) }),
  draw: async (asked) => draw(asked),
  async pictures({ seeds: text, psi = 0.7, class: name = "" }) {
    if (!/^[\d\s,-]+$/.test(text)) throw new Refused(`${text} is not a list of seeds`);
    const parts = text.split(",").map((part) => part.split("-").map(Number));
    const seeds = parts.flatMap(([a, b = a]) => Array.from({ length: b - a + 1 }, (_, at) => a + at));
    const model = { name: MODEL.name, weights_sha256: MODEL.weights };
    const classOf = (seed) => name || latentsOf({ ...MODEL, seeds: [seed] })[0].class;
    const recipes = seeds.map((seed) => ({ version: 1, model, seed, psi, class: classOf(seed) }));
    return { ...draw({ recipes }), seeds };
  },
});
