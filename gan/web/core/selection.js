// The chosen pictures, and the view of one large picture.
import { button, h } from "./dom.js";
import { page } from "./page.js";
import { altOf, caption, fileName, sameRecipe } from "./recipes.js";
import { word } from "./words.js";

const ALL = "figure.tile:not(.tile-empty)";
const LONG_PRESS = 450; // milliseconds

const buttonOf = (figure) => figure?.querySelector("button.tile-picture");
const isSeen = (figure) => Boolean(figure?.offsetParent);
/** The neighbours of a picture: those of its wall, else those of the tool. */
const neighboursOf = (figure) => {
  const group = figure.closest(".wall, .stars") ?? figure.closest("[role=tabpanel]") ?? figure.parentElement;
  return [...group.querySelectorAll(ALL)];
};

export const selection = {
  figure: null, // the figure chosen last: keys and ranges start from it
  figures: [], // all chosen figures, in the order in which they were chosen
  held: [], // the tiles that the user chose last, with which tools open
  listeners: [],
  /** The tile chosen last; pictures of a hidden tool do not count. */
  get tile() {
    return isSeen(this.figure) ? this.figure.tile : null;
  },
  /** All chosen tiles that are visible. */
  get tiles() {
    return this.figures.filter(isSeen).map((figure) => figure.tile);
  },
  /** The tiles of the wall, or of the tray, that the tile chosen last is in. */
  get neighbours() {
    return isSeen(this.figure) ? neighboursOf(this.figure).map(({ tile }) => tile) : [];
  },
  /** All tiles of the open tool's wall; a wall that shows only some of its pictures has none. */
  get wall() {
    const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
    const own = panel?.querySelector(".wall:not([hidden], .is-excerpt)");
    return [...(own?.querySelectorAll(ALL) ?? [])].map(({ tile }) => tile);
  },
  /**
   * Choose a figure, or none.
   * @param {{focus?: boolean, how?: "only" | "toggle" | "range", byHand?: boolean}} given byHand: the user did it
   */
  choose(figure, { focus = true, how = "only", byHand = false } = {}) {
    this.put(this.next(figure, how), { byHand });
    if (focus) buttonOf(figure)?.focus({ preventScroll: true });
  },
  /** Choose exactly these figures; keys then start from the last one. */
  put(figures, { byHand = false } = {}) {
    for (const each of this.figures) buttonOf(each)?.setAttribute("aria-pressed", "false");
    this.figures = figures.filter(Boolean);
    this.figure = this.figures.at(-1) ?? null;
    for (const each of this.figures) buttonOf(each)?.setAttribute("aria-pressed", "true");
    if (byHand) this.held = this.tiles;
    this.tell();
  },
  next(figure, how) {
    if (!figure) return [];
    const others = this.figures.filter((each) => each !== figure && isSeen(each));
    if (how === "toggle") return this.figures.includes(figure) ? others : [...others, figure];
    if (how !== "range" || !isSeen(this.figure)) return [figure];
    const all = neighboursOf(figure);
    const [from, to] = [all.indexOf(this.figure), all.indexOf(figure)];
    if (from < 0) return [...others, figure];
    const between = all.slice(Math.min(from, to), Math.max(from, to) + 1);
    if (from > to) between.reverse(); // the pictures chosen first stay first
    return [...others, ...between.filter((each) => each !== figure && !others.includes(each)), figure];
  },
  tell() {
    for (const listener of this.listeners) listener(this.tiles);
  },
  /** Go on by `places` from the focused picture, else from the chosen one; `how` "focus" chooses nothing. */
  step(places, how) {
    const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
    const from = document.activeElement.closest(ALL) ?? (isSeen(this.figure) ? this.figure : null);
    const inTray = from && !panel?.contains(from);
    const all = inTray ? neighboursOf(from) : [...(panel?.querySelectorAll(ALL) ?? [])];
    if (!all.length) return;
    const at = all.indexOf(from);
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + places))];
    if (how === "focus") buttonOf(next)?.focus({ preventScroll: true });
    else this.choose(next, { how, byHand: true });
    next.scrollIntoView({ block: "nearest" });
  },
  /** Choose all neighbours of the chosen picture, or of the tool's first one, after those that are chosen already. */
  all() {
    const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
    const first = isSeen(this.figure) ? this.figure : panel?.querySelector(ALL);
    if (first) this.put([...new Set([...this.figures.filter(isSeen), ...neighboursOf(first)])], { byHand: true });
  },
};

