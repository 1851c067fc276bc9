// Toasts with problems and results, above the page's content. A note disappears after a while, unless it offers
// something, or with the user's next action, a problem with the next change, and a refusal when an answer arrives.
import { Refused } from "../painters/painter.js";
import { h, iconButton } from "./dom.js";
import { page } from "./page.js";
import { word } from "./words.js";

const NOTE_STAYS = 9000; // milliseconds; longer while a pointer or the focus is on it

export const line = h("div", { class: "said-line", role: "status", "aria-live": "polite" });
let refused = false;
let noted = false;
let leaving = 0;

const say = (...content) => {
  refused = noted = false;
  clearTimeout(leaving);
  const close = () => iconButton("close", word("create_close"), () => say(), { class: "icon-button said-close" });
  line.replaceChildren(...content, ...(content.length ? [close()] : []));
};
const leave = () => {
  if (!line.matches(":hover, :focus-within")) return say();
  leaving = setTimeout(leave, NOTE_STAYS);
};
export const sayTrouble = (words, ...more) => say(h("p", { class: "trouble", role: "alert" }, words), ...more);
export const sayNote = (...words) => {
  say(h("p", { class: "note" }, ...words));
  noted = true;
  if (!line.querySelector(".note button, .note input")) leaving = setTimeout(leave, NOTE_STAYS);
};
/** Say what is being done; it stays until something else is said. */
export const sayBusy = (words) => say(h("p", { class: "note" }, words));
export const sayNothing = () => say();

/**
 * Show why something failed: a refusal by its own sentence, and any other error by "the painter cannot be reached".
 */
export const explain = (error) => {
  if (!(error instanceof Refused)) console.info(error);
  sayTrouble(error instanceof Refused ? error.message : word("create_unreachable"));
  refused = true;
};

/** Remove a refusal, since an answer has arrived. */
export const sayAnswered = () => {
  if (refused) sayNothing();
};

// A note is about the last action on the tab, so the next one removes it. Scrolling, going to the note by keys, and
// what is done elsewhere on the page keep it.
const KEEPS = /^(Tab|Shift|Control|Alt|Meta|Arrow.*|Page.*|Home|End)$/;
const isNext = ({ type, key, ctrlKey, metaKey }) => type === "click" || !(KEEPS.test(key) || ctrlKey || metaKey);
const isInside = (target) => page.element.contains(target) && !line.contains(target);
for (const kind of ["click", "keydown"]) {
  const isOnTab = ({ target }) =>
    page.element?.offsetParent && (target.contains(page.element) || isInside(target));
  const act = (event) => noted && event.isTrusted && isOnTab(event) && isNext(event) && say();
  addEventListener(kind, act, true); // before the action, which may have a note of its own
}
