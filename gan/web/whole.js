// Actions for all pictures of the open tool, at the beginning of the bar while no picture is chosen.
import { button, h } from "./core/dom.js";
import { isOwn } from "./core/kept.js";
import { copyLink, linkOf } from "./core/links.js";
import { menuButton } from "./core/menu.js";
import { selection } from "./core/selection.js";
import { word } from "./core/words.js";
import { downloadItems } from "./downloads.js";

const FEWEST = 2; // pictures; a single one has its own link, and is chosen with a click

export const makeWhole = () => {
  let tiles = [];
  const own = () => tiles.filter(isOwn);
  const what = h("b", {});
  const download = menuButton(word("create_download"), () => downloadItems(tiles));
  const link = button(word("create_link"), () => copyLink(own()));
  const named = { role: "group", "aria-label": word("create_whole"), hidden: true };
  const root = h("div", { class: "whole", ...named }, what, download.root, link);
  return {
    root,
    draw() {
      tiles = selection.tile ? [] : selection.wall;
      root.hidden = tiles.length < FEWEST;
      if (root.hidden) return;
      what.textContent = word("create_whole_count", { count: tiles.length });
      link.hidden = own().length < FEWEST || linkOf(own()) === null;
    },
  };
};
