// The settings that all tools share: the model, the truncation psi, the class, a second class mixed in, and a second
// model to compare with.
import { className } from "./core/classes.js";
import { drawer, h } from "./core/dom.js";
import { select, slider } from "./core/fields.js";
import { limits } from "./core/limits.js";
import { session } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { makeComparison } from "./tools/comparison.js";

const MOST_PSI = 1.5; // the slider's end; recipes may exceed it

/** @param openModel called with the key of the model that the user chose */
export const makeSettings = (openModel) => {
  const model = select(word("create_model"), { id: "model", onchange: openModel });
  const psi = slider(word("create_psi"), {
    id: "psi",
    min: 0,
    max: MOST_PSI,
    step: 0.05,
    reset: limits.psi,
    why: word("create_psi_is"),
    format: (value) => value.toFixed(2),
    oninput: (value, held) => store.set({ psi: value }, { mark: "psi", held }),
  });
  const name = select(word("create_class"), { id: "class", onchange: (value) => store.set({ class: value }) });
  const mixWith = select(word("create_mix_with"), {
    id: "mix-with",
    onchange: (value) => store.set({ mixWith: value }),
  });
  const mixAmount = slider(word("create_mix_amount"), {
    id: "mix-amount",
    min: 0,
    max: 1,
    step: 0.05,
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value, held) => store.set({ mixAmount: value }, { mark: "mixAmount", held }),
  });
  const mixing = drawer(word("create_mix_classes"), mixWith.root, mixAmount.root);
  const comparison = makeComparison();
  const classes = h("div", { class: "field-group" }, name.root, mixing);

  return {
    model: model.root,
    root: h("div", { class: "field-stack" }, psi.root, classes, comparison.root),
    /**
     * @param unheeded the settings without effect in the current tool
     * @param compares whether the current tool can show a second model
     */
    draw(state, unheeded, compares) {
      const own = session.model;
      model.options = session.models.map(({ key, label }) => [key, label]);
      model.value = state.model;
      psi.value = state.psi;
      const fields = { psi: psi.root, class: name.root, mix: mixing };
      for (const [setting, part] of Object.entries(fields)) part.hidden = unheeded.includes(setting);
      const named = own.classes.map((each) => [each, className(each)]);
      classes.hidden = own.classes.length < 2;
      name.options = [["", word("create_any_class")], ...named];
      name.value = state.class;
      const others = named.filter(([each]) => each !== state.class || each === state.mixWith);
      mixWith.options = [["", word("create_no_mix")], ...others];
      mixWith.value = state.mixWith;
      mixWith.input.disabled = !own.capabilities.mixes_classes;
      mixWith.input.title = mixWith.input.disabled ? word("create_needs_w", { family: own.family }) : "";
      mixAmount.value = state.mixAmount;
      mixAmount.root.hidden = !state.mixWith;
      comparison.draw(state, compares);
    },
  };
};
