// The pictures of a family's generations. They are requested in one request at a time, the most needed first, and
// cached.
import { explain, sayAnswered } from "../core/notices.js";
import { ask, session, taste } from "../core/session.js";
import { rememberSource } from "../core/sources.js";
import { store } from "../core/store.js";
import { keys as keysOf, lineTo, path } from "./family.js";

const CALM = 350; // milliseconds without a change before generations are requested that appear only in the tree
const MOST_NODES = 240;

/**
 * @param now the family: the tool's slice
 * @param onchange called when pictures have arrived
 * @param onbusy called with the node that is requested, or null at the end
 */
export const makeGenerations = ({ now, onchange, onbusy }) => {
  const remembered = new Map(); // key of what pictures depend on -> tiles
  const lastSeen = new Map(); // node -> tiles, so that the tree is never empty while it updates
  let keys = new Map();
  const tilesOf = (id) => remembered.get(keys.get(id));
  const tileOf = ([of, child]) => tilesOf(of)?.[child];
  const remember = (key, id, tiles) => {
    remembered.set(key, tiles);
    lastSeen.set(id, tiles);
    for (const tile of tiles) if (tile) rememberSource(tile);
    if (remembered.size > MOST_NODES) remembered.delete(remembered.keys().next().value);
  };

  const askFor = async (slice, state, id) => {
    if (id !== 0) {
      const generations = lineTo(slice, id, (ref) => tileOf(ref)?.recipe);
      return (await ask("breed", { ...taste(state), generations })).tiles;
    }
    const brought = slice.brought.filter(Boolean);
    const founders = await ask("pictures", { ...taste(state), seeds: slice.founders.join(", ") });
    const others = brought.length ? (await ask("draw", { model: state.model, recipes: brought })).tiles : [];
    return [...founders.tiles, ...slice.brought.map((recipe) => recipe && others[brought.indexOf(recipe)])];
  };

  let asking = false;
  let calmAt = 0;
  let waking = 0;
  const failed = new Set();
  const nextMissing = (slice) => {
    const isMissing = (id) => !remembered.has(keys.get(id)) && !failed.has(keys.get(id));
    const first = [slice.at, ...slice.marked.map(([of]) => of)].find(isMissing);
    if (first !== undefined || Date.now() < calmAt) return first;
    return [...path(slice, slice.at).reverse(), 0, ...slice.nodes.map((each) => each.id)].find(isMissing);
  };
  const load = async () => {
    if (asking) return;
    asking = true;
    for (let id; store.state.tool === "breed" && (id = nextMissing(now())) !== undefined;) {
      const [slice, state, key] = [now(), store.state, keys.get(id)];
      onbusy(id);
      try {
        remember(key, id, await askFor(slice, state, id));
        if (id === slice.at) sayAnswered();
      } catch (error) {
        failed.add(key);
        explain(error);
      }
      if (store.state.tool === "breed" && session.model) onchange();
    }
    asking = false;
    onbusy(null);
    clearTimeout(waking);
    if (Date.now() < calmAt) waking = setTimeout(load, calmAt - Date.now() + 20);
  };

  return {
    tilesOf,
    tileOf,
    lastSeen: (id) => lastSeen.get(id),
    /** The current picture, else the last one. */
    seen: (ref) => tileOf(ref) ?? lastSeen.get(ref[0])?.[ref[1]],
    keyOf: (id) => keys.get(id),
    /** The pictures of a node of any family, under any settings; undefined where they are not cached. */
    tilesUnder: (slice, state, weights, id) => remembered.get(keysOf(slice, state, weights).get(id)),
    /** Update to the family and the settings. */
    follow(slice, state) {
      const before = keys.get(slice.at);
      keys = keysOf(slice, state);
      failed.clear();
      if (keys.get(slice.at) !== before) calmAt = Date.now() + CALM;
    },
    load,
  };
};
