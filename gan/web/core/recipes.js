// Texts for a recipe: its caption, its description for screen readers, its file's name.
import { word } from "./words.js";

export const sameRecipe = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export const caption = (recipe) => {
  if (recipe.mix || recipe.directions?.length) return word("create_edited");
  return recipe.seed !== undefined ? String(recipe.seed) : word(`create_from_${recipe.lineage?.tool ?? "upload"}`);
};

/** Whether seed, psi and class describe the picture completely. */
export const isPlain = (recipe) =>
  recipe.seed !== undefined && !recipe.mix && !recipe.class_mix && !recipe.directions?.length;

export const altOf = (recipe) =>
  recipe.seed !== undefined
    ? word("create_alt", { seed: recipe.seed, model: recipe.model.name })
    : word("create_alt_latent", { what: caption(recipe), model: recipe.model.name });

// Edited pictures and latents with the same seed or tool get different names by a few letters of their recipe's hash.
const marks = (recipe) => {
  let sum = 5381;
  for (const letter of JSON.stringify(recipe)) sum = (Math.imul(sum, 33) ^ letter.charCodeAt(0)) >>> 0;
  return sum.toString(36);
};

export const fileStem = (name) => name.replaceAll("/", "-");

export const fileName = (recipe, ending = "png") => {
  const what = isPlain(recipe) ? recipe.seed : `${caption(recipe).replace(/[^\p{L}\p{N}]+/gu, "-")}-${marks(recipe)}`;
  return `${fileStem(recipe.model.name)}-${what}.${ending}`;
};

/** The settings that all tools share, in the form of a recipe. */
export const tasteOf = (recipe) => ({
  psi: recipe.psi,
  class: recipe.class ?? "",
  mixWith: recipe.class_mix?.class ?? "",
  mixAmount: recipe.class_mix?.amount ?? 0.5,
});
