// One's own picture: fitted, rebuilt by the model while one watches, then a picture like any other. The photographs themselves and
// the work that is under way are kept beside the state, because they are too large, or too passing, for every step of the history.
tools.project = (() => {
  const defaults = { picture: null, result: null }; // picture: {id, name}; result: {recipe, error, steps, asked}
  const STORED = "seedbed.create.project.1";
  const MOST_PHOTOS = 8;
  const LARGEST = 16 * 2 ** 20;
  const set = (patch, options) => store.setTool("project", patch, options);
  const now = () => store.slice("project");
  const percent = (error) => `${(100 * error).toFixed(1)} %`;

  // {photos: {id: src}, typical: {weights: error}, task: {id, model, weights} or null}
  const readKept = () => {
    try {
      return { photos: {}, typical: {}, task: null, ...JSON.parse(localStorage.getItem(STORED)) };
    } catch (error) {
      console.info("nothing kept:", error.message);
      return { photos: {}, typical: {}, task: null };
    }
  };
  const kept = readKept();
  const keep = () => {
    kept.photos = Object.fromEntries(Object.entries(kept.photos).slice(-MOST_PHOTOS));
    try {
      localStorage.setItem(STORED, JSON.stringify(kept));
    } catch (error) { console.info("not kept:", error.message); }
  };

  // The two pictures side by side
  const file = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", class: "file-input", tabIndex: -1, "aria-label": word("create_project_choose") });
  file.addEventListener("change", () => { if (file.files[0]) take(file.files[0]); file.value = ""; });
  const pick = (words) => button(words, () => file.click(), { class: "plain-button project-choose" });
  const photo = h("img", { alt: "" });
  const photoName = h("span", { class: "file-name" });
  const invitation = h("div", { class: "drop-square" }, h("p", {}, word("create_project_drop")), pick(word("create_project_choose")));
  const photoFigure = h("figure", { class: "tile" }, h("div", { class: "tile-picture" }, photo), h("figcaption", {}, photoName, pick(word("create_project_other"))));
  const made = wall({ id: "project-made" });
  const live = h("img", { alt: "" });
  const liveFigure = h("figure", { class: "tile project-live" }, h("div", { class: "tile-picture" }, live), h("figcaption", { html: "&nbsp;" }));
  const waiting = h("div", { class: "drop-square is-waiting" }, h("p", {}));
  const facts = h("div", { class: "project-facts", role: "status" });
  const line = taskLine();
  const measuring = taskLine();
  const zone = h("div", { class: "project" },
    h("section", { "aria-label": word("create_project_yours") }, h("h2", {}, word("create_project_yours")), invitation, photoFigure, file),
    h("section", { "aria-label": word("create_project_made") }, h("h2", {}, word("create_project_made")), waiting, liveFigure, made.root),
    h("div", { class: "project-below" }, line.root, facts, measuring.root));
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.addEventListener(kind, (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      event.stopPropagation(); // else the tab takes it for a picture that was made here
      element.classList.remove("is-target");
      zone.classList.toggle("is-target", kind !== "drop");
      if (kind === "drop") take(event.dataTransfer.files[0]);
    });
  }
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("is-target"); });

  const take = async (chosen) => {
    sayNothing();
    try {
      if (chosen.size > LARGEST) throw new Refused(word("create_project_large", { name: chosen.name }));
      const name = chosen.name.slice(-200);
      const { src, id } = await request("fit_picture", { model: store.state.model, name, content: await toBase64(chosen) });
      delete kept.photos[id];
      kept.photos[id] = src;
      keep();
      set({ picture: { id, name }, result: null });
    } catch (error) { explain(error); }
  };

  // Rebuilding
  let running = false;
  let leaving = false; // a page that is left sees its questions fail; the work goes on, and is found again
  addEventListener("beforeunload", () => { leaving = true; });
  const follow = async (call, asked) => {
    running = true;
    const begun = { model: store.state.model, weights: model.weights };
    live.removeAttribute("src");
    paint(now());
    const result = await line.run(call, asked, {
      begun: (id) => { kept.task = { id, ...begun }; keep(); },
      news: (news) => { if (news.src) { live.src = news.src; paint(now()); } },
      said: ({ done, total, news }) => (news.error === undefined ? word("create_starting") : word("create_project_step", { done, total, error: percent(news.error) })),
    });
    running = false;
    if (leaving) return;
    kept.task = null;
    keep();
    if (!result || begun.model !== store.state.model) return paint(now());
    const { tile, error, steps, asked: wanted } = result;
    rememberSource(tile);
    set({ result: { recipe: tile.recipe, error, steps, asked: wanted } });
    if (store.state.tool === "project" && made.root.firstElementChild?.tile) selection.choose(made.root.firstElementChild, { focus: false });
    await measure();
  };
  const start = () => {
    const src = kept.photos[now().picture?.id];
    if (running) return;
    if (!src) return sayNote(word("create_project_first"));
    return follow("project", { model: store.state.model, name: now().picture.name, content: src.split(",")[1], class: store.state.class });
  };
  let measured = false; // asked for or called off: once is enough
  const measure = async () => {
    const { weights, key } = model;
    if (kept.typical[weights] !== undefined || measured) return;
    measured = true;
    const answer = await measuring.run("project_typical", { model: key }, {
      said: ({ done, total }) => word("create_project_measuring", { model: model.name, share: total ? Math.round((100 * done) / total) : 0 }),
    });
    measured = false;
    if (typeof answer?.typical !== "number") return;
    kept.typical[weights] = answer.typical;
    keep();
    paint(now());
  };

  const resultOf = (slice) => (slice.result?.recipe.model.weights_sha256 === model.weights ? slice.result : null);
  const bar = (label, error, most, own) => h("div", { class: own ? "error-row is-own" : "error-row" }, h("span", {}, label),
    h("div", { class: "error-bar" }, h("div", { style: `width:${Math.max(1, (100 * error) / most)}%` })), h("b", {}, percent(error)));
  let factsDrawn = "";
  const paintFacts = (result) => {
    const typical = kept.typical[model.weights];
    const drawn = JSON.stringify([result?.recipe.latent, result?.error, typical]);
    if (drawn === factsDrawn) return;
    factsDrawn = drawn;
    if (!result) return facts.replaceChildren();
    const most = Math.max(result.error, typical ?? 0, 0.05);
    const near = typical !== undefined && result.error <= 1.5 * typical;
    facts.replaceChildren(...[
      bar(word("create_project_error"), result.error, most, true),
      typical === undefined ? null : bar(word("create_project_typical", { model: model.name }), typical, most, false),
      h("p", { class: "field-info" }, word("create_project_error_info"), typical === undefined ? "" : ` ${word(near ? "create_project_near" : "create_project_far")}`,
        result.steps < result.asked ? ` ${word("create_project_stopped", { steps: result.steps, asked: result.asked })}` : ""),
    ].filter(Boolean));
  };
  let madeDrawn = "";
  const paintMade = (result) => {
    const src = result && sources.get(JSON.stringify(result.recipe));
    const drawn = src ? JSON.stringify(result.recipe) : "";
    made.root.hidden = !src || running;
    if (src && drawn !== madeDrawn) made.show([{ recipe: result.recipe, src }]);
    if (drawn) madeDrawn = drawn;
    return Boolean(src);
  };
  const ask = channel((answer) => { rememberSource(answer.tiles[0]); paint(now()); });

  const paint = (slice) => {
    const src = kept.photos[slice.picture?.id];
    const result = running ? null : resultOf(slice);
    invitation.hidden = Boolean(src);
    photoFigure.hidden = !src;
    if (src && photo.src !== src) { photo.src = src; photo.alt = word("create_project_alt", { name: slice.picture.name }); }
    photoName.textContent = photoName.title = slice.picture ? word("create_project_seen", { name: slice.picture.name, side: model.resolution }) : "";
    const there = paintMade(result);
    liveFigure.hidden = !(running && live.hasAttribute("src"));
    live.alt = word("create_project_live");
    waiting.hidden = there || !liveFigure.hidden;
    waiting.firstChild.textContent = running ? word("create_starting") : src ? word("create_project_ready", { model: model.name }) : word("create_project_empty", { model: model.name });
    paintFacts(result);
    go.disabled = running || !src;
  };
  const go = button(word("create_project_go"), start, { id: "project", class: "primary-button" });
  const info = h("p", { class: "field-info" }, word("create_project_info"));

  return {
    label: word("create_tool_project"), defaults,
    unheeded: () => ["psi", "mix"],
    build: () => ({ controls: [h("div", { class: "field" }, info, go)], stage: [zone] }),
    async update(slice, state) {
      const task = kept.task;
      if (task && !running) { // begun before a refresh, or on another tab of this browser
        if (task.model === state.model && task.weights === model.weights) follow("task", { id: task.id });
        else { kept.task = null; keep(); }
      }
      paint(slice);
      const result = resultOf(slice);
      if (!result || running) return;
      if (!sources.has(JSON.stringify(result.recipe))) await ask("recipes", { model: state.model, recipes: [result.recipe] });
    },
    generate: start,
    random() {}, // there is nothing to roll
    // A rebuilt picture comes back without the photograph, which its PNG does not hold; unless it is the one that is here.
    recall(recipe) {
      if (recipe.lineage?.tool !== "project" || recipe.mix || recipe.directions?.length) return null;
      const { result } = now();
      if (result && sameRecipe(result.recipe, recipe)) return {};
      const { error = 0, steps = 0 } = recipe.lineage.settings ?? {};
      return { picture: null, result: { recipe, error, steps, asked: steps } };
    },
  };
})();
