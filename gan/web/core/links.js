// Links: a seed's can be read and changed by hand; any other picture's carries its recipe behind #, where no server
// sees it.
import { fresh, store } from "./store.js";
import { limits } from "./limits.js";
import { isPlain } from "./recipes.js";

const OWN = ["model", "seeds", "psi", "class"];

export const linkOf = ({ recipe }) => {
  const link = new URL(location.origin + location.pathname);
  if (!isPlain(recipe)) {
    link.hash = `recipe=${encodeURIComponent(JSON.stringify(recipe))}`;
    return link.href;
  }
  link.searchParams.set("model", store.state.model);
  link.searchParams.set("seeds", recipe.seed);
  link.searchParams.set("psi", recipe.psi);
  if (recipe.class) link.searchParams.set("class", recipe.class);
  return link.href;
};

/** The recipe of the address, or null. It is read once: a refresh shows what came after. */
export const recipeOfAddress = () => {
  const [, text] = /^#recipe=(.*)$/.exec(location.hash) ?? [];
  if (!text) return null;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch (error) {
    console.info(error.message);
    return {}; // whoever reads recipes says that it is damaged
  }
};

/** What the address says of the state, or null; what it leaves out is as for a new visitor. It is read once. */
export const stateOfAddress = () => {
  const asked = new URLSearchParams(location.search);
  if (!OWN.some((name) => asked.has(name))) return null;
  const rest = new URLSearchParams([...asked].filter(([name]) => !OWN.includes(name)));
  history.replaceState(null, "", `${location.pathname}${rest.size ? `?${rest}` : ""}${location.hash}`);
  const { psi, mixWith, mixAmount } = fresh(null);
  const patch = { tool: "pictures", psi, mixWith, mixAmount, class: asked.get("class") ?? "" };
  if (asked.has("model")) patch.model = asked.get("model");
  const given = Number.parseFloat(asked.get("psi"));
  if (Number.isFinite(given)) patch.psi = Math.min(limits.maxPsi, Math.max(-limits.maxPsi, given));
  if (asked.has("seeds")) patch.tools = { pictures: { seeds: asked.get("seeds") } };
  return patch;
};
