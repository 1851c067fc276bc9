// Latent directions as sliders on one picture. The state holds the pushes themselves, as a recipe does, so that a dropped picture is
// its own settings; a direction is known by its vector. Names live in the browser, by the weights they belong to, until they are
// saved with the model.
tools.directions = (() => {
  const defaults = { base: null, pushes: [], group: "weights", count: 8 };
  const MOST_FOUND = 32;
  const AT_ONCE = 8;
  const STEADY = 250; // milliseconds without a change before strips are asked for: the live picture comes first
  const EMPTY = { weights: [], samples: [], saved: [], refusal: null };
  const set = (patch, options) => store.setTool("directions", patch, options);
  const idOf = ({ vector }) => vector.float32;
  const GROUPS = { weights: "create_dir_weights", samples: "create_dir_samples", yours: "create_dir_yours" };
  const SOURCES = { weights: "create_dir_weights_name", samples: "create_dir_samples_name" };
  let known = EMPTY;
  let knownFor = "";

  // What is known, and what the browser adds to it
  const keptHere = (state = store.state) => state.directionNames?.[model.weights] ?? [];
  const keepHere = (list) => store.set({ directionNames: { ...store.state.directionNames, [model.weights]: list } });
  const savedHas = (one) => known.saved.some((each) => idOf(each) === idOf(one));
  const yours = (slice) => {
    const kept = keptHere().filter((each) => !savedHas(each));
    const all = [...known.saved.map((each) => ({ ...each, kind: "saved" })), ...kept.map((each) => ({ ...each, kind: "kept", fits: true }))];
    const met = new Set([...all, ...known.weights, ...known.samples].map(idOf));
    const strangers = slice.pushes.filter((each) => !met.has(idOf(each)));
    return [...all, ...strangers.map((each) => ({ ...each, kind: "stranger", fits: true }))];
  };
  const nameOf = (direction) => {
    const given = [...known.saved, ...keptHere()].find((each) => idOf(each) === idOf(direction));
    const [, source, at] = /^(weights|samples) (\d+)$/.exec(direction.name) ?? [];
    return given && given.name !== direction.name ? given.name : source ? word(SOURCES[source], { number: at }) : direction.name;
  };
  const listOf = (slice) => (slice.group === "yours" ? yours(slice) : known[slice.group].map((each) => ({ ...each, kind: "found" })));
  const find = async (slice, state, again = false) => {
    const key = JSON.stringify([model.weights, state.model, slice.count]);
    if (key === knownFor && !again) return;
    if (!knownFor.startsWith(`["${model.weights}"`)) known = EMPTY;
    knownFor = key;
    try {
      const answer = await request("directions", { model: state.model, count: slice.count });
      if (key !== knownFor) return;
      known = answer;
      tools.directions.update(store.slice("directions"), store.state);
    } catch (error) { knownFor = ""; explain(error); }
  };
  const change = async (call, asked) => {
    try {
      known = { ...known, saved: (await request(call, { model: store.state.model, ...asked })).saved };
      sayNothing();
      tools.directions.update(store.slice("directions"), store.state);
      return true;
    } catch (error) { explain(error); return false; }
  };

  // What a person does
  const pushOf = (direction) => store.slice("directions").pushes.find((each) => idOf(each) === idOf(direction));
  const isThere = (direction) => store.state.model === model.key && listOf(store.slice("directions")).some((each) => idOf(each) === idOf(direction));
  const put = (direction, patch, options) => {
    if (!isThere(direction)) return; // another model is on its way
    const { pushes } = store.slice("directions");
    const old = pushOf(direction) ?? { name: nameOf(direction).slice(0, 200), vector: direction.vector, strength: 0, layers: direction.layers ?? null };
    const next = { ...old, ...patch };
    set({ pushes: pushes.some((each) => idOf(each) === idOf(old)) ? pushes.map((each) => (idOf(each) === idOf(old) ? next : each)) : [...pushes, next] }, options);
  };
  const rename = (direction, name) => {
    if (!isThere(direction)) return;
    if (!name || name === nameOf(direction)) return tools.directions.update(store.slice("directions"), store.state);
    const others = yours(store.slice("directions")).filter((each) => idOf(each) !== idOf(direction));
    if (others.some((each) => each.name === name)) {
      sayTrouble(word("create_dir_twice", { name }));
      return tools.directions.update(store.slice("directions"), store.state);
    }
    const { unit, scale, source, vector } = direction;
    const layers = pushOf(direction)?.layers ?? direction.layers ?? null;
    const named = { name, unit, scale, source, vector, layers };
    const saved = known.saved.find((each) => idOf(each) === idOf(direction));
    if (saved) return change("save_directions", { changes: [{ was: saved.name, now: asSaved(named) }] });
    keepHere([...keptHere().filter((each) => idOf(each) !== idOf(direction)), named]);
    sayNote(word(known.refusal ? "create_dir_named_here" : "create_dir_named", { name }));
  };
  const asSaved = ({ name, unit, scale, source, layers }) => ({ name, unit, scale, source, layers });
  const saveAll = async () => {
    const kept = keptHere().filter((each) => !savedHas(each));
    if (await change("save_directions", { changes: kept.map((each) => ({ was: null, now: asSaved(each) })) })) {
      keepHere([]);
      sayNote(word("create_dir_saved", { model: model.name }));
    }
  };
  const remove = async (direction) => {
    if (direction.kind === "kept") return keepHere(keptHere().filter((each) => idOf(each) !== idOf(direction)));
    const again = () => change("save_directions", { changes: [{ was: null, now: asSaved(direction) }] });
    if (await change("save_directions", { changes: [{ was: direction.name, now: null }] })) {
      sayNote(word("create_dir_removed", { name: direction.name }), ...(direction.fits ? [" ", button(word("create_dir_put_back"), again)] : []));
    }
  };
  // A picture with its pushes taken apart: those are sliders here. The settings beside are its own only where a seed says all.
  const takeApart = (recipe) => {
    const { directions = [], ...rest } = recipe;
    return { base: recipe.seed !== undefined && !recipe.mix ? { seed: String(recipe.seed) } : { recipe: rest }, pushes: directions.map((each) => ({ layers: null, ...each })) };
  };

  // The picture, and what it was
  const live = h("div", { class: "wall direction-picture", "data-count": "1" });
  const baseOf = (slice, state) => slice.base ?? (state.a?.recipe.model.weights_sha256 === model.weights ? { recipe: state.a.recipe } : { seed: "0" });
  const baseAsked = (slice, state) => {
    const base = baseOf(slice, state);
    return base.recipe ? { model: state.model, recipe: base.recipe } : { ...taste(state), seed: base.seed };
  };
  let figure = null;
  const showPicture = (tile) => {
    const old = figure;
    figure = tileElement(tile, { label: tile.recipe.seed, aside: tile.recipe.directions && tile.recipe.seed !== undefined ? word("create_edited") : tile.recipe.class ?? "" });
    if (!old) return live.replaceChildren(figure);
    old.querySelector("img").src = tile.src; // what has the focus and the choice stays itself
    for (const [at, names] of [["img", ["alt"]], ["button", ["aria-label"]], ["a", ["href", "download", "aria-label"]]]) {
      for (const each of names) old.querySelector(at).setAttribute(each, figure.querySelector(at).getAttribute(each));
    }
    old.querySelector("figcaption > span").replaceWith(figure.querySelector("figcaption > span"));
    old.tile = tile;
    figure = old;
    if (selection.figure === figure) for (const listener of selection.listeners) listener(tile);
  };
  live.addEventListener("click", (event) => event.target.closest("button.tile-picture") && selection.choose(figure));
  live.addEventListener("dblclick", (event) => event.target.closest("button.tile-picture") && enlarge(figure));
  const ask = channel((answer) => showPicture(answer.tile));
  let asking = "";
  let baseSource = "";
  const compare = button(word("create_dir_compare"), () => {}, { id: "direction-compare" });
  const showBase = (on) => {
    if (!figure || (on && !baseSource)) return;
    figure.querySelector("img").src = on ? baseSource : figure.tile.src;
  };
  for (const kind of ["pointerdown", "keydown"]) compare.addEventListener(kind, (event) => (kind !== "keydown" || [" ", "Enter"].includes(event.key)) && showBase(true));
  for (const kind of ["pointerup", "pointerleave", "keyup", "blur"]) compare.addEventListener(kind, () => showBase(false));
  const resetAll = button(word("create_dir_reset_all"), () => set({ pushes: [] }), { id: "direction-reset" });

  // The list
  const rows = new Map();
  const list = h("div", { class: "direction-list" });
  const empty = h("p", { class: "empty" });
  const note = h("p", { class: "field-info" });
  const save = button("", saveAll, { id: "direction-save" });
  const more = button(word("create_dir_more"), () => set({ count: Math.min(MOST_FOUND, store.slice("directions").count + 8) }), { id: "direction-more" });
  const group = choice(word("create_dir_groups"), {
    options: Object.entries(GROUPS).map(([name, words]) => [name, word(words)]), onchange: (name) => set({ group: name }),
  });
  const rowOf = (direction) => {
    const id = idOf(direction);
    if (!rows.has(id)) {
      const current = () => rows.get(id).direction;
      rows.set(id, directionRow({
        name: (text) => rename(current(), text),
        push: (strength, held) => put(current(), { strength }, { mark: `direction ${id.slice(0, 32)}`, held }),
        layers: (layers) => put(current(), { layers }),
        remove: () => remove(current()),
        takeOver: () => change("take_over_direction", { name: current().name }),
      }));
    }
    return Object.assign(rows.get(id), { direction });
  };
  const drawList = (slice) => {
    const shown = listOf(slice);
    const elements = shown.map((direction) => {
      const row = rowOf(direction);
      const push = pushOf(direction);
      const how = { strength: push?.strength ?? 0, layers: push ? push.layers ?? null : direction.layers ?? null };
      const place = direction.fits === false ? "create_dir_foreign" : { kept: known.refusal ? null : "create_dir_unsaved", stranger: "create_dir_stranger" }[direction.kind];
      row.show({ ...direction, ...how, called: nameOf(direction), note: place ? word(place) : "" });
      return row.root;
    });
    const drawn = [...list.children];
    if (drawn.length !== elements.length || elements.some((element, index) => element !== drawn[index])) list.replaceChildren(...elements);
    const isYours = slice.group === "yours";
    empty.hidden = !isYours || shown.length > 0 || !knownFor;
    empty.textContent = word("create_dir_none_yours");
    const unsaved = isYours ? shown.filter((each) => each.kind === "kept").length : 0;
    save.hidden = !unsaved || known.refusal !== null;
    save.textContent = word("create_dir_save", { count: unsaved, model: model.name });
    note.hidden = !(isYours && known.refusal);
    note.textContent = known.refusal ?? "";
    more.hidden = isYours || slice.count >= MOST_FOUND || shown.length < slice.count;
    for (const input of group.root.querySelectorAll("input")) { // a mark where a slider of a group that is not shown is moved
      const own = input.value === "yours" ? yours(slice) : known[input.value];
      const moved = own.filter((each) => pushOf(each)?.strength).length;
      input.nextSibling.textContent = word(GROUPS[input.value]) + (moved ? ` · ${moved}` : "");
    }
  };

  // Strips of effect, a few directions at a time, once the base rests
  let stripsFor = "";
  let resting = null;
  const drawStrips = (slice, state) => {
    const wanted = listOf(slice).filter((each) => each.fits !== false);
    const base = baseAsked(slice, state);
    const pushes = wanted.map((each) => ({ name: "strip", vector: each.vector, strength: 1, layers: pushOf(each) ? pushOf(each).layers ?? null : each.layers ?? null }));
    const key = JSON.stringify([base, pushes, model.weights]);
    if (key === stripsFor) return;
    stripsFor = key;
    clearTimeout(resting);
    if (baseSource === "" || key !== stripsFor) for (const each of wanted) rowOf(each).stale();
    resting = setTimeout(async () => {
      try {
        for (let start = 0; start === 0 || start < pushes.length; start += AT_ONCE) {
          const answer = await recall("strips", { ...base, pushes: pushes.slice(start, start + AT_ONCE) });
          if (key !== stripsFor) return;
          baseSource = answer.base;
          // a row may bear another name by now: it gets the pictures alone
          answer.strips.forEach((strip, index) => rows.get(idOf(wanted[start + index])).showStrip(answer.base, strip));
        }
      } catch (error) { // the live picture has said it already
        if (!(error instanceof Refused)) explain(error);
      }
    }, STEADY);
  };

  // The base
  const seedField = textField(word("create_dir_base"), { id: "direction-seed", info: word("create_dir_base_info"), onchange: (text) => (text.trim() ? set({ base: { seed: text } }) : store.tell()) });
  const roll = () => set({ base: { seed: String(Math.floor(Math.random() * 1_000_000)) } });
  seedField.root.classList.add("field-with-buttons");
  seedField.root.append(h("div", { class: "input-buttons" }, iconButton("dice", word("create_dice"), roll)));
  const kept = keptPictures(word("create_dir_base"), (recipe, on) => {
    const { directions, ...rest } = recipe; // with settings of its own, whatever those beside are
    const { pushes } = takeApart(recipe);
    set(on ? { base: { seed: "0" } } : { base: { recipe: rest }, ...(pushes.length ? { pushes } : {}) });
  });
  const ownSettings = h("p", { class: "field-info" }, word("create_dir_own_settings"));

  return {
    label: word("create_tool_directions"), defaults,
    build() {
      const side = h("div", { class: "direction-side" }, live, h("div", { class: "stage-heading" }, compare, resetAll));
      return {
        controls: [h("div", { class: "field-group kept-field" }, seedField.root, kept.root, ownSettings)],
        stage: [h("div", { class: "direction-stage" }, side, h("div", { class: "direction-lists" }, group.root, note, save, list, empty, more))],
      };
    },
    update(slice, state) {
      const base = baseOf(slice, state);
      seedField.value = base.seed ?? "";
      seedField.input.placeholder = base.recipe ? caption(base.recipe) : "";
      ownSettings.hidden = !base.recipe;
      kept.show(state, base.recipe ? [base.recipe] : []);
      group.value = slice.group;
      resetAll.disabled = !slice.pushes.some((each) => each.strength);
      find(slice, state);
      drawList(slice);
      drawStrips(slice, state);
      const question = { ...baseAsked(slice, state), pushes: slice.pushes.filter((each) => each.strength) };
      const key = JSON.stringify([question, model.weights]);
      if (key === asking) return;
      asking = key;
      return ask("push", question);
    },
    generate: roll,
    random: roll,
    recall: (recipe) => (recipe.directions?.length ? takeApart(recipe) : null),
    // A picture from the bar under it.
    take(recipe) {
      const { base, pushes } = takeApart(recipe);
      const settings = base.seed === undefined ? {} : tasteOf(recipe);
      store.set({ ...settings, tool: "directions", tools: { ...store.state.tools, directions: { ...store.slice("directions"), base, pushes } } });
    },
  };
})();

actions.push({ label: "create_dir_use", run: (tile) => tools.directions.take(tile.recipe) });
