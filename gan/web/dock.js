// The bar under the stage: what can be done with the chosen picture.
import { button, h } from "./core/dom.js";
import { saveFile } from "./core/files.js";
import { linkOf } from "./core/links.js";
import { sayNote } from "./core/notices.js";
import { caption, fileName } from "./core/recipes.js";
import { enlarge, selection } from "./core/selection.js";
import { canDo } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { saveLatents } from "./recall.js";

const copyLink = async (tile) => {
  const link = linkOf(tile);
  const named = { "aria-label": word("create_link") };
  const shown = h("input", { class: "text-input link", readonly: true, value: link, ...named });
  try {
    await navigator.clipboard.writeText(link);
    sayNote(word("create_link_copied"), shown);
  } catch (error) {
    console.info(error.message); // browsers allow it on secure pages only
    sayNote(word("create_link_here"), shown);
    shown.select();
  }
};

/**
 * @param {import("./tools/tool.js").Action[]} actions
 * @param giveFocus called when the focus was in the bar and the bar goes
 */
export const makeDock = (actions, giveFocus) => {
  const root = h("div", { class: "dock", role: "toolbar", "aria-label": word("create_chosen"), hidden: true });
  const possible = actions.filter(({ needs = [] }) => canDo(needs));
  const sorted = [...possible.filter((each) => each.first), ...possible.filter((each) => !each.first)];

  const buttonsFor = (tile) => {
    const isStarred = store.starred(tile.recipe);
    const star = () => store.star(tile.recipe, tile.src);
    const info = { title: word("create_save_latent_info") };
    const saveLatent = () => saveLatents([tile.recipe], "npz");
    return [
      ...sorted.filter((each) => !each.hidden?.()).map((each) => button(word(each.label), () => each.run(tile))),
      button(word(isStarred ? "create_unstar" : "create_star"), star, { "aria-pressed": String(isStarred) }),
      button(word("create_enlarge"), () => selection.figure && enlarge(selection.figure)),
      button(word("create_link"), () => copyLink(tile)),
      button(word("create_save"), () => saveFile(tile.src, fileName(tile.recipe))),
      canDo(["saveLatents"]) ? button(word("create_save_latent"), saveLatent, info) : null,
    ].filter(Boolean);
  };
  const draw = (tile) => {
    const focused = [...root.children].indexOf(document.activeElement);
    const words = document.activeElement.textContent;
    root.hidden = !tile;
    if (!tile) {
      if (focused >= 0) giveFocus();
      return;
    }
    const buttons = buttonsFor(tile);
    root.replaceChildren(h("img", { src: tile.src, alt: "" }), h("b", {}, caption(tile.recipe)), ...buttons);
    if (focused < 0) return;
    const same = buttons.find((each) => each.textContent === words) ?? root.children[focused];
    same?.focus({ preventScroll: true });
  };
  selection.listeners.push(draw);
  return { root, draw };
};
