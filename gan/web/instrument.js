// The instrument, which is the user interface of Create: settings and a tool's own controls at the side, the tool's
// stage, the bar of chosen and starred pictures, history and keys.
import { makeBar } from "./bar.js";
import { markTaken, openTool, useIn } from "./carry.js";
import { h, iconButton, wordButton } from "./core/dom.js";
import { takesTiles } from "./core/drag.js";
import { isOwn } from "./core/kept.js";
import { recipeOfAddress, stateOfAddress } from "./core/links.js";
import { explain, line as notices } from "./core/notices.js";
import { page } from "./core/page.js";
import { selection } from "./core/selection.js";
import { canDo, session } from "./core/session.js";
import { store } from "./core/store.js";
import { markStars } from "./core/tiles.js";
import { word } from "./core/words.js";
import { makeSheet, NARROW } from "./settings_sheet.js";
import { offerLarger } from "./downloads.js";
import { openHelp, takeKeys } from "./keys.js";
import { loadModel, openModel, settleClass } from "./models.js";
import { recallWith, takeDrops } from "./recall.js";
import { makeSettings } from "./settings.js";
import { TOOLS } from "./tools/table.js";

/** The tools that the painter can serve, by id. */
const makeTools = () => {
  const usable = Object.entries(TOOLS).filter(([, { needs }]) => canDo(needs));
  const tools = Object.fromEntries(usable.map(([id, { make }]) => [id, make()]));
  for (const [id, { defaults }] of Object.entries(tools)) store.defaults[id] = defaults;
  return tools;
};

/** Tabs, panels and controls of the tools: {tabs, panels, controls, draw(model, chosen)}. */
const layOut = (tools) => {
  const tabs = h("div", { class: "tool-tabs", role: "tablist", "aria-label": word("create_tools") });
  const panels = h("div", { class: "panels" });
  const controls = h("div", { class: "tool-controls" });
  const parts = Object.entries(tools).map(([id, tool]) => {
    const named = { id: `tool-${id}`, "aria-controls": `panel-${id}` };
    const tab = h(
      "button",
      { type: "button", role: "tab", ...named, "data-label": tool.label, onclick: () => openTool(tools, id) },
      tool.label,
    );
    if (tool.take) takesTiles(tab, (tiles) => tab.disabled || useIn(tools, id, tiles));
    const built = tool.build();
    const labelled = { id: `panel-${id}`, "aria-labelledby": `tool-${id}` };
    const panel = h("div", { role: "tabpanel", ...labelled, tabIndex: -1, hidden: true }, built.stage);
    const side = h("div", { class: "field-stack", hidden: true }, built.controls);
    return { id, tool, tab, panel, side, all: [tab, panel, side] };
  });
  tabs.append(...parts.map(({ tab }) => tab));
  panels.append(...parts.map(({ panel }) => panel));
  controls.append(...parts.map(({ side }) => side));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const all = [...tabs.children].filter((tab) => !tab.disabled);
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.click();
    next.focus();
    event.stopPropagation();
  });
  placeButtons(parts);
  const draw = (model, chosen) => {
    const focused = parts.find((part) => part.all.some((each) => each.contains(document.activeElement)));
    for (const { id, tool, tab, panel, side } of parts) {
      const missing = tool.missing?.(model) ?? null;
      tab.setAttribute("aria-selected", String(id === chosen));
      tab.tabIndex = id === chosen ? 0 : -1;
      tab.disabled = missing !== null;
      tab.title = missing ?? tool.about ?? "";
      panel.hidden = side.hidden = id !== chosen;
    }
    // What is hidden loses the focus; the keys then go on from the new tool.
    if (focused && focused.id !== chosen) parts.find(({ id }) => id === chosen).panel.focus({ preventScroll: true });
  };
  const giveFocus = () => tabs.querySelector("[aria-selected=true]").focus({ preventScroll: true });
  return { tabs, panels, controls, draw, giveFocus };
};

