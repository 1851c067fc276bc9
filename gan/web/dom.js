// Elements. h("button", {class: "x", onclick: f}, "text", child) makes one; fields are labelled natives, so that keys and screen
// readers know them without our help.
let lastId = 0;

const h = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "html") made.innerHTML = value;
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};

const button = (words, onclick, attributes = {}) => h("button", { type: "button", class: "plain-button", onclick, ...attributes }, words);

const iconButton = (name, label, onclick, attributes = {}) =>
  h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, html: symbol(name), onclick, ...attributes });

// A labelled field: {root, input, value}. Setting `value` shows it and says nothing; `onchange` hears what a person did.
const field = (label, input, info) => {
  input.id ||= `field-${++lastId}`;
  const hint = info ? h("p", { class: "field-info", id: `${input.id}-info` }, info) : null;
  if (hint) input.setAttribute("aria-describedby", hint.id);
  return h("div", { class: "field" }, h("label", { for: input.id }, label), hint, input);
};

// A field of numbers. What was typed is heard once: at Enter, or when the field is left. Until then what arrives from elsewhere
// waits, or it would wipe out half a word. Chinese keyboards type full-width digits and commas, which mean the same.
const textField = (label, { info, onchange, id }) => {
  const input = h("input", { type: "text", id, class: "text-input", autocomplete: "off", spellcheck: false });
  let typing = false, latest = "";
  const heard = () => {
    if (!typing) return;
    typing = false;
    onchange(input.value.normalize("NFKC").replaceAll("、", ","));
  };
  input.addEventListener("input", () => { typing = true; });
  input.addEventListener("change", heard);
  input.addEventListener("keydown", (event) => isEnter(event) && heard());
  input.addEventListener("blur", () => {
    if (document.activeElement === input || !typing) return; // it is the window that was left, not the field
    typing = false;
    input.value = latest; // typed, and taken back
  });
  return {
    root: field(label, input, info), input,
    set value(text) { latest = text; if (!typing) input.value = text; },
    get value() { return input.value; },
  };
};

// Enter as such, not the one by which a word that is put together from keys is taken (Safari tells of those by the code 229 alone).
const isEnter = (event) => event.key === "Enter" && !event.isComposing && event.keyCode !== 229;

// `oninput` hears every step of a drag, `onchange` where it ended.
const slider = (label, { min, max, step, info, oninput, onchange, id, reset, format = (value) => String(value) }) => {
  const input = h("input", { type: "range", min, max, step, id });
  const shown = h("output", {});
  const show = (value = Number(input.value)) => { // what was made elsewhere may lie beyond its ends, or between its steps
    shown.textContent = format(value);
    input.style.setProperty("--share", `${(100 * (input.value - input.min)) / (input.max - input.min)}%`);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => { show(); oninput?.(Number(input.value)); });
  input.addEventListener("change", () => onchange?.(Number(input.value)));
  const root = field(label, input, info);
  const back = reset === undefined ? null : iconButton("undo", word("create_reset", { label }), () => {
    input.value = reset; show(); oninput?.(reset); onchange?.(reset);
  }, { class: "icon-button reset" });
  root.querySelector("label").after(h("span", { class: "field-value" }, shown, back));
  show();
  return {
    root, input,
    set value(number) {
      Object.assign(input, { min: number < min ? number : min, max: number > max ? number : max });
      input.value = number;
      show(Number(number));
    },
    get value() { return Number(input.value); },
  };
};

// options: [[value, label, disabledReason?], …]
const select = (label, { info, onchange, id }) => {
  const input = h("select", { id, class: "text-input" });
  input.addEventListener("change", () => onchange(input.value));
  let drawn = "";
  return {
    root: field(label, input, info), input,
    set options(options) {
      const wanted = JSON.stringify(options);
      if (wanted === drawn) return;
      drawn = wanted;
      const kept = input.value;
      input.replaceChildren(...options.map(([value, words, off]) => h("option", { value, disabled: Boolean(off), title: off }, words)));
      if (options.some(([value]) => value === kept)) input.value = kept;
    },
    set value(value) { input.value = value; },
    get value() { return input.value; },
  };
};

const toggle = (label, { onchange, id }) => {
  const input = h("input", { type: "checkbox", id });
  input.addEventListener("change", () => onchange(input.checked));
  return { root: h("label", { class: "toggle" }, input, label), input, set value(on) { input.checked = on; }, get value() { return input.checked; } };
};

// One of a few: a row of buttons that behave as radio buttons. options: [[value, label], …]
const choice = (label, { options, onchange }) => {
  const name = `choice-${++lastId}`;
  const inputs = options.map(([value, words]) => {
    const input = h("input", { type: "radio", name, value, onchange: () => onchange(value) });
    return h("label", { class: "choice" }, input, h("span", {}, words));
  });
  const root = h("fieldset", { class: "field choices" }, h("legend", {}, label), h("div", { class: "choice-row" }, inputs));
  return { root, set value(value) { for (const each of root.querySelectorAll("input")) each.checked = each.value === String(value); } };
};

const drawer = (label, ...children) => h("details", { class: "fold" }, h("summary", {}, label), ...children);

// Files leave the page as the browser saves any other.
const saveFile = (content, name) => {
  const url = typeof content === "string" ? content : URL.createObjectURL(content);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (typeof content !== "string") setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const toBase64 = async (file) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 32_768) text += String.fromCharCode(...bytes.subarray(start, start + 32_768));
  return btoa(text);
};
