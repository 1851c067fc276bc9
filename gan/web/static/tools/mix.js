// A table of style mixing: each cell is the picture on its left with some layers of the picture above it.
import { button, h } from "../../core/dom.js";
import { firstOfOneClass, rollOfOneClass } from "../../core/seeds.js";
import { word } from "../../core/words.js";
import { checkbox, textField } from "../fields.js";
import { enlarge, tileElement } from "../tiles.js";

const [TALL, WIDE] = [3, 4];
const sides = (seeds) => ({ rows: seeds.slice(0, TALL).join(", "), columns: seeds.slice(TALL).join(", ") });

export const mixTool = ({ painter, model, set, taste, actions }) => {
  const table = h("div", { class: "mix", id: "mix", role: "table", "aria-label": word("static_mix_table") });
  const side = (name) =>
    textField(word(`static_${name}`), { id: `mix-${name}`, onchange: (text) => set({ [name]: text }) });
  const [rows, columns] = [side("rows"), side("columns")];
  const chosen = () =>
    checks
      .filter(({ input }) => input.checked)
      .map(({ input }) => input.value)
      .join(",");
  const checks = Object.keys(model.groups).map((group) =>
    checkbox(word(`static_${group}`), { value: group, onchange: () => set({ layers: chosen() || "none" }) }),
  );
  const roll = () =>
    set((state) => sides(rollOfOneClass(TALL + WIDE, model, state.class)));
  const first = (state) => sides(firstOfOneClass(TALL + WIDE, model, state.class));
  let shape = "";
  let places = [];
  const lay = (tall, wide) => {
    if (shape === `${tall} ${wide}`) return;
    shape = `${tall} ${wide}`;
    table.style.setProperty("--columns", wide + 1);
    places = [];
    const place = (role) => {
      const tile = tileElement({ captioned: false, onopen: (each) => enlarge([each], 0, actions()) });
      places.push(tile);
      return h("div", { role }, tile.root);
    };
    const corner = h("div", { role: "cell" });
    const lines = Array.from({ length: tall + 1 }, (_, row) =>
      h(
        "div",
        { role: "row" },
        row ? place("rowheader") : corner,
        Array.from({ length: wide }, () => place(row ? "cell" : "columnheader")),
      ),
    );
    table.replaceChildren(...lines);
  };
  return {
    id: "mix",
    label: word("static_mix"),
    controls: [
      rows.root,
      columns.root,
      h(
        "fieldset",
        { class: "field" },
        h("legend", {}, word("static_layers")),
        checks.map(({ root }) => root),
        h("p", { class: "info" }, word("static_layers_info")),
      ),
      button(word("static_dice"), roll, { class: "primary-button" }),
    ],
    stage: table,
    random: roll,
    async show(state) {
      const shown = { rows: state.rows || first(state).rows, columns: state.columns || first(state).columns };
      rows.show(shown.rows);
      columns.show(shown.columns);
      const wanted = state.layers.split(",");
      for (const { input } of checks) input.checked = wanted.includes(input.value);
      const layers = wanted.flatMap((group) => model.groups[group] ?? []).sort((one, other) => one - other);
      const found = await painter.mix({
        rows: { seeds: shown.rows },
        columns: { seeds: shown.columns },
        layers,
        ...taste(state),
      });
      lay(found.rows.length, found.columns.length);
      const order = [...found.columns, ...found.rows.flatMap((row, index) => [row, ...found.cells[index]])];
      order.forEach((tile, index) => places[index].show(tile));
    },
  };
};
