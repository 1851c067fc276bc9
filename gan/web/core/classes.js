// The names of classes on the screen: those of the starters in both languages, all others as the model has them.
import { session } from "./session.js";
import { word } from "./words.js";

const NAMES = {
  hands: "create_class_name_hands",
  people: "create_class_name_people",
  smileys: "create_class_name_smileys",
};
const isStarter = () => Boolean(session.model?.key.startsWith("starter:"));

/** The name of a class of the open model. */
export const className = (name) => (isStarter() && Object.hasOwn(NAMES, name) ? word(NAMES[name]) : name);

/** The class of a picture, or "". */
export const classOf = (recipe) => {
  if (!recipe.class) return "";
  return recipe.model.weights_sha256 === session.model?.weights ? className(recipe.class) : recipe.class;
};
