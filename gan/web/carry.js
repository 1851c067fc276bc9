// Chooses the pictures that a tool opens with: those that the user chose last, else the starred ones, else those of the
// grid.
import { isOwn } from "./core/kept.js";
import { page } from "./core/page.js";
import { sameRecipe } from "./core/recipes.js";
import { selection } from "./core/selection.js";
import { session } from "./core/session.js";
import { store } from "./core/store.js";

const LEAST_GRID = 2; // pictures; a tool with one large picture does not count as a grid

const tilesIn = (root) => [...(root?.querySelectorAll("figure.tile") ?? [])].map(({ tile }) => tile).filter(isOwn);

/** The pictures of the visible tool, or of the first tool. */
const gridTiles = () => {
  const here = tilesIn(page.element.querySelector("[role=tabpanel]:not([hidden])"));
  return here.length >= LEAST_GRID ? here : tilesIn(page.element.querySelector("[role=tabpanel] .wall"));
};

/** The pictures of the most frequent class: pictures of one class mix, breed and morph well. */
export const ofOneClass = (tiles) => {
  const count = (name) => tiles.filter(({ recipe }) => recipe.class === name).length;
  const names = tiles.map(({ recipe }) => recipe.class);
  const most = Math.max(...names.map(count));
  return tiles.filter(({ recipe }) => recipe.class === names.find((name) => count(name) === most));
};
const likeFirst = (tiles, others) => others.filter(({ recipe }) => recipe.class === tiles[0]?.recipe.class);
/** Other pictures of the grid in the same class as the given ones. */
const besides = (tiles) => likeFirst(tiles, gridTiles()).filter((tile) => !tiles.some((each) => sameTile(each, tile)));
const sameTile = (one, other) => sameRecipe(one.recipe, other.recipe);

/** The pictures to open a tool with: {tiles, from: "held" | "stars" | "grid", byHand: whether the user chose them}. */
const atHand = () => {
  const held = selection.held.filter(isOwn);
  const stars = store.stars.filter(isOwn);
  // Pictures that are chosen and starred one after the other belong together; only the last is still chosen.
  const isLastStar = held.length === 1 && stars.length > 1 && sameTile(held[0], stars.at(-1));
  if (isLastStar) return { tiles: [held[0], ...likeFirst(held, stars.slice(0, -1))], from: "stars", byHand: true };
  if (held.length) return { tiles: held, from: "held", byHand: true };
  if (stars.length) return { tiles: ofOneClass(stars), from: "stars" };
  const grid = gridTiles();
  return { tiles: likeFirst(grid, grid), from: "grid" };
};

const keyOf = (tiles) => JSON.stringify([session.model?.weights, tiles.map(({ recipe }) => recipe)]);
// The pictures that each tool took last. A tool takes the same pictures only once, so that its work on them does not
// start again.
const taken = new Map();

/** Record that a tool has taken pictures other than through this module. */
export const markTaken = (id, tiles) => taken.set(id, keyOf(tiles));

/** Go to a tool with pictures; the step in the history has the tool's name. */
export const useIn = (tools, id, tiles) => {
  markTaken(id, tiles);
  const patch = tools[id].take(tiles, "chosen", besides(tiles));
  if (patch) store.set({ tool: id, ...patch }, { did: `tool_${id}` });
};

/** Go to a tool, as a click on its tab does. */
export const openTool = (tools, id) => {
  const { tool, tools: slices } = store.state;
  const go = () => store.set({ tool: id }, { quiet: true }); // undo skips a change of only the tool
  if (id === tool || !tools[id].take || tools[id].carries === false || !session.model) return go();
  const { tiles, from, byHand = false } = atHand();
  const isUntouched = !slices[id] || slices[id].carried === true;
  const isNews = taken.get(id) !== keyOf(tiles);
  if (!tiles.length || !isNews || (!byHand && !isUntouched)) return go();
  const patch = tools[id].take(tiles, from, besides(tiles));
  if (!patch) return go();
  markTaken(id, tiles);
  if (patch.tools?.[id]) patch.tools[id] = { ...patch.tools[id], carried: true };
  store.set({ tool: id, ...patch }, isUntouched ? { quiet: true } : { did: `tool_${id}` });
};
