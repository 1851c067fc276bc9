// A second model, whose pictures of the same seeds are shown next to those of the open model.
import { drawer } from "../core/dom.js";
import { select } from "../core/fields.js";
import { explain } from "../core/notices.js";
import { askOnce, session } from "../core/session.js";
import { word } from "../core/words.js";

/** @param onchange called with the key of the second model, "" for none */
export const makeComparison = (onchange) => {
  const field = select(word("create_compare_with"), {
    id: "compare-with",
    info: word("create_compare_info"),
    onchange,
  });
  const root = drawer(word("create_compare"), field.root);
  // Where the second model lacks the chosen class, its seeds choose their classes
  const fitting = async (key, asked) => {
    const { model } = await askOnce("describe", key);
    const has = (name) => (model.classes.includes(name) ? name : "");
    return { ...asked, model: key, class: has(asked.class), mix_with: has(asked.class) && has(asked.mix_with) };
  };
  return {
    root,
    draw(other) {
      const others = session.models.filter(({ key }) => key !== session.model.key);
      root.hidden = !others.length;
      field.options = [["", word("create_compare_none")], ...others.map(({ key, label }) => [key, label])];
      field.value = other;
      if (other) root.open = true;
    },
    /**
     * The second model's tiles for a request of seeds: {key, tiles}. If the painter refuses, the list is empty, and the
     * reason is shown.
     */
    async ask(key, asked) {
      try {
        return { key, tiles: (await askOnce("pictures", await fitting(key, asked))).tiles };
      } catch (error) {
        explain(error);
        return { key, tiles: [] };
      }
    },
  };
};
