// From picture to picture: A to B, or a walk over many. One line of time with the pictures on it; what is under its thumb is shown
// large. Play shows the walk here, a film takes it along.
Object.assign(SYMBOLS, { play: '<path d="M7 4.5v15l12-7.5Z"/>', pause: '<path d="M8 5v14M16 5v14"/>', swap: '<path d="m7 4-4 4 4 4M3 8h15m-1 4 4 4-4 4m4-4H6"/>' });

tools.morph = (() => {
  const defaults = {
    list: "ab", a: 0, b: 1, seeds: "0-5", at: 0.5, space: null, closed: true, easing: "smooth", seconds: 2, fps: 24, kind: "mp4", side: 512, kept: null,
  };
  const MOST_PREVIEW = 240; // frames kept to play; a longer walk is played with fewer a second
  const MOST_FRAMES = 3600;
  const set = (patch, options) => store.setTool("morph", { kept: null, ...patch }, options);
  const slice = () => store.slice("morph");
  let stops = []; // the tiles of the walk
  let spaces = { w: null, z: null }; // why a space is not possible, or null
  let space = null; // the one that is walked in, null where there is no way

  // The walk in numbers; `legs` are from stop to stop, as they are walked, `parts` as the line of time shows them.
  const isPair = () => slice().list === "ab";
  const legs = () => Math.max(0, stops.length - 1 + (slice().closed ? 1 : 0));
  const parts = () => (isPair() ? stops.length - 1 : legs());
  const frames = () => { const { fps, seconds, closed } = slice(); return Math.max(1, Math.round(fps * seconds)) * legs() + (closed ? 0 : 1); };
  const partAt = (at) => { // where a point of the line lies: between which stops, and how far along
    const whole = Math.min(Math.floor(at * parts() + 1e-9), Math.max(0, parts() - 1));
    return { from: stops[whole], to: stops[(whole + 1) % stops.length] ?? stops[whole], t: Math.min(1, Math.max(0, at * parts() - whole)) };
  };
  const placeOfFrame = (frame, count) => { // as the server walks (sampler/walk.py)
    const last = slice().closed ? count : Math.max(1, count - 1);
    let leg = Math.floor((frame * legs()) / last);
    let t = (frame * legs()) / last - leg;
    if (leg >= legs()) { leg = Math.max(0, legs() - 1); t = legs() ? 1 : 0; }
    if (slice().easing === "smooth") t = t * t * (3 - 2 * t);
    if (isPair()) return leg === 0 ? t : 1 - t; // there and back
    return legs() ? (leg + t) / legs() : 0;
  };

  // The large picture
  const picture = h("img", { alt: "", draggable: "false" });
  const surface = h("button", { type: "button", class: "tile-picture", "aria-pressed": "false", onclick: () => (selection.figure === figure ? selection.choose(null) : choose()) }, picture);
  const label = h("span", { class: "seed" });
  const save = h("a", { title: word("create_save") }, "PNG");
  const figure = h("figure", { class: "tile morph-picture" }, surface, h("figcaption", {}, label, save));
  const choose = () => { if (figure.tile && store.state.tool === "morph") selection.choose(figure, { focus: false }); };
  const showPicture = (tile) => {
    if (playing || tile.recipe.model.weights_sha256 !== model.weights) return;
    figure.tile = tile;
    picture.src = save.href = tile.src;
    picture.alt = altOf(tile.recipe);
    surface.setAttribute("aria-label", word("create_choose", { what: altOf(tile.recipe) }));
    save.download = fileName(tile.recipe);
    save.setAttribute("aria-label", `${word("create_save")}: ${altOf(tile.recipe)}`);
    if (selection.figure === figure) choose(); // the bar below shows what is there now
  };
  const askPicture = channel((answer) => showPicture(answer.tile ?? answer.tiles[0]), undefined, { live: true });
  const showAt = (at) => {
    const { from, to, t } = partAt(at);
    label.textContent = t === 0 ? caption(from.recipe) : t === 1 ? caption(to.recipe)
      : word("create_morph_between", { a: caption(from.recipe), b: caption(to.recipe), share: Math.round(100 * t) });
    track.input.setAttribute("aria-valuetext", label.textContent);
  };
  const drawPicture = (at) => {
    showAt(at);
    const { from, to, t } = partAt(at);
    if (slice().kept) return askPicture("recipes", { model: store.state.model, recipes: [slice().kept] });
    if (t === 0 || t === 1 || from === to) return askPicture("recipes", { model: store.state.model, recipes: [(t === 1 ? to : from).recipe] });
    if (space) return askPicture("between", { model: store.state.model, a: from.recipe, b: to.recipe, t, space });
  };

  // The line of time
  const track = slider(word("create_morph_track"), {
    id: "morph-at", min: 0, max: 1, step: 0.005, format: () => "",
    oninput: (value) => { pause({ keep: false }); drawPicture(value); },
    onchange: (value) => set({ at: value }, { mark: "morph-at" }),
  });
  track.root.classList.add("track");
  const play = iconButton("play", word("create_morph_play"), () => (playing ? pause() : start()), { id: "morph-play", "aria-pressed": "false" });
  const strip = h("div", { class: "stops", role: "group", "aria-label": word("create_morph_stops") });
  const drawStrip = () => {
    const ends = isPair() || !slice().closed ? stops : [...stops, stops[0]];
    const last = Math.max(1, ends.length - 1);
    strip.replaceChildren(...ends.map((tile, index) => h("button", {
      type: "button", class: "mini", title: caption(tile.recipe), "aria-label": word("create_morph_go_to", { what: altOf(tile.recipe) }),
      style: `left:${(100 * index) / last}%;width:min(56px, ${92 / last}%)`,
      onclick: () => { pause({ keep: false }); set({ at: index / last }); },
    }, h("img", { src: tile.src, alt: "" }), isPair() ? h("span", { class: "mini-mark" }, "AB"[index]) : null)));
  };

  // Playing
  let playing = false;
  let time = 0, lastTick = 0, shownFrame = -1;
  let film = { key: "", frames: [], loading: false };
  const walkAsked = () => {
    const { closed, easing } = slice();
    return { model: store.state.model, recipes: stops.map((tile) => tile.recipe), space, closed, easing };
  };
  const load = async (wanted) => {
    if (wanted.loading) return;
    wanted.loading = true;
    try {
      for (let start = 0; start < wanted.count && playing && film === wanted;) {
        if (wanted.frames[start] === undefined) {
          const answer = await request("preview", { ...wanted.asked, frames: wanted.count, start });
          answer.frames.forEach((src, index) => { wanted.frames[answer.start + index] = src; });
          start = answer.start + Math.max(1, answer.frames.length);
        } else start += 1;
      }
    } catch (error) {
      pause();
      explain(error);
    }
    wanted.loading = false;
  };
  const start = () => {
    if (!space || stops.length < 2) return;
    const asked = walkAsked();
    const count = Math.min(MOST_PREVIEW, frames());
    const key = JSON.stringify([asked, count]);
    if (key !== film.key) film = { key, asked, count, frames: [], loading: false };
    playing = true;
    time = 0;
    shownFrame = -1;
    lastTick = performance.now();
    drawPlay();
    load(film);
    requestAnimationFrame(tick);
  };
  const tick = (instant) => {
    if (!playing) return;
    if (store.state.tool !== "morph" || !element.isConnected) return pause({ keep: false });
    const { seconds, closed } = slice();
    const length = Math.max(0.1, legs() * seconds);
    const next = time + (instant - lastTick) / 1000;
    lastTick = instant;
    if (next >= length && !closed) return pause();
    const frame = Math.min(film.count - 1, Math.floor(((next % length) / length) * film.count));
    if (film.frames[frame]) { // else it waits for the frame
      time = next % length;
      if (frame !== shownFrame) {
        shownFrame = frame;
        picture.src = film.frames[frame];
        track.value = placeOfFrame(frame, film.count);
        showAt(track.value);
      }
    }
    requestAnimationFrame(tick);
  };
  const pause = ({ keep = true } = {}) => { // where it stops is where one is
    if (!playing) return;
    playing = false;
    drawPlay();
    if (keep) { asking = ""; set({ at: track.value }); }
  };
  const drawPlay = () => {
    play.innerHTML = symbol(playing ? "pause" : "play");
    play.title = word(playing ? "create_morph_pause" : "create_morph_play");
    play.setAttribute("aria-label", play.title);
    play.setAttribute("aria-pressed", String(playing));
  };

  // Which pictures
  const list = choice(word("create_morph_over"), {
    options: [["ab", "A → B"], ["seeds", word("create_seeds")], ["stars", word("create_morph_stars")]],
    onchange: (value) => set({ list: value, at: value === "ab" ? 0.5 : 0 }),
  });
  const letter = (name) => textField(name.toUpperCase(), { id: `morph-${name}`, onchange: (text) => setLetter(name, text) });
  const setLetter = (name, text) => {
    if (/^\s*$/.test(text)) return store.tell();
    if (!/^\s*\d+\s*$/.test(text) || Number(text) >= 2 ** 32) return sayTrouble(word("create_morph_no_seed", { found: text.slice(0, 40) }));
    sayNothing();
    store.set({ [name]: null, tools: { ...store.state.tools, morph: { ...slice(), [name]: Number(text), kept: null } } });
  };
  const letters = { a: letter("a"), b: letter("b") };
  const swap = iconButton("swap", word("create_morph_swap"), () => {
    const { a, b } = slice();
    store.set({ a: store.state.b, b: store.state.a, tools: { ...store.state.tools, morph: { ...slice(), a: b, b: a, at: 1 - slice().at, kept: null } } });
  });
  const pair = h("div", { class: "pair" }, letters.a.root, swap, letters.b.root);
  const seeds = textField(word("create_seeds"), { id: "morph-seeds", info: word("create_seeds_info"), onchange: (text) => set({ seeds: text, at: 0 }) });

  // How it is walked
  const way = choice(word("create_morph_way"), {
    options: [["w", word("create_morph_way_w")], ["z", word("create_morph_way_z")]], onchange: (value) => set({ space: value }),
  });
  const wayInfo = h("p", { class: "field-info", role: "note" });
  way.root.append(wayInfo);
  const easing = choice(word("create_morph_easing"), {
    options: [["smooth", word("create_morph_smooth")], ["linear", word("create_morph_linear")]], onchange: (value) => set({ easing: value }),
  });
  const closed = toggle(word("create_morph_closed"), { id: "morph-closed", onchange: (on) => set({ closed: on }) });
  const seconds = slider(word("create_morph_seconds"), {
    id: "morph-seconds", min: 0.5, max: 10, step: 0.5, format: (value) => `${value} s`, oninput: (value) => set({ seconds: value }, { mark: "morph-seconds" }),
  });
  const fps = slider(word("create_morph_fps"), {
    id: "morph-fps", min: 5, max: 50, step: 1, oninput: (value) => set({ fps: value }, { mark: "morph-fps" }),
  });
  const kind = choice(word("create_morph_kind"), { options: [["mp4", "MP4"], ["gif", "GIF"]], onchange: (value) => set({ kind: value }) });
  const side = select(word("create_morph_side"), { id: "morph-side", onchange: (value) => set({ side: value === "own" ? null : Number(value) }) });

  // The film
  const line = taskLine();
  const length = h("p", { class: "field-info", id: "morph-length" });
  const make = button(word("create_morph_make"), () => makeFilm(), { id: "morph-make", class: "primary-button", "aria-describedby": "morph-length" });
  const result = h("div", { class: "film-result" });
  const empty = h("p", { class: "field-info" }, word("create_morph_film_here"));
  const cell = h("figure", { class: "film", "aria-label": word("create_morph_film") }, h("div", { class: "film-picture" }, result, empty, line.root), h("figcaption", {}, h("span", {}, " ")));
  let shownUrl = null;
  const makeFilm = async () => {
    if (!space || !stops.length) return;
    pause();
    const { fps: rate, seconds: each, kind: format, side: pixels } = slice();
    const asked = { ...walkAsked(), fps: rate, seconds: each, kind: format, side: pixels };
    empty.hidden = true;
    const made = await line.run("film", asked, { said: (task) => word("create_morph_frames_done", task) });
    empty.hidden = result.children.length > 0;
    if (!made) return;
    if (made.stopped) return sayNote(word("create_morph_stopped"));
    try {
      showFilm(await fetchFile(made.id, format === "gif" ? "image/gif" : "video/mp4"), asked, made);
    } catch (error) { explain(error); }
  };
  const showFilm = (blob, asked, made) => {
    if (shownUrl) URL.revokeObjectURL(shownUrl);
    shownUrl = URL.createObjectURL(blob);
    const words = word("create_morph_film_of", { frames: made.frames, seconds: Math.round((10 * made.frames) / asked.fps) / 10 });
    result.replaceChildren(asked.kind === "gif"
      ? h("img", { src: shownUrl, alt: words })
      : h("video", { src: shownUrl, controls: true, loop: true, autoplay: true, muted: true, playsinline: "", "aria-label": words }));
    const name = `${asked.recipes[0].model.name.replaceAll("/", "-")}-walk.${asked.kind}`;
    const size = blob.size < 1e6 ? `${Math.round(blob.size / 1000)} kB` : `${(blob.size / 1e6).toFixed(1)} MB`;
    cell.querySelector("figcaption").replaceChildren(h("span", {}, words), h("a", { href: shownUrl, download: name, id: "morph-download" }, word("create_morph_download", { kind: asked.kind.toUpperCase(), size })));
    empty.hidden = true;
    cell.classList.add("is-there");
    cell.scrollIntoView({ block: "nearest" });
  };

  // Drawing the state
  const starred = () => store.stars.filter((star) => star.recipe.model.weights_sha256 === model.weights).map((star) => star.recipe);
  const ownTile = (tile) => (tile && tile.recipe.model.weights_sha256 === model.weights ? tile : null);
  const asked = (state) => {
    const { list: over, a, b, seeds: text } = slice();
    if (over === "seeds") return { ...taste(state), seeds: text };
    if (over === "stars") return { ...taste(state), stops: starred().slice(0, MOST_PICTURES) };
    return { ...taste(state), stops: [ownTile(state.a)?.recipe ?? a, ownTile(state.b)?.recipe ?? b] };
  };
  let asking = "", stopsKey = "";
  const askStops = channel((answer, question) => {
    if (JSON.stringify(question) !== JSON.stringify(asked(store.state))) return;
    stops = answer.tiles;
    spaces = answer.spaces;
    stopsKey = JSON.stringify([question, model.weights]);
    drawWalk();
  });
  const drawWalk = () => {
    const { at, space: wished } = slice();
    space = stops.length ? [wished, "w", "z"].find((each) => each && spaces[each] === null) ?? null : null;
    way.value = space;
    for (const input of way.root.querySelectorAll("input")) {
      input.disabled = spaces[input.value] !== null;
      input.parentElement.title = spaces[input.value] ?? "";
    }
    const reasons = [...new Set(Object.values(spaces).filter(Boolean))];
    wayInfo.textContent = reasons.join(" ");
    wayInfo.hidden = !reasons.length;
    if (!space && stops.length) sayTrouble(reasons[0]);
    const count = frames();
    length.textContent = count > MOST_FRAMES
      ? word("create_morph_too_long", { frames: count, most: MOST_FRAMES })
      : word("create_morph_length", { frames: count, seconds: Math.round((10 * count) / slice().fps) / 10 });
    play.disabled = !space || stops.length < 2;
    make.disabled = !space || stops.length < 2 || count > MOST_FRAMES;
    const drawn = JSON.stringify([stopsKey, slice().closed, slice().list]);
    if (strip.drawn !== drawn) { strip.drawn = drawn; drawStrip(); }
    if (playing) {
      if (JSON.stringify([walkAsked(), Math.min(MOST_PREVIEW, count)]) === film.key) return;
      pause({ keep: false }); // the walk is another now
    }
    track.value = at;
    if (stops.length) return drawPicture(at);
  };
  const drawFields = (now, state) => {
    list.value = now.list;
    pair.hidden = now.list !== "ab";
    seeds.root.hidden = now.list !== "seeds";
    seeds.value = now.seeds;
    for (const [name, each] of Object.entries(letters)) {
      const tile = ownTile(state[name]);
      each.value = tile ? tile.recipe.seed ?? "" : now[name];
      each.input.placeholder = tile ? caption(tile.recipe) : "";
    }
    const stars = list.root.querySelector("input[value=stars]");
    stars.disabled = starred().length < 2;
    stars.parentElement.title = stars.disabled ? word("create_morph_star_two") : "";
    easing.value = now.easing;
    closed.value = now.closed;
    seconds.value = now.seconds;
    fps.value = now.fps;
    kind.value = now.kind;
    side.options = [["own", word("create_morph_own_side", { side: model.resolution })], ...[256, 512, 1024].map((each) => [String(each), `${each} px`])];
    side.value = now.side === null ? "own" : String(now.side);
  };

  return {
    label: word("create_tool_morph"), defaults,
    build() {
      drawPlay();
      return {
        controls: [
          list.root, pair, seeds.root, seconds.root, closed.root, kind.root, h("div", {}, make, length),
          drawer(word("create_morph_more"), h("div", { class: "field-stack" }, way.root, easing.root, fps.root, side.root)),
        ],
        stage: h("div", { class: "morph" }, h("div", { class: "explore" }, figure, cell), h("div", { class: "timeline" }, play, h("div", { class: "time" }, track.root, strip))),
      };
    },
    update(now, state) {
      drawFields(now, state);
      if (selection.figure && selection.figure !== figure) selection.choose(null); // the bar would cover the line of time
      const question = asked(state);
      const key = JSON.stringify([question, model.weights]);
      if (key === asking && key === stopsKey) return drawWalk();
      if (key === asking) return;
      asking = key;
      return askStops("stops", question);
    },
    generate: () => (playing ? pause() : start()),
    random() {
      const roll = () => Math.floor(Math.random() * 1_000_000);
      pause({ keep: false });
      if (slice().list === "seeds") set({ seeds: Array.from({ length: 6 }, roll).join(", "), at: 0 });
      else store.set({ a: null, b: null, tools: { ...store.state.tools, morph: { ...slice(), list: "ab", a: roll(), b: roll(), kept: null } } });
    },
    recall(recipe) {
      const { tool, parents, settings } = recipe.lineage ?? {};
      if (tool !== "morph" || parents?.length !== 2 || parents.some((parent) => parent.seed === undefined) || !Number.isFinite(settings?.t)) return null;
      return { list: "ab", a: parents[0].seed, b: parents[1].seed, at: settings.t, space: recipe.latent?.space ?? null, kept: recipe };
    },
  };
})();
