// A picture pushed along the directions that the model's maker found and named.
import { button, h } from "../../core/dom.js";
import { rollSeed } from "../../core/seeds.js";
import { word } from "../../core/words.js";
import { MAX_SEED, parseSeeds } from "../../painters/seeds.js";
import { slider, textField } from "../fields.js";
import { enlarge, tileElement } from "../tiles.js";

const FARTHEST = 3; // standard deviations
const pushesIn = (text) =>
  new Map(
    text
      .split(",")
      .filter(Boolean)
      .map((part) => part.split(":").map(Number)),
  );

export const directionsTool = ({ painter, model, refuse, set, taste, actions }) => {
  const picture = tileElement({ onopen: (tile) => enlarge([tile], 0, actions()) });
  picture.root.classList.add("hero");
  const seed = textField(word("static_seed"), {
    id: "direction-seed",
    numeric: true,
    onchange: (text) => set({ seed: text.trim() }),
  });
  const strengths = new Map();
  const tell = () =>
    [...strengths]
      .filter(([, strength]) => strength)
      .map((pair) => pair.join(":"))
      .join(",");
  const sliders = model.directions.map(({ name }, index) =>
    slider(name, {
      id: `direction-${index}`,
      min: -FARTHEST,
      max: FARTHEST,
      step: 0.1,
      format: (value) => value.toFixed(1).replace("-", "−"),
      oninput: (value) => {
        strengths.set(index, value);
        set({ pushes: tell() }, { quietly: true });
      },
    }),
  );
  const roll = () => set({ seed: String(rollSeed()) });
  return {
    id: "directions",
    label: word("static_directions"),
    controls: [
      seed.root,
      button(word("static_dice"), roll),
      h(
        "div",
        { class: "sliders" },
        sliders.map(({ root }) => root),
      ),
      button(word("static_level"), () => set({ pushes: "" })),
    ],
    stage: picture.root,
    random: roll,
    async show(state) {
      seed.show(state.seed);
      if (!parseSeeds(state.seed, 1))
        refuse(word("static_one_seed", { found: state.seed.slice(0, 40), most: MAX_SEED }));
      const given = pushesIn(state.pushes);
      strengths.clear();
      sliders.forEach((each, index) => {
        strengths.set(index, given.get(index) ?? 0);
        each.show(strengths.get(index));
      });
      const pushes = model.directions.flatMap(({ name, vector, layers }, index) =>
        strengths.get(index) ? [{ name, vector, strength: strengths.get(index), ...(layers ? { layers } : {}) }] : [],
      );
      const {
        tiles: [tile],
      } = await painter.push({ seed: state.seed, pushes, ...taste(state) });
      picture.show(tile);
    },
  };
};
