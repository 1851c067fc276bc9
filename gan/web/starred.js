// The tray of starred pictures. They are chosen like other pictures, ordered by dragging, and named in the bar.
import { button, h } from "./core/dom.js";
import { draggable, takesTiles } from "./core/drag.js";
import { isOwn } from "./core/kept.js";
import { altOf, caption, sameRecipe } from "./core/recipes.js";
import { choosable, keepChosen } from "./core/selection.js";
import { store } from "./core/store.js";
import { chooseLabel } from "./core/tiles.js";
import { word } from "./core/words.js";

const FEWEST_OF_FILM = 2; // pictures

/**
 * @param giveFocus called when the tray becomes empty while it has the focus
 * @param film opens the starred pictures as a film
 */
export const makeStarred = (giveFocus, film) => {
  const stars = h("div", { class: "stars", role: "group", "aria-label": word("create_stars") });
  const hint = h("p", { class: "field-info" }, word("create_no_stars"));
  const filmed = button(word("create_film_of_stars"), film, { class: "plain-button stars-film" });
  const root = h("section", { class: "starred" }, h("h2", {}, word("create_starred")), hint, stars, filmed);
  choosable(stars);
  draggable(stars);
  const placeOf = (event) => {
    const figure = event.target.closest("figure");
    return figure ? [...stars.children].indexOf(figure) : store.stars.length;
  };
  // A picture dragged from elsewhere is starred and placed where it was dropped.
  takesTiles(
    root,
    (tiles, event) => {
      const at = placeOf(event);
      store.star(tiles, true);
      tiles.forEach(({ recipe }, index) => store.moveStar(recipe, at + index));
    },
    { any: true },
  );
  stars.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const figure = event.target.closest("figure");
    if (!step || !event.altKey || !figure) return;
    event.preventDefault();
    event.stopPropagation();
    store.moveStar(figure.tile.recipe, [...stars.children].indexOf(figure) + step);
  });
  const element = (star) => {
    const alt = altOf(star.recipe);
    const named = { "aria-label": chooseLabel(star.name ? `${star.name}, ${alt}` : alt), "aria-pressed": "false" };
    const title = `${star.name ? `${star.name} · ` : ""}${star.recipe.model.name} · ${caption(star.recipe)}`;
    const image = h("img", { src: star.src, alt, draggable: "false" });
    const picture = h("button", { type: "button", class: "tile-picture mini", title, ...named }, image);
    const figure = h("figure", { class: "tile", draggable: true }, picture);
    figure.tile = star;
    return figure;
  };
  let drawn = null;
  return {
    root,
    draw() {
      filmed.hidden = store.stars.filter(isOwn).length < FEWEST_OF_FILM; // another model may be open now
      if (store.stars === drawn) return;
      drawn = store.stars;
      const focused = document.activeElement.closest?.(".stars figure");
      const at = [...stars.children].indexOf(focused);
      const chooseAgain = keepChosen(stars);
      stars.replaceChildren(...drawn.map(element));
      hint.hidden = drawn.length > 0;
      chooseAgain();
      if (at < 0) return;
      const same = [...stars.children].find((each) => sameRecipe(each.tile.recipe, focused.tile.recipe));
      const next = same ?? stars.children[Math.min(at, drawn.length - 1)];
      if (next) next.querySelector("button").focus({ preventScroll: true });
      else giveFocus();
    },
  };
};
