// One latent direction as a row: its name, a strip of what it does, and below it a slider whose places lie under the pictures.
const STRIP = [-2, -1, 0, 1, 2];
const REACH = 2.5; // to either side: the pictures of the strip stand at whole numbers
const signed = (value) => (value > 0 ? `+${value.toFixed(2)}` : value < 0 ? `−${(-value).toFixed(2)}` : "0");

// Which layers a direction pushes: all, a group, or from one to another. `value` is a list of layers, or null for all.
const layerField = (label, onchange) => {
  const input = h("select", { class: "text-input", "aria-label": label });
  const ends = [0, 1].map((end) => h("select", { class: "text-input", "aria-label": word(end ? "create_dir_to" : "create_dir_from"), onchange: () => range() }));
  const root = h("span", { class: "layer-field" }, input, ends);
  let open = false; // a range was asked for, even if a group says the same
  const span = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const range = () => {
    const [first, last] = ends.map((end) => Number(end.value)).sort((a, b) => a - b);
    onchange(span(first, last));
  };
  input.addEventListener("change", () => {
    open = input.value === "range";
    if (input.value === "all") onchange(null);
    else if (!open) onchange(model.groups[input.value]);
    else range();
  });
  const option = (value, words) => h("option", { value }, words);
  return {
    root,
    show(layers) {
      const groups = Object.keys(model.groups);
      const named = layers === null ? "all" : groups.find((name) => sameRecipe(model.groups[name], layers));
      const whole = layers === null || sameRecipe(layers, span(layers[0], layers.at(-1)));
      input.replaceChildren(option("all", word("create_dir_all_layers")), ...groups.map((name) => option(name, groupWord(name))),
        option("range", word("create_dir_range")), ...(whole ? [] : [option("own", layers.join(", "))]));
      input.value = whole ? (open || !named ? "range" : named) : "own";
      const [first, last] = layers === null ? [0, model.layers - 1] : [layers[0], layers.at(-1)];
      ends.forEach((end, index) => {
        if (end.options.length !== model.layers) end.replaceChildren(...span(0, model.layers - 1).map((layer) => option(String(layer), String(layer))));
        end.value = String(index ? last : first);
        end.hidden = input.value !== "range";
      });
      root.hidden = !model.layers;
    },
  };
};

// does: {name(text), push(strength, held), layers(list), remove(), takeOver()}. `show` takes a direction as the server tells it, with
// what the browser knows besides: strength, layers, called (its name here), kind ("found", "kept", "saved", "stranger").
const directionRow = (does) => {
  const name = h("input", { type: "text", class: "direction-name", maxLength: 60, spellcheck: false, autocomplete: "off", onchange: () => does.name(name.value.trim()) });
  const where = h("span", { class: "direction-where" });
  const layers = layerField(word("create_dir_layers"), (list) => does.layers(list));
  const amount = h("output", {});
  const back = iconButton("undo", "", () => does.push(0), { class: "icon-button reset" });
  const remove = iconButton("close", "", () => does.remove(), { class: "icon-button reset" });
  const takeOver = button(word("create_dir_take_over"), () => does.takeOver());
  const steps = STRIP.map((step) => h("button", { type: "button", tabindex: "-1", onclick: () => does.push(step) }, h("img", { alt: "" })));
  let held = false; // the handle has moved since it was taken: what follows is the same step
  const input = h("input", {
    type: "range", class: "from-middle", step: 0.05, onpointerdown: () => { held = false; }, onchange: () => { held = false; },
    oninput: () => { does.push(Number(input.value), held); held = true; },
  });
  const root = h("div", { class: "direction", role: "group" },
    h("div", { class: "direction-head" }, name, where, layers.root, takeOver, h("span", { class: "field-value" }, amount, back, remove)),
    h("div", { class: "strip" }, steps), input);
  return {
    root,
    show({ called, fits, strength, layers: list, kind, note }) {
      if (document.activeElement !== name) name.value = called;
      name.readOnly = kind === "stranger";
      name.setAttribute("aria-label", word("create_dir_name", { name: called }));
      root.setAttribute("aria-label", called);
      root.classList.toggle("is-foreign", !fits);
      root.classList.toggle("is-moved", strength !== 0);
      where.textContent = note;
      where.hidden = !note;
      takeOver.hidden = fits;
      layers.show(list);
      layers.root.hidden ||= !fits;
      const reach = Math.max(REACH, Math.ceil(Math.abs(strength)));
      Object.assign(input, { min: -reach, max: reach, disabled: !fits });
      input.value = strength;
      const at = 50 + (50 * strength) / reach;
      input.style.setProperty("--from", `${Math.min(50, at)}%`);
      input.style.setProperty("--to", `${Math.max(50, at)}%`);
      input.setAttribute("aria-label", word("create_dir_strength", { name: called }));
      input.setAttribute("aria-valuetext", signed(strength));
      amount.textContent = signed(strength);
      back.disabled = !strength;
      back.hidden = amount.hidden = !fits;
      for (const [mark, words] of [[back, "create_reset"], [remove, "create_clear"]]) {
        const said = words === "create_reset" ? word(words, { label: called }) : word(words, { what: called });
        mark.title = said;
        mark.setAttribute("aria-label", said);
      }
      remove.hidden = kind === "found" || kind === "stranger";
      steps.forEach((step, index) => {
        step.setAttribute("aria-label", `${called}: ${signed(STRIP[index])}`);
        step.disabled = !fits;
        step.classList.toggle("is-here", Math.abs(STRIP[index] - strength) < 0.025);
      });
    },
    // The base, then the pictures at -2, -1, 1 and 2.
    showStrip(base, sides) {
      root.classList.remove("is-stale");
      [sides[0], sides[1], base, sides[2], sides[3]].forEach((src, index) => { steps[index].firstChild.src = src; });
    },
    stale() { root.classList.add("is-stale"); },
  };
};
