// A and B of a morph: typed seeds, or pictures carried or dropped on their places.
import { h, iconButton } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { textField } from "../core/fields.js";
import { isOwn } from "../core/kept.js";
import { sayNothing, sayTrouble } from "../core/notices.js";
import { seedOf } from "../core/plain.js";
import { caption } from "../core/recipes.js";
import { isSeed } from "../core/seeds.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";

/** The state of tiles that become A and B: a seed where the settings reproduce it, else the tile. */
export const lettersOf = (tiles) => {
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
