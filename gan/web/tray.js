// The tray: A, B and the stars.
import { h, iconButton } from "./core/dom.js";
import { altOf, caption } from "./core/recipes.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

/**
 * @param bringBack called with the recipe of the picture that a person clicked
 * @param giveFocus called when the focus was in the tray and nothing is left there
 */
export const makeTray = (bringBack, giveFocus) => {
  const root = h("section", { class: "tray", "aria-label": word("create_tray") });
  const mini = ({ recipe, src }, title) => {
    const named = { "aria-label": word("create_bring_back", { what: altOf(recipe) }), title };
    const image = h("img", { src, alt: "" });
    return h("button", { type: "button", class: "mini", onclick: () => bringBack(recipe), ...named }, image);
  };
  const slot = (letter, tile) => {
    const clear = () => store.set({ [letter.toLowerCase()]: null });
    return h(
      "div",
      { class: "slot" },
      h("span", {}, letter),
      tile ? mini(tile) : h("span", { class: "mini mini-empty" }),
      tile ? iconButton("close", word("create_clear", { what: letter }), clear) : null,
    );
  };
  let drawn = "";
  return {
    root,
    draw(state) {
      const key = JSON.stringify([state.a?.recipe, state.b?.recipe, store.stars.map((star) => star.recipe)]);
      if (key === drawn) return;
      drawn = key;
      const focused = [...root.querySelectorAll("button")].indexOf(document.activeElement);
      root.hidden = !(state.a || state.b || store.stars.length);
      const stars = store.stars.map((star) => mini(star, `${star.recipe.model.name} · ${caption(star.recipe)}`));
      const none = h("p", { class: "field-info" }, word("create_no_stars"));
      const named = { role: "group", "aria-label": word("create_stars") };
      root.replaceChildren(
        slot("A", state.a),
        slot("B", state.b),
        h("div", { class: "stars", ...named }, stars.length ? stars : none),
      );
      if (focused < 0) return;
      const buttons = [...root.querySelectorAll("button")];
      const next = buttons[Math.min(focused, buttons.length - 1)];
      if (next) next.focus({ preventScroll: true });
      else giveFocus();
    },
  };
};
