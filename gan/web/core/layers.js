// Groups of a model's layers by name, and a field that picks layers.
import { h } from "./dom.js";
import { sameRecipe as same } from "./recipes.js";
import { session } from "./session.js";
import { word } from "./words.js";

const GROUP_WORDS = { coarse: "create_layers_coarse", middle: "create_layers_middle", fine: "create_layers_fine" };
export const groupWord = (name) => word(GROUP_WORDS[name]);

const span = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const option = (value, words) => h("option", { value }, words);

/** All layers, a group, or from one to another; `onchange` and `show` take a list of layers, or null for all. */
export const layerField = (label, onchange) => {
  const input = h("select", { class: "text-input", "aria-label": label });
  const end = (words) => h("select", { class: "text-input", "aria-label": word(words), onchange: () => range() });
  const ends = [end("create_dir_from"), end("create_dir_to")];
  const root = h("span", { class: "layer-field" }, input, ends);
  let open = false; // a range was asked for, even if a group has the same layers
  const range = () => {
    const [first, last] = ends.map((each) => Number(each.value)).sort((a, b) => a - b);
    onchange(span(first, last));
  };
  input.addEventListener("change", () => {
    open = input.value === "range";
    if (input.value === "all") onchange(null);
    else if (!open) onchange(session.model.groups[input.value]);
    else range();
  });
  return {
    root,
    show(layers) {
      const { groups, layers: count } = session.model;
      const names = Object.keys(groups);
      const named = layers === null ? "all" : names.find((name) => same(groups[name], layers));
      const whole = layers === null || same(layers, span(layers[0], layers.at(-1)));
      input.replaceChildren(
        option("all", word("create_dir_all_layers")),
        ...names.map((name) => option(name, groupWord(name))),
        option("range", word("create_dir_range")),
        ...(whole ? [] : [option("own", layers.join(", "))]),
      );
      input.value = whole ? (open || !named ? "range" : named) : "own";
      const [first, last] = layers === null ? [0, count - 1] : [layers[0], layers.at(-1)];
      ends.forEach((each, index) => {
        const numbers = span(0, count - 1).map((layer) => option(String(layer), String(layer)));
        if (each.options.length !== count) each.replaceChildren(...numbers);
        each.value = String(index ? last : first);
        each.hidden = input.value !== "range";
      });
      root.hidden = !count;
    },
  };
};
