// The state of the Create tab and its history. The state is one value, which is replaced, never changed, and which the
// browser stores across a refresh.
import { limits } from "./limits.js";
import { sayNothing, sayTrouble } from "./notices.js";
import { pack, unpack } from "./pack.js";
import { word } from "./words.js";

const STORAGE = "seedbed.create.2";
const MOST_PAST = 50;
const MOST_STARS = 200;
const MOST_FAMILIES = 8; // of models that are not open
const KEEP_AFTER = 250; // milliseconds of delay, so that a drag is stored once
const SAME_GESTURE = 900; // milliseconds: the steps of one drag become one state

/** The state of a visitor who opens a model for the first time. */
export const fresh = (model) => ({
  model,
  tool: "pictures",
  psi: limits.psi,
  class: "",
  mixWith: "",
  mixAmount: 0.5,
  other: "", // the key of a second model to compare with
  a: null,
  b: null,
  tools: {},
  families: {}, // of the models that were left: the slice of Breed, by the model's key
});

// The families of models that are not open, once another model is opened.
const familiesAfter = ({ model, tools, families = {} }, opened) => {
  const { [opened]: _, ...others } = families;
  const all = tools.breed?.nodes?.length ? { ...others, [model]: tools.breed } : others;
  return Object.fromEntries(Object.entries(all).slice(-MOST_FAMILIES));
};

const readStorage = () => {
  try {
    const kept = localStorage.getItem(STORAGE);
    return kept ? unpack(kept) : {};
  } catch (error) {
    console.info("nothing kept:", error.message); // the browser has no storage, or the state is of another version
    return {};
  }
};

const starsOf = ({ stars }) => (Array.isArray(stars) ? stars.filter((star) => star?.recipe && star?.src) : []);

// The name of a change in the label of the undo button: a setting, or the tool in which the change was made.
const SETTINGS = ["model", "psi", "class", "mixWith", "mixAmount", "other", "directionNames"];
const nameOf = (patch, state) => SETTINGS.find((name) => name in patch) ?? `tool_${patch.tool ?? state.tool}`;

const sameAs = (patch, before) =>
  Object.entries(patch).every(
    ([key, value]) => value === before[key] || JSON.stringify(value) === JSON.stringify(before[key]),
  );

