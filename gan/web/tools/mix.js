// Style mixing as a table: a row gives the picture, a column gives some of its layers, and every cell is an ordinary
// picture. The table begins with one picture on each side and grows.
import { button, drawer, h, iconButton } from "../core/dom.js";
import { chips, textField, withButtons } from "../core/fields.js";
import { keptPictures } from "../core/kept.js";
import { groupLabel, groupWord, layerEffects, saysEffects } from "../core/layers.js";
import { limits } from "../core/limits.js";
import { sayTrouble } from "../core/notices.js";
import { asSeedsAndRecipes } from "../core/plain.js";
import { sameRecipe } from "../core/recipes.js";
import { firstOfOneClass, rollOfOneClass, seedsOf } from "../core/seeds.js";
import { selection } from "../core/selection.js";
import { channel, session, taste } from "../core/session.js";
import { rememberSource } from "../core/sources.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";
import { makeMixTable } from "./mix_table.js";

const PICTURES = { rows: "rowPictures", columns: "columnPictures" };

export const needs = ["mix"];

export const make = () => {
  // Seeds are the first ones of one class if they are null
  const defaults = { rows: null, columns: null, rowPictures: [], columnPictures: [], layers: null };
  const filled = (slice) => {
    if (slice.rows !== null && slice.columns !== null) return slice;
    const [row, column] = firstOfOneClass(2, session.model, store.state.class).map(String);
    return { ...slice, rows: slice.rows ?? row, columns: slice.columns ?? column };
  };
  const now = () => filled(store.slice("mix"));
  const set = (patch, how) => store.setTool("mix", { ...now(), ...patch }, how);
  const layersOf = (slice) => slice.layers ?? session.model.groups.coarse;

  // The lines of a side: its seeds, then its pictures
  const linesOf = (side) => [
    ...seedsOf(now()[side]).map((seed) => ({ seed })),
    ...now()[PICTURES[side]].map((recipe) => ({ recipe })),
  ];
  /** The patch with other lines, or null where they are too many. */
  const withLines = (side, lines) => {
    const unique = lines.filter((line, index) => lines.findIndex((other) => sameRecipe(other, line)) === index);
    if (unique.length > limits.mixLines) {
      sayTrouble(word("create_mix_full", { most: limits.mixLines }));
      return null;
    }
    const seeds = unique.filter(({ seed }) => seed !== undefined).map(({ seed }) => seed);
    const pictures = unique.filter(({ recipe }) => recipe).map(({ recipe }) => recipe);
    const own = { ...now(), [side]: seeds.join(", "), [PICTURES[side]]: pictures };
    return { tools: store.withSlice("mix", own) };
  };
  const setLines = (side, lines) => {
    const patch = withLines(side, lines);
    if (patch) store.set(patch);
  };
  const linesFrom = (tiles) => {
    const { seeds, pictures } = asSeedsAndRecipes(tiles, store.state);
    return [...seedsOf(seeds).map((seed) => ({ seed })), ...pictures.map((recipe) => ({ recipe }))];
  };
  const isIn = (side, line) => linesOf(side).some((each) => sameRecipe(each, line));
  // A click on an empty well adds the user's chosen pictures, or else another seed of the class
  const nextLines = (side) => {
    const held = linesFrom(selection.held).filter((line) => !isIn(side, line));
    return held.length ? held : roll(1, shownClass).map((seed) => ({ seed }));
  };
  const table = makeMixTable(limits.mixLines, {
    add: (side, tiles) => setLines(side, [...linesOf(side), ...(tiles ? linesFrom(tiles) : nextLines(side))]),
    replace: (side, at, tiles) => setLines(side, linesOf(side).toSpliced(at, 1, ...linesFrom(tiles))),
    remove: (side, at) => setLines(side, linesOf(side).toSpliced(at, 1)),
  });

  // The table
  const says = h("span", { id: "mix-says" });
  let shownClass; // class of the top left picture
  const drawTable = (answer) => {
    shownClass = answer.rows[0].recipe.class;
    for (const tile of [...answer.rows, ...answer.columns]) rememberSource(tile);
    table.show(answer);
    for (const each of sides) each.kept.show(store.state, now()[each.pictures]);
  };
  let asking = "";
  const askTable = channel(drawTable, (busy) => table.root.setAttribute("aria-busy", String(busy)));

  // New random seeds for both sides, as many as now, of the class in the table
  const countAlong = ({ seeds, pictures }) => Math.max(1, table.count(seeds) - now()[pictures].length);
  const roll = (count, like) => rollOfOneClass(count, session.model, store.state.class, like);
  const rollSides = () => {
    const rolled = sides.filter((each) => now()[each.seeds].trim());
    const seeds = roll(rolled.reduce((sum, each) => sum + countAlong(each), 0));
    set(Object.fromEntries(rolled.map((each) => [each.seeds, seeds.splice(0, countAlong(each)).join(", ")])));
  };
  const makeSide = (seeds, label, info) => {
    const pictures = PICTURES[seeds];
    const side = { seeds, pictures };
    const dice = iconButton("dice", word("create_mix_dice", { side: label }), () =>
      set({ [seeds]: roll(countAlong(side), shownClass).join(", ") }),
    );
    const field = textField(label, { id: `mix-${seeds}`, info, onchange: (text) => set({ [seeds]: text }) });
    const own = withButtons(field, dice);
    const kept = keptPictures(label, (recipe, on) => {
      const used = linesOf(seeds).filter((each) => !sameRecipe(each.recipe, recipe));
      setLines(seeds, on ? used : [...used, { recipe }]);
    });
    const root = h("div", { class: "field-group kept-field" }, own.root, kept.root);
    return Object.assign(side, { own, kept, root });
  };
  const sides = [
    makeSide("rows", word("create_mix_rows"), word("create_mix_rows_info")),
    makeSide("columns", word("create_mix_columns"), word("create_mix_columns_info")),
  ];
  const swapSides = () => {
    const { rows, columns, rowPictures, columnPictures } = now();
    set({ rows: columns, columns: rows, rowPictures: columnPictures, columnPictures: rowPictures });
  };
  const swap = button(word("create_mix_swap"), swapSides, { id: "mix-swap" });

  // The layers
  const put = (changed, on) => {
    const layers = new Set(layersOf(now()));
    for (const layer of changed) layers[on ? "add" : "delete"](layer);
    set({ layers: [...layers].sort((a, b) => a - b) });
  };
  const groups = chips(word("create_mix_layers"), {
    onchange: (name, on) => put(session.model.groups[name], on),
  });
  const effects = h("p", { class: "field-info", id: "mix-effects" });
  groups.root.append(effects);
  const single = chips(word("create_mix_single"), {
    info: word("create_mix_single_info"),
    onchange: (layer, on) => put([Number(layer)], on),
  });
  // The table in words: "Coarse layers from the top …"
  const sayLayers = (layers) => {
    const whole = Object.entries(session.model.groups).filter(([, own]) => own.every((each) => layers.includes(each)));
    const inGroups = whole.flatMap(([, own]) => own);
    if (layers.length === 0) return word("create_mix_none");
    if (layers.length === session.model.layers) return word("create_mix_all");
    const rest = layers.filter((layer) => !inGroups.includes(layer));
    const all = [...whole.map(([name]) => groupWord(name).toLowerCase()), ...rest];
    return word("create_mix_says", { layers: all.join(word("create_comma")) });
  };
  const drawGroups = () => {
    groups.options = Object.keys(session.model.groups).map((name) => [name, groupLabel(name)]);
    effects.textContent = saysEffects();
    const layers = layersOf(now());
    groups.show((name) => {
      const own = session.model.groups[name];
      const on = own.filter((layer) => layers.includes(layer)).length;
      if (on === own.length) return true;
      return on ? "some" : false;
    });
  };
  const drawLayers = (layers) => {
    drawGroups();
    layerEffects(drawGroups);
    single.options = Array.from({ length: session.model.layers }, (_, layer) => [layer, String(layer)]);
    single.show((layer) => layers.includes(Number(layer)));
    says.textContent = sayLayers(layers);
  };

  const sideOf = (recipe) =>
    recipe.seed !== undefined ? { seeds: String(recipe.seed), pictures: [] } : { seeds: "", pictures: [recipe] };

  return {
    label: word("create_tool_mix"),
    about: word("create_use_mix"),
    defaults,
    build: () => ({
      controls: [...sides.map((each) => each.root), groups.root, drawer(word("create_mix_single"), single.root)],
      stage: [h("div", { class: "stage-heading" }, says, swap), h("div", { class: "mix-scroll" }, table.root)],
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
    // The first picture goes to the left, the others on top; a single one gets another of its class on top.
    take(tiles, from, besides = []) {
      const few = tiles.length === 1 ? [...tiles, ...besides.slice(0, 1)] : tiles;
      const [left, ...others] = few.slice(0, from === "grid" ? 2 : limits.mixLines + 1);
      const rows = asSeedsAndRecipes([left], store.state);
      const like = () => ({ seeds: roll(1, left.recipe.class).join(), pictures: [] });
      const columns = others.length ? asSeedsAndRecipes(others, store.state) : like();
      const both = { rows: rows.seeds, rowPictures: rows.pictures, columns: columns.seeds };
      const took = from === "grid" ? undefined : { count: others.length + 1, most: limits.mixLines + 1 };
      return { tools: store.withSlice("mix", { ...both, columnPictures: columns.pictures }), took };
    },
    uses: [
      {
        label: word("create_mix_add_column"),
        about: word("create_mix_add_column_info"),
        patch: (tiles) => withLines("columns", [...linesOf("columns"), ...linesFrom(tiles)]) ?? {},
      },
    ],
    // A recalled mixed picture becomes a table of one cell. The picture above it becomes a seed if it has the settings
    // of the picture on its left.
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
