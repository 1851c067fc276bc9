// Chooses the pictures that a tool opens with: those that the user chose last, else the starred ones, else those of the
// grid.
import { isOwn } from "./core/kept.js";
import { page } from "./core/page.js";
import { sameRecipe } from "./core/recipes.js";
import { selection } from "./core/selection.js";
import { session } from "./core/session.js";
import { store } from "./core/store.js";
import { putTaken } from "./core/taken.js";

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

/**
 * The pictures to open a tool with: {tiles, from: "held" | "stars" | "grid", byHand: whether the user chose them}.
 * @param mixed whether starred pictures may be of several classes
 */
const atHand = (mixed) => {
  const held = selection.held.filter(isOwn);
  const stars = store.stars.filter(isOwn);
  // Pictures that are chosen and starred one after the other belong together; only the last is still chosen.
  const isLastStar = held.length === 1 && stars.length > 1 && sameTile(held[0], stars.at(-1));
  if (isLastStar) {
    const like = [held[0], ...likeFirst(held, stars.slice(0, -1))];
    return { tiles: mixed ? stars : like, from: "stars", byHand: true };
  }
  if (held.length) return { tiles: held, from: "held", byHand: true };
  if (stars.length) return { tiles: mixed ? stars : ofOneClass(stars), from: "stars" };
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
export const useIn = (tools, id, tiles, from = "chosen") => {
  markTaken(id, tiles);
  const patch = tools[id].take(tiles, from, besides(tiles));
  if (patch) putTaken(tools[id].label, { tool: id, ...patch }, tiles, { did: `tool_${id}` });
};

// The number of stars given until each tool was last left. Stars given since then were meant for the next tool.
const starsSeen = new Map();

/** Go to a tool, as a click on its tab does. */
export const openTool = (tools, id) => {
  const { tool, tools: slices } = store.state;
  const hasNewStars = store.starsGiven > (starsSeen.get(id) ?? 0);
  starsSeen.set(tool, store.starsGiven);
  const go = () => store.set({ tool: id }, { quiet: true }); // undo skips a change of only the tool
  if (id === tool || !tools[id].take || tools[id].carries === false || !session.model) return go();
  const mixed = tools[id].mixed?.() ?? false;
  const { tiles, from, byHand = mixed && from === "stars" && hasNewStars && tiles.length > 1 } = atHand(mixed);
  const isUntouched = !slices[id] || slices[id].carried === true;
  const isNews = taken.get(id) !== keyOf(tiles);
  if (!tiles.length || !isNews || (!byHand && !isUntouched)) return go();
  const patch = tools[id].take(tiles, from, besides(tiles));
  if (!patch) return go();
  markTaken(id, tiles);
  if (patch.tools?.[id]) patch.tools[id] = { ...patch.tools[id], carried: true };
  const how = isUntouched ? { quiet: true } : { did: `tool_${id}` };
  putTaken(tools[id].label, { tool: id, ...patch }, tiles, how);
};
