// Style mixing as a table: a row gives the picture, a column some of its layers; every cell is a picture like any
// other.
import { button, drawer, h, iconButton } from "../core/dom.js";
import { chips, textField, withButtons } from "../core/fields.js";
import { keptPictures } from "../core/kept.js";
import { groupWord } from "../core/layers.js";
import { limits } from "../core/limits.js";
import { sayTrouble } from "../core/notices.js";
import { caption, sameRecipe } from "../core/recipes.js";
import { firstOfOneClass, rollOfOneClass } from "../core/seeds.js";
import { choosable, selection } from "../core/selection.js";
import { channel, session, taste } from "../core/session.js";
import { rememberSource } from "../core/sources.js";
import { store } from "../core/store.js";
import { chooseLabel, tileElement } from "../core/tiles.js";
import { word } from "../core/words.js";

const FIRST_ROWS = 3;
const FIRST_COLUMNS = 4;

export const needs = ["mix"];

export const make = () => {
  // Seeds that are null are the first ones of one class
  const defaults = { rows: null, columns: null, rowPictures: [], columnPictures: [], layers: null };
  const firstSides = () => {
    const first = firstOfOneClass(FIRST_ROWS + FIRST_COLUMNS, session.model, store.state.class);
    return { rows: first.slice(0, FIRST_ROWS).join(", "), columns: first.slice(FIRST_ROWS).join(", ") };
  };
  const filled = (slice) => {
    if (slice.rows !== null && slice.columns !== null) return slice;
    const { rows, columns } = firstSides();
    return { ...slice, rows: slice.rows ?? rows, columns: slice.columns ?? columns };
  };
  const now = () => filled(store.slice("mix"));
  const set = (patch, how) => store.setTool("mix", { ...now(), ...patch }, how);
  const layersOf = (slice) => slice.layers ?? session.model.groups.coarse;

  // The table
  const named = { role: "table", "aria-label": word("create_mix_table") };
  const table = h("div", { class: "wall mix-table", id: "mix-table", ...named });
  choosable(table);
  const says = h("span", { id: "mix-says" });
  const cell = (tile, role, label, how) => {
    const figure = tileElement(tile, how);
    figure.setAttribute("role", role);
    if (label) {
      figure.querySelector("img").alt = label;
      figure.querySelector("button").setAttribute("aria-label", chooseLabel(label));
    }
    return figure;
  };
  const line = (...cells) => h("div", { role: "row", class: "mix-row" }, cells.flat());
  let shownClass; // of the picture at the left above
  const drawTable = ({ rows, columns, cells }) => {
    const all = () => [...table.querySelectorAll("figure.tile")];
    const chosen = all().indexOf(selection.figure);
    shownClass = rows[0].recipe.class;
    for (const tile of [...rows, ...columns]) rememberSource(tile);
    table.style.setProperty("--lines", columns.length);
    table.removeAttribute("aria-busy");
    const label = (row, column) =>
      word("create_mix_cell", {
        row: caption(rows[row].recipe),
        column: caption(columns[column].recipe),
        model: session.model.name,
      });
    const corner = h("div", { class: "mix-corner", role: "cell" });
    const top = columns.map((tile) => cell(tile, "columnheader"));
    const mixed = (row) => cells[row].map((tile, column) => cell(tile, "cell", label(row, column), { plain: true }));
    table.replaceChildren(line(corner, top), ...rows.map((tile, row) => line(cell(tile, "rowheader"), mixed(row))));
    if (chosen >= 0) selection.choose(all()[chosen] ?? null, { focus: false });
  };
  let asking = "";
  const askTable = channel(
    (answer) => {
      drawTable(answer);
      for (const side of sides) side.kept.show(store.state, now()[side.pictures]);
    },
    (busy) => table.setAttribute("aria-busy", String(busy)),
  );

  // The two sides: as many new seeds along a side as it has now, of the class that the table shows
  const countAlong = ({ header, pictures }) =>
    Math.max(1, table.querySelectorAll(`[role=${header}]`).length - now()[pictures].length);
  const roll = (count, like) => rollOfOneClass(count, session.model, store.state.class, like);
  const rollSides = () => {
    const rolled = sides.filter((each) => now()[each.seeds].trim());
    const seeds = roll(rolled.reduce((sum, each) => sum + countAlong(each), 0));
    set(Object.fromEntries(rolled.map((each) => [each.seeds, seeds.splice(0, countAlong(each)).join(", ")])));
  };
  const makeSide = (seeds, pictures, header, label, info) => {
    const side = { seeds, pictures, header };
    const dice = iconButton("dice", word("create_mix_dice", { side: label }), () =>
      set({ [seeds]: roll(countAlong(side), shownClass).join(", ") }),
    );
    const field = textField(label, { id: `mix-${seeds}`, info, onchange: (text) => set({ [seeds]: text }) });
    const own = withButtons(field, dice);
    const kept = keptPictures(label, (recipe, on) => {
      const used = now()[pictures];
      const next = on ? used.filter((each) => !sameRecipe(each, recipe)) : [...used, recipe];
      const most = limits.mixLines;
      if (next.length > most) sayTrouble(word("create_mix_full", { most }));
      else set({ [pictures]: next });
    });
    const root = h("div", { class: "field-group kept-field" }, own.root, kept.root);
    return Object.assign(side, { own, kept, root });
  };
  const sides = [
    makeSide("rows", "rowPictures", "rowheader", word("create_mix_rows"), word("create_mix_rows_info")),
    makeSide("columns", "columnPictures", "columnheader", word("create_mix_columns"), word("create_mix_columns_info")),
  ];
  const swapSides = () => {
    const { rows, columns, rowPictures, columnPictures } = now();
    set({ rows: columns, columns: rows, rowPictures: columnPictures, columnPictures: rowPictures });
  };
  const swap = button(word("create_mix_swap"), swapSides, { id: "mix-swap" });

  // The layers
  const take = (changed, on) => {
    const layers = new Set(layersOf(now()));
    for (const layer of changed) layers[on ? "add" : "delete"](layer);
    set({ layers: [...layers].sort((a, b) => a - b) });
  };
  const groups = chips(word("create_mix_layers"), {
    info: word("create_mix_layers_info"),
    onchange: (name, on) => take(session.model.groups[name], on),
  });
  const single = chips(word("create_mix_single"), {
    info: word("create_mix_single_info"),
    onchange: (layer, on) => take([Number(layer)], on),
  });
  // What the table shows, in words: "Coarse layers from the top …"
  const sayLayers = (layers) => {
    const whole = Object.entries(session.model.groups).filter(([, own]) => own.every((each) => layers.includes(each)));
    const inGroups = whole.flatMap(([, own]) => own);
    if (layers.length === 0) return word("create_mix_none");
    if (layers.length === session.model.layers) return word("create_mix_all");
    const rest = layers.filter((layer) => !inGroups.includes(layer));
    const all = [...whole.map(([name]) => groupWord(name).toLowerCase()), ...rest];
    return word("create_mix_says", { layers: all.join(word("create_comma")) });
  };
  const drawLayers = (layers) => {
    groups.options = Object.keys(session.model.groups).map((name) => [name, groupWord(name)]);
    groups.show((name) => {
      const own = session.model.groups[name];
      const on = own.filter((layer) => layers.includes(layer)).length;
      if (on === own.length) return true;
      return on ? "some" : false;
    });
    single.options = Array.from({ length: session.model.layers }, (_, layer) => [layer, String(layer)]);
    single.show((layer) => layers.includes(Number(layer)));
    says.textContent = sayLayers(layers);
  };

  const sideOf = (recipe) =>
    recipe.seed !== undefined ? { seeds: String(recipe.seed), pictures: [] } : { seeds: "", pictures: [recipe] };

  return {
    label: word("create_tool_mix"),
    defaults,
    build: () => ({
      controls: [...sides.map((each) => each.root), groups.root, drawer(word("create_mix_single"), single.root)],
      stage: [h("div", { class: "stage-heading" }, says, swap), h("div", { class: "mix-scroll" }, table)],
    }),
    missing: (model) => (model.capabilities.mixes_layers ? null : word("create_needs_w", { family: model.family })),
    update(slice, state) {
      const { rows, columns, rowPictures, columnPictures } = filled(slice);
      for (const each of sides) {
        each.own.value = filled(slice)[each.seeds];
        each.kept.show(state, slice[each.pictures]);
      }
      const layers = layersOf(slice);
      drawLayers(layers);
      const question = {
        ...taste(state),
        rows: { seeds: rows, pictures: rowPictures },
        columns: { seeds: columns, pictures: columnPictures },
        layers,
      };
      const key = JSON.stringify([question, session.model.weights]);
      if (key === asking) return;
      asking = key;
      return askTable("mix", question);
    },
    generate: rollSides,
    random: rollSides,
    // A mixed picture becomes a table of one cell. Its column is a seed again where it shares the row's settings.
    recall(recipe) {
      if (!recipe.mix || recipe.directions?.length) return null;
      const { mix, lineage, ...row } = recipe;
      const column = { version: recipe.version, model: recipe.model, licence: recipe.licence, ...mix.with };
      const settings = (place) => JSON.stringify([place.psi, place.class ?? null, place.class_mix ?? null]);
      const left = sideOf(lineage ? { ...row, lineage } : row);
      const top = settings(row) === settings(column) ? sideOf(column) : { seeds: "", pictures: [column] };
      return {
        rows: left.seeds,
        rowPictures: left.pictures,
        columns: top.seeds,
        columnPictures: top.pictures,
        layers: mix.layers,
      };
    },
  };
};
