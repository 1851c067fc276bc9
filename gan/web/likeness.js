// Shows the training pictures nearest to a generated picture, so that the user sees whether it is a copy.
import { h } from "./core/dom.js";
import { explain, sayNote, sayNothing } from "./core/notices.js";
import { altOf, caption } from "./core/recipes.js";
import { openDialog } from "./core/selection.js";
import { ask, canDo, session } from "./core/session.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";

/** Whether the painter can compare pictures of the open model with its training pictures. */
export const canCompare = () =>
  canDo(["nearestTraining"]) && Boolean(session.model?.capabilities.knows_training_set);

const figure = (src, alt, ...words) =>
  h("figure", { class: "tile" }, h("img", { src, alt }), h("figcaption", {}, h("span", {}, ...words)));

const original = (found, how) => {
  const verdict = word(found.near ? "create_like_near" : "create_like_far");
  return figure(found.src, word(how), h("b", {}, word(how)), " ", verdict);
};

/** Ask for the nearest training pictures of a tile, and show them next to it. */
export const showLikeness = async ({ src, recipe }) => {
  sayNote(word("create_like_searching"));
  try {
    const found = await ask("nearestTraining", { model: store.state.model, recipe });
    sayNothing();
    const isNear = found.pixels.near || found.features.near;
    const sentence = word(isNear ? "create_like_is_near" : "create_like_is_new", found);
    openDialog(
      { class: "lightbox likeness", "aria-label": word("create_like") },
      h("p", { role: "status" }, sentence),
      h(
        "div",
        { class: "likeness-row" },
        figure(src, altOf(recipe), h("b", {}, caption(recipe))),
        original(found.pixels, "create_like_pixels"),
        original(found.features, "create_like_features"),
      ),
      h("p", { class: "field-info" }, word("create_like_info", found)),
    );
  } catch (error) {
    explain(error);
  }
};
