// Pictures that the settings beside the tools describe: they stand in the state as a seed, and follow the settings.
import { isPlain, sameRecipe } from "./recipes.js";
import { latentOf } from "./seeds.js";
import { session } from "./session.js";

/** The seed of a recipe that the present settings make again, or null. */
export const seedOf = (recipe, state) => {
  const plain = { ...recipe, class_mix: undefined };
  if (!isPlain(plain) || recipe.psi !== state.psi) return null;
  const mixed = state.mixWith ? { class: state.mixWith, amount: state.mixAmount } : undefined;
  if (!sameRecipe(recipe.class_mix, mixed)) return null;
  const own = state.class || latentOf(recipe.seed, session.model).class;
  return (recipe.class ?? null) === (own || null) ? recipe.seed : null;
};

/** Tiles as a list of seeds, written, and of the recipes that are no seeds here. */
export const asSeedsAndRecipes = (tiles, state) => {
  const seeds = tiles.map(({ recipe }) => seedOf(recipe, state));
  return {
    seeds: seeds.filter((seed) => seed !== null).join(", "),
    pictures: tiles.filter((_, index) => seeds[index] === null).map(({ recipe }) => recipe),
  };
};
