// A wall of pictures, one for each seed.
import { button, h } from "../../core/dom.js";
import { resized, rollSeeds } from "../../core/seeds.js";
import { word } from "../../core/words.js";
import { parseSeeds } from "../../painters/seeds.js";
import { slider, textField } from "../fields.js";
import { enlarge, tileElement } from "../tiles.js";

const MOST = 1024;
const AT_ONCE = 8;

export const picturesTool = ({ painter, refuse, set, taste, actions }) => {
  const wall = h("div", { class: "wall", id: "wall" });
  let places = []; // tile elements, by their order
  const open = (tile) => {
    const tiles = places.map(({ image }) => image.tile).filter(Boolean);
    enlarge(tiles, tiles.indexOf(tile), actions());
  };
  const seeds = textField(word("static_seeds"), {
    id: "seeds",
    info: word("static_seeds_info"),
    onchange: (text) => set({ seeds: text }),
  });
  const count = slider(word("static_count"), {
    id: "count",
    min: 1,
    max: 48,
    step: 1,
    oninput: (number) => set((state) => ({ seeds: resized(state.seeds, number) }), { quietly: true }),
  });
  const dice = button(
    word("static_dice"),
    () => set(({ seeds: text }) => ({ seeds: rollSeeds(parseSeeds(text, MOST)?.length || 12) })),
    { class: "primary-button", id: "dice" },
  );

  return {
    id: "pictures",
    label: word("static_pictures"),
    controls: [seeds.root, count.root, dice],
    stage: wall,
    random: () => dice.click(),
    async show(state, { kept, isLatest }) {
      const list = parseSeeds(state.seeds, MOST);
      seeds.show(state.seeds);
      if (!list) refuse(word("static_no_seeds", { found: state.seeds.slice(0, 40), most: MOST }));
      count.show(Math.min(48, list.length));
      const total = kept.length + list.length;
      while (places.length > total) places.pop().root.remove();
      while (places.length < total) {
        places.push(tileElement({ onopen: open }));
        wall.append(places.at(-1).root);
      }
      wall.dataset.count = total <= 1 ? "one" : total <= 4 ? "few" : total <= 24 ? "some" : "many";
      if (kept.length) (await painter.draw({ recipes: kept })).tiles.forEach((tile, index) => places[index].show(tile));
      for (let start = 0; start < list.length && isLatest(); start += AT_ONCE) {
        const part = list.slice(start, start + AT_ONCE);
        const { tiles } = await painter.pictures({ seeds: part.join(","), ...taste(state) });
        tiles.forEach((tile, index) => places[kept.length + start + index]?.show(tile));
      }
    },
  };
};
