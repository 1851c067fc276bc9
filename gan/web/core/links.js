// Links to pictures, short enough to read and change by hand. A picture that does not fit into a link can be shared by
// its PNG. Links of earlier versions, with a whole recipe after #, are still read.
import { button, h } from "./dom.js";
import { saveFile } from "./files.js";
import { isOwn } from "./kept.js";
import { limits } from "./limits.js";
import { sayNote } from "./notices.js";
import { asSeedsAndRecipes } from "./plain.js";
import { fileName } from "./recipes.js";
import { seedsOf } from "./seeds.js";
import { fresh, store } from "./store.js";
import { word } from "./words.js";

const OWN = ["model", "seeds", "psi", "class", "mix", "layers", "directions", "mix_class", "mix_amount"];
const LOCAL = /^(localhost|127\..*|\[::1\])$/;

const sameStart = (one, other) =>
  JSON.stringify([one.psi, one.class, one.class_mix]) === JSON.stringify([other.psi, other.class, other.class_mix]);
// The directions that have a name in the model. A name that only this browser stores has no meaning in another one.
const isShared = (recipe) => (push) => {
  const here = store.state.directionNames?.[recipe.model.weights_sha256] ?? [];
  return !/[:;]/.test(push.name) && !here.some(({ name }) => name === push.name);
};
const pushText = ({ name, strength, layers }) => [name, strength, ...(layers ? [layers.join(".")] : [])].join(":");

/** The link of pictures, or null: only a PNG can hold the one, or seeds and settings do not hold the several. */
export const linkOf = (tiles) => (tiles.length === 1 ? linkOfOne(tiles[0]) : linkOfSeeds(tiles));

const start = () => {
  const link = new URL(location.origin + location.pathname);
  const put = (name, value) => value !== undefined && link.searchParams.set(name, value);
  put("model", store.state.model);
  return [link, put];
};
const shortened = (seeds) =>
  seeds.every((seed, index) => seed === seeds[0] + index) ? `${seeds[0]}-${seeds.at(-1)}` : seeds.join();
const linkOfSeeds = (tiles) => {
  if (!tiles.every(isOwn)) return null; // the link names one model
  const { state } = store;
  const { seeds, pictures } = asSeedsAndRecipes(tiles, state);
  if (pictures.length) return null;
  const [link, put] = start();
  put("seeds", shortened(seedsOf(seeds)));
  put("psi", state.psi);
  put("class", state.class || undefined);
  put("mix_class", state.mixWith || undefined);
  put("mix_amount", state.mixWith ? state.mixAmount : undefined);
  return link.href;
};
const linkOfOne = ({ recipe }) => {
  const { mix, directions = [] } = recipe;
  const isMixable = !mix || (mix.with.seed !== undefined && sameStart(mix.with, recipe));
  if (recipe.seed === undefined || !isMixable || !directions.every(isShared(recipe))) return null;
  const [link, put] = start();
  put("seeds", recipe.seed);
  put("psi", recipe.psi);
  put("class", recipe.class);
  put("mix_class", recipe.class_mix?.class);
  put("mix_amount", recipe.class_mix?.amount);
  put("mix", mix?.with.seed);
  put("layers", mix?.layers.join("."));
  if (directions.length) put("directions", directions.map(pushText).join(";"));
  return link.href;
};

/** Copy the link of pictures, or offer a picture's PNG where no short link exists. */
export const copyLink = async (tiles) => {
  const link = linkOf(tiles);
  if (!link) {
    const [tile] = tiles;
    const save = () => saveFile(tile.src, fileName(tile.recipe));
    return sayNote(word("create_link_long"), " ", button(word("create_save"), save));
  }
  const named = { "aria-label": word("create_link") };
  const shown = h("input", { class: "text-input link", readonly: true, value: link, ...named });
  const count = tiles.length;
  const here = LOCAL.test(location.hostname) ? ` ${word("create_link_local", { count })}` : "";
  try {
    await navigator.clipboard.writeText(link);
    sayNote(word("create_link_copied", { count }) + here, shown);
  } catch (error) {
    console.info(error.message); // browsers allow it on secure pages only
    sayNote(word("create_link_here", { count }) + here, shown);
    shown.select();
  }
};

/** The recipe in the page's address, or null. It is read once: after a refresh the stored state applies. */
export const recipeOfAddress = () => {
  const [, text] = /^#recipe=(.*)$/.exec(location.hash) ?? [];
  if (!text) return null;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch (error) {
    console.info(error.message);
    return {}; // the code that parses recipes then reports it as damaged
  }
};

const layersOf = (text) => (text ? text.split(".").map(Number) : null);
/** The directions in a link: [{name, strength, layers}]. */
export const pushesOf = (text) =>
  text
    .split(";")
    .map((each) => each.split(":"))
    .map(([name, strength, layers]) => ({ name, strength: Number(strength), layers: layersOf(layers) }))
    .filter(({ strength }) => Number.isFinite(strength));

const toolOf = (asked, seeds) => {
  if (asked.has("directions")) {
    const named = pushesOf(asked.get("directions"));
    return { tool: "directions", tools: { directions: { base: { seed: seeds ?? "0" }, named } } };
  }
  if (asked.has("mix") && seeds !== null) {
    const mix = { rows: seeds, columns: asked.get("mix"), rowPictures: [], columnPictures: [] };
    return { tool: "mix", tools: { mix: { ...mix, layers: layersOf(asked.get("layers")) } } };
  }
  return { tool: "pictures", ...(seeds === null ? {} : { tools: { pictures: { seeds } } }) };
};

/** The state in the address, or null. Missing fields have the values of the initial state. It is read once. */
export const stateOfAddress = () => {
  const asked = new URLSearchParams(location.search);
  if (!OWN.some((name) => asked.has(name))) return null;
  const rest = new URLSearchParams([...asked].filter(([name]) => !OWN.includes(name)));
  history.replaceState(null, "", `${location.pathname}${rest.size ? `?${rest}` : ""}${location.hash}`);
  const { psi, mixAmount } = fresh(null);
  const number = (name, otherwise) => {
    const given = Number.parseFloat(asked.get(name));
    return Number.isFinite(given) ? given : otherwise;
  };
  const patch = {
    psi: Math.min(limits.maxPsi, Math.max(-limits.maxPsi, number("psi", psi))),
    class: asked.get("class") ?? "",
    mixWith: asked.get("mix_class") ?? "",
    mixAmount: Math.min(1, Math.max(0, number("mix_amount", mixAmount))),
    ...toolOf(asked, asked.get("seeds")),
  };
  if (asked.has("model")) patch.model = asked.get("model");
  return patch;
};
