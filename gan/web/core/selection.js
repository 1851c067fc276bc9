// The chosen picture, and one picture shown large.
import { button, h } from "./dom.js";
import { page } from "./page.js";
import { altOf, caption, fileName } from "./recipes.js";
import { word } from "./words.js";

const ALL = "figure.tile:not(.tile-empty)";

export const selection = {
  figure: null,
  listeners: [],
  /** The chosen tile; a hidden tool's picture does not count. */
  get tile() {
    return this.figure?.offsetParent ? this.figure.tile : null;
  },
  choose(figure, { focus = true } = {}) {
    this.figure?.querySelector("button.tile-picture")?.setAttribute("aria-pressed", "false");
    this.figure = figure;
    const own = figure?.querySelector("button.tile-picture");
    own?.setAttribute("aria-pressed", "true");
    if (focus) own?.focus({ preventScroll: true });
    this.tell();
  },
  tell() {
    for (const listener of this.listeners) listener(this.tile);
  },
  /** Choose the picture `places` further on. */
  step(places) {
    const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
    const all = [...(panel?.querySelectorAll(ALL) ?? [])];
    if (!all.length) return;
    const at = all.indexOf(this.figure);
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + places))];
    this.choose(next);
    next.scrollIntoView({ block: "nearest" });
  },
};

/** A click chooses a tile within `root`, a double click enlarges it. */
export const choosable = (root) => {
  const figureOf = (event) => event.target.closest("button.tile-picture")?.closest("figure");
  root.addEventListener("click", (event) => figureOf(event) && selection.choose(figureOf(event)));
  root.addEventListener("dblclick", (event) => figureOf(event) && enlarge(figureOf(event)));
};

/** Open a dialog that Escape, its button and a click beside it close. */
export const openDialog = (attributes, ...content) => {
  const close = button(word("create_close"), () => dialog.close());
  const dialog = h("dialog", { onclose: () => dialog.remove(), ...attributes }, ...content, close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  page.element.append(dialog);
  dialog.showModal();
  close.focus();
  return dialog;
};

/** One picture, large; arrow keys go to its neighbours. */
export const enlarge = (figure) => {
  const all = [...figure.parentElement.querySelectorAll(ALL)];
  let at = Math.max(0, all.indexOf(figure));
  const holder = h("div", {});
  const show = () => {
    const { tile } = all[at];
    const save = h("a", { href: tile.src, download: fileName(tile.recipe) }, word("create_save"));
    const words = h("figcaption", {}, h("span", { class: "seed" }, caption(tile.recipe)), save);
    holder.replaceChildren(h("figure", { class: "tile" }, h("img", { src: tile.src, alt: altOf(tile.recipe) }), words));
  };
  show();
  const dialog = openDialog({ class: "lightbox", "aria-label": word("create_enlarge") }, holder);
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    at = (at + step + all.length) % all.length;
    show();
    selection.choose(all[at], { focus: false });
  });
};
