// Pictures with their captions, and a view of one large picture.
import { button, h } from "../core/dom.js";
import { fileStem, isPlain } from "../core/recipes.js";
import { word } from "../core/words.js";
import { className } from "./words.js";

const captionOf = (recipe) => (isPlain(recipe) ? String(recipe.seed) : word("static_edited"));
/** The name of a picture's class as a list; empty without a class. */
const classOf = (recipe) => (recipe.class ? [className(recipe.class)] : []);
export const fileName = (recipe) => {
  const edited = () => `${recipe.lineage?.tool ?? "edited"}-${Date.now() % 1e6}`;
  return `${fileStem(recipe.model.name)}-${isPlain(recipe) ? recipe.seed : edited()}.png`;
};
export const altOf = (recipe) =>
  isPlain(recipe)
    ? word("static_alt", { seed: recipe.seed, model: recipe.model.name })
    : word("static_alt_edited", { model: recipe.model.name });

/** Put a picture into an <img>, and release the one it showed before. */
export const showTile = (image, tile) => {
  const before = image.src;
  image.src = tile.src;
  image.alt = altOf(tile.recipe);
  if (tile.recipe.seed !== undefined && isPlain(tile.recipe)) image.dataset.seed = tile.recipe.seed;
  else delete image.dataset.seed;
  image.tile = tile;
  if (before.startsWith("blob:")) URL.revokeObjectURL(before);
};

/** Return an empty place for a picture; `show` fills it and may be called again. */
export const tileElement = ({ onopen, captioned = true } = {}) => {
  const image = h("img", { alt: "", draggable: "false" });
  const open = h(
    "button",
    { type: "button", class: "picture", disabled: true, onclick: () => onopen?.(image.tile) },
    image,
  );
  const name = h("span", {});
  const save = h("a", { class: "save" }, "PNG");
  const root = h("figure", { class: "tile" }, open, captioned && h("figcaption", {}, name, save));
  return {
    root,
    image,
    show(tile) {
      showTile(image, tile);
      open.disabled = false;
      open.setAttribute("aria-label", word("static_open", { what: altOf(tile.recipe) }));
      name.replaceChildren(h("b", {}, captionOf(tile.recipe)), ...classOf(tile.recipe).map((words) => ` · ${words}`));
      save.href = tile.src;
      save.download = fileName(tile.recipe);
      save.setAttribute("aria-label", `${word("static_save")}: ${altOf(tile.recipe)}`);
    },
  };
};

/** Show one picture large; arrow keys go to its neighbours. `actions`: [words, (recipe) => …]. */
export const enlarge = (tiles, at, actions) => {
  const image = h("img", {});
  const caption = h("p", { class: "caption" });
  const save = h("a", { class: "primary-button" }, word("static_save"));
  const row = h(
    "div",
    { class: "button-row" },
    save,
    actions.map(([words, run]) =>
      button(words, () => {
        const { recipe } = tiles[at];
        dialog.close();
        run(recipe);
      }),
    ),
  );
  const dialog = h(
    "dialog",
    { class: "large", "aria-label": word("static_large"), onclose: () => dialog.remove() },
    h(
      "button",
      { type: "button", class: "close", "aria-label": word("static_close"), onclick: () => dialog.close() },
      "×",
    ),
    image,
    caption,
    row,
  );
  const show = () => {
    const { src, recipe } = tiles[at];
    image.src = src;
    image.alt = altOf(recipe);
    caption.textContent = [captionOf(recipe), ...classOf(recipe), `ψ ${recipe.psi}`].join(" · ");
    save.href = src;
    save.download = fileName(recipe);
    for (const each of row.querySelectorAll("button")) each.disabled = recipe.seed === undefined;
  };
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    at = (at + step + tiles.length) % tiles.length;
    show();
  });
  show();
  document.body.append(dialog);
  dialog.showModal();
};
