// The contract of painters: the guarantees that the user interface relies on. Returns the guarantees that a painter
// breaks.
const isPicture = (src) =>
  new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth);
    image.onerror = () => resolve(0);
    image.src = src;
  });

const contentOf = async (src) => new Uint8Array(await (await fetch(src)).arrayBuffer()).join();

const refusal = async (promise) => {
  try {
    await promise;
    return null;
  } catch (error) {
    return error;
  }
};

export const brokenClauses = async (painter, { REQUIRED, Refused }) => {
  const broken = [];
  const clause = (words, holds) => holds || broken.push(words);
  for (const name of REQUIRED) clause(`${name} is an operation`, typeof painter[name] === "function");

  const { models, model } = await painter.describe(null);
  clause("models have keys and labels", models.length > 0 && models.every(({ key, label }) => key && label));
  clause(
    "the described model is one of them",
    models.some(({ key }) => key === model.key),
  );
  const fields = {
    name: "string",
    weights: "string",
    family: "string",
    resolution: "number",
    z_dim: "number",
    layers: "number",
  };
  for (const [name, type] of Object.entries(fields)) clause(`model.${name} is a ${type}`, typeof model[name] === type);
  clause("classes are names", Array.isArray(model.classes) && model.classes.every((name) => typeof name === "string"));
  clause(
    "groups are lists of layers",
    Object.values(model.groups)
      .flat()
      .every((at) => at >= 0 && at < model.layers),
  );
  for (const name of ["mixes_layers", "mixes_classes"]) {
    clause(`capabilities.${name} is true or false`, typeof model.capabilities[name] === "boolean");
  }
  clause("an unknown key gives way to a model", (await painter.describe("kept:nobody")).model !== null);

  const taste = { model: model.key, psi: 0.7, class: "" };
  const { tiles, seeds } = await painter.pictures({ ...taste, seeds: "0-3, 9" });
  clause("seeds are read as written", seeds.join() === "0,1,2,3,9");
  clause("a seed is a tile", tiles.map(({ recipe }) => recipe.seed).join() === seeds.join());
  const widths = await Promise.all(tiles.map(({ src }) => isPicture(src)));
  clause(
    "a tile is a picture of the model's size",
    widths.every((width) => width === model.resolution),
  );
  clause(
    "a tile is a PNG",
    tiles.every(({ src }) => /^(data:image\/png|blob:)/.test(src)),
  );
  clause(
    "a recipe names the weights",
    tiles.every(({ recipe }) => recipe.model.weights_sha256 === model.weights),
  );
  const again = await painter.draw({ model: model.key, recipes: tiles.map(({ recipe }) => recipe) });
  const [before, after] = await Promise.all(
    [tiles, again.tiles].map((each) => Promise.all(each.map(({ src }) => contentOf(src)))),
  );
  clause("a recipe makes its picture again", after.length === before.length && after.join() === before.join());

  const { latents } = await painter.latents({ z_dim: model.z_dim, classes: model.classes, seeds });
  clause(
    "a latent has z_dim numbers",
    latents.every(({ z }) => z.length === model.z_dim),
  );
  const named = (each, at) => each.class === (tiles[at].recipe.class ?? null);
  clause("a seed of no named class has the class of its latent", latents.every(named));

  const error = await refusal(painter.pictures({ ...taste, seeds: "cats" }));
  clause("what is refused is said", error instanceof Refused && error.message.length > 10);
  return broken;
};
