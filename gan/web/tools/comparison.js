// A second model, whose pictures of the same seeds are shown next to those of the open model.
import { drawer, h } from "../core/dom.js";
import { select } from "../core/fields.js";
import { largePicture } from "../core/large_picture.js";
import { explain } from "../core/notices.js";
import { selection } from "../core/selection.js";
import { askOnce, channel, session } from "../core/session.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";

/** The key of the second model; "" where none is chosen. */
export const otherOf = ({ other, model }) => {
  const isKnown = other && other !== model && session.models.some(({ key }) => key === other);
  return isKnown ? other : "";
};

/** The field that chooses the second model, in a drawer. */
export const makeComparison = () => {
  const field = select(word("create_compare_with"), {
    id: "compare-with",
    info: word("create_compare_info"),
    onchange: (other) => store.set({ other }),
  });
  const root = drawer(word("create_compare"), field.root);
  return {
    root,
    /** @param offered whether the present tool can show a second model */
    draw(state, offered) {
      const others = session.models.filter(({ key }) => key !== session.model.key);
      root.hidden = !offered || !others.length;
      field.options = [["", word("create_compare_none")], ...others.map(({ key, label }) => [key, label])];
      field.value = otherOf(state);
      if (field.value) root.open = true;
    },
  };
};

/**
 * A request for the second model. Where that model lacks the chosen class, its seeds choose their classes.
 * @returns {Promise<{asked: Object, model: import("../painters/painter.js").Model}>}
 */
export const forOther = async (key, asked) => {
  const { model } = await askOnce("describe", key);
  const has = (name) => (model.classes.includes(name) ? name : "");
  const classes = { class: has(asked.class), mix_with: has(asked.class) && has(asked.mix_with) };
  return { asked: { ...asked, model: key, ...classes }, model };
};

/**
 * The second model's answer to a request of seeds: {key, tiles}. If the painter refuses, the list is empty, and the
 * reason is shown.
 */
export const askOther = async (key, operation, question) => {
  try {
    const { asked } = await forOther(key, question);
    return { key, tiles: (await askOnce(operation, asked)).tiles };
  } catch (error) {
    explain(error);
    return { key, tiles: [] };
  }
};

/** Whether another model can draw a picture from the same seed. */
const isPlain = ({ seed, mix, directions }) => seed !== undefined && !mix && !directions?.length;

/**
 * The pictures of another model from the same seeds: recipes where it has their class, else seeds.
 * @returns {(Object | number)[] | null} null where a picture comes from a latent, or from tools that changed it
 */
export const sameSeeds = (recipes, model) => {
  if (!recipes.every(isPlain)) return null;
  const own = { name: model.name, weights_sha256: model.weights };
  const known = ({ class: name, class_mix: mix }) =>
    model.classes.includes(name) && (!mix || model.classes.includes(mix.class));
  return recipes.map((recipe) => {
    if (!known(recipe)) return recipe.seed;
    const { lineage: _, enlarged: __, ...kept } = recipe;
    return { ...kept, model: own };
  });
};

/**
 * The second model's large picture, next to a tool's own one. It is hidden until it has something to show.
 * @param labelOf the words below it for a tile; for a frame of a film, called without a tile
 */
export const secondPicture = (tool, labelOf) => {
  const picture = largePicture(tool, () => selection.choose(picture.root, { byHand: true }));
  const reason = h("p", { class: "field-info" });
  picture.root.classList.replace(`${tool}-picture`, "second-picture");
  picture.root.append(reason);
  picture.root.hidden = true;
  const nameOf = (key) => session.models.find((each) => each.key === key)?.label ?? "";
  const put = (key, why) => {
    picture.root.hidden = !key;
    if (why) {
      picture.root.tile = null;
      picture.label.textContent = "";
    }
    if ((!key || why) && selection.figures.includes(picture.root)) selection.put([]);
    picture.root.classList.toggle("is-empty", why !== "");
    picture.root.classList.toggle("tile-empty", !picture.root.tile); // keys do not choose it
    reason.textContent = why;
    picture.aside.textContent = nameOf(key);
  };
  const receive = channel((answer, { model }) => {
    if (model !== otherOf(store.state)) return;
    picture.show(answer.tiles[0]);
    picture.root.classList.remove("tile-empty");
    picture.label.textContent = labelOf(answer.tiles[0]);
  });
  return {
    ...picture,
    hide: () => put("", ""),
    /** Say why there is no picture. */
    refuse: (key, why) => put(key, why),
    /** Ask for the picture. Requests made during a drag are not queued. */
    ask(key, operation, asked) {
      put(key, "");
      return receive(operation, asked);
    },
    /** Show a frame of a film in its place. */
    showFrame(src) {
      picture.image.src = src;
      picture.label.textContent = labelOf();
    },
  };
};
