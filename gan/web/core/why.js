// Question marks that explain a label. The explanation lies over the page, beside the field, so that it neither moves
// nor covers what is about to be used.
import { h, iconButton } from "./dom.js";
import { word } from "./words.js";

const GAP = 12; // pixels between the field and the explanation
const EDGE = 8; // pixels between the explanation and the window's edges

/** A question mark and the explanation that it shows and hides: {mark, words}. */
export const explained = (label, text, id) => {
  const words = h("p", { class: "why-words", id, popover: "auto" }, text);
  const mark = iconButton("help", word("create_what_is", { what: label }), () => {}, {
    class: "icon-button why",
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-describedby": id,
  });
  mark.popoverTargetElement = words; // a click on the mark closes what it has opened
  // On the right or the left of the field; on a phone above it, or below it.
  const place = () => {
    const field = mark.closest(".field").getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = words;
    const lefts = [field.right + GAP, field.left - GAP - width];
    const beside = lefts.find((left) => left >= EDGE && left + width + EDGE <= innerWidth);
    const above = field.top - GAP / 2 - height;
    const apart = above >= EDGE ? above : field.bottom + GAP / 2;
    const top = beside === undefined ? apart : Math.min(field.top, innerHeight - height - EDGE);
    words.style.left = `${beside ?? Math.max(EDGE, Math.min(field.left, innerWidth - width - EDGE))}px`;
    words.style.top = `${Math.max(EDGE, top)}px`;
  };
  const isOpen = () => words.matches(":popover-open");
  const close = () => isOpen() && words.hidePopover();
  words.addEventListener("beforetoggle", () => words.classList.remove("is-placed"));
  words.addEventListener("toggle", () => {
    mark.setAttribute("aria-expanded", String(isOpen()));
    if (!isOpen()) return;
    place();
    words.classList.add("is-placed");
    addEventListener("scroll", close, { capture: true, once: true }); // the field moves away
  });
  mark.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    event.stopPropagation(); // elsewhere the key closes the settings, or chooses no picture
    close();
  });
  return { mark, words };
};
