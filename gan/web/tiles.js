// Tiles: pictures with their captions. One can be chosen; what can be done with it stands in the bar below.
const caption = (recipe) => {
  if (recipe.mix || recipe.directions?.length) return word("create_edited");
  return recipe.seed !== undefined ? String(recipe.seed) : word(`create_from_${recipe.lineage?.tool ?? "upload"}`);
};
// Whether seed, psi and class say all.
const isPlain = (recipe) => recipe.seed !== undefined && !recipe.mix && !recipe.class_mix && !recipe.directions?.length;
const altOf = (recipe) => recipe.seed !== undefined
  ? word("create_alt", { seed: recipe.seed, model: recipe.model.name })
  : word("create_alt_latent", { what: caption(recipe), model: recipe.model.name });
// Edited pictures and latents of one seed or tool are told apart by a few letters of what made them.
const marks = (recipe) => {
  let sum = 5381;
  for (const letter of JSON.stringify(recipe)) sum = (Math.imul(sum, 33) ^ letter.charCodeAt(0)) >>> 0;
  return sum.toString(36);
};
const fileName = (recipe, ending = "png") => {
  const what = isPlain(recipe) ? recipe.seed : `${caption(recipe).replace(/[^\p{L}\p{N}]+/gu, "-")}-${marks(recipe)}`;
  return `${recipe.model.name.replaceAll("/", "-")}-${what}.${ending}`;
};

// label: what stands below, else the recipe's own caption.
const tileElement = (tile, { label, aside = tile.recipe.class ?? "", plain = false } = {}) => {
  const picture = h("img", { src: tile.src, alt: altOf(tile.recipe), draggable: "false" });
  const figure = h("figure", { class: "tile" },
    h("button", { type: "button", class: "tile-picture", "aria-label": word("create_choose", { what: altOf(tile.recipe) }), "aria-pressed": "false" }, picture));
  if (!plain) {
    figure.append(h("figcaption", {},
      h("span", {}, h("span", { class: "seed" }, label ?? caption(tile.recipe)), " ", aside),
      h("a", { href: tile.src, download: fileName(tile.recipe), title: word("create_save"), "aria-label": `${word("create_save")}: ${altOf(tile.recipe)}` }, "PNG")));
  }
  figure.tile = tile;
  return figure;
};

const emptyTile = () => h("figure", { class: "tile tile-empty" }, h("div", { class: "tile-picture" }), h("figcaption", { html: "&nbsp;" }));

// A wall of tiles; draws again only what has changed, so that nothing flickers.
const wall = (attributes = {}) => {
  const root = h("div", { class: "wall", ...attributes });
  root.addEventListener("click", (event) => {
    const chosen = event.target.closest("button.tile-picture");
    if (chosen) selection.choose(chosen.closest("figure"));
  });
  root.addEventListener("dblclick", (event) => event.target.closest("button.tile-picture") && enlarge(event.target.closest("figure")));
  return {
    root,
    show(list, options = () => ({})) {
      const keep = selection.figure && root.contains(selection.figure) ? [...root.children].indexOf(selection.figure) : -1;
      const focused = [...root.children].findIndex((each) => each.contains(document.activeElement));
      const on = document.activeElement.tagName === "A" ? "a" : "button.tile-picture";
      root.dataset.count = list.length;
      root.classList.toggle("is-dense", list.length > 24);
      root.removeAttribute("aria-busy");
      root.replaceChildren(...list.map((tile, index) => tileElement(tile, options(tile, index))));
      if (keep >= 0) selection.choose(root.children[keep] ?? null, { focus: false });
      if (focused >= 0) root.children[Math.min(focused, list.length - 1)]?.querySelector(on)?.focus({ preventScroll: true });
    },
    wait(count) {
      if (root.children.length) return;
      root.dataset.count = count;
      root.setAttribute("aria-busy", "true");
      root.replaceChildren(...Array.from({ length: count }, emptyTile));
    },
    say(words) { root.dataset.count = 0; root.replaceChildren(h("p", { class: "empty" }, words)); },
  };
};

// The chosen tile.
const selection = {
  figure: null, listeners: [],
  get tile() { return this.figure?.offsetParent ? this.figure.tile : null; }, // a hidden tool's picture is not chosen
  choose(figure, { focus = true } = {}) {
    this.figure?.querySelector("button.tile-picture")?.setAttribute("aria-pressed", "false");
    this.figure = figure;
    const own = figure?.querySelector("button.tile-picture");
    own?.setAttribute("aria-pressed", "true");
    if (focus) own?.focus({ preventScroll: true });
    for (const listener of this.listeners) listener(this.tile);
  },
  step(columns) {
    const all = [...(stage.querySelector("[role=tabpanel]:not([hidden])")?.querySelectorAll("figure.tile:not(.tile-empty)") ?? [])];
    if (!all.length) return;
    const at = all.indexOf(this.figure);
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + columns))];
    this.choose(next);
    next.scrollIntoView({ block: "nearest" });
  },
};

// One picture, large; arrow keys go to its neighbours, Escape closes.
const enlarge = (figure) => {
  const all = [...figure.parentElement.querySelectorAll("figure.tile:not(.tile-empty)")];
  let at = Math.max(0, all.indexOf(figure));
  const holder = h("div", {});
  const show = () => {
    const { tile } = all[at];
    holder.replaceChildren(h("figure", { class: "tile" }, h("img", { src: tile.src, alt: altOf(tile.recipe) }), h("figcaption", {},
      h("span", { class: "seed" }, caption(tile.recipe)), h("a", { href: tile.src, download: fileName(tile.recipe) }, word("create_save")))));
  };
  const close = button(word("create_close"), () => dialog.close());
  const dialog = h("dialog", { class: "lightbox", "aria-label": word("create_enlarge"), onclose: () => dialog.remove() }, holder, close);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    at = (at + step + all.length) % all.length;
    show();
    selection.choose(all[at], { focus: false });
  });
  show();
  element.append(dialog);
  dialog.showModal();
  close.focus();
};