/**
 * The figures to choose after a wall is drawn again: the same pictures, else the one at the place of the last one.
 */
export const keepChosen = (root) => {
  const own = [...root.children];
  const chosen = selection.figures.filter((figure) => root.contains(figure));
  const at = own.indexOf(selection.figure);
  const recipes = chosen.map((figure) => figure.tile.recipe);
  return () => {
    if (!chosen.length) return;
    const now = [...root.children];
    const same = recipes.map((recipe) => now.find((figure) => figure.tile && sameRecipe(figure.tile.recipe, recipe)));
    selection.put(same.every(Boolean) ? same : [now[at] ?? null]);
  };
};

/**
 * Make one picture of a wall and its link a stop of the Tab key: the focused one, else the one chosen last, else the
 * first. Arrow keys go to the others. Call what it returns when the wall has been drawn.
 */
export const oneTabStop = (root) => {
  const set = () => {
    const figures = [...root.querySelectorAll(ALL)];
    const chosen = figures.includes(selection.figure) ? selection.figure : figures[0];
    const stop = figures.find((each) => each.contains(document.activeElement)) ?? chosen;
    for (const each of figures) {
      const parts = each.querySelectorAll("button.tile-picture, figcaption a");
      for (const part of parts) part.tabIndex = each === stop ? 0 : -1;
    }
  };
  root.addEventListener("focusin", set);
  return set;
};

/** Choose tiles within `root` by clicks: one alone, one more with Ctrl or a long press, and a range with Shift. */
export const choosable = (root) => {
  const figureOf = (event) => event.target.closest("button.tile-picture")?.closest("figure");
  let pressing = 0;
  let wasLong = false;
  let byTouch = false;
  const howOf = (event) => {
    if (event.shiftKey) return "range";
    const goesOn = byTouch && selection.tiles.length > 1;
    return event.ctrlKey || event.metaKey || goesOn ? "toggle" : "only";
  };
  root.addEventListener("pointerdown", (event) => {
    byTouch = event.pointerType === "touch";
    wasLong = false;
    const figure = figureOf(event);
    if (!byTouch || !figure) return;
    pressing = setTimeout(() => {
      wasLong = true;
      selection.choose(figure, { how: "toggle", byHand: true });
    }, LONG_PRESS);
  });
  for (const kind of ["pointerup", "pointercancel", "pointerleave"]) {
    root.addEventListener(kind, () => clearTimeout(pressing));
  }
  root.addEventListener("contextmenu", (event) => byTouch && figureOf(event) && event.preventDefault());
  root.addEventListener("click", (event) => {
    const figure = figureOf(event);
    if (figure && !wasLong) selection.choose(figure, { how: howOf(event), byHand: true });
    wasLong = false;
  });
  root.addEventListener("dblclick", (event) => figureOf(event) && enlarge(figureOf(event)));
};

/** Open a dialog, which Escape, its button and a click outside it close. */
export const openDialog = (attributes, ...content) => {
  const close = button(word("create_close"), () => dialog.close());
  const dialog = h("dialog", { onclose: () => dialog.remove(), ...attributes }, ...content, close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  page.element.append(dialog);
  dialog.showModal();
  close.focus();
  return dialog;
};

/** Show one picture large; arrow keys go to its neighbours. */
export const enlarge = (figure) => {
  const all = neighboursOf(figure);
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
    selection.choose(all[at], { focus: false, byHand: true });
  });
};
