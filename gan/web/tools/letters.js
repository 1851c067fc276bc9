// The pictures that a morph takes: A and B, as typed seeds or pictures dropped on their places, or the stops of a walk.
import { h, iconButton } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { textField } from "../core/fields.js";
import { isOwn } from "../core/kept.js";
import { limits } from "../core/limits.js";
import { sayNothing, sayTrouble } from "../core/notices.js";
import { seedOf } from "../core/plain.js";
import { caption } from "../core/recipes.js";
import { isSeed } from "../core/seeds.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";

export const HALFWAY = 0.5; // the place between A and B where a morph opens

/** The state of tiles that become A and B: a seed where the settings reproduce it, else the tile. */
const lettersOf = (tiles) => {
  const state = {};
  const own = {};
  tiles.slice(0, 2).forEach((tile, index) => {
    const seed = seedOf(tile.recipe, store.state);
    const name = "ab"[index];
    state[name] = seed === null ? tile : null;
    if (seed !== null) own[name] = seed;
  });
  return { state, own };
};

/**
 * The patch for pictures that a morph takes: two become A and B; more become the stops of a walk.
 * @param known besides: others of the grid; withTool: as for makeLetters; stars: how many starred pictures there are
 */
export const walkOver = (tiles, from, { besides, withTool, stars }) => {
  if (tiles.length > 2 && from !== "grid") {
    const pictures = tiles.slice(0, limits.mostPictures).map(({ recipe }) => recipe);
    const isAllStars = from === "stars" && tiles.length === stars;
    const list = isAllStars ? { list: "stars" } : { list: "pictures", pictures };
    return { ...withTool({ ...list, at: 0 }), took: { count: pictures.length, most: limits.mostPictures } };
  }
  const { state, own } = lettersOf([...tiles, ...besides]);
  return { ...state, ...withTool({ list: "ab", at: HALFWAY, ...own }) };
};

/**
 * @param now the tool's slice
 * @param withTool the patch that changes the tool's part of the state
 */
export const makeLetters = (now, withTool) => {
  const set = (name, text) => {
    if (/^\s*$/.test(text)) return store.tell();
    if (!isSeed(text)) return sayTrouble(word("create_morph_no_seed", { found: text.slice(0, 40) }));
    sayNothing();
    store.set({ [name]: null, ...withTool({ [name]: Number(text) }) });
  };
  const letter = (name) => textField(name.toUpperCase(), { id: `morph-${name}`, onchange: (text) => set(name, text) });
  const letters = { a: letter("a"), b: letter("b") };
  for (const [name, { root }] of Object.entries(letters)) {
    takesTiles(root, ([tile]) => store.set({ [name]: tile, ...withTool({ list: "ab" }) }));
  }
  const swap = iconButton("swap", word("create_morph_swap"), () => {
    const { a, b, at } = now();
    store.set({ a: store.state.b, b: store.state.a, ...withTool({ a: b, b: a, at: 1 - at }) });
  });
  return {
    root: h("div", { class: "pair" }, letters.a.root, swap, letters.b.root),
    draw(slice, state) {
      for (const [name, each] of Object.entries(letters)) {
        const recipe = isOwn(state[name]) ? state[name].recipe : null;
        each.value = recipe ? (recipe.seed ?? "") : slice[name];
        each.input.placeholder = recipe ? caption(recipe) : "";
      }
    },
  };
};
