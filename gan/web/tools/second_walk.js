// The walk of a second model over the same seeds as the walk of the open model.
import { explain } from "../core/notices.js";
import { askOnce, taste } from "../core/session.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";
import { forOther, otherOf, sameSeeds, secondPicture } from "./comparison.js";

/**
 * @param labelOf the words below its picture
 * @param onready called when the walk has changed
 */
export const makeSecondWalk = (labelOf, onready) => {
  const picture = secondPicture("morph", labelOf);
  let walk = null; // {key, recipes, space}
  let wanted = "";

  const find = async (key, stops) => {
    const { asked, model } = await forOther(key, taste(store.state));
    const seeds = sameSeeds(
      stops.map(({ recipe }) => recipe),
      model,
    );
    if (!seeds) return { key, why: word("create_compare_not_plain") };
    const { tiles, spaces } = await askOnce("stops", { ...asked, stops: seeds });
    const space = Object.keys(spaces).find((each) => spaces[each] === null);
    return space ? { key, recipes: tiles.map(({ recipe }) => recipe), space } : { key, why: Object.values(spaces)[0] };
  };

  return {
    root: picture.root,
    /**
     * Follow the walk of the open model.
     * @param stops its tiles
     * @param name differs between walks
     */
    async follow(stops, name) {
      const key = stops.length ? otherOf(store.state) : "";
      const now = JSON.stringify([key, name]);
      if (now === wanted) return;
      wanted = now;
      walk = null;
      if (!key) return picture.hide();
      try {
        const found = await find(key, stops);
        if (now !== wanted) return;
        if (found.why !== undefined) return picture.refuse(key, found.why);
        walk = found;
        onready();
      } catch (error) {
        explain(error);
      }
    },
    /** Show the point between two stops, as `partAt` returns it. */
    show({ from, to, t }) {
      if (!walk) return;
      const { key, recipes, space } = walk;
      const isStop = t === 0 || t === 1 || from === to;
      if (isStop) return picture.ask(key, "draw", { model: key, recipes: [recipes[t === 1 ? to : from]] });
      return picture.ask(key, "between", { model: key, a: recipes[from], b: recipes[to], t, space });
    },
    /** The walk in the form that the painter takes, in a list; an empty list where there is none. */
    asked: (pace) => (walk ? [{ model: walk.key, recipes: walk.recipes, space: walk.space, ...pace }] : []),
    showFrame: (src) => src && picture.showFrame(src),
  };
};
