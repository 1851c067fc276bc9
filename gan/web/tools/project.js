// The user's own picture: the model rebuilds it step by step, and the result is an ordinary picture. Photographs and
// running tasks are stored outside the state, because they are too large, or too short-lived, for the history.
import { button, h } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { carriesFiles, toBase64 } from "../core/files.js";
import { limits } from "../core/limits.js";
import { explain, sayNote, sayNothing } from "../core/notices.js";
import { page } from "../core/page.js";
import { fileName, sameRecipe } from "../core/recipes.js";
import { selection } from "../core/selection.js";
import { ask, channel, session } from "../core/session.js";
import { rememberSource, sourceOf } from "../core/sources.js";
import { store } from "../core/store.js";
import { sayTaken } from "../core/taken.js";
import { TASK_OPERATIONS, taskLine } from "../core/tasks.js";
import { wall } from "../core/tiles.js";
import { word } from "../core/words.js";
import { Refused } from "../painters/painter.js";
import { makeJudgement, percent } from "./judgement.js";

const STORED = "seedbed.create.project.1";
const MOST_PHOTOS = 8;
const LONGEST_NAME = 200; // letters
const TYPES = "image/png,image/jpeg,image/webp";

export const needs = ["fitPicture", "project", "projectTypical", "draw", ...TASK_OPERATIONS];

// The data in this browser's storage: {photos: {id: src}, typical: {weights: error}, task: {id, model, weights} or
// null}
const readKept = () => {
  const nothing = { photos: {}, typical: {}, task: null };
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(STORED)) };
  } catch (error) {
    console.info("nothing kept:", error.message);
    return nothing;
  }
};
const writeKept = (kept) => {
  kept.photos = Object.fromEntries(Object.entries(kept.photos).slice(-MOST_PHOTOS));
  try {
    localStorage.setItem(STORED, JSON.stringify(kept));
  } catch (error) {
    console.info("not kept:", error.message);
  }
};

