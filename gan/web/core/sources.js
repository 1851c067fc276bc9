// A cache of pictures for recipes that the state holds without their pictures.
const MOST = 200;
const sources = new Map();

export const rememberSource = (tile) => {
  sources.set(JSON.stringify(tile.recipe), tile.src);
  if (sources.size > MOST) sources.delete(sources.keys().next().value);
};

/** The picture of a recipe, or undefined. */
export const sourceOf = (recipe) => sources.get(JSON.stringify(recipe));
