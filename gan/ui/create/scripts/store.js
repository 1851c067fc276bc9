// The instrument's state: one frozen value that is replaced, never changed; the last 50 can be gone back to, and all of it survives
// a refresh in the browser's own storage.
const STORAGE = "seedbed.create.1";
const MOST_PAST = 50;
const MOST_STARS = 200;
const SAME_GESTURE = 900; // milliseconds: steps of one drag are one state

const fresh = (model) => ({
  model, tool: "pictures", psi: 0.7, class: "", mixWith: "", mixAmount: 0.5, a: null, b: null, tools: {},
});

const readStorage = () => {
  try {
    return JSON.parse(localStorage.getItem(STORAGE)) ?? {};
  } catch (error) { // a browser that keeps nothing, or what another version kept
    console.info("nothing kept:", error.message);
    return {};
  }
};

const store = {
  state: fresh(null), past: [], future: [], stars: [], listeners: [], lastMark: null, lastTime: 0,

  // patch: fields of the state. mark: a name for the gesture, so that a drag becomes one state. quiet: not worth going back to.
  set(patch, { mark = null, quiet = false } = {}) {
    const before = this.state;
    const next = { ...before, ...patch };
    if (JSON.stringify(next) === JSON.stringify(before)) return this.tell(); // nothing to go back to
    this.state = next;
    const now = Date.now();
    const goesOn = mark !== null && mark === this.lastMark && now - this.lastTime < SAME_GESTURE;
    if (!quiet && !goesOn) {
      this.past = [...this.past, before].slice(-MOST_PAST);
      this.future = [];
    }
    if (!quiet) { this.lastMark = mark; this.lastTime = now; sayNothing(); }
    this.tell();
  },
  // The slice of a tool.
  setTool(id, patch, options) {
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
    this.keep();
    for (const listener of this.listeners) listener(this.state);
  },
  keep() {
    const kept = { state: this.state, stars: this.stars, past: this.past, future: this.future };
    for (const part of [kept, { ...kept, past: [], future: [] }]) { // where there is no room for the history, at least what is there now
      try {
        localStorage.setItem(STORAGE, JSON.stringify(part));
        return;
      } catch (error) {
        console.info("not kept:", error.message);
      }
    }
  },
  load() {
    const kept = readStorage();
    if (kept.state?.tools) this.state = { ...fresh(null), ...kept.state };
    this.past = Array.isArray(kept.past) ? kept.past : [];
    this.future = Array.isArray(kept.future) ? kept.future : [];
    this.stars = Array.isArray(kept.stars) ? kept.stars.filter((star) => star?.recipe && star?.src) : [];
  },
};
