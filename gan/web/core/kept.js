// Saved pictures to choose from within a tool: A, B and the stars of the open model, and the pictures that the tool
// uses.
import { h } from "./dom.js";
import { altOf, caption, sameRecipe } from "./recipes.js";
import { session } from "./session.js";
import { sourceOf } from "./sources.js";
import { store } from "./store.js";

/** Whether a tile was made with the weights of the open model. */
export const isOwn = (tile) => tile?.recipe.model.weights_sha256 === session.model.weights;

/** @param onchoose called with a recipe and whether it is in use */
export const keptPictures = (label, onchoose) => {
  const root = h("div", { class: "kept", role: "group", "aria-label": label });
  let drawn = "";
  const element = ({ mark, recipe, src, on }) => {
    const named = { "aria-label": `${label}: ${mark} ${altOf(recipe)}`, title: `${mark} ${caption(recipe)}` };
    return h(
      "button",
      { type: "button", class: "mini", "aria-pressed": String(on), ...named, onclick: () => onchoose(recipe, on) },
      src ? h("img", { src, alt: "" }) : null,
      mark ? h("span", { class: "mini-mark" }, mark) : null,
    );
  };
  return {
    root,
    /** @param used the recipes in use */
    show(state, used) {
      const stars = store.stars.map((star) => ["★", star]);
      const all = [["A", state.a], ["B", state.b], ...stars, ...used.map((recipe) => ["", { recipe }])];
      const own = all.filter(([, tile]) => isOwn(tile));
      const first = ({ recipe }) => own.findIndex(([, other]) => sameRecipe(other.recipe, recipe));
      const shown = own
        .filter(([, tile], index) => first(tile) === index)
        .map(([mark, { recipe, src }]) => ({
          mark,
          recipe,
          src: src ?? sourceOf(recipe),
          on: used.some((each) => sameRecipe(each, recipe)),
        }));
      root.hidden = !shown.length;
      const key = JSON.stringify(shown);
      if (key === drawn) return;
      drawn = key;
      const focused = [...root.children].indexOf(document.activeElement);
      root.replaceChildren(...shown.map(element));
      if (focused >= 0) root.children[Math.min(focused, root.children.length - 1)]?.focus();
    },
  };
};