export const store = {
  state: null,
  past: [],
  future: [],
  stars: [],
  starsGiven: 0, // since the page was loaded
  defaults: {}, // the defaults of each tool's slice, by the tool's id
  listeners: [],
  lastMark: null,
  lastTime: 0,

  /**
   * Change fields of the state.
   * @param {{mark?: string, held?: boolean, quiet?: boolean, did?: string}} how mark: the gesture's name, so that a
   *   drag becomes one state; held: the gesture lasts, however slow it is; quiet: undo skips this change; did:
   *   the change's name for undo, where its fields do not give one.
   */
  set(patch, { mark = null, quiet = false, held = false, did = nameOf(patch, this.state) } = {}) {
    const before = this.state;
    if (sameAs(patch, before)) return this.tell();
    const isOther = "model" in patch && patch.model !== before.model;
    const families = isOther ? { families: familiesAfter(before, patch.model) } : {};
    this.state = { ...before, ...patch, ...families, did: quiet ? before.did : did };
    const now = Date.now();
    const goesOn = mark !== null && mark === this.lastMark && (held || now - this.lastTime < SAME_GESTURE);
    if (!quiet && !goesOn) {
      this.past = [...this.past, before].slice(-MOST_PAST);
      this.future = [];
    }
    if (!quiet) {
      this.lastMark = mark;
      this.lastTime = now;
      sayNothing();
    }
    this.tell();
  },

  /** The slices that suit a model: all of the open one; of another, the family that was bred with it. */
  toolsOf(model) {
    if (model === this.state.model) return this.state.tools;
    const breed = this.state.families?.[model];
    return breed ? { breed } : {};
  },
  /** A tool's slice of the state. */
  slice(id) {
    return { ...this.defaults[id], ...this.state.tools[id] };
  },
  /** All slices, with one of them changed. */
  withSlice(id, patch) {
    // after a change by the user, carried pictures are the tool's own
    const { carried: _, ...own } = { ...this.slice(id), ...patch };
    return { ...this.state.tools, [id]: own };
  },
  setTool(id, patch, how) {
    if (sameAs(patch, this.slice(id))) return this.tell();
    this.set({ tools: this.withSlice(id, patch) }, how);
  },
  /** Go to a tool. */
  show(id, patch = {}, how) {
    this.set({ tool: id, tools: this.withSlice(id, patch) }, how);
  },

  undo() {
    this.go("past", "future");
  },
  redo() {
    this.go("future", "past");
  },
  go(from, to) {
    if (!this[from].length) return;
    this[to] = [...this[to], this.state].slice(-MOST_PAST);
    this.state = this[from].at(-1);
    this[from] = this[from].slice(0, -1);
    this.lastMark = null;
    this.tell();
  },

  starred(recipe) {
    return this.starKeys().has(JSON.stringify(recipe));
  },
  starKeys() {
    if (this.keysOf !== this.stars) {
      this.keysOf = this.stars;
      this.keys = new Set(this.stars.map((star) => JSON.stringify(star.recipe)));
    }
    return this.keys;
  },
  /** Star pictures or remove their stars; without `on`, toggle them. */
  star(tiles, on = !tiles.every((tile) => this.starred(tile.recipe))) {
    const own = new Set(tiles.map((tile) => JSON.stringify(tile.recipe)));
    if (!on) this.stars = this.stars.filter((star) => !own.has(JSON.stringify(star.recipe)));
    else {
      const added = tiles.filter((tile) => !this.starred(tile.recipe));
      this.starsGiven += added.length;
      const made = added.map(({ recipe, src }) => ({ recipe, src, model: this.state.model }));
      this.stars = [...this.stars, ...made].slice(-MOST_STARS);
    }
    this.tell();
  },
  /** Give a starred picture a name; "" removes it. */
  nameStar(recipe, name) {
    const key = JSON.stringify(recipe);
    const named = ({ name: _, ...star }) => (name ? { ...star, name } : star);
    this.stars = this.stars.map((star) => (JSON.stringify(star.recipe) === key ? named(star) : star));
    this.tell();
  },
  /** Move a starred picture to another place in the tray. */
  moveStar(recipe, to) {
    const key = JSON.stringify(recipe);
    const moved = this.stars.find((star) => JSON.stringify(star.recipe) === key);
    if (!moved) return;
    const rest = this.stars.filter((star) => star !== moved);
    this.stars = rest.toSpliced(Math.max(0, Math.min(to, rest.length)), 0, moved);
    this.tell();
  },

  tell() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP_AFTER);
    for (const listener of this.listeners) listener(this.state);
  },
  /** Store everything; if there is no room, store the current state without its history. */
  keep() {
    clearTimeout(this.keeping);
    if (!this.state) return;
    const kept = { state: this.state, stars: this.stars, past: this.past, future: this.future };
    const smaller = [kept, { ...kept, past: this.past.slice(-10), future: [] }, { ...kept, past: [], future: [] }];
    for (const part of smaller) {
      try {
        localStorage.setItem(STORAGE, pack(part));
        return;
      } catch (error) {
        console.info("not kept:", error.message);
      }
    }
    sayTrouble(word("create_not_kept"));
  },
  /** Begin with the state that this browser has stored. */
  load() {
    const kept = readStorage();
    this.state = fresh(null);
    if (kept.state?.tools) this.state = { ...this.state, ...kept.state };
    this.past = Array.isArray(kept.past) ? kept.past : [];
    this.future = Array.isArray(kept.future) ? kept.future : [];
    this.stars = starsOf(kept);
  },
};

addEventListener("pagehide", () => store.keep());
// All tabs of a browser share the stars. Without this listener, the tab that is closed last would undo another tab's
// changes.
addEventListener("storage", (event) => {
  if (event.key !== STORAGE || !event.newValue) return;
  const stars = starsOf(readStorage());
  if (sameAs({ stars }, store)) return;
  store.stars = stars;
  for (const listener of store.listeners) listener(store.state); // without storing it again
});
