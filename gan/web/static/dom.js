// Elements, and fields with their labels.
let lastId = 0;

/** h("button", {class: "x", onclick: f}, "text", child) */
export const h = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};

export const button = (words, onclick, attributes = {}) =>
  h("button", { type: "button", class: "plain-button", onclick, ...attributes }, words);

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

const isEnter = (event) => event.key === "Enter" && !event.isComposing && event.keyCode !== 229;

/** A line of text, heard at Enter and where it is left. */
export const textField = (label, { id, info, numeric, onchange }) => {
  const input = h("input", {
    type: "text",
    id,
    class: "input",
    autocomplete: "off",
    spellcheck: false,
    inputmode: numeric && "numeric",
  });
  input.addEventListener("change", () => onchange(input.value));
  input.addEventListener("keydown", (event) => isEnter(event) && input.blur());
  return {
    root: labelled(label, input, info),
    input,
    show: (text) => {
      if (document.activeElement !== input) input.value = text;
    },
  };
};

/** A slider, heard at every step. */
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
