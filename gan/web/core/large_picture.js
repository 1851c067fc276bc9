// One large picture. Its element stays when the picture changes, so that it keeps the focus and stays chosen.
import { h } from "./dom.js";
import { altOf } from "./recipes.js";
import { selection } from "./selection.js";
import { store } from "./store.js";
import { chooseLabel, linkPicture, markStar, saveLink, starMark } from "./tiles.js";

/**
 * @param tool the id of the tool that the picture belongs to
 * @param onclick called when the user clicks the picture
 */
export const largePicture = (tool, onclick) => {
  const image = h("img", { alt: "", draggable: "false" });
  const pressing = { "aria-pressed": "false", onclick };
  const surface = h("button", { type: "button", class: "tile-picture", ...pressing }, image);
  const label = h("span", { class: "seed" });
  const aside = h("span", {});
  const save = saveLink();
  const words = h("figcaption", {}, h("span", {}, label, " ", aside), save);
  const root = h("figure", { class: `tile ${tool}-picture` }, surface, words);
  root.append(starMark(root));
  return {
    root,
    image,
    surface,
    label,
    aside,
    show(tile) {
      root.tile = tile;
      image.src = tile.src;
      image.alt = altOf(tile.recipe);
      surface.setAttribute("aria-label", chooseLabel(image.alt));
      linkPicture(save, tile);
      markStar(root);
    },
    /** Make this the chosen picture if its tool is visible. */
    choose({ byHand = false } = {}) {
      if (root.tile && store.state.tool === tool) selection.choose(root, { focus: false, byHand });
    },
  };
};
