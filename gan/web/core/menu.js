// A button that opens a short list of actions.
import { button, h } from "./dom.js";

const GAP = 6; // pixels between the button and its list
const EDGE = 8; // pixels between the list and the window's edges

/**
 * @param items called when the list opens: [{label, info?, run, disabled?}, …], or {heading} between them
 * @param attributes of the button
 */
export const menuButton = (label, items, attributes = {}) => {
  const list = h("div", {
    class: "menu",
    role: "menu",
    popover: "auto",
    "aria-label": attributes["aria-label"] ?? label,
  });
  const opener = button(label, () => {}, { "aria-haspopup": "menu", "aria-expanded": "false", ...attributes });
  const root = h("span", { class: "menu-button" }, opener, list);
  const entries = () => [...list.querySelectorAll("button:not(:disabled)")];
  const close = () => list.matches(":popover-open") && list.hidePopover();
  const element = (item) => {
    if (item.heading) return h("p", { class: "menu-heading" }, item.heading);
    const run = () => {
      close();
      opener.focus({ preventScroll: true });
      item.run();
    };
    const info = item.info ? h("small", {}, item.info) : null;
    const named = { type: "button", role: "menuitem", disabled: Boolean(item.disabled), onclick: run };
    return h("button", named, h("span", {}, item.label), info);
  };
  const place = () => {
    const at = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = list;
    const left = Math.max(EDGE, Math.min(at.left, innerWidth - width - EDGE));
    const above = at.top - height - GAP;
    list.style.left = `${left}px`;
    list.style.top = `${above >= EDGE ? above : Math.min(at.bottom + GAP, innerHeight - height - EDGE)}px`;
  };
  opener.addEventListener("click", () => {
    if (list.matches(":popover-open")) return close();
    list.replaceChildren(...items().map(element));
    list.showPopover();
    place();
    entries()[0]?.focus();
  });
  list.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
  });
  list.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the instrument has its own actions for these keys
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = entries();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  });
  return { root, opener };
};
