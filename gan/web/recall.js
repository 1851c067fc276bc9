// What leaves and what comes back: links, latents, and pictures dropped anywhere on the tab.

// A link to a seed can be read and changed by hand; one to any other picture carries the whole recipe, behind #, where no server
// sees it.
const linkOf = (tile) => {
  const { recipe } = tile;
  const link = new URL(location.origin + location.pathname);
  if (!isPlain(recipe)) {
    link.hash = `recipe=${encodeURIComponent(JSON.stringify(recipe))}`;
    return link.href;
  }
  link.searchParams.set("model", store.state.model);
  if (recipe.seed !== undefined) link.searchParams.set("seeds", recipe.seed);
  link.searchParams.set("psi", recipe.psi);
  if (recipe.class) link.searchParams.set("class", recipe.class);
  return link.href;
};

const copyLink = async (tile) => {
  const link = linkOf(tile);
  const shown = h("input", { class: "text-input link", readonly: true, value: link, "aria-label": word("create_link") });
  try {
    await navigator.clipboard.writeText(link);
    sayNote(word("create_link_copied"), shown);
  } catch (error) { // browsers allow this on secure pages only
    console.info(error.message);
    sayNote(word("create_link_here"), shown);
    shown.select();
  }
};

const recipeOfLink = () => {
  const [, text] = /^#recipe=(.*)$/.exec(location.hash) ?? [];
  if (!text) return null;
  history.replaceState(null, "", location.pathname + location.search); // read once: a refresh shows what came after
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch (error) {
    console.info(error.message);
    return {}; // the server says that it is damaged
  }
};

const MOST_PSI = 2; // of a recipe; the slider goes to what is mostly wanted
const stateOfLink = () => {
  const asked = new URLSearchParams(location.search);
  const own = ["model", "seeds", "psi", "class"];
  if (!own.some((name) => asked.has(name))) return null;
  const rest = new URLSearchParams([...asked].filter(([name]) => !own.includes(name)));
  history.replaceState(null, "", `${location.pathname}${rest.size ? `?${rest}` : ""}${location.hash}`); // read once, as the recipe behind #
  const { psi, mixWith, mixAmount } = fresh(null); // what it does not say is as one first meets it, whatever was looked at before
  const patch = { tool: "pictures", psi, mixWith, mixAmount, class: asked.get("class") ?? "" };
  if (asked.has("model")) patch.model = asked.get("model");
  const given = Number.parseFloat(asked.get("psi"));
  if (Number.isFinite(given)) patch.psi = Math.min(MOST_PSI, Math.max(-MOST_PSI, given));
  if (asked.has("seeds")) patch.tools = { pictures: { seeds: asked.get("seeds") } };
  return patch;
};

const saveLatents = async (recipes, kind) => {
  try {
    const { content } = await request("save_latents", { model: store.state.model, recipes, kind });
    saveFile(new Blob([fromBase64(content)]), fileName(recipes[0], kind));
  } catch (error) { explain(error); }
};

const tasteOf = (recipe) => ({
  psi: recipe.psi, class: recipe.class ?? "", mixWith: recipe.class_mix?.class ?? "", mixAmount: recipe.class_mix?.amount ?? 0.5,
});

// What the tools hold, as far as it is of use to a model: another's latents and directions are not.
const toolsFor = (key) => (key === store.state.model ? store.state.tools : {});

// A picture of ours brings back the model, the tool and the settings; a file of latents its pictures.
const comeBack = async (recipe, key) => {
  const [id, slice] = Object.entries(tools).map(([each, tool]) => [each, tool !== tools.pictures ? tool.recall?.(recipe) : null]).find(([, found]) => found)
    ?? ["pictures", tools.pictures.recall(recipe)];
  const kept = toolsFor(key);
  store.set({ ...tasteOf(recipe), model: key, tool: id, tools: { ...kept, [id]: { ...tools[id].defaults, ...kept[id], ...slice } } });
};

const offerModel = (answer) => {
  const get = answer.repo
    ? button(word("create_get_model", { repo: answer.repo }), async () => {
        sayNote(word("create_getting_model", { repo: answer.repo }));
        try {
          const { key } = await request("get_model", { repo: answer.repo, revision: answer.revision });
          sayNothing();
          await comeBack(answer.recipe, key);
        } catch (error) { explain(error); }
      })
    : null;
  sayTrouble(answer.missing, ...(get ? [get] : []));
};

const comeBackAnswer = async (answer) => {
  if (answer.missing) offerModel(answer);
  else await comeBack(answer.recipe, answer.model);
};

// A recipe from a link, or kept in this browser: its model is looked for by its weights, since a key may mean others by now.
const comeBackRecipe = async (recipe) => {
  try {
    await comeBackAnswer(await request("recall_recipe", { recipe }));
  } catch (error) { explain(error); }
};

const comeBackFile = async (file) => {
  sayNothing();
  try {
    if (file.size > 16 * 2 ** 20) throw new Refused(word("create_drop_large", { name: file.name }));
    if (/\.(npz|safetensors)$/i.test(file.name)) {
      const { recipes } = await request("load_latents", { ...taste(store.state), name: file.name, content: await toBase64(file) });
      show("pictures", { recipes, near: null });
    } else {
      await comeBackAnswer(await request("recall", { name: file.name, content: await toBase64(file) }));
    }
  } catch (error) { explain(error); }
};

// Files may be dropped anywhere; a tool that takes files of its own stops the event before it comes here.
const takeDrops = (root) => {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  for (const kind of ["dragenter", "dragover"]) {
    root.addEventListener(kind, (event) => { if (carries(event)) { event.preventDefault(); root.classList.add("is-target"); } });
  }
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) root.classList.remove("is-target"); });
  root.addEventListener("drop", (event) => {
    root.classList.remove("is-target");
    if (!carries(event)) return;
    event.preventDefault();
    comeBackFile(event.dataTransfer.files[0]);
  });
};
