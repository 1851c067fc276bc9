// The instrument as a whole: settings and a tool's own controls at the side, its stage, what can be done with the chosen picture,
// A, B and the stars; history, keys, and a model that other tabs open.
const root = element.querySelector(".studio");
let model = null; // all the tools know of the model that is open
let models = [];

const show = (id, patch = {}) => store.set({ tool: id, tools: { ...store.state.tools, [id]: { ...store.slice(id), ...patch } } });

// The settings beside every tool
const modelField = select(word("create_model"), { id: "model", onchange: (key) => openModel(key) });
const psi = slider(word("create_psi"), {
  id: "psi", min: 0, max: 1.5, step: 0.05, reset: 0.7, info: word("create_psi_info"), format: (value) => value.toFixed(2),
  oninput: (value) => store.set({ psi: value }, { mark: "psi" }),
});
const classField = select(word("create_class"), { id: "class", onchange: (name) => store.set({ class: name }) });
const mixWith = select(word("create_mix_with"), { id: "mix-with", onchange: (name) => store.set({ mixWith: name }) });
const mixAmount = slider(word("create_mix_amount"), {
  id: "mix-amount", min: 0, max: 1, step: 0.05, format: (value) => `${Math.round(100 * value)} %`,
  oninput: (value) => store.set({ mixAmount: value }, { mark: "mixAmount" }),
});
const mixing = drawer(word("create_mix_classes"), mixWith.root, mixAmount.root);
const classes = h("div", { class: "field-group" }, classField.root, mixing);

// Tools
const tabs = h("div", { class: "tool-tabs", role: "tablist", "aria-label": word("create_tools") });
const panels = h("div", { class: "panels" });
const ownControls = h("div", { class: "tool-controls" });
const built = {};
for (const [id, tool] of Object.entries(tools)) {
  const tab = h("button", { type: "button", role: "tab", id: `tool-${id}`, "aria-controls": `panel-${id}`, onclick: () => store.set({ tool: id }) }, tool.label);
  const { controls, stage: content } = tool.build();
  const panel = h("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tool-${id}`, hidden: true }, content);
  const side = h("div", { class: "field-stack", hidden: true }, controls);
  tabs.append(tab);
  panels.append(panel);
  ownControls.append(side);
  built[id] = { tab, panel, side };
}
// On a phone the settings stand below the pictures; the button that is pressed again and again stands above them.
const narrow = matchMedia("(max-width: 820px)");
const places = Object.entries(tools).filter(([, tool]) => tool.generate && tool.random).map(([id]) => {
  const go = built[id].side.querySelector(".primary-button");
  const place = document.createComment("");
  go?.before(place);
  return [go, place, built[id].panel];
}).filter(([go]) => go);
const placeButtons = () => {
  for (const [go, place, panel] of places) {
    if (narrow.matches) panel.prepend(go);
    else place.after(go);
  }
};
narrow.addEventListener("change", placeButtons);
placeButtons();
tabs.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const all = [...tabs.children].filter((tab) => !tab.disabled);
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  next.click();
  next.focus();
  event.stopPropagation();
});

// What can be done with the chosen picture
const dock = h("div", { class: "dock", role: "toolbar", "aria-label": word("create_chosen"), hidden: true });
const drawDock = (tile) => {
  const focused = [...dock.children].indexOf(document.activeElement);
  const words = document.activeElement.textContent;
  dock.hidden = !tile;
  if (!tile) {
    if (focused >= 0) tabs.querySelector("[aria-selected=true]").focus({ preventScroll: true });
    return;
  }
  const does = actions.filter((action) => !(action.missing && model && action.missing(model)));
  const star = button(word(store.starred(tile.recipe) ? "create_unstar" : "create_star"), () => store.star(tile.recipe, tile.src), {
    "aria-pressed": String(store.starred(tile.recipe)),
  });
  dock.replaceChildren(
    h("img", { src: tile.src, alt: "" }), h("b", {}, caption(tile.recipe)),
    ...does.map((action) => button(word(action.label), () => action.run(tile))),
    star,
    button(word("create_enlarge"), () => selection.figure && enlarge(selection.figure)),
    button(word("create_link"), () => copyLink(tile)),
    button(word("create_save"), () => saveFile(tile.src, fileName(tile.recipe))),
    button(word("create_save_latent"), () => saveLatents([tile.recipe], "npz"), { title: word("create_save_latent_info") }),
  );
  if (focused >= 0) ([...dock.children].find((each) => each.tagName === "BUTTON" && each.textContent === words) ?? dock.children[focused])?.focus({ preventScroll: true });
};
selection.listeners.push(drawDock);

