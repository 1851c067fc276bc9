// Makes elements: h("button", {class: "x", onclick: f}, "text", child).
import { icon } from "./icons.js";

export const h = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "html") made.innerHTML = value;
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  const shown = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  made.append(...shown);
  return made;
};

export const button = (words, onclick, attributes = {}) =>
  h("button", { type: "button", class: "plain-button", onclick, ...attributes }, words);

export const iconButton = (name, label, onclick, attributes = {}) => {
  const named = { title: label, "aria-label": label, html: icon(name) };
  return h("button", { type: "button", class: "icon-button", ...named, onclick, ...attributes });
};

/** A button with an icon and words. */
export const wordButton = (name, words, onclick, attributes = {}) => {
  const made = button("", onclick, { class: "icon-button has-words", ...attributes });
  made.innerHTML = icon(name);
  made.append(words);
  return made;
};

export const drawer = (label, ...children) => h("details", { class: "fold" }, h("summary", {}, label), ...children);

/** Whether a key is Enter and does not end a composed word. Safari reports such an end only by the code 229. */
export const isEnter = (event) => event.key === "Enter" && !event.isComposing && event.keyCode !== 229;
