// Kept pictures, to choose from within a tool: A, B and the stars of the model that is open, each a button that is pressed while
// its picture is in use. What is in use stands here too, though it be kept nowhere else, so that it can be taken away again.
const sameRecipe = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const sources = new Map(); // pictures that came back by their recipe alone, as they were seen last
const rememberSource = (tile) => {
  sources.set(JSON.stringify(tile.recipe), tile.src);
  if (sources.size > 200) sources.delete(sources.keys().next().value);
};

const keptPictures = (label, onchoose) => {
  const root = h("div", { class: "kept", role: "group", "aria-label": label });
  let drawn = "";
  return {
    root,
    // used: the recipes in use.
    show(state, used) {
      const kept = [["A", state.a], ["B", state.b], ...store.stars.map((star) => ["★", star]), ...used.map((recipe) => ["", { recipe }])];
      const own = kept.filter(([, tile], index) => tile && tile.recipe.model.weights_sha256 === model.weights
        && kept.findIndex(([, other]) => other && sameRecipe(other.recipe, tile.recipe)) === index);
      const lines = own.map(([mark, tile]) => [mark, tile.recipe, tile.src ?? sources.get(JSON.stringify(tile.recipe)), used.some((each) => sameRecipe(each, tile.recipe))]);
      root.hidden = !lines.length;
      const key = JSON.stringify(lines);
      if (key === drawn) return;
      drawn = key;
      const focused = [...root.children].indexOf(document.activeElement);
      root.replaceChildren(...lines.map(([mark, recipe, src, on]) => h("button", {
        type: "button", class: "mini", "aria-pressed": String(on), "aria-label": `${label}: ${mark} ${altOf(recipe)}`, title: `${mark} ${caption(recipe)}`,
        onclick: () => onchoose(recipe, on),
      }, src ? h("img", { src, alt: "" }) : null, mark ? h("span", { class: "mini-mark" }, mark) : null)));
      if (focused >= 0) root.children[Math.min(focused, root.children.length - 1)]?.focus();
    },
  };
};

// A few that may be on together: a row of buttons that behave as checkboxes. options: [[value, label], …]; `show` takes for each
// value true, false or "some".
const chips = (label, { info, onchange }) => {
  const row = h("div", { class: "choice-row" });
  const root = h("fieldset", { class: "field choices" }, h("legend", {}, label), info ? h("p", { class: "field-info" }, info) : null, row);
  let drawn = "";
  return {
    root,
    set options(options) {
      const wanted = JSON.stringify(options);
      if (wanted === drawn) return;
      drawn = wanted;
      row.replaceChildren(...options.map(([value, words, title]) => h("label", { class: "choice", title },
        h("input", { type: "checkbox", value, onchange: (event) => onchange(value, event.target.checked) }), h("span", {}, words))));
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

// Groups of layers by their names
const GROUP_WORDS = { coarse: "create_layers_coarse", middle: "create_layers_middle", fine: "create_layers_fine" };
const groupWord = (name) => word(GROUP_WORDS[name]);
