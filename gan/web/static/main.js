// The static page's entry: reads the files in the page's folder, starts the network, and connects tools, address and
// language.
import { button, h } from "../core/dom.js";
import { isPlain } from "../core/recipes.js";
import { rollSeed } from "../core/seeds.js";
import { word } from "../core/words.js";
import { Refused } from "../painters/painter.js";
import { readAddress, writeAddress } from "./address.js";
import { choice, slider } from "./fields.js";
import { footer, header } from "./frame.js";
import { remotePainter } from "./remote.js";
import { breedTool } from "./tools/breed.js";
import { directionsTool } from "./tools/directions.js";
import { exploreTool } from "./tools/explore.js";
import { mixTool } from "./tools/mix.js";
import { morphTool } from "./tools/morph.js";
import { picturesTool } from "./tools/pictures.js";
import { className, useWords, wordsOf } from "./words.js";

// A tool that the model does not support has no tab.
const TOOLS = [
  { make: picturesTool },
  { make: exploreTool },
  { make: morphTool },
  { make: mixTool, fits: (model) => model.capabilities.mixes_layers },
  { make: breedTool },
  { make: directionsTool, fits: (model) => model.directions.length > 0 },
];
const NEAR = 0.3; // distance of a variation: 0 is the picture itself, 1 an independent one
const folder = new URL("../../", import.meta.url);
const root = document.getElementById("page");

const json = async (path) => {
  const answer = await fetch(new URL(path, folder));
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};
const tell = (state, sentence = "") => {
  document.body.dataset.state = state;
  root.setAttribute("aria-busy", String(state === "busy"));
  const line = document.getElementById("said");
  if (line && line.textContent !== sentence)
    line.replaceChildren(...(sentence ? [h("p", { class: "trouble", role: "alert" }, sentence)] : []));
};

/** Say over the stage that the network is being loaded, which takes seconds on a first visit. */
const loading = (on) => {
  const line = on && h("p", { id: "loading", role: "status" }, word("static_loading"));
  document.getElementById("loading")?.remove();
  if (line) root.querySelector(".main").append(line);
};

