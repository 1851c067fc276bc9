// The pictures that a walk passes through, in a row below its timeline.
import { h } from "../core/dom.js";
import { altOf, caption } from "../core/recipes.js";
import { word } from "../core/words.js";
import { isPair } from "./walk.js";

/**
 * @param now returns the tool's part of the state
 * @param goTo called with the place on the timeline, 0 … 1, of the picture that the user clicked
 */
export const makeStops = (now, goTo) => {
  const root = h("div", { class: "stops", role: "group", "aria-label": word("create_morph_stops") });
  const stopElement = (tile, index, last) => {
    const style = `left:${(100 * index) / last}%;width:min(56px, ${92 / last}%)`;
    const named = {
      title: caption(tile.recipe),
      "aria-label": word("create_morph_go_to", { what: altOf(tile.recipe) }),
    };
    const mark = isPair(now()) ? h("span", { class: "mini-mark" }, "AB"[index]) : null;
    const image = h("img", { src: tile.src, alt: "" });
    const onclick = () => goTo(index / last);
    return h("button", { type: "button", class: "mini", style, onclick, ...named }, image, mark);
  };
  return {
    root,
    draw(tiles) {
      const ends = isPair(now()) || !now().closed ? tiles : [...tiles, tiles[0]];
      const last = Math.max(1, ends.length - 1);
      root.replaceChildren(...ends.map((tile, index) => stopElement(tile, index, last)));
    },
  };
};
