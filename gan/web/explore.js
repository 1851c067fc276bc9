// A plane of seeds under the finger: whole points are seeds, what lies between them is blended. The pad shows the seeds around and
// moves like a map; the large picture is that of the pad's middle. A gesture is drawn at once and becomes one state when it ends.
const LEAST_REACH = 1.5;
const MOST_REACH = 9;

// The place of a seed on the plane: the inverse of the square spiral that the server counts by (sampler/lattice.py).
const placeOfSeed = (seed) => {
  const ring = Math.ceil((Math.sqrt(seed + 1) - 1) / 2);
  if (ring === 0) return { x: 0, y: 0 };
  const along = seed - (2 * ring - 1) ** 2;
  const rest = along % (2 * ring);
  return [
    { x: ring, y: rest - ring + 1 }, { x: ring - 1 - rest, y: ring }, { x: -ring, y: ring - 1 - rest }, { x: rest - ring + 1, y: -ring },
  ][Math.floor(along / (2 * ring))];
};
const MOST_PLACED = 65535 ** 2 - 1; // beyond, the plane begins anew

tools.explore = (() => {
  const defaults = { x: 0, y: 0, reach: 4, kept: null };
  let live = null; // where one is while a gesture lasts
  const now = () => live ?? store.slice("explore");
  const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
  const round = (value) => Math.round(value * 1000) / 1000 || 0; // never -0

  // The large picture
  const picture = h("img", { alt: "", draggable: "false" });
  const surface = h("button", { type: "button", class: "tile-picture", "aria-pressed": "false", onclick: () => selection.choose(figure) }, picture);
  const label = h("span", { class: "seed" });
  const aside = h("span", {});
  const save = h("a", { title: word("create_save") }, "PNG");
  const figure = h("figure", { class: "tile explore-picture" }, surface, h("figcaption", {}, h("span", {}, label, " ", aside), save));
  const ask = channel((answer, asked) => {
    if (asked.model === store.state.model) showPicture(answer.tile ?? answer.tiles[0]);
  }, undefined, { live: true });
  const showPicture = (tile) => {
    const { recipe } = tile;
    const seeds = recipe.lineage?.parents?.map((parent) => parent.seed) ?? [];
    figure.tile = tile;
    picture.src = save.href = tile.src;
    picture.alt = altOf(recipe);
    surface.setAttribute("aria-label", word("create_choose", { what: altOf(recipe) }));
    save.download = fileName(recipe);
    save.setAttribute("aria-label", `${word("create_save")}: ${altOf(recipe)}`);
    label.textContent = recipe.seed ?? word("create_explore_between", { seeds: seeds.join(", ") });
    aside.textContent = recipe.class ?? "";
    seed.value = recipe.seed ?? "";
    if (!live) choose();
  };
  const choose = () => { if (figure.tile && store.state.tool === "explore") selection.choose(figure, { focus: false }); };

  // The pad
  const plane = h("div", { class: "plane", "aria-hidden": "true" });
  const pad = h("div", {
    class: "pad", role: "slider", tabindex: "0", id: "pad", "aria-label": word("create_explore_pad"), "aria-describedby": "pad-info",
    "aria-valuemin": "-1000000", "aria-valuemax": "1000000",
  }, plane, h("div", { class: "reticle", "aria-hidden": "true" }));
  const shown = new Map(); // "i,j" -> the element of a seed
  const smalls = new Map(); // taste and place -> {seed, src}
  const MOST_SMALLS = 800;
  const tasteKey = () => JSON.stringify([taste(store.state), model.weights]);
  const around = ({ x, y, reach }) => { // the places in sight and a little beyond, the nearest first
    const far = reach / 2 + 0.6;
    const places = [];
    for (let i = Math.ceil(x - far); i <= x + far; i++) for (let j = Math.ceil(y - far); j <= y + far; j++) places.push([i, j]);
    return places.sort(([a, b], [c, d]) => Math.hypot(a - x, b - y) - Math.hypot(c - x, d - y));
  };
  const drawSeed = (element, key) => {
    const small = smalls.get(key);
    if (!small || element.drawn === key) return;
    element.drawn = key;
    element.replaceChildren(h("img", { src: small.src, alt: "", draggable: "false" }), h("span", {}, String(small.seed)));
  };
  const drawPlane = (at, places) => {
    const sight = new Set(places.map(String));
    const [nearest] = places;
    for (const [place, element] of shown) if (!sight.has(place)) { element.remove(); shown.delete(place); }
    for (const [i, j] of places) {
      const place = `${i},${j}`;
      if (!shown.has(place)) {
        const element = h("div", { class: "plane-seed", style: `--i:${i};--j:${j}` });
        shown.set(place, element);
        plane.append(element);
      }
      shown.get(place).classList.toggle("is-nearest", i === nearest[0] && j === nearest[1]);
      drawSeed(shown.get(place), `${tasteKey()} ${place}`);
    }
    plane.style.setProperty("--cell", `${100 / at.reach}%`);
    plane.style.transform = `translate(${(-at.x * 100) / at.reach}%, ${(at.y * 100) / at.reach}%)`;
    pad.classList.toggle("is-far", at.reach > 6);
  };
  let fetching = false;
  const fetchSmalls = async () => {
    if (fetching) return;
    fetching = true;
    try {
      while (store.state.tool === "explore") {
        const key = tasteKey();
        const places = around(now()).filter((place) => !smalls.has(`${key} ${place}`)).slice(0, live ? 4 : 12); // a drag comes first
        if (!places.length) break;
        const { seeds, small } = await request("seeds_around", { ...taste(store.state), places });
        places.forEach((place, index) => smalls.set(`${key} ${place}`, { seed: seeds[index], src: small[index] }));
        while (smalls.size > MOST_SMALLS) smalls.delete(smalls.keys().next().value);
        if (key === tasteKey()) for (const place of places) if (shown.has(String(place))) drawSeed(shown.get(String(place)), `${key} ${place}`);
      }
    } catch (error) { explain(error); }
    fetching = false;
  };

  // Drawing where one is
  let asking = "";
  const draw = () => {
    const at = now();
    const places = around(at);
    drawPlane(at, places);
    const [i, j] = places[0];
    const seed = smalls.get(`${tasteKey()} ${i},${j}`)?.seed ?? "";
    pad.setAttribute("aria-valuenow", String(at.x));
    pad.setAttribute("aria-valuetext", word("create_explore_at", { x: at.x.toFixed(2), y: at.y.toFixed(2), seed }));
    const { kept } = at;
    const isKept = kept && kept.psi === store.state.psi && (kept.class ?? "") === store.state.class && !store.state.mixWith;
    const question = isKept
      ? ["recipes", { model: store.state.model, recipes: [kept] }]
      : ["explore", { ...taste(store.state), x: at.x, y: at.y }];
    const key = JSON.stringify([question, model.weights]);
    fetchSmalls();
    if (key === asking) return;
    asking = key;
    return ask(...question);
  };

  // Gestures
  const go = (patch) => {
    const at = { ...now(), kept: null, ...patch };
    live = { ...at, x: round(clamp(at.x, -1e6, 1e6)), y: round(clamp(at.y, -1e6, 1e6)), reach: round(clamp(at.reach, LEAST_REACH, MOST_REACH)) };
    draw();
  };
  let gliding = 0;
  const settle = (options) => { // a gesture has ended
    cancelAnimationFrame(gliding);
    if (!live) return;
    const { x, y, reach } = live;
    live = null;
    store.setTool("explore", { x, y, reach, kept: null }, options);
  };
  const jump = ({ x, y }) => { settle(); go({ x, y }); settle(); };
  const glide = ({ x, y }) => { // to a near place, past all that lies between
    settle();
    const from = now();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || Math.hypot(x - from.x, y - from.y) > 2 * MOST_REACH) return jump({ x, y });
    const began = performance.now();
    const step = (time) => {
      const t = clamp((time - began) / 450, 0, 1);
      const eased = t * t * (3 - 2 * t);
      go({ x: from.x + eased * (x - from.x), y: from.y + eased * (y - from.y) });
      if (t < 1) gliding = requestAnimationFrame(step);
      else settle();
    };
    gliding = requestAnimationFrame(step);
  };
  const nearest = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });
  const nearlyThere = (at) => Math.hypot(at.x - Math.round(at.x), at.y - Math.round(at.y)) < 0.012 * at.reach;

  // A drag moves the plane with the pointer; two fingers zoom. `surface` is the pad or the large picture.
  const takeDrags = (target, takes = () => true) => {
    const down = new Map();
    let from = null;
    let moved = false;
    const begin = () => { const [first] = down.values(); from = { ...now(), px: first.x, py: first.y, spread: spread() }; };
    const spread = () => { const [a, b] = [...down.values()]; return b ? Math.hypot(a.x - b.x, a.y - b.y) : null; };
    target.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !takes(event)) return;
      if (!down.size) moved = false;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      begin();
    });
    target.addEventListener("pointermove", (event) => {
      if (!down.has(event.pointerId)) return;
      down.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const [first] = down.values();
      const dx = first.x - from.px, dy = first.y - from.py;
      if (!moved && Math.hypot(dx, dy) < 4 && down.size === 1) return;
      if (!moved) { // not a click: whatever glides stops under the finger
        settle();
        from = { ...from, ...now() };
        moved = true;
        target.setPointerCapture(event.pointerId);
        target.classList.add("is-held");
      }
      const width = target.getBoundingClientRect().width;
      const reach = from.spread && spread() ? (from.reach * from.spread) / spread() : from.reach;
      go({ x: from.x - (dx / width) * reach, y: from.y + (dy / width) * reach, reach });
    });
    const end = (event) => {
      if (!down.delete(event.pointerId)) return;
      if (down.size) return begin();
      if (!moved) return;
      target.classList.remove("is-held");
      if (live && nearlyThere(live)) go(nearest(live)); // it clicks into place
      settle();
    };
    for (const kind of ["pointerup", "pointercancel"]) target.addEventListener(kind, end);
    return { moved: () => moved };
  };
  const padDrag = takeDrags(pad);
  takeDrags(surface, (event) => event.pointerType !== "touch"); // there a finger scrolls the page
  pad.addEventListener("click", (event) => {
    if (padDrag.moved() || event.detail > 1) return; // the first click of two is on its way already
    const box = pad.getBoundingClientRect();
    const { x, y, reach } = now();
    glide(nearest({
      x: x + ((event.clientX - box.left) / box.width - 0.5) * reach, y: y - ((event.clientY - box.top - box.height / 2) / box.width) * reach,
    }));
  });
  let wheeling = 0;
  pad.addEventListener("wheel", (event) => {
    event.preventDefault();
    go({ reach: now().reach * Math.exp(clamp(event.deltaY, -120, 120) * 0.0018) });
    clearTimeout(wheeling);
    wheeling = setTimeout(() => settle({ mark: "explore-zoom" }), 250);
  }, { passive: false });
  pad.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { x, y, reach } = now();
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
    const keys = { mark: "explore-keys" };
    if (dx || dy) {
      if (event.shiftKey) glide({ x: Math.round(x) + dx, y: Math.round(y) + dy });
      else { go({ x: x + (dx * reach) / 24, y: y + (dy * reach) / 24 }); settle(keys); }
    } else if (event.key === "Enter" || event.key === " ") glide(nearest({ x, y }));
    else if (event.key === "Home") glide({ x: 0, y: 0 });
    else if (event.key === "+" || event.key === "-") { go({ reach: event.key === "+" ? reach / 1.25 : reach * 1.25 }); settle(keys); }
    else return;
    event.preventDefault();
    event.stopPropagation(); // elsewhere these keys go from picture to picture
  });

  // Controls
  const goToSeed = (text) => {
    if (!text.trim()) { seed.value = figure.tile?.recipe.seed ?? ""; return; }
    const wanted = Number(text);
    if (!/^\s*\d+\s*$/.test(text) || wanted > MOST_PLACED) {
      sayTrouble(word("create_explore_no_seed", { found: text.slice(0, 40), most: MOST_PLACED }));
      return;
    }
    sayNothing();
    glide(placeOfSeed(wanted));
  };
  const seed = textField(word("create_explore_seed"), { id: "explore-seed", info: word("create_explore_seed_info"), onchange: goToSeed });
  seed.input.inputMode = "numeric";
  const anywhere = () => {
    const step = () => Math.floor(Math.random() * 801) - 400;
    jump({ x: step(), y: step() });
  };
  const reach = slider(word("create_explore_reach"), {
    id: "explore-reach", min: LEAST_REACH, max: MOST_REACH, step: 0.5, reset: defaults.reach, info: word("create_explore_reach_info"),
    format: (value) => word("create_explore_seeds_across", { count: value.toFixed(1) }),
    oninput: (value) => store.setTool("explore", { reach: value }, { mark: "explore-zoom" }),
  });
  const somewhere = button(word("create_explore_anywhere"), anywhere, { id: "explore-anywhere", class: "primary-button" });

  actions.push({
    label: "create_explore_from",
    missing: () => store.state.tool === "explore", // one is there
    run: ({ recipe }) => {
      const { x, y } = recipe.lineage?.tool === "explore" ? recipe.lineage.settings : recipe.seed <= MOST_PLACED ? placeOfSeed(recipe.seed) : {};
      if (x === undefined) sayTrouble(word("create_explore_no_place", { most: MOST_PLACED }));
      else show("explore", { x, y, kept: null });
    },
  });

  return {
    label: word("create_tool_explore"), defaults,
    build() {
      return {
        controls: [seed.root, reach.root, somewhere],
        stage: h("div", { class: "explore" }, figure, h("div", {}, pad, h("p", { class: "field-info", id: "pad-info" }, word("create_explore_info")))),
      };
    },
    update(slice) {
      reach.value = slice.reach;
      if (selection.figure !== figure) choose();
      return draw();
    },
    generate: anywhere,
    random: anywhere,
    recall: (recipe) => {
      const { tool, settings } = recipe.lineage ?? {};
      return tool === "explore" && Number.isFinite(settings?.x) && Number.isFinite(settings?.y) ? { x: settings.x, y: settings.y, kept: recipe } : null;
    },
  };
})();
