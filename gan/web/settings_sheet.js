// The settings on a phone: a sheet over the pictures, opened by a button above them. On wider screens they are next to
// the pictures.
import { h, iconButton, wordButton } from "./core/dom.js";
import { word } from "./core/words.js";

export const NARROW = "(max-width: 820px)"; // the same width as in the stylesheets

/** @param side the column of settings */
export const makeSheet = (side) => {
  const narrow = matchMedia(NARROW);
  const close = iconButton("close", word("create_close"), () => show(false), { class: "icon-button sheet-close" });
  const head = h("div", { class: "sheet-head" }, h("h2", {}, word("create_settings")), close);
  const shade = h("div", { class: "sheet-shade", onclick: () => show(false) });
  const opener = wordButton("sliders", word("create_settings"), () => show(true), {
    id: "open-settings",
    class: "icon-button has-words sheet-opener",
    "aria-expanded": "false",
    "aria-controls": side.id,
  });
  side.prepend(head);
  const show = (on) => {
    side.classList.toggle("is-open", on);
    opener.setAttribute("aria-expanded", String(on));
    if (on) close.focus();
    else if (side.contains(document.activeElement)) opener.focus();
  };
  // Tab leaves the sheet after its last control; the sheet would cover the control that has the focus then.
  side.addEventListener("focusout", ({ relatedTarget: next }) => {
    if (narrow.matches && next && !side.contains(next) && !next.closest("dialog")) show(false);
  });
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && narrow.matches && side.classList.contains("is-open")) {
      event.stopPropagation();
      show(false);
    }
  });
  // The sheet covers the pictures that its main button makes, so a click on that button closes the sheet. The button
  // #bulk-go leaves the sheet open, because the progress of the zip appears next to it.
  side.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest(".primary-button:not(#bulk-go)")) show(false);
  });
  return { opener, shade };
};
