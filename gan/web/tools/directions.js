// Latent directions as sliders on one picture. The state holds the pushes themselves, as a recipe does, so that a
// dropped picture restores its own settings.
import { button, h, iconButton } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { choice, textField, withButtons } from "../core/fields.js";
import { isOwn, keptPictures } from "../core/kept.js";
import { limits } from "../core/limits.js";
import { explain, sayTrouble } from "../core/notices.js";
import { seedOf } from "../core/plain.js";
import { caption, tasteOf } from "../core/recipes.js";
import { rollSeed } from "../core/seeds.js";
import { askOnce, channel, session, taste } from "../core/session.js";
import { rememberSource } from "../core/sources.js";
import { store } from "../core/store.js";
import { putTaken } from "../core/taken.js";
import { word } from "../core/words.js";
import { Refused } from "../painters/painter.js";
import { idOf, makeDirectionList } from "./direction_list.js";
import { makeDirectionPicture } from "./direction_picture.js";
import { directionRow } from "./direction_row.js";

const MORE = 8; // directions that each click on "more" adds
const STEADY = 250; // milliseconds without a change before strips are requested, so that the large picture comes first
const LONGEST_NAME = 200; // letters in a recipe
const GROUPS = { weights: "create_dir_weights", samples: "create_dir_samples", yours: "create_dir_yours" };
const NOTES = { foreign: "create_dir_foreign", kept: "create_dir_unsaved", stranger: "create_dir_stranger" };

export const needs = ["directions", "push", "strips"];

