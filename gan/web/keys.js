// Keyboard shortcuts within the instrument, outside text fields, and the dialog that lists them.
import { h } from "./core/dom.js";
import { page } from "./core/page.js";
import { enlarge, openDialog, selection } from "./core/selection.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

const CHOOSING = ["← → ↑ ↓", "Shift+← →", "Ctrl+A", "Esc", "Enter", "S"];
const KEYS = ["G", "R", "1 … 8", ...CHOOSING, "Ctrl+Z", "Ctrl+Shift+Z", "?"];
const WRITING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export const openHelp = () => {
  const row = (keys, index) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, word(`create_key_${index}`))];
  const label = word("create_help");
  const list = h("dl", {}, KEYS.map(row));
  const drop = h("p", { class: "field-info" }, word("create_help_drop"));
  openDialog({ class: "lightbox help", "aria-label": label }, h("h2", {}, label), list, drop);
};

const columnsOfWall = () => {
  const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
  const grid = panel.querySelector(".wall") ?? panel;
  return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
};

const chooseNone = () => selection.choose(null, { byHand: true });

/** Do the action of a key, and return whether the key has one. */
const doKey = (event, tools, goTo) => {
  const key = event.key.toLowerCase();
  const done = (does) => {
    does();
    return true;
  };
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (key === "y" || (key === "z" && event.shiftKey)) return done(() => store.redo());
    if (key === "a") return done(() => selection.all());
    return key === "z" ? done(() => store.undo()) : false;
  }
  if (event.altKey || event.ctrlKey) return false;
  const tool = tools[store.state.tool];
  const { tiles } = selection;
  if (key === "?") return done(openHelp);
  if (key === "g") return done(() => tool.generate());
  if (key === "r") return done(() => tool.random?.());
  if (key === "s" && tiles.length) return done(() => store.star(tiles));
  if (key === "escape" && tiles.length) return done(chooseNone);
  if (/^[1-9]$/.test(key)) return done(() => goTo(Number(key) - 1));
  if (event.target.closest("input, [role=tab], [role=application]")) return false;
  const picture = event.target.closest(".tile-picture");
  if (key === "enter" && picture) return done(() => enlarge(picture.closest("figure")));
  const columns = columnsOfWall();
  const step = { arrowleft: -1, arrowright: 1, arrowup: -columns, arrowdown: columns }[key];
  return step ? done(() => selection.step(step, event.shiftKey ? "range" : "only")) : false;
};

/** @param goTo goes to the tool at a place, counted from the first */
export const takeKeys = (tools, goTo) => {
  document.addEventListener("keydown", (event) => {
    const isElsewhere = !page.element.offsetParent || document.querySelector("dialog[open]");
    if (isElsewhere || event.target.closest(WRITING)) return;
    if (doKey(event, tools, goTo)) event.preventDefault();
  });
};
