// Opens what was saved or dropped: pictures by their recipes, files, and models that a recipe names.
import { button } from "./core/dom.js";
import { entriesOf, kindOf, modelZip } from "./core/dropped.js";
import { carriesFiles, toBase64 } from "./core/files.js";
import { limits } from "./core/limits.js";
import { explain, sayBusy, sayNote, sayNothing, sayTrouble } from "./core/notices.js";
import { tasteOf } from "./core/recipes.js";
import { ask, canDo, taste } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { openModel } from "./models.js";
import { Refused } from "./painters/painter.js";

/**
 * @param tools the instrument's tools by id
 * @param elsewhere actions of other parts of the page: {train(files, entries)}
 */
export const recallWith = (tools, elsewhere = {}) => {
  // Opening a picture restores its model, its settings and the tool that made it; without such a tool it opens as a
  // plain picture.
  const comeBack = (recipe, key) => {
    const others = Object.entries(tools).filter(([id]) => id !== "pictures");
    const kept = store.toolsOf(key);
    const found = others.map(([id, tool]) => [id, tool.recall?.(recipe, key)]).find(([, slice]) => slice);
    const [id, slice] = found ?? ["pictures", tools.pictures.recall(recipe)];
    const own = { ...tools[id].defaults, ...kept[id], ...slice };
    const settings = tools[id].madeUnder?.(recipe, key) ?? tasteOf(recipe);
    store.set({ ...settings, model: key, tool: id, tools: { ...kept, [id]: own } }, { did: "recalled" });
    tools[id].recalled?.(own);
  };

  const getModel = async ({ repo, revision, recipe }) => {
    sayBusy(word("create_getting_model", { repo }));
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

  /**
   * Open a recipe from a link or from this browser. Its model is found by its weights, since a key may name another
   * model later.
   */
  const recallRecipe = async (recipe) => {
    try {
      comeBackFound(await ask("recallRecipe", { recipe }));
    } catch (error) {
      explain(error);
    }
  };

  const contentOf = async (file) => {
    if (file.size > limits.maxDroppedBytes) throw new Refused(word("create_drop_large", { name: file.name }));
    return { name: file.name, content: await toBase64(file) };
  };
  // A picture with a recipe needs no rebuilding: the exact one is offered. Where no file can be dropped, as on a phone,
  // this is the way to open it.
  const offerExact = async (file) => {
    try {
      const found = await ask("recallFile", await contentOf(file));
      const open = button(word("create_project_exact"), () => {
        sayNothing();
        comeBackFound(found);
      });
      sayNote(word("create_project_own", { name: file.name }), " ", open);
    } catch (error) {
      console.info(error.message); // a photograph, or a damaged recipe: the picture can still be rebuilt
    }
  };
  if (tools.project && canDo(["recallFile"])) tools.project.taken = offerExact;
  // A picture without a recipe opens as the user's own picture, which the model can rebuild.
  const rebuild = async (file) => {
    store.set({ tool: "project" }, { quiet: true });
    await tools.project.takeFile(file);
    sayNote(word("create_drop_photo", { name: file.name }));
  };
  const isFromElsewhere = (error) => error.code === "recipe_absent" && tools.project;
  const recallPicture = async (file) => {
    try {
      comeBackFound(await ask("recallFile", await contentOf(file)));
    } catch (error) {
      if (!isFromElsewhere(error)) throw error;
      await rebuild(file);
    }
  };
  const train = (file, files, entries) => {
    if (!elsewhere.train) return sayTrouble(word("create_drop_unknown", { name: file.name }));
    elsewhere.train(files, entries);
    return sayNote(word("create_drop_train", { name: files.length > 1 ? `${file.name} …` : file.name }));
  };
  // The owner's model is kept and opened; undo returns to what was open. Nothing else on the page changes.
  const addModel = async ({ name }, files, entries) => {
    sayBusy(word("create_drop_model", { name }));
    try {
      const added = await ask("addModel", await modelZip(files, entries));
      if (added.key !== store.state.model) openModel(added.key);
      sayNote(word("create_drop_model_added", { name: added.name }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      sayTrouble(word("create_drop_model_refused", { name, reason: error.message }));
    }
  };
  const takes = {
    latents: async (file) => {
      const { recipes } = await ask("loadLatents", { ...taste(store.state), ...(await contentOf(file)) });
      store.show("pictures", { recipes, near: null }, { did: "recalled" });
    },
    picture: recallPicture,
    photo: (file) => (tools.project ? rebuild(file) : recallPicture(file)),
    zip: train,
    folder: train,
    model: addModel,
  };

  /**
   * Open what was dropped: a picture with a recipe, latents, a model, or files for another part of the page. `entries`
   * are those of the files, if the browser has them.
   */
  const recallFile = async (files, entries) => {
    sayNothing();
    try {
      await takes[await kindOf(files, entries)](files[0], files, entries);
    } catch (error) {
      explain(error);
    }
  };

  return { recallRecipe, recallFile };
};

/**
 * Accept files dropped anywhere on the page while `root` is visible. Beside it, the browser would replace the page with
 * the file. A tool that accepts files itself stops the event first.
 */
export const takeDrops = (root, take) => {
  const isHere = (event) => carriesFiles(event) && root.offsetParent !== null;
  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (!isHere(event)) return;
      event.preventDefault();
      root.classList.add("is-target");
    });
  }
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) root.classList.remove("is-target"); // the files left the window
  });
  document.addEventListener("drop", (event) => {
    root.classList.remove("is-target");
    if (!isHere(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files], entriesOf(event));
  });
};
