// Dragging pictures over the page: from walls and the tray of starred pictures to wells (empty places of a tool), tabs
// and the tray.
import { isOwn } from "./kept.js";
import { sayNote } from "./notices.js";
import { selection } from "./selection.js";
import { word } from "./words.js";

// distinguishes a drag of pictures from one of files; the tiles stay in this module
const TYPE = "application/x-seedbed-pictures";
let dragged = [];

/** Make the tiles within `root` draggable. A drag of a chosen tile drags all chosen tiles. */
export const draggable = (root) => {
  root.addEventListener("dragstart", (event) => {
    const { tile } = event.target.closest("figure.tile") ?? {};
    if (!tile) return;
    const chosen = selection.tiles;
    dragged = chosen.includes(tile) ? chosen : [tile];
    event.dataTransfer.setData(TYPE, String(dragged.length));
    event.dataTransfer.effectAllowed = "copy";
  });
};

export const carriesTiles = (event) => Boolean(event.dataTransfer?.types.includes(TYPE));

/**
 * Take tiles that are dropped on an element; `take` is called with them and the event.
 * @param any whether tiles of other models are taken too
 */
export const takesTiles = (element, take, { any = false } = {}) => {
  for (const kind of ["dragenter", "dragover"]) {
    element.addEventListener(kind, (event) => {
      if (!carriesTiles(event)) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      element.classList.add("is-target");
    });
  }
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(event.relatedTarget)) element.classList.remove("is-target");
  });
  element.addEventListener("drop", (event) => {
    element.classList.remove("is-target");
    if (!carriesTiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const usable = any ? dragged : dragged.filter(isOwn);
    if (usable.length) take(usable, event);
    else sayNote(word("create_use_foreign"));
  });
};
