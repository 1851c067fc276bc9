// Breeding: pictures are marked as parents, and their eight children can be parents again.
import { button, h } from "../../core/dom.js";
import { firstOfOneClass, rollChance, rollOfOneClass } from "../../core/seeds.js";
import { word } from "../../core/words.js";
import { slider } from "../fields.js";
import { altOf, tileElement } from "../tiles.js";

const FOUNDERS = 8;
const MUTATION = 0.2; // as in the app (gan/limits.py)

export const breedTool = ({ painter, model, refuse, taste }) => {
  const wall = h("div", { class: "wall", id: "breed-wall" });
  const heading = h("p", { class: "heading", "aria-live": "polite" });
  let rolled = null; // the seeds of the beginning after a roll
  let tiles = [];
  let marked = new Set(); // numbers of the parents
  let number = 0; // of the generation
  let known = ""; // settings of the beginning
  let mutation = MUTATION;

  const mark = (index) => {
    if (!marked.delete(index)) marked.add(index);
    paint();
  };
  const places = Array.from({ length: FOUNDERS }, (_, index) => tileElement({ onopen: () => mark(index) }));
  wall.append(...places.map(({ root }) => root));
  const paint = () => {
    heading.textContent = number ? word("static_generation", { number }) : word("static_founders");
    go.disabled = !marked.size;
    places.forEach(({ root, image }, index) => {
      if (!image.tile) return;
      const open = root.querySelector("button");
      open.setAttribute("aria-pressed", String(marked.has(index)));
      const what = altOf(image.tile.recipe);
      open.setAttribute("aria-label", word("static_parent_mark", { number: index + 1, what }));
      root.classList.toggle("is-parent", marked.has(index));
      if (number) root.querySelector("figcaption b").textContent = word("static_child", { number: index + 1 });
    });
  };
  const put = (given, generation) => {
    [tiles, marked, number] = [given, new Set(), generation];
    tiles.forEach((tile, index) => places[index].show(tile));
    paint();
  };
  const strength = slider(word("static_mutation"), {
    id: "mutation",
    min: 0,
    max: 1,
    step: 0.05,
    info: word("static_mutation_info"),
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value) => {
      mutation = value;
    },
  });
  strength.show(MUTATION);
  let last = null; // settings of the newest request
  let busy = false;
  const busyWhile = async (act) => {
    if (busy || !last) return;
    busy = true;
    document.body.dataset.state = "busy";
    try {
      await act();
      document.body.dataset.state = "ready";
    } catch (error) {
      refuse(error.message, { gently: true });
    }
    busy = false;
  };
  const go = button(
    word("static_breed"),
    () =>
      busyWhile(async () => {
        const parents = [...marked].sort((a, b) => a - b).map((index) => ({ recipe: tiles[index].recipe }));
        const generation = { parents, seed: rollChance(), mutation };
        const answer = await painter.breed({ generations: [generation], ...last });
        put(answer.tiles, number + 1);
      }),
    { class: "primary-button", id: "breed", disabled: true },
  );
  const restart = () =>
    busyWhile(async () => {
      rolled = rollOfOneClass(FOUNDERS, model, last.class).sort((a, b) => a - b);
      put((await painter.pictures({ seeds: rolled.join(","), ...last })).tiles, 0);
    });

  paint();
  return {
    id: "breed",
    label: word("static_breed"),
    controls: [
      h("p", { class: "info" }, word("static_breed_info")),
      strength.root,
      go,
      button(word("static_others"), restart),
    ],
    stage: h("div", {}, heading, wall),
    random: restart,
    async show(state) {
      last = taste(state);
      const key = JSON.stringify(last);
      if (key === known) return;
      if (known && JSON.parse(known).class !== last.class) rolled = null;
      const founders = rolled ?? firstOfOneClass(FOUNDERS, model, state.class);
      put((await painter.pictures({ seeds: founders.join(","), ...last })).tiles, 0);
      known = key;
    },
  };
};
