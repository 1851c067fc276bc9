// The large picture that directions push, and its original.
import { classOf } from "../core/classes.js";
import { button, h } from "../core/dom.js";
import { choosable, selection } from "../core/selection.js";
import { markStar, tileElement } from "../core/tiles.js";
import { word } from "../core/words.js";

const COPIED = [
  ["img", ["alt"]],
  ["button", ["aria-label"]],
  ["a", ["href", "download", "aria-label"]],
];

export const makeDirectionPicture = () => {
  const root = h("div", { class: "wall direction-picture", "data-count": "1" });
  choosable(root);
  let figure = null;
  let base = ""; // the small picture without pushes
  const showBase = (on) => {
    if (!figure || (on && !base)) return;
    figure.querySelector("img").src = on ? base : figure.tile.src;
  };
  const compare = button(word("create_dir_compare"), () => {}, { id: "direction-compare" });
  const isPress = (event) => event.type === "pointerdown" || [" ", "Enter"].includes(event.key);
  for (const kind of ["pointerdown", "keydown"]) {
    compare.addEventListener(kind, (event) => isPress(event) && showBase(true));
  }
  for (const kind of ["pointerup", "pointerleave", "keyup", "blur"])
    compare.addEventListener(kind, () => showBase(false));

  const asideOf = (recipe) =>
    recipe.directions && recipe.seed !== undefined ? word("create_edited") : classOf(recipe);
  return {
    root,
    compare,
    setBase(src) {
      base = src;
    },
    show(tile) {
      const made = tileElement(tile, { label: tile.recipe.seed, aside: asideOf(tile.recipe) });
      if (!figure) {
        figure = made;
        return root.replaceChildren(figure);
      }
      // The element stays, so that it keeps the focus and stays chosen
      figure.querySelector("img").src = tile.src;
      for (const [part, names] of COPIED) {
        for (const each of names)
          figure.querySelector(part).setAttribute(each, made.querySelector(part).getAttribute(each));
      }
      const words = (one) => one.querySelector("figcaption > span");
      words(figure).replaceWith(words(made));
      figure.tile = tile;
      markStar(figure);
      if (selection.figure === figure) selection.tell();
    },
  };
};
