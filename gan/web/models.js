// Opens models, reports missing ones, and checks the chosen class.
import { explain, sayTrouble } from "./core/notices.js";
import { session } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

const NOTHING_CHOSEN = { class: "", mixWith: "", a: null, b: null };

/** If the model lacks a chosen class, say so and choose none. */
export const settleClass = () => {
  const isKnown = (name) => !name || session.model.classes.includes(name);
  const { class: chosen, mixWith: mixed } = store.state;
  if (isKnown(chosen) && isKnown(mixed)) return;
  sayTrouble(word("create_class_gone", { found: isKnown(chosen) ? mixed : chosen, model: session.model.name }));
  store.set({ class: isKnown(chosen) ? chosen : "", mixWith: isKnown(mixed) ? mixed : "" }, { quiet: true });
};

/** Open the model of a key, or the first model. Return whether a model is open. */
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

/** Switch to a model in its initial state, with the current seeds and the family that was bred with it. */
export const openModel = (key) => {
  const { seeds, locked } = store.slice("pictures");
  const pictures = { ...store.defaults.pictures, seeds, locked };
  const other = store.state.other === key ? "" : store.state.other;
  store.set({ model: key, ...NOTHING_CHOSEN, other, tools: { ...store.toolsOf(key), pictures } });
};