export const make = () => {
  const defaults = { base: null, pushes: [], group: "weights", count: MORE, named: null };
  const set = (patch, how) => store.setTool("directions", patch, how);
  const now = () => store.slice("directions");
  const pushOf = (direction) => now().pushes.find((each) => idOf(each) === idOf(direction));
  const layersOf = (direction) => {
    const push = pushOf(direction);
    return (push ?? direction).layers ?? null;
  };
  const known = makeDirectionList({ now, pushOf, onchange: () => update(now(), store.state) });

  const put = (direction, patch, how) => {
    if (!known.isThere(direction)) return;
    const { pushes } = now();
    const name = known.plainName(direction).slice(0, LONGEST_NAME);
    const first = { name, vector: direction.vector, strength: 0, layers: direction.layers ?? null };
    const old = pushOf(direction);
    const next = { ...(old ?? first), ...patch };
    set({ pushes: old ? pushes.map((each) => (each === old ? next : each)) : [...pushes, next] }, how);
  };
  // Splits a picture from its pushes, which become sliders. A seed uses the settings of all tools; any other base has
  // its own.
  const takeApart = (recipe) => {
    const { directions = [], ...rest } = recipe;
    const base = recipe.seed !== undefined && !recipe.mix ? { seed: String(recipe.seed) } : { recipe: rest };
    return { base, pushes: directions.map((each) => ({ layers: null, ...each })) };
  };

  // The picture
  const picture = makeDirectionPicture();
  const askPicture = channel(({ tiles: [tile] }) => picture.show(tile));
  let asking = "";
  const baseOf = ({ base }, { a }) => base ?? (isOwn(a) ? { recipe: a.recipe } : { seed: "0" });
  const baseAsked = (slice, state) => {
    const { recipe, seed } = baseOf(slice, state);
    return recipe ? { model: state.model, recipe } : { ...taste(state), seed };
  };

  // The list
  const rows = new Map(); // by the direction's id
  const list = h("div", { class: "direction-list" });
  const empty = h("p", { class: "empty" });
  const note = h("p", { class: "field-info" });
  const save = button("", () => known.saveAll(), { id: "direction-save" });
  const most = limits.mostFoundDirections;
  const addMore = () => set({ count: Math.min(most, now().count + MORE) });
  const more = button(word("create_dir_more"), addMore, { id: "direction-more" });
  const group = choice(word("create_dir_groups"), {
    options: Object.entries(GROUPS).map(([name, words]) => [name, word(words)]),
    why: word("create_dir_groups_is"),
    onchange: (name) => set({ group: name }),
  });
  const rowOf = (direction) => {
    const id = idOf(direction);
    if (!rows.has(id)) {
      const current = () => rows.get(id).direction;
      const mark = `direction ${id.slice(0, 32)}`;
      const row = directionRow({
        name: (text) => known.rename(current(), text),
        push: (strength, held) => put(current(), { strength }, { mark, held }),
        layers: (layers) => put(current(), { layers }),
        remove: () => known.remove(current()),
        takeOver: () => known.takeOver(current()),
      });
      rows.set(id, row);
    }
    return Object.assign(rows.get(id), { direction });
  };
  const noteOf = ({ fits, kind }) => {
    const words = fits === false ? NOTES.foreign : NOTES[kind];
    return !words || (kind === "kept" && known.refusal) ? "" : word(words);
  };
  const drawRow = (direction) => {
    const row = rowOf(direction);
    const strength = pushOf(direction)?.strength ?? 0;
    const called = known.nameOf(direction);
    row.show({ ...direction, strength, layers: layersOf(direction), called, note: noteOf(direction) });
    return row.root;
  };
  const drawGroups = () => {
    for (const input of group.inputs()) {
      // Mark a hidden group in which a slider has moved
      const moved = known.of(input.value).filter((each) => pushOf(each)?.strength).length;
      input.nextSibling.textContent = word(GROUPS[input.value]) + (moved ? ` · ${moved}` : "");
    }
  };
  const drawList = (slice) => {
    const shown = known.of(slice.group);
    const elements = shown.map(drawRow);
    const drawn = [...list.children];
    const isOther = drawn.length !== elements.length || elements.some((element, index) => element !== drawn[index]);
    if (isOther) list.replaceChildren(...elements);
    const isYours = slice.group === "yours";
    const unsaved = isYours ? shown.filter((each) => each.kind === "kept").length : 0;
    empty.hidden = !isYours || shown.length > 0 || !known.isKnown;
    empty.textContent = word("create_dir_none_yours");
    save.hidden = !unsaved || known.refusal !== null;
    save.textContent = word("create_dir_save", { count: unsaved, model: session.model.name });
    note.hidden = !(isYours && known.refusal);
    note.textContent = known.refusal ?? "";
    more.hidden = isYours || slice.count >= most || shown.length < slice.count;
    drawGroups();
  };

  // Strips of effect, a few directions at a time, once the base no longer changes
  let stripsFor = "";
  let stripsBase = "";
  let resting = null;
  const askStrips = async (key, base, wanted, pushes) => {
    const atOnce = limits.mostStrips;
    for (let start = 0; start === 0 || start < pushes.length; start += atOnce) {
      const answer = await askOnce("strips", { ...base, pushes: pushes.slice(start, start + atOnce) });
      if (key !== stripsFor) return;
      picture.setBase(answer.base);
      if (base.recipe) {
        rememberSource({ recipe: base.recipe, src: answer.base });
        showKept(now(), store.state);
      }
      // The direction may have been renamed meanwhile, so only the pictures of its row are set
      answer.strips.forEach((strip, at) => {
        rows.get(idOf(wanted[start + at])).showStrip(answer.base, strip, answer.tendencies[at]);
      });
    }
  };
  const drawStrips = (slice, state) => {
    const wanted = known.of(slice.group).filter((each) => each.fits !== false);
    const base = baseAsked(slice, state);
    const pushes = wanted.map((each) => ({ name: "strip", vector: each.vector, strength: 1, layers: layersOf(each) }));
    const key = JSON.stringify([base, pushes, session.model.weights]);
    if (key === stripsFor) return;
    stripsFor = key;
    clearTimeout(resting);
    if (JSON.stringify(base) !== stripsBase) for (const each of wanted) rowOf(each).stale();
    stripsBase = JSON.stringify(base);
    resting = setTimeout(async () => {
      try {
        await askStrips(key, base, wanted, pushes);
      } catch (error) {
        if (!(error instanceof Refused)) explain(error); // a refusal is already shown for the large picture
      }
    }, STEADY);
  };

  // The base
  const seed = textField(word("create_dir_base"), {
    id: "direction-seed",
    info: word("create_dir_base_info"),
    onchange: (text) => (text.trim() ? set({ base: { seed: text } }) : store.tell()),
  });
  const roll = () => set({ base: { seed: String(rollSeed()) } });
  withButtons(seed, iconButton("dice", word("create_dice"), roll));
  const kept = keptPictures(word("create_dir_base"), (recipe, on) => {
    if (on) return set({ base: { seed: "0" } });
    const { directions, ...rest } = recipe; // a saved picture keeps its own settings, even if a seed reproduces it
    const { pushes } = takeApart(recipe);
    set({ base: { recipe: rest }, ...(pushes.length ? { pushes } : {}) });
  });
  const showKept = (slice, state) => {
    const { recipe } = baseOf(slice, state);
    kept.show(state, recipe ? [recipe] : []);
  };
  const ownSettings = h("p", { class: "field-info" }, word("create_dir_own_settings"));
  const resetAll = button(word("create_dir_reset_all"), () => set({ pushes: [] }), { id: "direction-reset" });

  // A link names its directions; they become pushes once the model's own directions are known
  const resolveNamed = ({ named }) => {
    if (!known.hasCome) return;
    const found = named.map((each) => ({ ...each, direction: known.byName(each.name) }));
    const gone = found.filter(({ direction }) => !direction).map(({ name }) => name);
    if (gone.length) sayTrouble(word("create_link_directions_gone", { names: gone.join(word("create_comma")) }));
    const pushes = found
      .filter(({ direction }) => direction)
      .map(({ name, strength, layers, direction: { vector } }) => ({ name, vector, strength, layers }));
    set({ pushes, named: null }, { quiet: true });
  };

  const update = (slice, state) => {
    if (slice.named && slice.count < most) return set({ count: most }, { quiet: true });
    const base = baseOf(slice, state);
    seed.value = base.seed ?? "";
    seed.input.placeholder = base.recipe ? caption(base.recipe) : "";
    ownSettings.hidden = !base.recipe;
    showKept(slice, state);
    group.value = slice.group;
    resetAll.disabled = !slice.pushes.some((each) => each.strength);
    known.find();
    if (slice.named && known.hasCome) return resolveNamed(slice);
    drawList(slice);
    drawStrips(slice, state);
    const question = { ...baseAsked(slice, state), pushes: slice.pushes.filter((each) => each.strength) };
    const key = JSON.stringify([question, session.model.weights]);
    if (key === asking) return;
    asking = key;
    return askPicture("push", question);
  };
  // Opens a picture that the user takes from the bar
  const take = ([{ recipe }], from = "chosen") => {
    const { base, pushes } = takeApart(recipe);
    const { directions: _, ...plain } = recipe;
    const isOfSettings = base.seed === undefined || seedOf(plain, store.state) !== null;
    const settings = isOfSettings ? {} : tasteOf(recipe);
    const took = ["chosen", "held"].includes(from) ? { count: 1, most: 1 } : undefined;
    return { ...settings, tools: store.withSlice("directions", { base, pushes }), took };
  };

  return {
    label: word("create_tool_directions"),
    about: word("create_use_directions"),
    defaults,
    take,
    build() {
      const below = h("div", { class: "stage-heading" }, picture.compare, resetAll);
      const side = h("div", { class: "direction-side" }, picture.root, below);
      takesTiles(side, (tiles) => putTaken(word("create_tool_directions"), take(tiles), tiles));
      const lists = h("div", { class: "direction-lists" }, group.root, note, save, list, empty, more);
      return {
        controls: [h("div", { class: "field-group kept-field" }, seed.root, kept.root, ownSettings)],
        stage: [h("div", { class: "direction-stage" }, side, lists)],
      };
    },
    update,
    generate: roll,
    random: roll,
    recall: (recipe) => (recipe.directions?.length ? takeApart(recipe) : null),
  };
};
