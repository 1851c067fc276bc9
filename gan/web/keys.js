// Keyboard shortcuts within the instrument, outside text fields, and the dialog that lists them.
import { h } from "./core/dom.js";
import { page } from "./core/page.js";
import { enlarge, openDialog, selection } from "./core/selection.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

const CHOOSING = ["← → ↑ ↓", "Shift+← →", "Ctrl+← →, Ctrl+Space", "Ctrl+A", "Esc", "Enter", "S"];
const KEYS = ["G", "Ctrl+Enter", "R", "1 … 8", "O", ...CHOOSING, "Ctrl+Z", "Ctrl+Shift+Z", "?"];
const WRITING = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export const openHelp = () => {
  const row = (keys, index) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, word(`create_key_${index}`))];
  const label = word("create_help");
  const list = h("dl", {}, KEYS.map(row));
  const further = ["create_help_mouse", "create_help_drop"].map((key) => h("p", { class: "field-info" }, word(key)));
  openDialog({ class: "lightbox help", "aria-label": label }, h("h2", {}, label), list, further);
};

const columnsOfWall = () => {
  const panel = page.element.querySelector("[role=tabpanel]:not([hidden])");
  const grid = panel.querySelector(".wall") ?? panel;
  return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
};

/** How many pictures an arrow key goes on. */
const places = (key) => {
  if (!key.startsWith("arrow")) return 0;
  const columns = columnsOfWall();
  return { arrowleft: -1, arrowright: 1, arrowup: -columns, arrowdown: columns }[key];
};
/** Whether an element has its own use for arrow keys. */
const isSteered = (event) => event.target.closest("input, [role=tab], [role=application], video") !== null;

const pressMain = () => {
  const all = [...page.element.querySelectorAll(".primary-button")];
  all.find((button) => button.offsetParent)?.click();
};
const chooseNone = () => selection.choose(null, { byHand: true });

/** Do the action of a key, and return whether the key has one. */
const doKey = (event, tools, goTo, open) => {
  const key = event.key.toLowerCase();
  const done = (does) => {
    does();
    return true;
  };
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (key === "y" || (key === "z" && event.shiftKey)) return done(() => store.redo());
    if (key === "enter") return done(pressMain);
    if (key === "a") return done(() => selection.all());
    if (event.ctrlKey && places(key) && !isSteered(event)) return done(() => selection.step(places(key), "focus"));
    return key === "z" ? done(() => store.undo()) : false;
  }
  if (event.altKey || event.ctrlKey) return false;
  const tool = tools[store.state.tool];
  const { tiles } = selection;
  if (key === "?") return done(openHelp);
  if (key === "g") return done(() => tool.generate());
  if (key === "o" && open) return done(open);
  if (key === "r") return done(() => tool.random?.());
  if (key === "s" && tiles.length) return done(() => store.star(tiles));
  if (key === "escape" && tiles.length) return done(chooseNone);
  if (/^[1-9]$/.test(key)) return done(() => goTo(Number(key) - 1));
  if (isSteered(event)) return false;
  const picture = event.target.closest(".tile-picture");
  if (key === "enter" && picture) return done(() => enlarge(picture.closest("figure")));
  if (!places(key)) return false;
  return done(() => selection.step(places(key), event.shiftKey ? "range" : "only"));
};

/**
 * @param goTo goes to the tool at a place, counted from the first
 * @param open opens a saved file, where the painter can
 */
export const takeKeys = (tools, goTo, open) => {
  const act = (event) => {
    const isElsewhere = !page.element.offsetParent || document.querySelector("dialog[open]");
    if (isElsewhere || event.target.closest(WRITING)) return;
    if (doKey(event, tools, goTo, open)) event.preventDefault();
  };
  // The controls of a video may stop events, so a video's keys are taken before they reach it.
  const isOfVideo = ({ target }) => target.tagName === "VIDEO";
  document.addEventListener("keydown", (event) => isOfVideo(event) && act(event), true);
  document.addEventListener("keydown", (event) => !isOfVideo(event) && act(event));
};
