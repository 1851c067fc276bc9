// One latent direction as a row: its name, a strip of its effect, and below the strip a slider aligned with its
// pictures.
import { button, h, iconButton } from "../core/dom.js";
import { layerField } from "../core/layers.js";
import { word } from "../core/words.js";

const STRIP = [-2, -1, 0, 1, 2];
const REACH = 2.5; // largest strength in each direction; the pictures of the strip are at whole numbers
const LONGEST_NAME = 60; // letters
const HERE = 0.025; // difference of strength within which a picture of the strip counts as current

// The words for a property that changes along a strip, at its left and at its right end
const TENDENCY_WORDS = {
  light: ["create_tend_darker", "create_tend_lighter"],
  red: ["create_tend_greener", "create_tend_redder"],
  yellow: ["create_tend_bluer", "create_tend_yellower"],
  vivid: ["create_tend_paler", "create_tend_more_vivid"],
  size: ["create_tend_smaller", "create_tend_larger"],
};
const endWords = (tendency, isRight) =>
  tendency.map(({ what, rises }) => word(TENDENCY_WORDS[what][Number(rises === isRight)])).join(word("create_comma"));

const signed = (value) => {
  if (value === 0) return "0";
  return value > 0 ? `+${value.toFixed(2)}` : `−${(-value).toFixed(2)}`;
};

const nameField = (onchange) =>
  h("input", {
    type: "text",
    class: "direction-name",
    maxLength: LONGEST_NAME,
    spellcheck: false,
    autocomplete: "off",
    onchange,
  });

/** @param does {name(text), push(strength, held), layers(list), remove(), takeOver()} */
export const directionRow = (does) => {
  const name = nameField(() => does.name(name.value.trim()));
  const where = h("span", { class: "direction-where" });
  const layers = layerField(word("create_dir_layers"), (list) => does.layers(list));
  const amount = h("output", {});
  const small = { class: "icon-button reset" };
  const back = iconButton("undo", "", () => does.push(0), small);
  const remove = iconButton("close", "", () => does.remove(), small);
  const takeOver = button(word("create_dir_take_over"), () => does.takeOver());
  const stepTo = (step) => ({ type: "button", tabindex: "-1", onclick: () => does.push(step) });
  const steps = STRIP.map((step) => h("button", stepTo(step), h("img", { alt: "" })));
  let held = false; // true while a drag continues: its steps form one step of the history
  const release = () => {
    held = false;
  };
  const input = h("input", {
    type: "range",
    class: "from-middle",
    step: 0.05,
    onpointerdown: release,
    onchange: release,
    oninput() {
      does.push(Number(input.value), held);
      held = true;
    },
  });
  const values = h("span", { class: "field-value" }, amount, back, remove);
  const pencil = h("span", { class: "direction-pencil", "aria-hidden": "true" }, "✎");
  const head = h("div", { class: "direction-head" }, name, pencil, where, layers.root, takeOver, values);
  const ends = [h("span", {}), h("span", {})];
  const rows = [head, h("div", { class: "strip" }, steps), input, h("div", { class: "strip-ends" }, ends)];
  const root = h("div", { class: "direction", role: "group" }, rows);

  const label = (mark, words) => {
    mark.title = words;
    mark.setAttribute("aria-label", words);
  };
  const showName = (called, kind) => {
    if (document.activeElement !== name) name.value = called;
    name.readOnly = kind === "stranger";
    name.setAttribute("aria-label", word("create_dir_name", { name: called }));
    root.setAttribute("aria-label", called);
    input.setAttribute("aria-label", word("create_dir_strength", { name: called }));
    label(back, word("create_reset", { label: called }));
    label(remove, word("create_clear", { what: called }));
    remove.hidden = kind === "found" || kind === "stranger";
  };
  const showStrength = (called, strength, fits) => {
    const reach = Math.max(REACH, Math.ceil(Math.abs(strength)));
    Object.assign(input, { min: -reach, max: reach, disabled: !fits });
    input.value = strength;
    const at = 50 + (50 * strength) / reach;
    input.style.setProperty("--from", `${Math.min(50, at)}%`);
    input.style.setProperty("--to", `${Math.max(50, at)}%`);
    input.setAttribute("aria-valuetext", signed(strength));
    amount.textContent = signed(strength);
    back.disabled = !strength;
    back.hidden = amount.hidden = !fits;
    steps.forEach((step, index) => {
      step.setAttribute("aria-label", `${called}: ${signed(STRIP[index])}`);
      step.disabled = !fits;
      step.classList.toggle("is-here", Math.abs(STRIP[index] - strength) < HERE);
    });
  };
  return {
    root,
    /**
     * @param direction in the painter's form, and the browser's fields: strength; layers; called, its name here;
     *   note; kind: "found", "kept", "saved" or "stranger"
     */
    show({ called, fits, strength, layers: list, kind, note }) {
      root.classList.toggle("is-foreign", !fits);
      root.classList.toggle("is-moved", strength !== 0);
      where.textContent = note;
      where.hidden = !note;
      takeOver.hidden = fits;
      layers.show(list);
      layers.root.hidden ||= !fits;
      showName(called, kind);
      showStrength(called, strength, fits);
    },
    /**
     * @param sides the pictures at -2, -1, 1 and 2
     * @param tendency what changes from the first to the last: [{what, rises}]
     */
    showStrip(base, sides, tendency) {
      ends.forEach((end, index) => {
        end.textContent = endWords(tendency, index === 1);
      });
      root.classList.remove("is-stale");
      const sources = [sides[0], sides[1], base, sides[2], sides[3]];
      sources.forEach((src, index) => {
        steps[index].firstChild.src = src;
      });
    },
    stale() {
      root.classList.add("is-stale");
    },
  };
};