// A, B and the stars
const tray = h("section", { class: "tray", "aria-label": word("create_tray") });
const slot = (letter, tile) => h("div", { class: "slot" }, h("span", {}, letter),
  tile ? h("button", { type: "button", class: "mini", "aria-label": word("create_bring_back", { what: altOf(tile.recipe) }), onclick: () => comeBackRecipe(tile.recipe) }, h("img", { src: tile.src, alt: "" })) : h("span", { class: "mini mini-empty" }),
  tile ? iconButton("close", word("create_clear", { what: letter }), () => store.set({ [letter.toLowerCase()]: null })) : null);
let trayDrawn = "";
const drawTray = (state) => {
  const key = JSON.stringify([state.a?.recipe, state.b?.recipe, store.stars.map((star) => star.recipe)]);
  if (key === trayDrawn) return;
  trayDrawn = key;
  const focused = [...tray.querySelectorAll("button")].indexOf(document.activeElement);
  tray.hidden = !(state.a || state.b || store.stars.length);
  const stars = store.stars.map((star) => h("button", {
    type: "button", class: "mini", "aria-label": word("create_bring_back", { what: altOf(star.recipe) }), title: `${star.recipe.model.name} · ${caption(star.recipe)}`,
    onclick: () => comeBackRecipe(star.recipe),
  }, h("img", { src: star.src, alt: "" })));
  tray.replaceChildren(slot("A", state.a), slot("B", state.b), h("div", { class: "stars", role: "group", "aria-label": word("create_stars") },
    stars.length ? stars : h("p", { class: "field-info" }, word("create_no_stars"))));
  const buttons = [...tray.querySelectorAll("button")];
  if (focused >= 0) (buttons[Math.min(focused, buttons.length - 1)] ?? tabs.querySelector("[aria-selected=true]")).focus({ preventScroll: true });
};

// History and help
const undo = iconButton("undo", word("create_undo"), () => store.undo(), { id: "undo" });
const redo = iconButton("redo", word("create_redo"), () => store.redo(), { id: "redo" });
const KEYS = ["G", "R", "← → ↑ ↓", "Enter", "S", "Ctrl+Z", "Ctrl+Shift+Z", "?"];
const openHelp = () => {
  const rows = KEYS.map((keys, index) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, word(`create_key_${index}`))]);
  const close = button(word("create_close"), () => dialog.close());
  const dialog = h("dialog", { class: "lightbox help", "aria-label": word("create_help"), onclose: () => dialog.remove() },
    h("h2", {}, word("create_help")), h("dl", {}, rows), h("p", { class: "field-info" }, word("create_help_drop")), close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  element.append(dialog);
  dialog.showModal();
  close.focus();
};

const stage = h("div", { class: "stage" },
  h("div", { class: "stage-bar" }, tabs, h("div", { class: "history" }, undo, redo, iconButton("help", word("create_help"), openHelp, { id: "help" }))),
  said, panels, dock, tray);
const view = h("div", { class: "view" },
  h("div", { class: "controls" }, modelField.root, ownControls, h("div", { class: "field-stack" }, psi.root, classes)), stage);
root.append(view);
takeDrops(element);
// Where the settings stand below the stage, what a button there makes comes into sight; the zip says beside it how far it is.
view.addEventListener("click", (event) => {
  if (stage.getBoundingClientRect().top < 0 && event.target.closest(".controls .primary-button:not(#bulk-go)")) stage.scrollIntoView();
});

// Drawing the state
const drawSettings = (state) => {
  modelField.options = models.map(({ key, label }) => [key, label]);
  modelField.value = state.model;
  psi.value = state.psi;
  const unheeded = tools[state.tool]?.unheeded?.(store.slice(state.tool)) ?? []; // what would say one thing while the tool does another
  for (const [name, part] of Object.entries({ psi: psi.root, class: classField.root, mix: mixing })) part.hidden = unheeded.includes(name);
  const named = model.classes.map((name) => [name, name]);
  classes.hidden = model.classes.length < 2;
  classField.options = [["", word("create_any_class")], ...named];
  classField.value = state.class;
  mixWith.options = [["", word("create_no_mix")], ...named.filter(([name]) => name !== state.class || name === state.mixWith)];
  mixWith.value = state.mixWith;
  mixWith.input.disabled = !model.has_w;
  mixWith.input.title = model.has_w ? "" : word("create_needs_w", { family: model.family });
  mixAmount.value = state.mixAmount;
  mixAmount.root.hidden = !state.mixWith;
  undo.disabled = !store.past.length;
  redo.disabled = !store.future.length;
};
const drawTools = (state) => {
  for (const [id, parts] of Object.entries(built)) {
    const missing = tools[id].missing?.(model) ?? null;
    const chosen = id === state.tool;
    parts.tab.setAttribute("aria-selected", String(chosen));
    parts.tab.tabIndex = chosen ? 0 : -1;
    parts.tab.disabled = missing !== null;
    parts.tab.title = missing ?? "";
    parts.panel.hidden = parts.side.hidden = !chosen;
  }
};
let loading = null;
const draw = async (state) => {
  if (state.model !== model?.key) {
    if (loading === state.model) return;
    loading = state.model;
    stage.inert = true; // the pictures there belong to another model
    await loadModel(state.model);
    stage.inert = false;
    loading = null;
    if (!model) return;
    if (store.state !== state) return draw(store.state);
  }
  const tool = tools[state.tool] && !tools[state.tool].missing?.(model) ? state.tool : "pictures";
  if (tool !== state.tool) return store.set({ tool }, { quiet: true });
  drawSettings(state);
  drawTools(state);
  drawTray(state);
  if (!selection.tile) selection.choose(null);
  else drawDock(selection.tile);
  await tools[tool].update(store.slice(tool), state);
};
store.listeners.push(draw);

