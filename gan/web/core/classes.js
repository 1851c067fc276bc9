// The names of classes on the screen: those of the starters in both languages, all others as the model has them.
import { session } from "./session.js";
import { word } from "./words.js";

const NAMED = [
  "dress",
  "hands",
  "hat",
  "longsleeve",
  "outwear",
  "pants",
  "people",
  "shirt",
  "shoes",
  "shorts",
  "skirt",
  "smileys",
  "t-shirt",
];
const isStarter = () => Boolean(session.model?.key.startsWith("starter:"));

/** The name of a class of the open model. */
export const className = (name) => (isStarter() && NAMED.includes(name) ? word(`create_class_name_${name}`) : name);

// Without an intermediate latent a rebuilt photograph needs some class, which says nothing about the photograph.
const isOnlyNeeded = ({ lineage }) => lineage?.tool === "project" && !session.model?.capabilities.mixes_classes;

/** The class of a picture, or "". */
export const classOf = (recipe) => {
  if (!recipe.class || isOnlyNeeded(recipe)) return "";
  return recipe.model.weights_sha256 === session.model?.weights ? className(recipe.class) : recipe.class;
};
