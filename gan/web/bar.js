// The bar under the stage: actions for the chosen pictures, or for all while none is chosen, and next to them the
// starred pictures.
import { button, h, isEnter } from "./core/dom.js";
import { isOwn } from "./core/kept.js";
import { copyLink, linkOf } from "./core/links.js";
import { menuButton } from "./core/menu.js";
import { caption } from "./core/recipes.js";
import { enlarge, selection } from "./core/selection.js";
import { canDo } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { downloadItems, latentItem } from "./downloads.js";
import { canCompare, showLikeness } from "./likeness.js";
import { makeStarred } from "./starred.js";
import { makeWhole } from "./whole.js";

const MOST_THUMBS = 3;
const LONGEST_NAME = 40; // letters of a starred picture's name

/** A picture's caption, which begins with "Seed" where it begins with a number. */
const titleOf = (recipe) => {
  const words = caption(recipe);
  return /^\d/.test(words) ? word("create_seed_named", { seed: words }) : words;
};

/**
 * @param {import("./tools/tool.js").Action[]} actions of the tools
 * @param uses returns the menu of the tools that can use tiles
 * @param giveFocus called when the bar disappears while it has the focus
 * @param film opens the starred pictures as a film
 */
export const makeBar = (actions, uses, giveFocus, film) => {
  const possible = actions.filter(({ needs = [] }) => canDo(needs));
  const thumbs = h("span", { class: "thumbs" });
  const what = h("b", {});
  const name = h("input", {
    class: "text-input star-name",
    type: "text",
    maxLength: LONGEST_NAME,
    placeholder: word("create_star_name"),
    "aria-label": word("create_star_name"),
    onchange: () => selection.tile && store.nameStar(selection.tile.recipe, name.value.trim()),
  });
  name.addEventListener("keydown", (event) => isEnter(event) && name.blur());
  const done = possible.map((action) => ({
    action,
    element: button(word(action.label), () => action.run(selection.tiles), {
      class: `plain-button${action.first ? " is-first" : ""}`,
    }),
  }));
  const star = button(word("create_star"), () => store.star(selection.tiles));
  const download = menuButton(word("create_download"), () => downloadItems(selection.tiles, selection.neighbours));
  const use = menuButton(word("create_use_in"), () => uses(selection.tiles));
  const moreItems = () => {
    const { tiles, neighbours } = selection;
    const isOne = tiles.length === 1;
    const inOrder = neighbours.filter((tile) => tiles.includes(tile));
    const isLinked = isOne || (inOrder.length === tiles.length && linkOf(inOrder) !== null);
    return [
      ...(isOne ? [{ label: word("create_enlarge"), run: () => enlarge(selection.figure) }] : []),
      ...(isLinked ? [{ label: word("create_link"), run: () => copyLink(inOrder) }] : []),
      ...(isOne && isOwn(tiles[0]) && canCompare()
        ? [{ label: word("create_like"), info: word("create_like_use"), run: () => showLikeness(tiles[0]) }]
        : []),
      ...(canDo(["saveLatents"]) ? [latentItem(tiles)] : []),
      ...(tiles.length < neighbours.length ? [{ label: word("create_choose_all"), run: () => selection.all() }] : []),
      { label: word("create_choose_none"), run: () => selection.choose(null, { byHand: true }) },
    ];
  };
  const more = menuButton("…", moreItems, { "aria-label": word("create_more"), title: word("create_more") });
  const [first, others] = [done.filter(({ action }) => action.first), done.filter(({ action }) => !action.first)];
  const elements = (list) => list.map(({ element }) => element);
  const tools = [...elements(first), star, ...elements(others), download.root, use.root, more.root];
  const named = { role: "toolbar", "aria-label": word("create_chosen"), hidden: true };
  const chosen = h("div", { class: "chosen", ...named }, thumbs, what, tools, name);
  const starred = makeStarred(giveFocus, film);
  const whole = makeWhole();
  const root = h("div", { class: "bar", hidden: true }, whole.root, chosen, starred.root);

  const drawName = (tiles, star) => {
    const isOne = tiles.length === 1;
    const kept = isOne
      ? store.stars.find(({ recipe }) => JSON.stringify(recipe) === JSON.stringify(tiles[0].recipe))
      : null;
    name.hidden = !kept || !star;
    if (document.activeElement !== name) name.value = kept?.name ?? "";
    what.textContent = isOne ? titleOf(tiles[0].recipe) : word("create_chosen_count", { count: tiles.length });
  };
  const drawButtons = (tiles) => {
    const isStarred = tiles.every(({ recipe }) => store.starred(recipe));
    star.textContent = word(isStarred ? "create_unstar" : "create_star");
    star.setAttribute("aria-pressed", String(isStarred));
    for (const { action, element } of done) {
      element.hidden = Boolean(action.hidden?.(tiles));
      element.disabled = !tiles.every(isOwn);
    }
    return isStarred;
  };
  const draw = () => {
    const { tiles } = selection;
    const hadFocus = chosen.contains(document.activeElement);
    starred.draw();
    chosen.hidden = !tiles.length;
    whole.draw();
    root.hidden = !tiles.length && whole.root.hidden && !store.stars.length;
    root.classList.toggle("has-chosen", tiles.length > 0);
    root.classList.toggle("is-floating", tiles.length > 0 || store.stars.length > 0);
    if (!tiles.length) {
      if (hadFocus) giveFocus();
      return;
    }
    thumbs.replaceChildren(...tiles.slice(-MOST_THUMBS).map(({ src }) => h("img", { src, alt: "" })));
    drawName(tiles, drawButtons(tiles));
  };
  selection.listeners.push(draw);
  return { root, draw };
};