// On a phone the settings are below the pictures. The main button is used often, so it stays above them.
const placeButtons = (parts) => {
  const narrow = matchMedia(NARROW);
  const places = parts
    .map(({ side, panel }) => ({ panel, go: side.querySelector(".primary-button") }))
    .filter(({ go }) => go)
    .map((each) => ({ ...each, place: document.createComment("") }));
  for (const { go, place } of places) go.before(place);
  const put = () => {
    for (const { go, place, panel } of places) {
      if (narrow.matches) panel.prepend(go);
      else place.after(go);
    }
  };
  narrow.addEventListener("change", put);
  put();
};

/** The button that opens saved pictures and other files; a phone and a keyboard cannot drop them. */
const makeOpener = (recallFile) => {
  const file = h("input", { type: "file", multiple: true, hidden: true });
  file.addEventListener("change", () => {
    const files = [...file.files];
    file.value = "";
    if (files.length) recallFile(files, []);
  });
  const named = { id: "open-file", title: word("create_open") };
  const opener = wordButton("open", word("create_open_short"), () => file.click(), named);
  return { root: h("span", {}, opener, file), open: () => file.click() };
};

/** The buttons for undo and redo, whose labels name the change. */
const makeHistory = () => {
  const undo = iconButton("undo", word("create_undo"), () => store.undo(), { id: "undo" });
  const redo = iconButton("redo", word("create_redo"), () => store.redo(), { id: "redo" });
  const label = (mark, tools, [plain, named], did) => {
    const what = did && didWords(tools, did);
    mark.title = what ? word(named, { what }) : word(plain);
    mark.setAttribute("aria-label", mark.title);
  };
  return {
    root: h("span", {}, undo, redo),
    draw(tools) {
      undo.disabled = !store.past.length;
      redo.disabled = !store.future.length;
      label(undo, tools, ["create_undo", "create_undo_what"], store.past.length && store.state.did);
      label(redo, tools, ["create_redo", "create_redo_what"], store.future.at(-1)?.did);
    },
  };
};
const DID = {
  model: "create_model",
  psi: "create_psi",
  class: "create_class",
  mixWith: "create_mix_classes",
  mixAmount: "create_mix_classes",
  other: "create_compare",
  directionNames: "create_tool_directions",
  variations: "create_variations",
  recalled: "create_recalled",
};
const didWords = (tools, did) => (DID[did] ? word(DID[did]) : (tools[did.replace(/^tool_/, "")]?.label ?? ""));

/** The uses of the chosen pictures: the tools that accept some of them, and the tool that made one. */
const usesOf = (tools, recallRecipe) => (tiles) => {
  const isOne = tiles.length === 1;
  const back = {
    label: word("create_bring_back"),
    info: word("create_bring_back_info"),
    run: () => recallRecipe(tiles[0].recipe),
  };
  const useOf = (id, use) => () => {
    markTaken(id, tiles);
    store.set({ tool: id, ...use.patch(tiles) }, { did: `tool_${id}` });
  };
  const own = (id, tool) => [
    { label: tool.label, info: tool.about, run: () => useIn(tools, id, tiles) },
    ...(tool.uses ?? [])
      .filter(({ one }) => isOne || !one)
      .map((use) => ({ label: use.label, info: use.about, run: useOf(id, use) })),
  ];
  const isPossible = ([, tool]) => tool.take && !tool.missing?.(session.model);
  const possible = tiles.every(isOwn) ? Object.entries(tools).filter(isPossible) : [];
  const uses = possible.flatMap(([id, tool]) => own(id, tool));
  return isOne && canDo(["recallRecipe"]) ? [...uses, back] : uses;
};

/**
 * Set the first state: the one that this browser has stored, changed by the address and by the data sent with the page.
 */
const begin = (first, tools) => {
  store.load();
  const asked = stateOfAddress();
  const linked = recipeOfAddress();
  if (asked) {
    const kept = store.toolsOf(asked.model ?? store.state.model);
    store.state = { ...store.state, ...asked, tools: { ...kept, ...asked.tools } };
  }
  const { state } = store;
  if (first.model && (state.model === null || state.model === first.model.key)) {
    session.models = first.models;
    session.model = first.model;
    store.state = { ...state, model: first.model.key };
    const isFresh = state.tool === "pictures" && !Object.keys(state.tools).length && !state.class && !state.mixWith;
    const isPlain = isFresh && state.psi === first.psi && !asked && !linked;
    if (isPlain && first.tiles) tools.pictures.begin(first.tiles);
  }
  return linked;
};

