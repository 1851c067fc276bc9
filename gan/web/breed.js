// Breeding: mark pictures as parents, get eight children, go on from those or back to any generation before.
tools.breed = (() => {
  const defaults = { founders: [0, 1, 2, 3, 4, 5, 6, 7], brought: [], nodes: [], at: 0, marked: [], mutation: 0.2 };
  const CALM = 350; // milliseconds without a change before generations that are only small in the tree are made anew
  const MOST_REMEMBERED_NODES = 240;
  const CELL = { width: 132, height: 62 }; // of the tree; as in create.css
  const set = (patch, options) => store.setTool("breed", patch, options);
  const now = () => store.slice("breed");
  const rollSeed = () => Math.floor(Math.random() * 2 ** 31);

  // Pictures by what they depend on, and by node as they were seen last, so that the tree never goes blank
  const remembered = new Map();
  const lastSeen = new Map();
  let keys = new Map();
  const tilesOf = (id) => remembered.get(keys.get(id));
  const tileOf = ([of, child]) => tilesOf(of)?.[child];
  const remember = (key, id, tiles) => {
    remembered.set(key, tiles);
    lastSeen.set(id, tiles);
    for (const tile of tiles) if (tile) rememberSource(tile);
    if (remembered.size > MOST_REMEMBERED_NODES) remembered.delete(remembered.keys().next().value);
  };

  const askFor = async (slice, state, id) => {
    if (id !== 0) {
      const generations = family.lineTo(slice, id, (ref) => tileOf(ref)?.recipe);
      return (await request("breed", { ...taste(state), generations })).tiles;
    }
    const brought = slice.brought.filter(Boolean);
    const founders = await request("pictures", { ...taste(state), seeds: slice.founders.join(", ") });
    const others = brought.length ? (await request("recipes", { model: state.model, recipes: brought })).tiles : [];
    return [...founders.tiles, ...slice.brought.map((recipe) => recipe && others[brought.indexOf(recipe)])];
  };

  // One question at a time, for what is wanted most: a drag never queues up
  let asking = false;
  let calmAt = 0;
  let waking = 0;
  const failed = new Set();
  const nextMissing = (slice) => {
    const missing = (id) => !remembered.has(keys.get(id)) && !failed.has(keys.get(id));
    const first = [slice.at, ...slice.marked.map(([of]) => of)].find(missing);
    if (first !== undefined || Date.now() < calmAt) return first;
    return [...family.path(slice, slice.at).reverse(), 0, ...slice.nodes.map((each) => each.id)].find(missing);
  };
  const load = async () => {
    if (asking) return;
    asking = true;
    for (let id; store.state.tool === "breed" && (id = nextMissing(now())) !== undefined;) {
      const [slice, state, key] = [now(), store.state, keys.get(id)];
      own.root.setAttribute("aria-busy", String(id === slice.at));
      try {
        remember(key, id, await askFor(slice, state, id));
        if (id === slice.at) sayNothing();
      } catch (error) {
        failed.add(key);
        explain(error);
      }
      if (store.state.tool === "breed" && model) paint(now(), store.state);
    }
    asking = false;
    own.root.removeAttribute("aria-busy");
    clearTimeout(waking);
    if (Date.now() < calmAt) waking = setTimeout(load, calmAt - Date.now() + 20);
  };

  // What a person does
  const breed = () => {
    const slice = now();
    if (!slice.marked.length) return sayNote(word("create_breed_none"));
    grow({ up: slice.at, parents: slice.marked });
  };
  const again = () => {
    const { up, parents } = family.node(now(), now().at);
    grow({ up, parents });
  };
  const grow = (how) => {
    const patch = family.grown(now(), { ...how, seed: rollSeed(), mutation: now().mutation });
    if (!patch) return sayTrouble(word("create_breed_full", { most: family.MOST_NODES }));
    set(patch);
  };
  const beginAnew = () => {
    const rolled = new Set();
    while (rolled.size < defaults.founders.length) rolled.add(Math.floor(Math.random() * 1_000_000));
    const { brought, nodes } = now();
    set({ founders: [...rolled].sort((a, b) => a - b), brought: nodes.length ? [] : brought, nodes: [], at: 0, marked: [] });
    if (nodes.length) sayNote(word("create_breed_anew"));
  };
  const goTo = (id) => {
    const latest = family.childrenOf(now(), id).at(-1);
    set({ at: id, marked: latest ? latest.parents : [] });
  };
  const toggleParent = (ref) => {
    const { marked } = now();
    const on = marked.some((each) => family.sameRef(each, ref));
    if (!on && marked.length >= family.MOST_PARENTS) return sayTrouble(word("create_breed_parents_full", { most: family.MOST_PARENTS }));
    set({ marked: on ? marked.filter((each) => !family.sameRef(each, ref)) : [...marked, ref] });
  };
  // The family with a picture from elsewhere marked as a parent, or null where nothing more fits.
  const bring = (slice, recipe) => {
    const founder = tilesOf(0)?.findIndex((tile) => tile && sameRecipe(tile.recipe, recipe)) ?? -1;
    const found = founder >= 0 ? { brought: slice.brought, ref: [0, founder] } : family.withBrought(slice, recipe);
    if (!found) return null;
    const marked = slice.marked.filter((ref) => !family.sameRef(ref, found.ref));
    return marked.length >= family.MOST_PARENTS ? null : { brought: found.brought, marked: [...marked, found.ref] };
  };
  const bringOrSay = (recipe) => {
    const patch = bring(now(), recipe);
    if (patch) show("breed", patch);
    else sayTrouble(word("create_breed_parents_full", { most: family.MOST_PARENTS }));
  };

  // The generation one stands on
  const heading = h("div", { class: "stage-heading breed-heading" });
  const own = wall({ id: "breed-wall" });
  own.root.addEventListener("click", (event) => {
    const figure = event.target.closest("button.tile-picture")?.closest("figure");
    if (figure?.ref && keys.get(now().at) === shown) toggleParent(figure.ref);
  });
  let [shown, shownNode] = ["", null];
  const paintWall = (slice) => {
    const tiles = tilesOf(slice.at);
    if (!tiles) return own.wait(8);
    const start = slice.founders.length;
    const order = tiles.map((_, index) => index).filter((index) => tiles[index]);
    if (slice.at === 0) order.sort((a, b) => (b >= start) - (a >= start) || a - b); // what was brought comes first
    if (shown !== keys.get(slice.at)) {
      if (slice.at !== shownNode && own.root.contains(selection.figure)) selection.choose(null); // other pictures, not the same anew
      [shown, shownNode] = [keys.get(slice.at), slice.at];
      own.show(order.map((index) => tiles[index]), (_, index) => (slice.at === 0 ? {} : { label: word("create_breed_child", { number: index + 1 }) }));
      [...own.root.children].forEach((figure, index) => { figure.ref = [slice.at, order[index]]; });
    }
    for (const figure of own.root.children) {
      const on = slice.marked.some((ref) => family.sameRef(ref, [slice.at, figure.ref[1]]));
      figure.classList.toggle("is-parent", on);
      figure.querySelector("button.tile-picture").setAttribute("aria-label",
        word(on ? "create_breed_marked" : "create_breed_mark", { what: altOf(figure.tile.recipe), number: [...own.root.children].indexOf(figure) + 1 }));
    }
  };
  let headingDrawn = "";
  const paintHeading = (slice) => {
    const generation = family.path(slice, slice.at).length - 1;
    const parents = slice.at === 0 ? [] : family.node(slice, slice.at).parents.map((ref) => tileOf(ref) ?? lastSeen.get(ref[0])?.[ref[1]]);
    const drawn = JSON.stringify([slice.at, generation, parents.map((tile) => tile?.src)]);
    if (drawn === headingDrawn) return;
    headingDrawn = drawn;
    heading.replaceChildren(...(slice.at === 0
      ? [h("b", {}, word("create_breed_first")), h("span", {}, word("create_breed_hint")), button(word("create_breed_others"), beginAnew, { id: "breed-anew" })]
      : [h("b", {}, word("create_breed_generation", { number: generation })), h("span", { class: "breed-of" }, word("create_breed_of"),
          parents.map((tile) => (tile ? h("img", { src: tile.src, alt: altOf(tile.recipe) }) : null))),
        button(word("create_breed_again"), again, { id: "breed-again" })]));
  };

  // The tree
  const tree = h("nav", { class: "family", "aria-label": word("create_breed_tree"), tabIndex: -1 });
  let treeDrawn = "";
  const strip = (slice, id) => {
    const tiles = (tilesOf(id) ?? lastSeen.get(id) ?? Array(8).fill(null)).map((tile, child) => ({ tile, child }));
    const bred = slice.nodes.flatMap((each) => each.parents).filter(([of]) => of === id).map(([, child]) => child);
    const some = id === 0 ? tiles.filter(({ tile }) => tile || !tilesOf(0)).sort((a, b) => bred.includes(b.child) - bred.includes(a.child)).slice(0, 8).sort((a, b) => a.child - b.child) : tiles;
    return some.map(({ tile, child }) => h("span", { class: bred.includes(child) ? "is-parent" : "" }, tile ? h("img", { src: tile.src, alt: "" }) : null));
  };
  const paintTree = (slice) => {
    const places = family.layout(slice);
    const drawn = JSON.stringify([slice.nodes, slice.at, places.map(({ id }) => (tilesOf(id) ? keys.get(id) : 0))]);
    if (drawn === treeDrawn) return;
    treeDrawn = drawn;
    const focused = tree.contains(document.activeElement);
    const here = family.path(slice, slice.at);
    const [columns, rows] = [Math.max(...places.map((each) => each.column)) + 1, Math.max(...places.map((each) => each.row)) + 1];
    const middle = (each) => each.row * CELL.height + 27;
    const lines = places.filter((each) => each.up !== null).map((each) => {
      const from = places.find((other) => other.id === each.up);
      const [x, y, right] = [from.column * CELL.width + 108, middle(from), each.column * CELL.width];
      return `<path class="${here.includes(each.id) ? "is-here" : ""}" d="M${x} ${y}H${x + 12}V${middle(each)}H${right}"/>`;
    });
    const size = `width="${columns * CELL.width}" height="${rows * CELL.height}"`;
    tree.replaceChildren(h("div", { class: "family-inner", style: `width:${columns * CELL.width - 24}px;height:${rows * CELL.height - 8}px`, html: `<svg ${size} aria-hidden="true">${lines.join("")}</svg>` }));
    for (const { id, column, row } of places) {
      const label = id === 0 ? word("create_breed_first") : word("create_breed_generation", { number: column });
      tree.firstChild.append(h("button", {
        type: "button", class: `family-node${here.includes(id) ? " is-here" : ""}`, style: `left:${column * CELL.width}px;top:${row * CELL.height}px`,
        "aria-label": rows > 1 && id ? word("create_breed_branch", { what: label, row: row + 1 }) : label, title: label, "aria-current": id === slice.at ? "step" : null,
        tabIndex: id === slice.at ? 0 : -1, "data-node": String(id), onclick: () => goTo(id),
      }, strip(slice, id)));
    }
    const current = tree.querySelector("[aria-current]");
    if (focused) current.focus({ preventScroll: true });
    const [left, top] = [current.offsetLeft, current.offsetTop];
    if (left < tree.scrollLeft || left + CELL.width > tree.scrollLeft + tree.clientWidth) tree.scrollLeft = left - tree.clientWidth / 2;
    if (top < tree.scrollTop || top + 60 > tree.scrollTop + tree.clientHeight) tree.scrollTop = top - 4;
  };
  tree.addEventListener("keydown", (event) => {
    const slice = now();
    const places = family.layout(slice);
    const place = places.find((each) => each.id === slice.at);
    const beside = (step) => places.filter((each) => each.column === place.column && Math.sign(each.row - place.row) === step)
      .sort((a, b) => Math.abs(a.row - place.row) - Math.abs(b.row - place.row))[0]?.id;
    const goes = { ArrowLeft: () => place.up ?? undefined, ArrowRight: () => family.childrenOf(slice, slice.at)[0]?.id, ArrowUp: () => beside(-1), ArrowDown: () => beside(1) };
    if (!goes[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const id = goes[event.key]();
    if (id !== undefined) goTo(id);
  });

  // Controls
  const chosen = h("div", { class: "kept breed-parents", role: "group", "aria-label": word("create_breed_parents") });
  const chosenField = h("div", { class: "field" }, h("label", {}, word("create_breed_parents")), h("p", { class: "field-info" }, word("create_breed_parents_info")), chosen);
  let chosenDrawn = "";
  const paintChosen = (slice) => {
    const tiles = slice.marked.map((ref) => tileOf(ref) ?? lastSeen.get(ref[0])?.[ref[1]]);
    const drawn = JSON.stringify([slice.marked, tiles.map((tile) => tile?.src)]);
    if (drawn === chosenDrawn) return;
    chosenDrawn = drawn;
    const focused = [...chosen.children].indexOf(document.activeElement);
    chosen.replaceChildren(...(tiles.length ? tiles : [null]).map((tile, index) => (slice.marked[index]
      ? h("button", { type: "button", class: "mini", title: word("create_breed_unmark"), "aria-label": `${word("create_breed_unmark")}: ${tile ? altOf(tile.recipe) : index + 1}`, onclick: () => toggleParent(slice.marked[index]) }, tile ? h("img", { src: tile.src, alt: "" }) : null)
      : h("span", { class: "mini mini-empty" }))));
    if (focused >= 0) (chosen.children[Math.min(focused, chosen.children.length - 1)] ?? chosen).focus();
  };
  const kept = keptPictures(word("create_breed_kept"), (recipe, on) => {
    const ref = now().marked.find((each) => sameRecipe(tileOf(each)?.recipe, recipe));
    if (on && ref) toggleParent(ref);
    else bringOrSay(recipe);
  });
  const keptField = h("div", { class: "field" }, h("label", {}, word("create_breed_kept")), kept.root);
  const mutation = slider(word("create_breed_mutation"), {
    id: "mutation", min: 0, max: 1, step: 0.05, reset: defaults.mutation, info: word("create_breed_mutation_info"), format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value) => set({ mutation: value }, { mark: "mutation" }),
  });
  const go = button(word("create_breed_go"), breed, { id: "breed", class: "primary-button" });

  const paint = (slice, state) => {
    paintWall(slice);
    paintHeading(slice);
    paintTree(slice);
    paintChosen(slice);
    const keptHere = [state.a, state.b, ...store.stars].filter(Boolean).map((tile) => tile.recipe);
    const marked = slice.marked.map((ref) => tileOf(ref)?.recipe).filter(Boolean);
    kept.show(state, keptHere.filter((recipe) => marked.some((each) => sameRecipe(each, recipe))));
    keptField.hidden = kept.root.hidden;
    go.disabled = !slice.marked.length;
  };
  return {
    label: word("create_tool_breed"), defaults,
    build: () => ({ controls: [chosenField, keptField, mutation.root, go], stage: [tree, heading, own.root] }),
    async update(slice, state) {
      if (slice.brought.some((recipe) => recipe && recipe.model.weights_sha256 !== model.weights)) { // another model's family
        return store.setTool("breed", { ...defaults, mutation: slice.mutation }, { quiet: true });
      }
      mutation.value = slice.mutation;
      const before = keys.get(slice.at);
      keys = family.keys(slice, state);
      failed.clear();
      if (keys.get(slice.at) !== before) calmAt = Date.now() + CALM;
      paint(slice, state);
      await load();
    },
    generate: breed,
    random: () => (now().at === 0 ? beginAnew() : again()),
    // A child comes back as a parent, ready to go on from.
    recall(recipe) {
      if (recipe.lineage?.tool !== "breed" || recipe.mix || recipe.directions?.length) return null;
      const slice = now();
      const ours = slice.brought.every((each) => !each || each.model.weights_sha256 === recipe.model.weights_sha256);
      const found = ours ? family.withBrought({ ...slice, marked: [] }, recipe) : null;
      const start = defaults.founders.length;
      return { ...(found ? { brought: found.brought, marked: [found.ref] } : { ...defaults, brought: [recipe], marked: [[0, start]] }), at: 0 };
    },
    bring: bringOrSay,
  };
})();

actions.push({ label: "create_breed_use", run: (tile) => tools.breed.bring(tile.recipe), missing: () => store.state.tool === "breed" });
// First in the bar, so that it is at hand where the settings are far below the pictures
actions.unshift({
  label: "create_breed_go", run: () => tools.breed.generate(), missing: () => store.state.tool !== "breed" || !store.slice("breed").marked.length,
});