const page = (model, painter) => {
  let state = readAddress();
  let kept = []; // recipes of dropped pictures that no seed reproduces
  let tools = [];
  let asked = 0; // number of requests to draw; only the newest is valid
  let drawing = false;

  const refuse = (sentence, { gently = false } = {}) => {
    if (!gently) throw new Refused(sentence);
    tell("ready", sentence);
  };
  const taste = ({ psi, class: name }) => ({ psi: psi.trim() === "" ? Number.NaN : Number(psi), class: name });
  const current = () => tools.find(({ id }) => id === state.tool) ?? tools[0];

  const draw = async () => {
    const mine = ++asked;
    if (drawing) return; // the current drawing ends first, and the newest request is drawn next
    drawing = true;
    let drawn = mine - 1;
    while (drawn !== asked) {
      drawn = asked;
      const isLatest = () => drawn === asked;
      tell("busy");
      try {
        await current().show(state, { kept, isLatest });
        if (isLatest()) tell("ready");
      } catch (error) {
        if (!(error instanceof Refused)) console.info(error);
        if (isLatest())
          tell("error", error instanceof Refused ? error.message : word("static_failed", { reason: error.message }));
      }
    }
    drawing = false;
  };
  const set = (changes, { quietly = false } = {}) => {
    const given = typeof changes === "function" ? changes(state) : changes;
    if (given.seeds !== undefined) kept = [];
    state = { ...state, ...given };
    writeAddress(state, { quietly });
    arrange();
    draw();
  };

  // Actions for one picture
  const actions = () => [
    [
      word("static_explore_from"),
      ({ seed }) => {
        set({ tool: "explore" });
        goTo(seed);
      },
    ],
    [word("static_variations_of"), showNear],
    [
      word("static_morph_from"),
      ({ seed }) => set({ tool: "morph", a: String(seed), b: String(rollSeed()) }),
    ],
  ];
  const showNear = async (recipe) => {
    tell("busy");
    try {
      const { tiles } = await painter.variations({ recipe, distance: NEAR, seed: rollSeed() });
      state = { ...state, tool: "pictures", seeds: String(recipe.seed) };
      kept = tiles.slice(1).map(({ recipe: each }) => each);
      writeAddress(state, {});
      arrange();
      draw();
    } catch (error) {
      tell("ready", error instanceof Refused ? error.message : word("static_failed", { reason: error.message }));
    }
  };
  const goTo = async (seed) => {
    const { placeOf } = await import("../painters/seeds.js");
    const { x, y } = placeOf(seed);
    set({ x: String(x), y: String(y) });
  };
  const recall = async (file) => {
    try {
      const { recipe } = await painter.recallFile({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
      const common = { tool: "pictures", psi: String(recipe.psi), class: recipe.class ?? "" };
      if (isPlain(recipe)) return set({ ...common, seeds: String(recipe.seed) });
      kept = [recipe, ...kept];
      state = { ...state, ...common };
      writeAddress(state, {});
      arrange();
      return draw();
    } catch (error) {
      return tell("ready", error instanceof Refused ? error.message : word("static_failed", { reason: error.message }));
    }
  };

  // The controls of the page
  const psi = slider(word("static_psi"), {
    id: "psi",
    min: 0,
    max: 1.5,
    step: 0.05,
    info: word("static_psi_info"),
    format: (value) => value.toFixed(2),
    oninput: (value) => set({ psi: String(value) }, { quietly: true }),
  });
  const names = [["", word("static_any_class")], ...model.classes.map((name) => [name, className(name)])];
  const classes = choice(word("static_class"), {
    id: "class",
    options: names,
    info: word("static_class_info"),
    onchange: (name) => set({ class: name }),
  });
  const file = h("input", {
    type: "file",
    accept: "image/png",
    hidden: true,
    onchange: () => file.files[0] && recall(file.files[0]),
  });
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": word("static_tools") });
  const panels = h("div", { class: "stage" });
  const controls = h("div", { class: "own" });

  const build = () => {
    tools = TOOLS.filter(({ fits }) => !fits || fits(model)).map(({ make }) =>
      make({ painter, model, refuse, set, taste, actions }),
    );
    for (const tool of tools) {
      tool.tab = h(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${tool.id}`,
          "aria-controls": `panel-${tool.id}`,
          onclick: () => set({ tool: tool.id }),
        },
        tool.label,
      );
      tool.panel = h(
        "section",
        { role: "tabpanel", id: `panel-${tool.id}`, "aria-labelledby": `tab-${tool.id}` },
        tool.stage,
      );
      tool.side = h("div", { class: "fields" }, tool.controls);
      tabs.append(tool.tab);
      panels.append(tool.panel);
      controls.append(tool.side);
    }
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const next = tools[(tools.indexOf(current()) + step + tools.length) % tools.length];
      set({ tool: next.id });
      next.tab.focus();
    });
    root.replaceChildren(
      header(model),
      h(
        "div",
        { class: "view" },
        h(
          "div",
          { class: "controls" },
          controls,
          h("div", { class: "fields common" }, psi.root, model.classes.length ? classes.root : null),
          recallField(),
        ),
        h("div", { class: "main" }, tabs, h("div", { id: "said", "aria-live": "polite" }), panels),
      ),
      footer(model),
    );
    arrange();
  };
  const arrange = () => {
    const open = current();
    for (const tool of tools) {
      const chosen = tool === open;
      tool.tab.setAttribute("aria-selected", String(chosen));
      tool.tab.tabIndex = chosen ? 0 : -1;
      tool.panel.hidden = tool.side.hidden = !chosen;
      if (!chosen) tool.leave?.();
    }
    psi.show(state.psi);
    classes.show(state.class);
  };
  const recallField = () =>
    h(
      "div",
      { class: "drop" },
      button(word("static_recall"), () => file.click(), { id: "recall" }),
      file,
      h("p", { class: "info" }, word("static_recall_info")),
    );
  addEventListener("hashchange", () => {
    state = readAddress();
    kept = [];
    arrange();
    draw();
  });
  addEventListener("popstate", () => {
    state = readAddress();
    kept = [];
    arrange();
    draw();
  });
  addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    recall(event.dataTransfer.files[0]);
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea, dialog");
    if (!typing && !event.ctrlKey && !event.metaKey && !event.altKey && event.key === "r") current().random?.();
  });
  build();
  return draw;
};

const start = async () => {
  const [words, model] = await Promise.all([json("words.json"), json("model.json")]);
  useWords(words);
  document.title = model.name;
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const painter = remotePainter(worker);
  const draw = page(model, painter);
  loading(true);
  const started = painter.start({ model, words: wordsOf() }).finally(() => loading(false));
  const drawn = draw(); // lays out the places of the pictures, which wait for the network
  await started;
  await drawn;
  const { processor } = await painter.improve({ wanted: new URLSearchParams(location.search).has("webgpu") });
  document.body.dataset.processor = processor;
};

const failed = (error) => {
  console.info(error);
  if (!document.getElementById("said")) root.prepend(h("div", { id: "said" }));
  tell(
    "error",
    wordsOf() ? word("static_failed", { reason: error.message }) : `This page cannot load: ${error.message}`,
  );
};
// Without its service worker the page still works online. A draft, viewed before publishing, stores nothing.
const keepOffline = () =>
  navigator.serviceWorker?.register(new URL("service.js", folder)).catch((error) => console.info(error));

if (root) {
  start().catch(failed);
  if (location.protocol !== "file:" && location.search !== "?draft") keepOffline();
}
