// Labelled fields made of native inputs, so that keys and screen readers work with them.
//
// Each is {root, input, value}. Setting `value` shows it without an event; `onchange` is called for the user's changes.
import { h, iconButton, isEnter } from "./dom.js";
import { explained } from "./why.js";
import { word } from "./words.js";

let lastId = 0;

/** `info` is always visible; `why` is a sentence that a question mark shows. */
const field = (label, input, info, why) => {
  input.id ||= `field-${++lastId}`;
  const hint = info ? h("p", { class: "field-info", id: `${input.id}-info` }, info) : null;
  if (hint) input.setAttribute("aria-describedby", hint.id);
  const { mark, words } = why ? explained(label, why, `${input.id}-why`) : {};
  return h("div", { class: "field" }, h("label", { for: input.id }, label), mark, words, hint, input);
};

/**
 * A field of numbers. `onchange` is called once for what was typed: at Enter, or when the field is left. Until then a
 * new `value` waits, since it would replace what is being typed. Full-width digits and commas of Chinese keyboards
 * become plain ones.
 */
export const textField = (label, { info, why, onchange, id }) => {
  const input = h("input", { type: "text", id, class: "text-input", autocomplete: "off", spellcheck: false });
  let typing = false;
  let latest = "";
  const heard = () => {
    if (!typing) return;
    typing = false;
    onchange(input.value.normalize("NFKC").replaceAll("、", ","));
  };
  input.addEventListener("input", () => {
    typing = true;
  });
  input.addEventListener("change", heard);
  input.addEventListener("keydown", (event) => isEnter(event) && heard());
  input.addEventListener("blur", () => {
    if (document.activeElement === input || !typing) return; // the window lost the focus, but not the field
    typing = false;
    input.value = latest; // typed, then undone
  });
  return {
    root: field(label, input, info, why),
    input,
    set value(text) {
      latest = text;
      if (!typing) input.value = text;
    },
    get value() {
      return input.value;
    },
  };
};

/** A text field with a row of icon buttons inside its right end. */
export const withButtons = (own, ...buttons) => {
  own.root.classList.add("field-with-buttons");
  own.root.append(h("div", { class: "input-buttons" }, buttons));
  return own;
};

/**
 * `oninput` is called at every step of a drag, `onchange` at its end. `oninput` also takes whether the drag had already
 * begun: however slow it is, its steps then form one step of the history.
 */
export const slider = (label, { min, max, step, info, why, oninput, onchange, id, reset, format = String }) => {
  const input = h("input", { type: "range", min, max, step, id });
  const shown = h("output", {});
  const show = (value = Number(input.value)) => {
    // A value that the state sets may be between the slider's steps; its exact text is shown.
    shown.textContent = format(value);
    input.style.setProperty("--share", `${(100 * (input.value - input.min)) / (input.max - input.min)}%`);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  let held = false;
  const release = () => {
    held = false;
  };
  input.addEventListener("pointerdown", release); // a drag that ends where it began has no "change"
  input.addEventListener("input", () => {
    show();
    oninput?.(Number(input.value), held);
    held = true;
  });
  input.addEventListener("change", () => {
    release();
    onchange?.(Number(input.value));
  });
  const root = field(label, input, info, why);
  const takeBack = () => {
    input.value = reset;
    show();
    oninput?.(reset, false);
    onchange?.(reset);
  };
  const back = reset === undefined ? null : iconButton("undo", word("create_reset", { label }), takeBack, RESET);
  root.querySelector("label").after(h("span", { class: "field-value" }, shown, back));
  show();
  return {
    root,
    input,
    set value(number) {
      // A value that the state sets may be beyond the slider's ends, which are then moved.
      Object.assign(input, { min: number < min ? number : min, max: number > max ? number : max });
      input.value = number;
      show(Number(number));
    },
    get value() {
      return Number(input.value);
    },
  };
};
const RESET = { class: "icon-button reset" };

/** options: [[value, label, disabledReason?], …] */
export const select = (label, { info, onchange, id }) => {
  const input = h("select", { id, class: "text-input" });
  input.addEventListener("change", () => onchange(input.value));
  let drawn = "";
  const option = ([value, words, off]) => h("option", { value, disabled: Boolean(off), title: off }, words);
  return {
    root: field(label, input, info),
    input,
    set options(options) {
      const wanted = JSON.stringify(options);
      if (wanted === drawn) return;
      drawn = wanted;
      const kept = input.value;
      input.replaceChildren(...options.map(option));
      if (options.some(([value]) => value === kept)) input.value = kept;
    },
    set value(value) {
      input.value = value;
    },
    get value() {
      return input.value;
    },
  };
};

export const toggle = (label, { onchange, id }) => {
  const input = h("input", { type: "checkbox", id });
  input.addEventListener("change", () => onchange(input.checked));
  return {
    root: h("label", { class: "toggle" }, input, label),
    input,
    set value(on) {
      input.checked = on;
    },
    get value() {
      return input.checked;
    },
  };
};

/** A choice of one option: a row of buttons that behave as radio buttons. options: [[value, label], …] */
export const choice = (label, { options = [], why, onchange }) => {
  const name = `choice-${++lastId}`;
  const row = h("div", { class: "choice-row" });
  const { mark, words } = why ? explained(label, why, `${name}-why`) : {};
  const root = h("fieldset", { class: "field choices", "aria-label": label }, h("legend", {}, label, mark), words, row);
  const inputs = () => [...row.querySelectorAll("input")];
  let drawn = "";
  const made = {
    root,
    inputs,
    set options(wanted) {
      if (JSON.stringify(wanted) === drawn) return;
      drawn = JSON.stringify(wanted);
      const radio = (value) => h("input", { type: "radio", name, value, onchange: () => onchange(value) });
      row.replaceChildren(
        ...wanted.map(([value, words]) => h("label", { class: "choice" }, radio(value), h("span", {}, words))),
      );
    },
    set value(value) {
      for (const each of inputs()) each.checked = each.value === String(value);
    },
  };
  made.options = options;
  return made;
};

/**
 * A choice of several options: a row of buttons that behave as checkboxes. options: [[value, label, title?], …];
 * `show` takes for each value true, false or "some".
 */
export const chips = (label, { info, onchange }) => {
  const row = h("div", { class: "choice-row" });
  const hint = info ? h("p", { class: "field-info" }, info) : null;
  const root = h("fieldset", { class: "field choices" }, h("legend", {}, label), hint, row);
  let drawn = "";
  const box = (value) =>
    h("input", { type: "checkbox", value, onchange: ({ target }) => onchange(value, target.checked) });
  return {
    root,
    set options(options) {
      const wanted = JSON.stringify(options);
      if (wanted === drawn) return;
      drawn = wanted;
      row.replaceChildren(
        ...options.map(([value, words, title]) =>
          h("label", { class: "choice", title }, box(value), h("span", {}, words)),
        ),
      );
    },
    show(isOn) {
      for (const input of row.querySelectorAll("input")) {
        const on = isOn(input.value);
        input.checked = on === true;
        input.indeterminate = on === "some";
      }
    },
  };
};
