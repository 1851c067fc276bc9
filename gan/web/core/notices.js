// One line that says what went wrong or what was done. It stays until the next step; a refusal goes when an answer
// comes.
import { Refused } from "../painters/painter.js";
import { h } from "./dom.js";
import { word } from "./words.js";

export const line = h("div", { class: "said-line", role: "status", "aria-live": "polite" });
let refused = false;

const say = (...content) => {
  refused = false;
  line.replaceChildren(...content);
};
export const sayTrouble = (words, ...more) => say(h("p", { class: "trouble", role: "alert" }, words), ...more);
export const sayNote = (...words) => say(h("p", { class: "note" }, ...words));
export const sayNothing = () => say();

/** Say why something failed: a refusal in its own words, everything else as a painter that cannot be reached. */
export const explain = (error) => {
  if (!(error instanceof Refused)) console.info(error);
  sayTrouble(error instanceof Refused ? error.message : word("create_unreachable"));
  refused = true;
};

/** Take a refusal away, since an answer has come. */
export const sayAnswered = () => {
  if (refused) sayNothing();
};
