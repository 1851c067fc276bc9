// The instrument's state: one frozen value that is replaced, never changed; the last 50 can be gone back to, and all of it survives
// a refresh in the browser's own storage.
const STORAGE = "seedbed.create.2";
const MOST_PAST = 50;
const MOST_STARS = 200;
const KEEP_AFTER = 250; // milliseconds: a drag is written down once
const SAME_GESTURE = 900; // milliseconds: steps of one drag are one state

const fresh = (model) => ({
  model, tool: "pictures", psi: 0.7, class: "", mixWith: "", mixAmount: 0.5, a: null, b: null, tools: {},
});

// Latents and pictures stand in many states, yet are kept once: long strings go into a table, and "§3" stands for its fourth.
const pack = (value) => {
  const table = new Map();
  const packed = JSON.stringify(value, (_, each) => {
    if (typeof each !== "string" || (each.length < 80 && !each.startsWith("§"))) return each;
    if (!table.has(each)) table.set(each, table.size);
    return `§${table.get(each)}`;
  });
  return JSON.stringify({ table: [...table.keys()], packed });
};
const unpack = (text) => {
  const { table, packed } = JSON.parse(text);
  return JSON.parse(packed, (_, each) => (typeof each === "string" && each.startsWith("§") ? table[Number(each.slice(1))] : each));
};

const readStorage = () => {
  try {
    const kept = localStorage.getItem(STORAGE);
    return kept ? unpack(kept) : {};
  } catch (error) { // a browser that keeps nothing, or what another version kept
    console.info("nothing kept:", error.message);
    return {};
  }
};

const starsOf = ({ stars }) => (Array.isArray(stars) ? stars.filter((star) => star?.recipe && star?.src) : []);

const sameAs = (patch, before) => Object.entries(patch).every(([key, value]) => value === before[key] || JSON.stringify(value) === JSON.stringify(before[key]));

const store = {
  state: fresh(null), past: [], future: [], stars: [], listeners: [], lastMark: null, lastTime: 0,

  // patch: fields of the state. mark: a name for the gesture, so that a drag becomes one state; held: it lasts, however slow it is.
  // quiet: not worth going back to.
  set(patch, { mark = null, quiet = false, held = false } = {}) {
    const before = this.state;
    if (sameAs(patch, before)) return this.tell(); // nothing to go back to
    this.state = { ...before, ...patch };
    const now = Date.now();
    const goesOn = mark !== null && mark === this.lastMark && (held || now - this.lastTime < SAME_GESTURE);
    if (!quiet && !goesOn) {
      this.past = [...this.past, before].slice(-MOST_PAST);
      this.future = [];
    }
    if (!quiet) { this.lastMark = mark; this.lastTime = now; sayNothing(); }
    this.tell();
  },
  // The slice of a tool.
  setTool(id, patch, options) {
    if (sameAs(patch, this.slice(id))) return this.tell();
    this.set({ tools: { ...this.state.tools, [id]: { ...this.slice(id), ...patch } } }, options);
  },
  slice(id) { return { ...tools[id].defaults, ...this.state.tools[id] }; },

  undo() { this.go("past", "future"); },
  redo() { this.go("future", "past"); },
  go(from, to) {
    if (!this[from].length) return;
    this[to] = [...this[to], this.state].slice(-MOST_PAST);
    this.state = this[from].at(-1);
    this[from] = this[from].slice(0, -1);
    this.lastMark = null;
    this.tell();
  },

  starred(recipe) { const key = JSON.stringify(recipe); return this.stars.some((star) => JSON.stringify(star.recipe) === key); },
  star(recipe, src) {
    const key = JSON.stringify(recipe);
    this.stars = this.starred(recipe)
      ? this.stars.filter((star) => JSON.stringify(star.recipe) !== key)
      : [...this.stars, { recipe, src, model: this.state.model }].slice(-MOST_STARS);
    this.tell();
  },

  tell() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keep(), KEEP_AFTER);
    for (const listener of this.listeners) listener(this.state);
  },
  keep() {
    clearTimeout(this.keeping);
    const kept = { state: this.state, stars: this.stars, past: this.past, future: this.future };
    const lessHistory = [kept, { ...kept, past: this.past.slice(-10), future: [] }, { ...kept, past: [], future: [] }];
    for (const part of lessHistory) { // where there is no room for all of it, at least what is there now
      try {
        localStorage.setItem(STORAGE, pack(part));
        return;
      } catch (error) {
        console.info("not kept:", error.message);
      }
    }
    sayTrouble(word("create_not_kept"));
  },
  load() {
    const kept = readStorage();
    if (kept.state?.tools) this.state = { ...fresh(null), ...kept.state };
    this.past = Array.isArray(kept.past) ? kept.past : [];
    this.future = Array.isArray(kept.future) ? kept.future : [];
    this.stars = starsOf(kept);
  },
};
addEventListener("pagehide", () => store.keep());
// Stars are the browser's: what another tab of it adds or removes is so here too, else the tab that is closed last would undo it.
addEventListener("storage", (event) => {
  if (event.key !== STORAGE || !event.newValue) return;
  const stars = starsOf(readStorage());
  if (sameAs({ stars }, store)) return;
  store.stars = stars;
  for (const listener of store.listeners) listener(store.state); // and it is not written down again
});
