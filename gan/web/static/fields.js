// Fields with their labels.
import { h, isEnter } from "../core/dom.js";

let lastId = 0;

const labelled = (label, input, info, aside) => {
  input.id ||= `field-${++lastId}`;
  const hint = info && h("p", { class: "info", id: `${input.id}-info` }, info);
  if (hint) input.setAttribute("aria-describedby", hint.id);
  return h(
    "div",
    { class: "field" },
    h("div", { class: "label-line" }, h("label", { for: input.id }, label), aside),
    input,
    hint,
  );
};

/** A text field; its listener is called at Enter and when the field is left. */
export const textField = (label, { id, info, numeric, onchange }) => {
  const input = h("input", {
    type: "text",
    id,
    class: "input",
    autocomplete: "off",
    spellcheck: false,
    inputmode: numeric && "numeric",
  });
  // Full-width digits and commas of Chinese keyboards become plain ones.
  input.addEventListener("change", () => onchange(input.value.normalize("NFKC").replaceAll("、", ",")));
  input.addEventListener("keydown", (event) => isEnter(event) && input.blur());
  return {
    root: labelled(label, input, info),
    input,
    show: (text) => {
      if (document.activeElement !== input) input.value = text;
    },
  };
};

/** A slider; its listener is called at every step. */
export const slider = (label, { id, min, max, step, info, format = String, oninput }) => {
  const input = h("input", { type: "range", id, min: String(min), max: String(max), step: String(step) });
  const value = h("output", { class: "value" });
  const show = (number) => {
    input.value = String(number);
    value.textContent = format(Number(number));
    input.setAttribute("aria-valuetext", format(Number(number)));
    input.style.setProperty("--share", `${(100 * (Number(number) - min)) / (max - min)}%`);
  };
  input.addEventListener("input", () => {
    show(input.value);
    oninput(Number(input.value));
  });
  return { root: labelled(label, input, info, value), input, show };
};

/** A list to choose from: [[value, words], …]. */
export const choice = (label, { id, options, info, onchange }) => {
  const input = h("select", { id, class: "input", onchange: () => onchange(input.value) });
  input.append(...options.map(([value, words]) => h("option", { value }, words)));
  return {
    root: labelled(label, input, info),
    input,
    show: (value) => {
      input.value = value;
    },
  };
};

export const checkbox = (words, { value, onchange }) => {
  const input = h("input", { type: "checkbox", value, onchange: () => onchange(input.checked) });
  return { root: h("label", { class: "check" }, input, h("span", {}, words)), input };
};

export const saveAs = (href, name) => {
  const link = h("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
};
