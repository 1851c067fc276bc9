// Pictures of seeds, and variations of one chosen picture.
import { classOf } from "../core/classes.js";
import { button, h, iconButton, isEnter } from "../core/dom.js";
import { slider, textField, toggle, withButtons } from "../core/fields.js";
import { limits } from "../core/limits.js";
import { caption } from "../core/recipes.js";
import { countOf, resized, rollChance, rollSeeds } from "../core/seeds.js";
import { channel, session, taste } from "../core/session.js";
import { store } from "../core/store.js";
import { wall } from "../core/tiles.js";
import { word } from "../core/words.js";
import { askOther, otherOf } from "./comparison.js";

const FIRST_DISTANCE = 0.3; // distance of variations

export const needs = ["pictures", "draw"];

export const make = () => {
  const defaults = { seeds: limits.firstSeeds, locked: false, near: null, nearFrom: "pictures", recipes: null };
  const now = () => store.slice("pictures");
  const set = (patch, how) => store.setTool("pictures", patch, how);
  const toSeeds = { near: null, recipes: null };
  const own = wall({ id: "wall" });
  const heading = h("div", { class: "stage-heading" });
  let asking = "";
  const nearLabel = (index) => ({ label: index ? `≈ ${index}` : undefined, aside: "" });
  const draw = channel(async (answer, asked) => {
    const other = comparedTo(now(), store.state);
    if (!other || asked.seeds === undefined) {
      own.root.classList.remove("is-compared");
      return own.show(answer.tiles, (_, index) => (asked.recipe ? nearLabel(index) : {}));
    }
    const { key, tiles } = await askOther(other, "pictures", asked);
    if (key === otherOf(store.state) && asked.seeds === now().seeds) showPairs(answer.tiles, tiles);
  });
  // The same seeds of two models, in pairs side by side
  const comparedTo = ({ near, recipes }, state) => (near || recipes ? "" : otherOf(state));
  const showPairs = (tiles, others) => {
    own.root.classList.add("is-compared");
    const label = ({ recipe }) => ({ label: recipe.seed, aside: `${recipe.model.name} ${classOf(recipe)}` });
    own.show(tiles.flatMap((tile, index) => [tile, others[index]]).filter(Boolean), label);
  };
  const currentCount = () => Math.min(limits.mostPictures, Math.max(1, countOf(now().seeds) || 8));
  const asOne = (question) => JSON.stringify([question, session.model?.weights]);

  // Controls
  const typed = (text) => {
    if (!text.trim()) return store.tell();
    set({ seeds: text, locked: true, ...toSeeds });
  };
  const dice = iconButton(
    "dice",
    word("create_dice"),
    () => set({ seeds: rollSeeds(currentCount()), locked: false, ...toSeeds }),
    { id: "dice" },
  );
  const lock = toggle(word("create_lock"), { id: "lock", onchange: (on) => set({ locked: on }) });
  const seeds = withButtons(
    textField(word("create_seeds"), {
      id: "seeds",
      info: word("create_seeds_info"),
      why: word("create_seed_is"),
      onchange: typed,
    }),
    dice,
  );
  // Enter shows the pictures of the seeds again, even if variations are open
  seeds.input.addEventListener("keydown", (event) => isEnter(event) && set(toSeeds));
  const count = slider(word("create_count"), {
    id: "count",
    min: 1,
    max: limits.mostPictures,
    step: 1,
    onchange: (value) => set({ seeds: resized(now().seeds, value), ...toSeeds }),
  });
  // The action of the primary button: choose new seeds unless they are locked, and request the pictures again.
  const generate = () => {
    asking = "";
    const { seeds: shown, locked } = now();
    set({ seeds: locked ? shown : rollSeeds(currentCount()), ...toSeeds });
  };
  const go = button(word("create_go"), generate, { id: "generate", class: "primary-button" });

  // The header of variations and of recalled pictures
  const distance = slider(word("create_distance"), {
    min: 0.05,
    max: 1,
    step: 0.05,
    format: (value) => `${Math.round(100 * value)} %`,
    oninput: (value, held) => set({ near: { ...now().near, distance: value } }, { mark: "distance", held }),
  });
  const nearName = h("b", {});
  // Variations of a picture of another tool lead back to that tool.
  const goBack = () => store.set({ tool: now().nearFrom, tools: store.withSlice("pictures", { near: null }) });
  const back = button("", goBack);
  const nearHeading = [
    h("span", {}, word("create_variations_of"), " ", nearName),
    distance.root,
    button(word("create_other_ones"), () => set({ near: { ...now().near, seed: rollChance() } })),
    back,
  ];
  const drawHeading = ({ near, nearFrom, recipes }) => {
    if (near) {
      nearName.textContent = caption(near.recipe);
      distance.value = near.distance;
      const isHere = nearFrom === "pictures";
      const tool = word(`create_tool_${nearFrom}`);
      back.textContent = isHere ? word("create_back_to_seeds") : word("create_back_to_tool", { tool });
      if (!heading.contains(distance.root)) heading.replaceChildren(...nearHeading);
    } else if (recipes) {
      const back = button(word("create_back_to_seeds"), () => set({ recipes: null }));
      heading.replaceChildren(h("span", {}, word("create_recalled")), back);
    } else heading.replaceChildren();
  };

  const questionOf = ({ near, recipes, seeds: text }, state) => {
    if (near) return ["variations", { model: state.model, ...near }];
    return recipes ? ["draw", { model: state.model, recipes }] : ["pictures", { ...taste(state), seeds: text }];
  };

  return {
    label: word("create_tool_pictures"),
    compares: true,
    defaults,
    build: () => ({ controls: [h("div", {}, seeds.root, lock.root), count.root, go], stage: [heading, own.root] }),
    update(slice, state) {
      seeds.value = slice.seeds;
      count.value = currentCount();
      lock.value = slice.locked;
      drawHeading(slice);
      const question = questionOf(slice, state);
      const key = asOne([question, comparedTo(slice, state)]);
      if (key === asking) return;
      asking = key;
      own.wait(8);
      return draw(...question);
    },
    generate,
    random: () => dice.click(),
    /** Show the pictures that came with the page, without a request. */
    begin(tiles) {
      own.show(tiles);
      asking = asOne([questionOf(defaults, store.state), ""]);
    },
    recall: (recipe) => ({
      ...toSeeds,
      ...(recipe.seed !== undefined ? { seeds: String(recipe.seed) } : { recipes: [recipe] }),
    }),
    actions: [
      {
        label: "create_variations",
        needs: ["variations"],
        run: ([{ recipe }]) => {
          const near = { recipe, distance: FIRST_DISTANCE, seed: 0 };
          const { tool } = store.state;
          const nearFrom = tool === "pictures" && now().near ? now().nearFrom : tool;
          store.show("pictures", { near, nearFrom }, { did: "variations" });
        },
        hidden: (tiles) => tiles.length !== 1,
      },
    ],
  };
};
