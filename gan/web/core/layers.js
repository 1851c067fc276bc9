// Groups of a model's layers by name, the measured effect of each group, and a field that picks layers.
import { h } from "./dom.js";
import { sameRecipe as same } from "./recipes.js";
import { ask, canDo, session } from "./session.js";
import { word } from "./words.js";

const GROUP_WORDS = { coarse: "create_layers_coarse", middle: "create_layers_middle", fine: "create_layers_fine" };
export const groupWord = (name) => word(GROUP_WORDS[name]);

// The measured effects of each group of layers, as fractions of the effect of all layers, stored by the weights' hash
const effects = new Map();
const EFFECT_WORDS = { shape: "create_effect_shape", colour: "create_effect_colour", detail: "create_effect_detail" };
const MUCH = 0.4; // fraction of the effect of all layers; effects of at least this size are named
const LITTLE = 0.3; // smaller effects are hardly visible

/** Start the measurement of the groups' effects; `onchange` is called with the result. */
export const layerEffects = async (onchange) => {
  const { key, weights } = session.model;
  if (effects.has(weights) || !canDo(["layerEffects"])) return;
  effects.set(weights, null);
  try {
    effects.set(weights, (await ask("layerEffects", { model: key })).groups);
    onchange();
  } catch (error) {
    effects.delete(weights);
    console.info(error); // the groups stay without descriptions
  }
};

const sorted = (measured) => Object.entries(measured).sort(([, one], [, other]) => other - one);
const wordsFor = (measured) => {
  const found = sorted(measured);
  const [first, most] = found[0];
  if (most < LITTLE) return word("create_effect_none");
  if (most < MUCH) return word("create_effect_little", { what: word(EFFECT_WORDS[first]) });
  return found
    .filter(([, share]) => share >= MUCH)
    .map(([effect]) => word(EFFECT_WORDS[effect]))
    .join(word("create_comma"));
};
const largest = (measured) => Math.max(...Object.values(measured));

// A group's effects in words; where another group has the same words, with "most" or "less". "" where not yet known.
const effectWords = (name) => {
  const groups = effects.get(session.model.weights);
  if (!groups?.[name]) return "";
  const words = wordsFor(groups[name]);
  const alike = Object.values(groups).filter((each) => wordsFor(each) === words);
  if (alike.length === 1 || largest(groups[name]) < LITTLE) return words;
  const isMost = alike.every((each) => largest(each) <= largest(groups[name]));
  return word(isMost ? "create_effect_most" : "create_effect_less", { words });
};

/** "Coarse: shape", or the bare name. */
export const groupLabel = (name) => {
  const words = effectWords(name);
  return words ? word("create_layers_change", { layers: groupWord(name), words }) : groupWord(name);
};

/** Whether every group that changes much of the shape or the colour changes much of both. */
const isJoined = (groups) => {
  const strong = Object.values(groups).filter(({ shape, colour }) => Math.max(shape, colour) >= MUCH);
  return strong.length > 0 && strong.every(({ shape, colour }) => Math.min(shape, colour) >= MUCH);
};

/** A sentence that the effects were measured, and one where colour and shape come together; "" where not known. */
export const saysEffects = () => {
  const groups = effects.get(session.model.weights);
  if (!groups) return "";
  return word(isJoined(groups) ? "create_effects_joined" : "create_effects_measured");
};

const span = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const option = (value, words) => h("option", { value }, words);

/** A choice of all layers, a group, or a range; `onchange` and `show` take a list of layers, or null for all. */
export const layerField = (label, onchange) => {
  const input = h("select", { class: "text-input", "aria-label": label });
  const end = (words) => h("select", { class: "text-input", "aria-label": word(words), onchange: () => range() });
  const ends = [end("create_dir_from"), end("create_dir_to")];
  const root = h("span", { class: "layer-field" }, input, ends);
  let open = false; // the range stays open, even if a group has the same layers
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
        ...names.map((name) => option(name, groupLabel(name))),
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
