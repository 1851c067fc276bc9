// What comes back to the instrument: pictures by their recipes, files that are dropped, models that a recipe names.
import { button } from "./core/dom.js";
import { carriesFiles, toBase64 } from "./core/files.js";
import { limits } from "./core/limits.js";
import { explain, sayNote, sayNothing, sayTrouble } from "./core/notices.js";
import { tasteOf } from "./core/recipes.js";
import { ask, taste } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { Refused } from "./painters/painter.js";

/** What the tools hold, as far as it is of use to a model: another's latents and directions are not. */
export const toolsFor = (key) => (key === store.state.model ? store.state.tools : {});

/** @param tools the instrument's tools by id */
export const recallWith = (tools) => {
  // A picture brings back the model, the settings and the tool that can show how it was made; else it is a plain
  // picture.
  const comeBack = (recipe, key) => {
    const others = Object.entries(tools).filter(([id]) => id !== "pictures");
    const found = others.map(([id, tool]) => [id, tool.recall?.(recipe)]).find(([, slice]) => slice);
    const [id, slice] = found ?? ["pictures", tools.pictures.recall(recipe)];
    const kept = toolsFor(key);
    const own = { ...tools[id].defaults, ...kept[id], ...slice };
    store.set({ ...tasteOf(recipe), model: key, tool: id, tools: { ...kept, [id]: own } }, { did: "recalled" });
  };

  const getModel = async ({ repo, revision, recipe }) => {
    sayNote(word("create_getting_model", { repo }));
    try {
      const { key } = await ask("getModel", { repo, revision });
      sayNothing();
      comeBack(recipe, key);
    } catch (error) {
      explain(error);
    }
  };
  const comeBackFound = (found) => {
    if (!found.missing) return comeBack(found.recipe, found.model);
    const get = () => button(word("create_get_model", { repo: found.repo }), () => getModel(found));
    sayTrouble(found.missing, ...(found.repo ? [get()] : []));
  };

  /** A recipe from a link, or kept in this browser: its model is found by its weights, since a key may change hands. */
  const recallRecipe = async (recipe) => {
    try {
      comeBackFound(await ask("recallRecipe", { recipe }));
    } catch (error) {
      explain(error);
    }
  };

  /** A dropped file: a picture of ours, or a file of latents. */
  const recallFile = async (file) => {
    sayNothing();
    try {
      if (file.size > limits.maxDroppedBytes) throw new Refused(word("create_drop_large", { name: file.name }));
      const dropped = { name: file.name, content: await toBase64(file) };
      if (/\.(npz|safetensors)$/i.test(file.name)) {
        const { recipes } = await ask("loadLatents", { ...taste(store.state), ...dropped });
        store.show("pictures", { recipes, near: null });
      } else comeBackFound(await ask("recallFile", dropped));
    } catch (error) {
      explain(error);
    }
  };

  return { recallRecipe, recallFile };
};

/** Take files dropped anywhere within `root`; a tool that takes files itself stops the event before it comes here. */
export const takeDrops = (root, take) => {
  for (const kind of ["dragenter", "dragover"]) {
    root.addEventListener(kind, (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      root.classList.add("is-target");
    });
  }
  root.addEventListener("dragleave", (event) => {
    if (!root.contains(event.relatedTarget)) root.classList.remove("is-target");
  });
  root.addEventListener("drop", (event) => {
    root.classList.remove("is-target");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
};
