// Morphs from picture to picture: A to B, or a walk over many. A timeline shows the pictures, and the picture at its
// thumb is large. Play shows the walk on the page; a film saves it.
import { button, drawer, h, iconButton } from "../core/dom.js";
import { takesTiles } from "../core/drag.js";
import { choice, slider, textField } from "../core/fields.js";
import { icon } from "../core/icons.js";
import { isOwn } from "../core/kept.js";
import { largePicture } from "../core/large_picture.js";
import { limits } from "../core/limits.js";
import { sayTrouble } from "../core/notices.js";
import { caption } from "../core/recipes.js";
import { rollSeed } from "../core/seeds.js";
import { selection } from "../core/selection.js";
import { channel, session, taste } from "../core/session.js";
import { store } from "../core/store.js";
import { putTaken } from "../core/taken.js";
import { TASK_OPERATIONS } from "../core/tasks.js";
import { word } from "../core/words.js";
import { makeFilmCell } from "./film.js";
import { HALFWAY, makeLetters, walkOver } from "./letters.js";
import { makePlayer } from "./player.js";
import { makeSecondWalk } from "./second_walk.js";
import { makeStops } from "./stops.js";
import { framesOf, legsOf, partAt, placeOfFrame } from "./walk.js";
import { makeWalkFields } from "./walk_fields.js";

const MOST_PREVIEW = 240; // frames stored for playing; a longer walk plays at a lower rate
const ROLLED = 6; // random seeds

export const needs = ["stops", "between", "preview", "film", "draw", ...TASK_OPERATIONS];

