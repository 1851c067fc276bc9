// Style mixing as a table: a row gives the picture, a column some of its layers; every cell is a picture like any other.
tools.mix = (() => {
  const defaults = { rows: "0-2", columns: "3-6", rowPictures: [], columnPictures: [], layers: null };
  const MOST_LINES = 8;
  const set = (patch, options) => store.setTool("mix", patch, options);
  const layersOf = (slice) => slice.layers ?? model.groups.coarse;
  const table = h("div", { class: "wall mix-table", id: "mix-table", role: "table", "aria-label": word("create_mix_table") });
  const says = h("span", { id: "mix-says" });
  let asking = "";

  const cell = (tile, role, label, options) => {
    const figure = tileElement(tile, options);
    figure.setAttribute("role", role);
    if (label) {
      figure.querySelector("img").alt = label;
      figure.querySelector("button").setAttribute("aria-label", word("create_choose", { what: label }));
    }
    return figure;
  };
  const drawTable = ({ rows, columns, cells }) => {
    const all = () => [...table.querySelectorAll("figure.tile")];
    const chosen = all().indexOf(selection.figure);
    for (const tile of [...rows, ...columns]) rememberSource(tile);
    table.style.setProperty("--lines", columns.length);
    table.removeAttribute("aria-busy");
    const line = (...cellsOfLine) => h("div", { role: "row", class: "mix-row" }, cellsOfLine.flat());
    table.replaceChildren(
      line(h("div", { class: "mix-corner", role: "cell" }), columns.map((tile) => cell(tile, "columnheader"))),
      ...rows.map((tile, row) => line(cell(tile, "rowheader"), cells[row].map((each, column) => cell(each, "cell",
        word("create_mix_cell", { row: caption(tile.recipe), column: caption(columns[column].recipe), model: model.name }), { plain: true })))));
    if (chosen >= 0) selection.choose(all()[chosen] ?? null, { focus: false });
  };
  table.addEventListener("click", (event) => {
    const own = event.target.closest("button.tile-picture");
    if (own) selection.choose(own.closest("figure"));
  });
  table.addEventListener("dblclick", (event) => event.target.closest("button.tile-picture") && enlarge(event.target.closest("figure")));
  const ask = channel((answer) => {
    drawTable(answer);
    sides.forEach((side) => side.kept.show(store.state, store.slice("mix")[side.pictures]));
  }, (busy) => table.setAttribute("aria-busy", String(busy)));

  // As many new seeds along a side as it has now.
  const rolled = ({ header, pictures }) => {
    const count = table.querySelectorAll(`[role=${header}]`).length - store.slice("mix")[pictures].length;
    return Array.from({ length: Math.max(1, count) }, () => Math.floor(Math.random() * 1_000_000)).join(", ");
  };
  const roll = () => {
    const slice = store.slice("mix");
    set(Object.fromEntries(sides.filter((each) => slice[each.seeds].trim()).map((each) => [each.seeds, rolled(each)])));
  };
  const side = (seeds, pictures, header, label, info) => {
    const own = textField(label, { id: `mix-${seeds}`, info, onchange: (text) => set({ [seeds]: text }) });
    own.root.classList.add("field-with-buttons");
    own.root.append(h("div", { class: "input-buttons" }, iconButton("dice", word("create_mix_dice", { side: label }), () => set({ [seeds]: rolled({ header, pictures }) }))));
    const kept = keptPictures(label, (recipe, on) => {
      const used = store.slice("mix")[pictures];
      const next = on ? used.filter((each) => !sameRecipe(each, recipe)) : [...used, recipe];
      if (next.length > MOST_LINES) sayTrouble(word("create_mix_full", { most: MOST_LINES }));
      else set({ [pictures]: next });
    });
    return { own, kept, seeds, pictures, header, root: h("div", { class: "field-group kept-field" }, own.root, kept.root) };
  };
  const sides = [
    side("rows", "rowPictures", "rowheader", word("create_mix_rows"), word("create_mix_rows_info")),
    side("columns", "columnPictures", "columnheader", word("create_mix_columns"), word("create_mix_columns_info")),
  ];
  const swap = button(word("create_mix_swap"), () => {
    const { rows, columns, rowPictures, columnPictures } = store.slice("mix");
    set({ rows: columns, columns: rows, rowPictures: columnPictures, columnPictures: rowPictures });
  }, { id: "mix-swap" });

  const take = (changed, on) => {
    const layers = new Set(layersOf(store.slice("mix")));
    for (const layer of changed) layers[on ? "add" : "delete"](layer);
    set({ layers: [...layers].sort((a, b) => a - b) });
  };
  const groups = chips(word("create_mix_layers"), { info: word("create_mix_layers_info"), onchange: (name, on) => take(model.groups[name], on) });
  const single = chips(word("create_mix_single"), { info: word("create_mix_single_info"), onchange: (layer, on) => take([Number(layer)], on) });
  // What the table shows, in words: "Coarse layers from the top …"
  const sayLayers = (layers) => {
    const whole = Object.entries(model.groups).filter(([, own]) => own.every((layer) => layers.includes(layer)));
    const inGroups = whole.flatMap(([, own]) => own);
    if (layers.length === 0) return word("create_mix_none");
    if (layers.length === model.layers) return word("create_mix_all");
    const named = [...whole.map(([name]) => groupWord(name).toLowerCase()), ...layers.filter((layer) => !inGroups.includes(layer))];
    return word("create_mix_says", { layers: named.join(word("create_comma")) });
  };

  const seedsOf = (recipe) => (recipe.seed !== undefined ? { seeds: String(recipe.seed), pictures: [] } : { seeds: "", pictures: [recipe] });
  return {
    label: word("create_tool_mix"), defaults,
    build() {
      return {
        controls: [...sides.map((each) => each.root), groups.root, drawer(word("create_mix_single"), single.root)],
        stage: [h("div", { class: "stage-heading" }, says, swap), h("div", { class: "mix-scroll" }, table)],
      };
    },
    missing: (one) => (one.has_w ? null : word("create_needs_w", { family: one.family })),
    update(slice, state) {
      const layers = layersOf(slice);
      for (const each of sides) {
        each.own.value = slice[each.seeds];
        each.kept.show(state, slice[each.pictures]);
      }
      groups.options = Object.keys(model.groups).map((name) => [name, groupWord(name)]);
      groups.show((name) => {
        const on = model.groups[name].filter((layer) => layers.includes(layer)).length;
        return on === model.groups[name].length ? true : on ? "some" : false;
      });
      single.options = Array.from({ length: model.layers }, (_, layer) => [layer, String(layer)]);
      single.show((layer) => layers.includes(Number(layer)));
      says.textContent = sayLayers(layers);
      const question = {
        ...taste(state), rows: { seeds: slice.rows, pictures: slice.rowPictures },
        columns: { seeds: slice.columns, pictures: slice.columnPictures }, layers,
      };
      const key = JSON.stringify([question, model.weights]);
      if (key === asking) return;
      asking = key;
      return ask("mix", question);
    },
    generate: roll,
    random: roll,
    // A mixed picture becomes a table of one cell. Its column is a seed again where it shares the row's settings.
    recall(recipe) {
      if (!recipe.mix || recipe.directions?.length) return null;
      const { mix, lineage, ...row } = recipe;
      const column = { version: recipe.version, model: recipe.model, licence: recipe.licence, ...mix.with };
      const settings = (place) => JSON.stringify([place.psi, place.class ?? null, place.class_mix ?? null]);
      const rows = seedsOf(lineage ? { ...row, lineage } : row);
      const columns = settings(row) === settings(column) ? seedsOf(column) : { seeds: "", pictures: [column] };
      return { rows: rows.seeds, rowPictures: rows.pictures, columns: columns.seeds, columnPictures: columns.pictures, layers: mix.layers };
    },
  };
})();