// Models
const settleClass = () => {
  const known = (name) => !name || model.classes.includes(name);
  const { class: chosen, mixWith: mixed } = store.state;
  if (known(chosen) && known(mixed)) return;
  sayTrouble(word("create_class_gone", { found: known(chosen) ? mixed : chosen, model: model.name }));
  store.set({ class: known(chosen) ? chosen : "", mixWith: known(mixed) ? mixed : "" }, { quiet: true });
};
const loadModel = async (key) => {
  try {
    const answer = await request("look", { model: key });
    models = answer.models;
    model = answer.model;
    if (!model) {
      if (answer.trouble) sayTrouble(answer.trouble);
      return tools.pictures.nothing();
    }
    trigger("opened", { key: model.key });
    if (model.key !== key) {
      if (key) sayTrouble(answer.trouble ?? word("create_model_gone", { key: key.split(":").slice(1).join(":") }));
      store.set({ model: model.key, class: "", mixWith: "", a: null, b: null }, { quiet: true });
    } else settleClass();
  } catch (error) { explain(error); }
};
const openModel = (key) => {
  const { seeds, locked } = store.slice("pictures");
  const kept = { pictures: { ...tools.pictures.defaults, seeds, locked } };
  store.set({ model: key, class: "", mixWith: "", a: null, b: null, tools: kept });
};
tools.pictures.nothing = () => { panels.replaceChildren(h("p", { class: "empty" }, word("create_no_model"))); };

// Keys, wherever one is on this tab and not writing
document.addEventListener("keydown", (event) => {
  if (!element.offsetParent || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const does = () => {
    if (control && !event.altKey) {
      if (key === "z") return event.shiftKey ? store.redo() ?? true : store.undo() ?? true;
      if (key === "y") return store.redo() ?? true;
      return false;
    }
    if (event.altKey) return false;
    if (key === "?") return openHelp() ?? true;
    if (key === "g") return (tools[store.state.tool].generate ?? tools.pictures.generate)() ?? true;
    if (key === "r") return (tools[store.state.tool].random ?? tools.pictures.random)() ?? true;
    if (key === "s" && selection.tile) return store.star(selection.tile.recipe, selection.tile.src) ?? true;
    if (event.target.closest("input, [role=tab], [role=application]")) return false;
    if (key === "enter" && event.target.closest(".tile-picture")) return enlarge(event.target.closest("figure")) ?? true;
    const columns = getComputedStyle(panels.querySelector("[role=tabpanel]:not([hidden]) .wall") ?? panels).gridTemplateColumns.split(" ").length;
    const step = { arrowleft: -1, arrowright: 1, arrowup: -columns, arrowdown: columns }[key];
    if (step && event.target.closest(".studio, body")) return selection.step(step) ?? true;
    return false;
  };
  if (does()) event.preventDefault();
});

// The beginning: what is kept in this browser, then what a link asks for
watch("order", () => props.order && openModel(JSON.parse(props.order).model));
store.load();
const asked = stateOfLink();
const linked = recipeOfLink();
const first = props.first;
if (asked) store.state = { ...store.state, ...asked, tools: { ...toolsFor(asked.model ?? store.state.model), ...asked.tools } };
if (first.model && (store.state.model === null || store.state.model === first.model.key)) {
  models = first.models;
  model = first.model;
  store.state = { ...store.state, model: model.key };
  if (!asked && !linked && store.state.tool === "pictures" && !Object.keys(store.state.tools).length && store.state.psi === 0.7 && !store.state.class && !store.state.mixWith && first.tiles) tools.pictures.begin(first);
}
if (model) settleClass();
draw(store.state).then(() => linked && comeBackRecipe(linked)).then(() => request("look", { model: store.state.model })).then((answer) => {
  const changed = answer.model && model && answer.model.weights !== model.weights;
  models = answer.models;
  if (!model || changed) { model = answer.model ?? model; draw(store.state); } else drawSettings(store.state);
}).catch(explain);
