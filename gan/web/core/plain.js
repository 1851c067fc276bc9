// Pictures that a seed and the settings of all tools describe. The state holds only the seed, so these pictures change
// with the settings.
import { isPlain, sameRecipe } from "./recipes.js";
import { latentOf } from "./seeds.js";
import { session } from "./session.js";

/** The seed of a recipe that the current settings reproduce, or null. */
export const seedOf = (recipe, state) => {
  const plain = { ...recipe, class_mix: undefined };
  if (!isPlain(plain) || recipe.psi !== state.psi) return null;
  const mixed = state.mixWith ? { class: state.mixWith, amount: state.mixAmount } : undefined;
  if (!sameRecipe(recipe.class_mix, mixed)) return null;
  const own = state.class || latentOf(recipe.seed, session.model).class;
  return (recipe.class ?? null) === (own || null) ? recipe.seed : null;
};

/** Split tiles into a list of seeds as text, and the recipes that no seed reproduces. */
export const asSeedsAndRecipes = (tiles, state) => {
  const seeds = tiles.map(({ recipe }) => seedOf(recipe, state));
  return {
    seeds: seeds.filter((seed) => seed !== null).join(", "),
    pictures: tiles.filter((_, index) => seeds[index] === null).map(({ recipe }) => recipe),
  };
};
