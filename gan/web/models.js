// Which model is open: opened, found gone, and the class that is chosen in it.
import { explain, sayTrouble } from "./core/notices.js";
import { session } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

const NOTHING_CHOSEN = { class: "", mixWith: "", a: null, b: null };

/** Say so where the chosen classes are not the model's, and choose none. */
export const settleClass = () => {
  const isKnown = (name) => !name || session.model.classes.includes(name);
  const { class: chosen, mixWith: mixed } = store.state;
  if (isKnown(chosen) && isKnown(mixed)) return;
  sayTrouble(word("create_class_gone", { found: isKnown(chosen) ? mixed : chosen, model: session.model.name }));
  store.set({ class: isKnown(chosen) ? chosen : "", mixWith: isKnown(mixed) ? mixed : "" }, { quiet: true });
};

/** Open the model of a key, or the first that there is. Whether there is one. */
export const loadModel = async (key, opened) => {
  try {
    const answer = await session.painter.describe(key);
    session.models = answer.models;
    session.model = answer.model;
    if (!session.model) {
      if (answer.trouble) sayTrouble(answer.trouble);
      return false;
    }
    opened(session.model.key);
    if (session.model.key === key) settleClass();
    else {
      const gone = () => word("create_model_gone", { key: key.split(":").slice(1).join(":") });
      if (key) sayTrouble(answer.trouble ?? gone());
      store.set({ model: session.model.key, ...NOTHING_CHOSEN }, { quiet: true });
    }
  } catch (error) {
    explain(error);
  }
  return true;
};

/** Go to a model as one first meets it, with the present seeds. */
export const openModel = (key) => {
  const { seeds, locked } = store.slice("pictures");
  const pictures = { ...store.defaults.pictures, seeds, locked };
  store.set({ model: key, ...NOTHING_CHOSEN, tools: { pictures } });
};