export const make = () => {
  const defaults = {
    list: "ab",
    a: 0,
    b: 1,
    seeds: "0-5",
    pictures: [],
    at: HALFWAY,
    space: null,
    closed: true,
    easing: "smooth",
    seconds: 2,
    fps: 24,
    kind: "mp4",
    scale: 8,
    kept: null,
  };
  const now = () => store.slice("morph");
  const set = (patch, how) => store.setTool("morph", { kept: null, ...patch }, how);
  let stops = []; // the tiles of the walk
  let spaces = {}; // for each latent space, the best first, the reason why no walk is possible in it, or null
  let space = null; // the space of the walk; null where no walk is possible

  // The large picture
  const picture = largePicture("morph", () => {
    if (selection.figure === picture.root) selection.choose(null, { byHand: true });
    else picture.choose({ byHand: true });
  });
  const showPicture = (tile) => {
    if (player.isPlaying || !isOwn(tile)) return;
    picture.show(tile);
    if (selection.figure === picture.root) picture.choose(); // the bar below then shows the new picture
  };
  const askPicture = channel(({ tiles: [tile] }) => showPicture(tile));
  const showAt = (at) => {
    const { from, to, t } = partAt(now(), stops.length, at);
    const [a, b] = [caption(stops[from].recipe), caption(stops[to].recipe)];
    const between = () => word("create_morph_between", { a, b, share: Math.round(100 * t) });
    picture.label.textContent = { 0: a, 1: b }[t] ?? between();
    track.input.setAttribute("aria-valuetext", picture.label.textContent);
  };
  const drawPicture = (at) => {
    showAt(at);
    const { model } = store.state;
    const { kept } = now();
    const { from, to, t } = partAt(now(), stops.length, at);
    second.show({ from, to, t });
    if (kept) return askPicture("draw", { model, recipes: [kept] });
    if (t === 0 || t === 1 || from === to) {
      return askPicture("draw", { model, recipes: [stops[t === 1 ? to : from].recipe] });
    }
    if (space) return askPicture("between", { model, a: stops[from].recipe, b: stops[to].recipe, t, space });
  };

  const second = makeSecondWalk(
    () => picture.label.textContent,
    () => drawWalk(),
  );

  // The timeline
  const still = { keep: false };
  const track = slider(word("create_morph_track"), {
    id: "morph-at",
    min: 0,
    max: 1,
    step: 0.005,
    format: () => "",
    oninput(value) {
      player.pause(still);
      drawPicture(value);
    },
    onchange: (value) => set({ at: value }, { mark: "morph-at" }),
  });
  track.root.classList.add("track");
  const strip = makeStops(now, (at) => {
    player.pause(still);
    set({ at });
  });

  // Playing, and the film
  const paceAsked = () => ({ closed: now().closed, easing: now().easing });
  const walkAsked = () => ({
    model: store.state.model,
    recipes: stops.map((tile) => tile.recipe),
    space,
    ...paceAsked(),
  });
  const walksAsked = () => [walkAsked(), ...second.asked(paceAsked())];
  const frames = () => framesOf(now(), stops.length);
  const previewFrames = () => Math.min(MOST_PREVIEW, frames());
  const player = makePlayer({
    lengthOf: () => ({ seconds: Math.max(0.1, legsOf(now(), stops.length) * now().seconds), closed: now().closed }),
    show([src, secondSrc], frame, count) {
      picture.image.src = src;
      second.showFrame(secondSrc);
      track.value = placeOfFrame(now(), stops.length, frame, count);
      showAt(track.value);
    },
    onchange(keep) {
      drawPlay();
      if (!keep) return;
      asking = "";
      set({ at: track.value });
    },
  });
  const start = () => {
    if (space && stops.length > 1) player.start(walksAsked(), previewFrames());
  };
  const playOrPause = () => (player.isPlaying ? player.pause() : start());
  const play = iconButton("play", word("create_morph_play"), playOrPause, { id: "morph-play" });
  const drawPlay = () => {
    play.innerHTML = icon(player.isPlaying ? "pause" : "play");
    play.title = word(player.isPlaying ? "create_morph_pause" : "create_morph_play");
    play.setAttribute("aria-label", play.title);
    play.setAttribute("aria-pressed", String(player.isPlaying));
  };
  const film = makeFilmCell();
  const makeFilm = () => {
    if (!space || !stops.length) return;
    player.pause();
    const { fps: rate, seconds: each, kind: format, scale } = now();
    const enlarged = fields.scaleOf(scale);
    return film.make({ ...walkAsked(), fps: rate, seconds: each, kind: format, scale: enlarged });
  };

  // The stops
  const lists = [
    ["ab", "A → B"],
    ["seeds", word("create_seeds")],
    ["stars", word("create_morph_stars")],
  ];
  const chosenList = ["pictures", word("create_morph_chosen")]; // present once pictures have been carried to this tool
  const list = choice(word("create_morph_over"), {
    options: lists,
    onchange: (value) => set({ list: value, at: value === "ab" ? HALFWAY : 0 }),
  });
  const withTool = (patch) => ({ tools: store.withSlice("morph", { kept: null, ...patch }) });
  const letters = makeLetters(now, withTool);
  const seeds = textField(word("create_seeds"), {
    id: "morph-seeds",
    info: word("create_seeds_info"),
    onchange: (text) => set({ seeds: text, at: 0 }),
  });

  // Settings of the walk
  const fields = makeWalkFields(set);
  const length = h("p", { class: "field-info", id: "morph-length" });
  const go = { id: "morph-make", class: "primary-button", "aria-describedby": "morph-length" };
  const makeButton = button(word("create_morph_make"), makeFilm, go);

  // Drawing the state
  const starred = () => store.stars.filter(isOwn).map((star) => star.recipe);
  const stopsAsked = (state) => {
    const { list: over, a, b, seeds: text, pictures } = now();
    if (over === "pictures") return { ...taste(state), stops: pictures };
    if (over === "seeds") return { ...taste(state), seeds: text };
    if (over === "stars") return { ...taste(state), stops: starred().slice(0, limits.mostPictures) };
    const recipeOf = (tile) => (isOwn(tile) ? tile.recipe : null);
    return { ...taste(state), stops: [recipeOf(state.a) ?? a, recipeOf(state.b) ?? b] };
  };
  let asking = "";
  let stopsKey = "";
  const askStops = channel((answer, question) => {
    if (JSON.stringify(question) !== JSON.stringify(stopsAsked(store.state))) return;
    stops = answer.tiles;
    spaces = answer.spaces;
    stopsKey = JSON.stringify([question, session.model.weights]);
    drawWalk();
  });
  const drawWay = () => {
    const possible = [now().space, ...Object.keys(spaces)].find((each) => each && spaces[each] === null);
    space = stops.length ? (possible ?? null) : null;
    fields.drawWay(spaces, space);
    if (!space && stops.length) sayTrouble(Object.values(spaces).find(Boolean));
  };
  const drawLength = () => {
    const [count, most] = [frames(), limits.maxFrames];
    length.textContent =
      count > most
        ? word("create_morph_too_long", { frames: count, most })
        : word("create_morph_length", { frames: count, seconds: Math.round((10 * count) / now().fps) / 10 });
    play.disabled = !space || stops.length < 2;
    makeButton.disabled = play.disabled || count > most;
  };
  let stripDrawn = "";
  const drawWalk = () => {
    drawWay();
    drawLength();
    const drawn = JSON.stringify([stopsKey, now().closed, now().list]);
    if (stripDrawn !== drawn) {
      stripDrawn = drawn;
      strip.draw(stops);
    }
    second.follow(stops, stopsKey);
    if (player.plays(walksAsked(), previewFrames())) return;
    player.pause(still); // the walk has changed
    track.value = now().at;
    if (stops.length) return drawPicture(now().at);
  };
  const drawFields = (slice, state) => {
    list.options = slice.pictures.length ? [...lists, chosenList] : lists;
    list.value = slice.list;
    letters.root.hidden = slice.list !== "ab";
    seeds.root.hidden = slice.list !== "seeds";
    seeds.value = slice.seeds;
    letters.draw(slice, state);
    const stars = list.inputs().find((input) => input.value === "stars");
    stars.disabled = starred().length < 2;
    stars.parentElement.title = stars.disabled ? word("create_morph_star_two") : "";
    fields.draw(slice);
  };

  const take = (tiles, from, besides = []) => walkOver(tiles, from, { besides, withTool, stars: starred().length });

  return {
    label: word("create_tool_morph"),
    compares: true,
    about: word("create_use_morph"),
    defaults,
    take,
    mixed: () => session.model.capabilities.mixes_classes, // without w a walk keeps to one class
    uses: [{ label: word("create_use_b"), patch: ([tile]) => ({ b: tile, ...withTool({ list: "ab" }) }), one: true }],
    build() {
      drawPlay();
      const making = h("div", {}, makeButton, length);
      const first = [list.root, letters.root, seeds.root, ...fields.first];
      const time = h("div", { class: "time" }, track.root, strip.root);
      const large = h("div", { class: "large-pictures" }, picture.root, second.root);
      const pictures = h("div", { class: "explore" }, large, film.root);
      const stage = h("div", { class: "morph" }, pictures, h("div", { class: "timeline" }, play, time));
      takesTiles(stage, (tiles) => putTaken(word("create_tool_morph"), take(tiles, "chosen"), tiles));
      return {
        controls: [...first, making, drawer(word("create_morph_more"), fields.more)],
        stage,
      };
    },
    update(slice, state) {
      drawFields(slice, state);
      const question = stopsAsked(state);
      const key = JSON.stringify([question, session.model.weights]);
      if (key === asking && key === stopsKey) return drawWalk();
      if (key === asking) return;
      asking = key;
      return askStops("stops", question);
    },
    generate: playOrPause,
    random() {
      player.pause(still);
      const roll = () => Array.from({ length: ROLLED }, rollSeed).join(", ");
      if (now().list === "seeds") set({ seeds: roll(), at: 0 });
      else store.set({ a: null, b: null, ...withTool({ list: "ab", a: rollSeed(), b: rollSeed() }) });
    },
    recall(recipe) {
      const { tool, parents, settings } = recipe.lineage ?? {};
      if (tool !== "morph" || parents?.length !== 2 || !Number.isFinite(settings?.t)) return null;
      const [a, b] = parents.map((parent) => parent.seed);
      if (a === undefined || b === undefined) return null;
      return { list: "ab", a, b, at: settings.t, space: recipe.latent?.space ?? null, kept: recipe };
    },
  };
};