export const make = () => {
  const defaults = { picture: null, result: null }; // picture: {id, name}; result: {recipe, error, steps, asked}
  const set = (patch, how) => store.setTool("project", patch, how);
  const now = () => store.slice("project");
  const kept = readKept();
  const keep = () => writeKept(kept);

  // The two pictures side by side
  const label = word("create_project_choose");
  const file = h("input", { type: "file", accept: TYPES, class: "file-input", tabIndex: -1, "aria-label": label });
  file.addEventListener("change", () => {
    if (file.files[0]) takeOwn(file.files[0]);
    file.value = "";
  });
  const pick = (words) => button(words, () => file.click(), { class: "plain-button project-choose" });
  const picture = (image) => h("div", { class: "tile-picture" }, image);
  const photo = h("img", { alt: "" });
  const photoName = h("span", { class: "file-name" });
  const invitation = h("div", { class: "drop-square" }, h("p", {}, word("create_project_drop")), pick(label));
  const photoWords = h("figcaption", {}, photoName, pick(word("create_project_other")));
  const photoFigure = h("figure", { class: "tile" }, picture(photo), photoWords);
  const made = wall({ id: "project-made" });
  const live = h("img", { alt: "" });
  const liveFigure = h("figure", { class: "tile project-live" }, picture(live), h("figcaption", { html: "&nbsp;" }));
  const waiting = h("div", { class: "drop-square is-waiting" }, h("p", {}));
  const judgement = makeJudgement();
  const line = taskLine();
  const measuring = taskLine();
  const half = (words, ...content) => h("section", { "aria-label": words }, h("h2", {}, words), ...content);
  const zone = h(
    "div",
    { class: "project" },
    half(word("create_project_yours"), invitation, photoFigure, file),
    half(word("create_project_made"), waiting, liveFigure, made.root),
    h("div", { class: "project-below" }, line.root, judgement.root, measuring.root),
  );
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.addEventListener(kind, (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.stopPropagation(); // outside this tool a dropped file is opened as a picture with a recipe
      page.element.classList.remove("is-target");
      zone.classList.toggle("is-target", kind !== "drop");
      if (kind === "drop") takeOwn(event.dataTransfer.files[0]);
    });
  }
  const takePicture = async ({ recipe, src }) => {
    const content = await (await fetch(src)).blob();
    return take(new File([content], fileName(recipe), { type: "image/png" }));
  };
  const takeFirst = async (tiles) => {
    if (await takePicture(tiles[0])) sayTaken(tool.label, { count: 1, most: 1 }, tiles.length);
  };
  takesTiles(zone, takeFirst, { any: true });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-target");
  });
  const take = async (chosen) => {
    sayNothing();
    try {
      if (chosen.size > limits.maxDroppedBytes) throw new Refused(word("create_project_large", { name: chosen.name }));
      const name = chosen.name.slice(-LONGEST_NAME);
      const content = await toBase64(chosen);
      const { src, id } = await ask("fitPicture", { model: store.state.model, name, content });
      delete kept.photos[id];
      kept.photos[id] = src;
      keep();
      set({ picture: { id, name }, result: null });
      return true;
    } catch (error) {
      explain(error);
      return false;
    }
  };
  const takeOwn = async (chosen) => (await take(chosen)) && tool.taken(chosen);

  // Rebuilding
  let running = false;
  let leaving = false; // requests fail while the page is being left; the task continues and is found again
  addEventListener("beforeunload", () => {
    leaving = true;
  });
  const said = ({ done, total, news }) =>
    news.error === undefined
      ? word("create_starting")
      : word("create_project_step", { done, total, error: percent(news.error) });
  const follow = async (operation, asked) => {
    running = true;
    const begun = { model: store.state.model, weights: session.model.weights };
    live.removeAttribute("src");
    draw(now());
    const result = await line.run(operation, asked, {
      said,
      begun(id) {
        kept.task = { id, ...begun };
        keep();
      },
      news(news) {
        if (!news.src) return;
        live.src = news.src;
        draw(now());
      },
    });
    running = false;
    if (leaving) return;
    kept.task = null;
    keep();
    if (!result || begun.model !== store.state.model) return draw(now());
    const { tile, error, steps, asked: wanted } = result;
    rememberSource(tile);
    set({ result: { recipe: tile.recipe, error, steps, asked: wanted } });
    const own = made.root.firstElementChild;
    if (store.state.tool === "project" && own?.tile) selection.put([own]);
    await measure();
  };
  const start = () => {
    const { picture: chosen } = now();
    const src = kept.photos[chosen?.id];
    if (running) return;
    if (!src) return sayNote(word("create_project_first"));
    const { model, class: name } = store.state;
    return follow("project", { model, name: chosen.name, content: src.split(",")[1], class: name });
  };
  let measured = false; // true once the measurement was requested or stopped, so that it is not repeated
  const measure = async () => {
    const { weights, key, name } = session.model;
    if (kept.typical[weights] !== undefined || measured) return;
    measured = true;
    const share = ({ done, total }) => (total ? Math.round((100 * done) / total) : 0);
    const answer = await measuring.run(
      "projectTypical",
      { model: key },
      { said: (task) => word("create_project_measuring", { model: name, share: share(task) }) },
    );
    measured = false;
    if (typeof answer?.typical !== "number") return;
    kept.typical[weights] = answer.typical;
    keep();
    draw(now());
  };

  // Drawing the state
  const resultOf = ({ result }) => (result?.recipe.model.weights_sha256 === session.model.weights ? result : null);
  const waitingWords = (src) => {
    if (running) return word("create_starting");
    return word(src ? "create_project_ready" : "create_project_empty", { model: session.model.name });
  };
  let madeDrawn = "";
  const drawMade = (result) => {
    const src = result && sourceOf(result.recipe);
    const drawn = src ? JSON.stringify(result.recipe) : "";
    made.root.hidden = !src || running;
    if (src && drawn !== madeDrawn) made.show([{ recipe: result.recipe, src }]);
    if (drawn) madeDrawn = drawn;
    return Boolean(src);
  };
  const drawPhoto = (chosen, src) => {
    invitation.hidden = Boolean(src);
    photoFigure.hidden = !src;
    if (src && photo.src !== src) {
      photo.src = src;
      photo.alt = word("create_project_alt", { name: chosen.name });
    }
    const side = session.model.resolution;
    photoName.title = chosen ? word("create_project_seen", { name: chosen.name, side }) : "";
    photoName.textContent = photoName.title;
  };
  const draw = (slice) => {
    const src = kept.photos[slice.picture?.id];
    const result = running ? null : resultOf(slice);
    drawPhoto(slice.picture, src);
    const isThere = drawMade(result);
    liveFigure.hidden = !(running && live.hasAttribute("src"));
    live.alt = word("create_project_live");
    waiting.hidden = isThere || !liveFigure.hidden;
    waiting.firstChild.textContent = waitingWords(src);
    judgement.draw(result, kept.typical[session.model.weights]);
    go.disabled = running || !src;
  };
  const askMade = channel(({ tiles: [tile] }) => {
    rememberSource(tile);
    draw(now());
  });
  const go = button(word("create_project_go"), start, { id: "project", class: "primary-button" });
  const info = h("p", { class: "field-info" }, word("create_project_info"));

  const tool = {
    label: word("create_tool_project"),
    about: word("create_use_project"),
    defaults,
    /** Rebuild the picture that the user has chosen, unless this tool already has another one. */
    take(tiles, from) {
      if (from === "chosen" || (from === "held" && !now().picture)) takeFirst(tiles);
      return {};
    },
    takeFile: take,
    /** Called with a file that the user has given to this tool. */
    taken() {},
    unheeded: () => ["psi", "mix"],
    build: () => ({ controls: [h("div", { class: "field" }, info, go)], stage: [zone] }),
    async update(slice, state) {
      const { task } = kept;
      if (task && !running) {
        // the task began before a refresh, or in another tab of this browser
        if (task.model === state.model && task.weights === session.model.weights) follow("task", { id: task.id });
        else {
          kept.task = null;
          keep();
        }
      }
      draw(slice);
      const result = resultOf(slice);
      if (!result || running || sourceOf(result.recipe)) return;
      await askMade("draw", { model: state.model, recipes: [result.recipe] });
    },
    generate: start,
    // A recalled rebuilt picture is shown without the photograph, which its PNG does not hold, unless this browser
    // still has it.
    recall(recipe) {
      if (recipe.lineage?.tool !== "project" || recipe.mix || recipe.directions?.length) return null;
      const { result } = now();
      if (result && sameRecipe(result.recipe, recipe)) return {};
      const { error = 0, steps = 0 } = recipe.lineage.settings ?? {};
      return { picture: null, result: { recipe, error, steps, asked: steps } };
    },
  };
  return tool;
};
