// Breeding: the user marks pictures as parents, gets eight children, and continues from these or from any earlier
// generation.
import { button, h } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { slider } from "../core/fields.js";
import { keptPictures } from "../core/kept.js";
import { limits } from "../core/limits.js";
import { sayNote, sayTrouble } from "../core/notices.js";
import { seedOf } from "../core/plain.js";
import { altOf, sameRecipe, tasteOf } from "../core/recipes.js";
import { firstOfOneClass, rollChance, rollOfOneClass } from "../core/seeds.js";
import { selection } from "../core/selection.js";
import { session } from "../core/session.js";
import { store } from "../core/store.js";
import { putTaken } from "../core/taken.js";
import { wall } from "../core/tiles.js";
import { word } from "../core/words.js";
import { childrenOf, grown, node, path, sameRef, withBrought } from "./family.js";
import { familyTree } from "./family_tree.js";
import { makeGenerations } from "./generations.js";

const FOUNDERS = 8;

export const needs = ["breed", "pictures", "draw"];

export const make = () => {
  // Founders are the first seeds of one class if they are null
  const defaults = { founders: null, brought: [], nodes: [], at: 0, marked: [], mutation: limits.mutation };
  const filled = (slice) =>
    slice.founders ? slice : { ...slice, founders: firstOfOneClass(FOUNDERS, session.model, store.state.class) };
  const now = () => filled(store.slice("breed"));
  const isNew = () => !now().nodes.length && !now().brought.length && !now().marked.length;
  const set = (patch, how) => store.setTool("breed", { founders: now().founders, ...patch }, how);
  const generations = makeGenerations({
    now,
    onchange: () => draw(now(), store.state),
    onbusy(id) {
      if (id === null) own.root.removeAttribute("aria-busy");
      else own.root.setAttribute("aria-busy", String(id === now().at));
    },
  });
  const { tilesOf, tileOf, seen, keyOf } = generations;

  // Actions of the user
  const grow = (how) => {
    const patch = grown(now(), { ...how, seed: rollChance(), mutation: now().mutation });
    if (patch) set(patch);
    else sayTrouble(word("create_breed_full", { most: limits.mostGenerations }));
  };
  const breed = () => {
    const slice = now();
    if (slice.marked.length) grow({ up: slice.at, parents: slice.marked });
    else sayNote(word("create_breed_none"));
  };
  const again = () => {
    const { up, parents } = node(now(), now().at);
    grow({ up, parents });
  };
  const beginAgain = () => {
    const { brought, nodes } = now();
    const founders = rollOfOneClass(FOUNDERS, session.model, store.state.class).sort((a, b) => a - b);
    set({ founders, brought: nodes.length ? [] : brought, nodes: [], at: 0, marked: [] });
    if (nodes.length) sayNote(word("create_breed_anew"));
  };
  const goTo = (id) => {
    const latest = childrenOf(now(), id).at(-1);
    set({ at: id, marked: latest ? latest.parents : [] });
  };
  const sayFull = () => sayTrouble(word("create_breed_parents_full", { most: limits.maxParents }));
  const toggleParent = (ref) => {
    const { marked } = now();
    const on = marked.some((each) => sameRef(each, ref));
    if (!on && marked.length >= limits.maxParents) return sayFull();
    set({ marked: on ? marked.filter((each) => !sameRef(each, ref)) : [...marked, ref] });
  };
  // The family with a picture from elsewhere marked as a parent, or null where there is no room for more
  const withParent = (slice, recipe) => {
    const seen = tilesOf(0)?.findIndex((tile) => tile && sameRecipe(tile.recipe, recipe)) ?? -1;
    const founder = seen >= 0 ? seen : slice.founders.indexOf(seedOf(recipe, store.state));
    const found = founder >= 0 ? { brought: slice.brought, ref: [0, founder] } : withBrought(slice, recipe);
    if (!found) return null;
    const marked = slice.marked.filter((ref) => !sameRef(ref, found.ref));
    if (marked.length >= limits.maxParents) return null;
    return { founders: slice.founders, brought: found.brought, marked: [...marked, found.ref] };
  };
  const bring = (recipe) => {
    const patch = withParent(now(), recipe);
    if (patch) store.show("breed", patch);
    else sayFull();
  };
  // Pictures taken from the grid become the first generation, and so do more chosen seeds than there may be parents.
  // All others become parents in it.
  const take = (tiles, from) => {
    if (from === "grid") {
      const seeds = tiles.map(({ recipe }) => seedOf(recipe, store.state)).filter((seed) => seed !== null);
      const own = seedsLike(tiles[0].recipe.class).filter((seed) => !seeds.includes(seed));
      return { tools: store.withSlice("breed", { founders: [...seeds, ...own].slice(0, FOUNDERS) }) };
    }
    const chosen = tiles.map(({ recipe }) => seedOf(recipe, store.state));
    if (isNew() && chosen.length > limits.maxParents && chosen.every((seed) => seed !== null)) {
      const marked = chosen.slice(0, limits.maxParents).map((_, index) => [0, index]);
      const took = { count: marked.length, most: limits.maxParents };
      return { tools: store.withSlice("breed", { founders: chosen, marked }), took };
    }
    let slice = { ...now(), ...(from === "stars" ? { marked: [] } : {}) };
    if (slice.at !== 0) slice = { ...slice, at: 0, marked: [] };
    let count = 0;
    for (const { recipe } of tiles) {
      const patch = withParent(slice, recipe);
      if (!patch) break;
      slice = { ...slice, ...patch };
      count += 1;
    }
    return { tools: store.withSlice("breed", slice), took: { count, most: limits.maxParents } };
  };
  const seedsLike = (name) => firstOfOneClass(2 * FOUNDERS, session.model, store.state.class, name);

  // The current generation
  const heading = h("div", { class: "stage-heading breed-heading" });
  const own = wall({ id: "breed-wall" });
  takesTiles(own.root, (tiles) => putTaken(word("create_tool_breed"), take(tiles, "chosen"), tiles));
  let shown = ""; // a key of everything that the pictures on the wall depend on
  let shownNode = null;
  own.root.addEventListener("click", (event) => {
    const figure = event.target.closest("button.tile-picture")?.closest("figure");
    if (figure?.ref && keyOf(now().at) === shown) toggleParent(figure.ref);
  });
  const fillWall = (slice, tiles) => {
    const order = tiles.map((_, index) => index).filter((index) => tiles[index]);
    const isBrought = (index) => index >= slice.founders.length;
    if (slice.at === 0) order.sort((a, b) => isBrought(b) - isBrought(a) || a - b); // those from elsewhere come first
    const isOther = slice.at !== shownNode; // the pictures are others, not the same ones with other settings
    if (isOther && own.root.contains(selection.figure)) selection.put([]);
    [shown, shownNode] = [keyOf(slice.at), slice.at];
    const child = (index) => ({ label: word("create_breed_child", { number: index + 1 }) });
    own.show(
      order.map((index) => tiles[index]),
      (_, index) => (slice.at === 0 ? {} : child(index)),
    );
    [...own.root.children].forEach((figure, index) => {
      figure.ref = [slice.at, order[index]];
    });
  };
  const drawWall = (slice) => {
    const tiles = tilesOf(slice.at);
    if (!tiles) return own.wait(FOUNDERS);
    if (shown !== keyOf(slice.at)) fillWall(slice, tiles);
    [...own.root.children].forEach((figure, index) => {
      const on = slice.marked.some((ref) => sameRef(ref, figure.ref));
      const what = { what: altOf(figure.tile.recipe), number: index + 1 };
      figure.classList.toggle("is-parent", on);
      const label = word(on ? "create_breed_marked" : "create_breed_mark", what);
      figure.querySelector("button.tile-picture").setAttribute("aria-label", label);
    });
  };
  const image = (tile) => (tile ? h("img", { src: tile.src, alt: altOf(tile.recipe) }) : null);
  let headingDrawn = "";
  const drawHeading = (slice) => {
    const number = path(slice, slice.at).length - 1;
    const parents = slice.at === 0 ? [] : node(slice, slice.at).parents.map(seen);
    const drawn = JSON.stringify([slice.at, number, parents.map((tile) => tile?.src)]);
    if (drawn === headingDrawn) return;
    headingDrawn = drawn;
    const beginning = () => [
      h("b", {}, word("create_breed_first")),
      h("span", {}, word("create_breed_hint")),
      button(word("create_breed_others"), beginAgain, { id: "breed-anew" }),
    ];
    const generation = () => [
      h("b", {}, word("create_breed_generation", { number })),
      h("span", { class: "breed-of" }, word("create_breed_of"), parents.map(image)),
      button(word("create_breed_again"), again, { id: "breed-again" }),
    ];
    heading.replaceChildren(...(slice.at === 0 ? beginning() : generation()));
  };
  const tree = familyTree({ goTo, now, tilesOf, lastSeen: generations.lastSeen, keyOf });

  // Controls
  const parentsLabel = word("create_breed_parents");
  const chosen = h("div", { class: "kept breed-parents", role: "group", "aria-label": parentsLabel });
  const chosenInfo = h("p", { class: "field-info" }, word("create_breed_parents_info"));
  const chosenField = h("div", { class: "field" }, h("label", {}, parentsLabel), chosenInfo, chosen);
  const parentButton = (ref, tile, index) => {
    const title = word("create_breed_unmark");
    const named = { title, "aria-label": `${title}: ${tile ? altOf(tile.recipe) : index + 1}` };
    const picture = tile ? h("img", { src: tile.src, alt: "" }) : null;
    return h("button", { type: "button", class: "mini", ...named, onclick: () => toggleParent(ref) }, picture);
  };
  let chosenDrawn = "";
  const drawChosen = (slice) => {
    const tiles = slice.marked.map(seen);
    const drawn = JSON.stringify([slice.marked, tiles.map((tile) => tile?.src)]);
    if (drawn === chosenDrawn) return;
    chosenDrawn = drawn;
    const focused = [...chosen.children].indexOf(document.activeElement);
    const parents = slice.marked.map((ref, index) => parentButton(ref, tiles[index], index));
    chosen.replaceChildren(...(parents.length ? parents : [h("span", { class: "mini mini-empty" })]));
    if (focused >= 0) (chosen.children[Math.min(focused, chosen.children.length - 1)] ?? chosen).focus();
  };
  const kept = keptPictures(word("create_breed_kept"), (recipe, on) => {
    const ref = now().marked.find((each) => sameRecipe(tileOf(each)?.recipe, recipe));
    if (on && ref) toggleParent(ref);
    else bring(recipe);
  });
  const keptField = h("div", { class: "field" }, h("label", {}, word("create_breed_kept")), kept.root);
  const drawKept = (slice, state) => {
    const here = [state.a, state.b, ...store.stars].filter(Boolean).map((tile) => tile.recipe);
    const marked = slice.marked.map((ref) => tileOf(ref)?.recipe).filter(Boolean);
    kept.show(
      state,
      here.filter((recipe) => marked.some((each) => sameRecipe(each, recipe))),
    );
    keptField.hidden = kept.root.hidden;
  };
  const mutation = slider(word("create_breed_mutation"), {
    id: "mutation",
    min: 0,
    max: 1,
    step: 0.05,
    reset: defaults.mutation,
    info: word("create_breed_mutation_info"),
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value, held) => set({ mutation: value }, { mark: "mutation", held }),
  });
  const go = button(word("create_breed_go"), breed, { id: "breed", class: "primary-button" });

  const draw = (slice, state) => {
    drawWall(slice);
    drawHeading(slice);
    tree.draw(slice);
    drawChosen(slice);
    drawKept(slice, state);
    go.disabled = !slice.marked.length;
  };
  const isOpen = () => store.state.tool === "breed";
  // The family that was bred with a model.
  const familyOf = (key) => filled({ ...defaults, ...store.toolsOf(key).breed });
  // The generation of that family in which a picture is a child, under these settings; undefined where it is none, or
  // where the generation's pictures are not cached, so that this is unknown.
  const generationOf = ({ latent, lineage, model }, key, settings) =>
    familyOf(key).nodes.find(({ id, seed, mutation }) => {
      if (seed !== lineage.settings.seed || mutation !== lineage.settings.mutation) return false;
      const state = { ...store.state, ...settings, model: key };
      const child = generations.tilesUnder(familyOf(key), state, model.weights_sha256, id)?.[lineage.settings.child];
      return child?.recipe.latent?.float32 === latent?.float32;
    });
  // The settings under which a child was made, if its family is here: the present ones, or those of its recipe, where
  // the class may be that of its parents' seeds.
  const madeUnder = (recipe, key) =>
    [{}, tasteOf(recipe), { ...tasteOf(recipe), class: "" }].find((settings) => generationOf(recipe, key, settings));

  return {
    label: word("create_tool_breed"),
    about: word("create_use_breed"),
    defaults,
    take,
    build: () => ({ controls: [chosenField, keptField, mutation.root, go], stage: [tree.root, heading, own.root] }),
    async update(kept, state) {
      const slice = filled(kept);
      const isForeign = (recipe) => recipe && recipe.model.weights_sha256 !== session.model.weights;
      if (slice.brought.some(isForeign)) {
        // The family belongs to another model
        return store.setTool("breed", { ...defaults, mutation: slice.mutation }, { quiet: true });
      }
      mutation.value = slice.mutation;
      generations.follow(slice, state);
      draw(slice, state);
      await generations.load();
    },
    generate: breed,
    random: () => (now().at === 0 ? beginAgain() : again()),
    // A recalled child becomes a marked parent, ready for the next generation. A child of the present family appears in
    // its generation; any other is among the first pictures, because a recipe does not hold its parents.
    recall(recipe, key) {
      if (recipe.lineage?.tool !== "breed" || recipe.mix || recipe.directions?.length) return null;
      const slice = familyOf(key);
      const settings = madeUnder(recipe, key);
      if (settings) {
        const { id } = generationOf(recipe, key, settings);
        return { ...slice, at: id, marked: [[id, recipe.lineage.settings.child]] };
      }
      const isOwn = (each) => !each || each.model.weights_sha256 === recipe.model.weights_sha256;
      const found = slice.brought.every(isOwn) ? withBrought({ ...slice, marked: [] }, recipe) : null;
      if (found) return { founders: slice.founders, brought: found.brought, marked: [found.ref], at: 0 };
      return { ...defaults, brought: [recipe], marked: [[0, FOUNDERS]], at: 0 };
    },
    madeUnder,
    recalled({ at }) {
      if (at === 0) sayNote(word("create_breed_recalled"));
    },
    actions: [
      // At the beginning of the bar, so that it is visible even if the settings are far below the pictures
      { label: "create_breed_go", run: () => breed(), hidden: () => !isOpen() || !now().marked.length, first: true },
    ],
  };
};
