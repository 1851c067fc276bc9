// Tiles: pictures with their captions, alone and on a wall.
import { classOf } from "./classes.js";
import { h } from "./dom.js";
import { draggable } from "./drag.js";
import { icon } from "./icons.js";
import { page } from "./page.js";
import { altOf, caption, fileName } from "./recipes.js";
import { choosable, keepChosen, oneTabStop } from "./selection.js";
import { store } from "./store.js";
import { word } from "./words.js";

const MOST_LARGE = 24; // pictures; a wall with more places them closer together

/** Put a picture into a link that saves it. */
export const linkPicture = (link, tile) => {
  link.href = tile.src;
  link.download = fileName(tile.recipe);
  link.setAttribute("aria-label", `${word("create_save")}: ${altOf(tile.recipe)}`);
  return link;
};
export const saveLink = () => h("a", { title: word("create_save") }, "PNG");

/** The words of the button that chooses a picture. */
export const chooseLabel = (what) => word("create_choose", { what });

/** A button on a picture that stars it; the key S and the bar below do the same. */
export const starMark = (figure) => {
  const star = h("button", { type: "button", class: "on-tile tile-star", tabindex: "-1", html: icon("star") });
  star.addEventListener("click", () => store.star([figure.tile]));
  return star;
};
/** Show whether a picture is starred. */
export const markStar = (figure) => {
  const star = figure.querySelector(".tile-star");
  if (!star || !figure.tile) return;
  const on = store.starred(figure.tile.recipe);
  if (star.getAttribute("aria-pressed") === String(on)) return;
  star.setAttribute("aria-pressed", String(on));
  star.setAttribute("aria-label", `${word(on ? "create_unstar" : "create_star")}: ${altOf(figure.tile.recipe)}`);
  star.title = word(on ? "create_unstar" : "create_star");
};
/** Show which of the page's pictures are starred. */
export const markStars = () => {
  for (const figure of page.element.querySelectorAll("figure.tile:has(> .tile-star)")) markStar(figure);
};

/** @param how label: the text below, else the recipe's own caption; plain: without a caption */
export const tileElement = (tile, { label, aside = classOf(tile.recipe), plain = false } = {}) => {
  const alt = altOf(tile.recipe);
  const picture = h("img", { src: tile.src, alt, draggable: "false" });
  const named = { "aria-label": chooseLabel(alt), "aria-pressed": "false" };
  const figure = h(
    "figure",
    { class: "tile", draggable: true },
    h("button", { type: "button", class: "tile-picture", ...named }, picture),
  );
  if (!plain) {
    const words = h("span", {}, h("span", { class: "seed" }, label ?? caption(tile.recipe)), " ", aside);
    figure.append(h("figcaption", {}, words, linkPicture(saveLink(), tile)));
  }
  figure.tile = tile;
  figure.append(starMark(figure));
  markStar(figure);
  return figure;
};

const emptyTile = () =>
  h("figure", { class: "tile tile-empty" }, h("div", { class: "tile-picture" }), h("figcaption", { html: "&nbsp;" }));

/** A wall of tiles that preserves the choice and the focus when it is drawn again. */
export const wall = (attributes = {}) => {
  const root = h("div", { class: "wall", ...attributes });
  choosable(root);
  draggable(root);
  const setTabStop = oneTabStop(root);
  return {
    root,
    show(list, options = () => ({})) {
      const own = [...root.children];
      const chooseAgain = keepChosen(root);
      const focused = own.findIndex((each) => each.contains(document.activeElement));
      const on = document.activeElement.tagName === "A" ? "a" : "button.tile-picture";
      root.dataset.count = list.length;
      root.classList.toggle("is-dense", list.length > MOST_LARGE);
      root.removeAttribute("aria-busy");
      root.replaceChildren(...list.map((tile, index) => tileElement(tile, options(tile, index))));
      chooseAgain();
      const next = root.children[Math.min(focused, list.length - 1)];
      if (focused >= 0) next?.querySelector(on)?.focus({ preventScroll: true });
      setTabStop();
    },
    wait(count) {
      if (root.children.length) return;
      root.dataset.count = count;
      root.setAttribute("aria-busy", "true");
      root.replaceChildren(...Array.from({ length: count }, emptyTile));
    },
  };
};
