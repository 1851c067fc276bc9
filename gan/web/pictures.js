// Pictures of seeds; of one chosen picture, others near it. The first of the tools: each is a line in `tools` with
//   label, defaults (its slice of the state), build() -> {controls, stage}, update(slice, state), and what it can do besides:
//   unheeded(slice) -> which settings beside it (psi, class, mix) it does without; missing(model) -> why it is not for this model, or null; recall(recipe) -> its slice for a dropped picture, or null.
const tools = {};
const actions = []; // what can be done with a chosen picture: {label, run(tile), missing?(model)}
const MOST_PICTURES = 64;

tools.pictures = (() => {
  const defaults = { seeds: "0-7", locked: false, near: null, recipes: null };
  const own = wall({ id: "wall" });
  const heading = h("div", { class: "stage-heading" });
  let asking = "";
  const ask = channel((answer, asked) => {
    own.show(answer.tiles, (_, index) => (asked.recipe ? { label: index ? `≈ ${index}` : undefined, aside: "" } : {}));
  });
  const set = (patch, options) => store.setTool("pictures", patch, options);

  const countOf = (text) => text.split(",").reduce((sum, part) => {
    const [first, last] = part.split("-").map((each) => Number.parseInt(each, 10));
    return sum + (Number.isNaN(first) ? 0 : (last ?? first) - first + 1);
  }, 0);
  const roll = (count) => {
    const rolled = new Set();
    while (rolled.size < count) rolled.add(Math.floor(Math.random() * 1_000_000)); // short enough to read, remember and type
    return [...rolled].sort((a, b) => a - b).join(", ");
  };
  const currentCount = () => Math.min(MOST_PICTURES, Math.max(1, countOf(store.slice("pictures").seeds) || 8));
  const resize = (count) => {
    const { seeds } = store.slice("pictures");
    const range = /^\s*(\d+)\s*(-\s*\d+\s*)?$/.exec(seeds);
    if (range) return count === 1 ? range[1] : `${range[1]}-${Number(range[1]) + count - 1}`;
    const all = seeds.split(",").flatMap((part) => {
      const [first, last] = part.split("-").map((each) => Number.parseInt(each, 10));
      return Array.from({ length: (last ?? first) - first + 1 || 0 }, (_, index) => first + index);
    });
    const more = count > all.length ? roll(count - all.length).split(", ") : [];
    return [...all.slice(0, count), ...more].join(", ");
  };

  const typed = (text) => {
    if (!text.trim()) return store.tell();
    set({ seeds: text, locked: true, near: null, recipes: null });
  };
  const seeds = textField(word("create_seeds"), { id: "seeds", info: word("create_seeds_info"), onchange: typed });
  seeds.input.addEventListener("keydown", (event) => isEnter(event) && set({ near: null, recipes: null })); // back to them from elsewhere
  const dice = iconButton("dice", word("create_dice"), () => set({ seeds: roll(currentCount()), locked: false, near: null, recipes: null }), { id: "dice" });
  const lock = iconButton("lock", word("create_lock"), () => set({ locked: !store.slice("pictures").locked }), { id: "lock", "aria-pressed": "false" });
  const count = slider(word("create_count"), { id: "count", min: 1, max: MOST_PICTURES, step: 1, onchange: (value) => set({ seeds: resize(value), near: null, recipes: null }) });
  const distance = slider(word("create_distance"), {
    min: 0.05, max: 1, step: 0.05, format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value) => set({ near: { ...store.slice("pictures").near, distance: value } }, { mark: "distance" }),
  });
  const go = button(word("create_go"), () => tools.pictures.generate(), { id: "generate", class: "primary-button" });
  const nearHeading = [
    h("span", {}, word("create_variations_of"), " ", h("b", {})), distance.root,
    button(word("create_other_ones"), () => set({ near: { ...store.slice("pictures").near, seed: Math.floor(Math.random() * 2 ** 31) } })),
    button(word("create_back_to_seeds"), () => set({ near: null })),
  ];

  return {
    label: word("create_tool_pictures"), defaults,
    build() {
      seeds.root.append(h("div", { class: "input-buttons" }, dice, lock));
      seeds.root.classList.add("field-with-buttons");
      return { controls: [seeds.root, count.root, go], stage: [heading, own.root] };
    },
    update(slice, state) {
      seeds.value = slice.seeds;
      count.value = currentCount();
      lock.innerHTML = symbol(slice.locked ? "lock" : "unlock");
      lock.setAttribute("aria-pressed", String(slice.locked));
      if (slice.near) {
        nearHeading[0].lastChild.textContent = caption(slice.near.recipe);
        distance.value = slice.near.distance;
        if (!heading.contains(distance.root)) heading.replaceChildren(...nearHeading);
      } else if (slice.recipes) {
        heading.replaceChildren(h("span", {}, word("create_recalled")), button(word("create_back_to_seeds"), () => set({ recipes: null })));
      } else heading.replaceChildren();
      const question = slice.near
        ? ["variations", { model: state.model, recipe: slice.near.recipe, distance: slice.near.distance, seed: slice.near.seed }]
        : slice.recipes ? ["recipes", { model: state.model, recipes: slice.recipes }] : ["pictures", { ...taste(state), seeds: slice.seeds }];
      const key = JSON.stringify([question, model?.weights]);
      if (key === asking) return;
      asking = key;
      own.wait(8);
      return ask(...question);
    },
    // What the primary button does: new seeds unless they are locked, and whatever is asked for once more.
    generate() {
      asking = "";
      const { seeds: shown, locked } = store.slice("pictures");
      set({ seeds: locked ? shown : roll(currentCount()), near: null, recipes: null });
    },
    random: () => dice.click(),
    // The page comes with its first pictures; they need not be asked for.
    begin(first) {
      own.show(first.tiles);
      asking = JSON.stringify([["pictures", { ...taste(store.state), seeds: defaults.seeds }], model.weights]);
    },
    recall: (recipe) => (recipe.seed !== undefined ? { seeds: String(recipe.seed), near: null, recipes: null } : { recipes: [recipe], near: null }),
  };
})();

actions.push(
  { label: "create_variations", run: (tile) => show("pictures", { near: { recipe: tile.recipe, distance: 0.3, seed: 0 } }) },
  { label: "create_use_a", run: (tile) => store.set({ a: tile }) },
  { label: "create_use_b", run: (tile) => store.set({ b: tile }) },
);