/**
 * Build the instrument within an element.
 * @param {Object} given
 * @param {HTMLElement} given.element
 * @param {HTMLElement} given.root the part of the element to build it in
 * @param {import("./painters/painter.js").Painter} given.painter
 * @param given.first the data that came with the page: {models, model, tiles, psi}
 * @param {(key: string) => void} given.opened called with the key of every model that is opened
 * @param {{train: (files: File[], entries: FileSystemEntry[]) => void}} [given.elsewhere] actions of other parts of
 *   the page
 * @returns {{openModel: (key: string) => void}}
 */
export const buildInstrument = ({ element, root, painter, first, opened, elsewhere }) => {
  page.element = element;
  session.painter = painter;
  const tools = makeTools();
  const { tabs, panels, controls, draw: drawTabs, giveFocus } = layOut(tools);
  const { recallRecipe, recallFile } = recallWith(tools, elsewhere);
  const bar = makeBar(
    Object.values(tools).flatMap((tool) => tool.actions ?? []),
    usesOf(tools, recallRecipe),
    giveFocus,
    () => useIn(tools, "morph", store.stars.filter(isOwn), "stars"),
  );
  const settings = makeSettings(openModel);
  const history = makeHistory();
  const help = iconButton("help", word("create_help"), openHelp, { id: "help" });
  const side = h("div", { class: "controls", id: "create-settings" }, settings.model, controls, settings.root);
  const sheet = makeSheet(side);
  const saved = canDo(["recallFile"]) ? makeOpener(recallFile) : null;
  const buttons = h("div", { class: "history" }, sheet.opener, saved?.root, history.root, help);
  const top = h("div", { class: "stage-bar" }, tabs, buttons);
  const stage = h("div", { class: "stage" }, top, panels, bar.root);
  const view = h("div", { class: "view" }, side, sheet.shade, stage, notices);
  root.append(view);
  if (saved) takeDrops(element, recallFile);
  offerLarger(panels);
  takeKeys(tools, (place) => tabs.children[place]?.click(), saved?.open);

  const drawSettings = (state) => {
    const tool = tools[state.tool];
    settings.draw(state, tool?.unheeded?.(store.slice(state.tool)) ?? [], tool?.compares ?? false);
    history.draw(tools);
  };
  const sayEmpty = () => panels.replaceChildren(h("p", { class: "empty" }, word("create_no_model")));
  let loading; // the key of the model that is loading; null is the first model
  const changeModel = async (key) => {
    loading = key;
    stage.inert = true; // the pictures on the stage belong to another model
    if (!(await loadModel(key, opened))) sayEmpty();
    stage.inert = false;
    loading = undefined;
  };
  const draw = async (state) => {
    if (state.model !== session.model?.key) {
      if (loading === state.model) return;
      await changeModel(state.model);
      if (!session.model) return;
      if (store.state !== state) return draw(store.state);
    }
    const isUsable = tools[state.tool] && !tools[state.tool].missing?.(session.model);
    if (!isUsable) return store.set({ tool: "pictures" }, { quiet: true });
    drawSettings(state);
    drawTabs(session.model, state.tool);
    markStars();
    if (selection.tile) bar.draw();
    else selection.put(selection.figures.filter((figure) => figure.offsetParent));
    await tools[state.tool].update(store.slice(state.tool), state);
    bar.draw(); // the tool may show other pictures now
  };
  store.listeners.push(draw);
  session.changed = () => {
    settleClass();
    draw(store.state);
  };

  const lookOnce = async () => {
    const answer = await painter.describe(store.state.model);
    const isOther = answer.model && session.model && answer.model.weights !== session.model.weights;
    session.models = answer.models;
    if (session.model && !isOther) return drawSettings(store.state);
    session.model = answer.model ?? session.model;
    return draw(store.state);
  };
  const linked = begin(first, tools);
  if (session.model) settleClass();
  draw(store.state)
    .then(() => linked && recallRecipe(linked))
    .then(lookOnce)
    .catch(explain);
  return { openModel };
};
