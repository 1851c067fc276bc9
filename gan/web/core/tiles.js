// Tiles: pictures with their captions, alone and on a wall.
import { h } from "./dom.js";
import { altOf, caption, fileName } from "./recipes.js";
import { choosable, selection } from "./selection.js";
import { word } from "./words.js";

const MOST_LARGE = 24; // pictures; more stand closer

/** Put a picture into a link that saves it. */
export const linkPicture = (link, tile) => {
  link.href = tile.src;
  link.download = fileName(tile.recipe);
  link.setAttribute("aria-label", `${word("create_save")}: ${altOf(tile.recipe)}`);
  return link;
};
export const saveLink = () => h("a", { title: word("create_save") }, "PNG");

/** The words by which a picture is chosen. */
export const chooseLabel = (what) => word("create_choose", { what });

/** @param how label: what stands below, else the recipe's own caption; plain: without a caption */
export const tileElement = (tile, { label, aside = tile.recipe.class ?? "", plain = false } = {}) => {
  const alt = altOf(tile.recipe);
  const picture = h("img", { src: tile.src, alt, draggable: "false" });
  const named = { "aria-label": chooseLabel(alt), "aria-pressed": "false" };
  const figure = h(
    "figure",
    { class: "tile" },
    h("button", { type: "button", class: "tile-picture", ...named }, picture),
  );
  if (!plain) {
    const words = h("span", {}, h("span", { class: "seed" }, label ?? caption(tile.recipe)), " ", aside);
    figure.append(h("figcaption", {}, words, linkPicture(saveLink(), tile)));
  }
  figure.tile = tile;
  return figure;
};

const emptyTile = () =>
  h("figure", { class: "tile tile-empty" }, h("div", { class: "tile-picture" }), h("figcaption", { html: "&nbsp;" }));

/** A wall of tiles, on which the choice and the focus stay where they are. */
export const wall = (attributes = {}) => {
  const root = h("div", { class: "wall", ...attributes });
  choosable(root);
  return {
    root,
    show(list, options = () => ({})) {
      const own = [...root.children];
      const keep = selection.figure && root.contains(selection.figure) ? own.indexOf(selection.figure) : -1;
      const focused = own.findIndex((each) => each.contains(document.activeElement));
      const on = document.activeElement.tagName === "A" ? "a" : "button.tile-picture";
      root.dataset.count = list.length;
      root.classList.toggle("is-dense", list.length > MOST_LARGE);
      root.removeAttribute("aria-busy");
      root.replaceChildren(...list.map((tile, index) => tileElement(tile, options(tile, index))));
      if (keep >= 0) selection.choose(root.children[keep] ?? null, { focus: false });
      const next = root.children[Math.min(focused, list.length - 1)];
      if (focused >= 0) next?.querySelector(on)?.focus({ preventScroll: true });
    },
    wait(count) {
      if (root.children.length) return;
      root.dataset.count = count;
      root.setAttribute("aria-busy", "true");
      root.replaceChildren(...Array.from({ length: count }, emptyTile));
    },
  };
};
