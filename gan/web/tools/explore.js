// A plane of seeds to drag: whole points are seeds, and other points are blends. The large picture is the one in the
// middle of the pad. A drag is drawn at once and becomes one state when it ends.
import { classOf } from "../core/classes.js";
import { button, h } from "../core/dom.js";
import { slider, textField } from "../core/fields.js";
import { largePicture } from "../core/large_picture.js";
import { explain, sayNothing, sayTrouble } from "../core/notices.js";
import { selection } from "../core/selection.js";
import { channel, session, taste } from "../core/session.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";
import { placeOf } from "../painters/seeds.js";
import { forOther, otherOf, secondPicture } from "./comparison.js";
import { makePad, takeDrags } from "./pad.js";
import { clamp, mostPlaced, nearestPlace, rounded } from "./plane.js";

const LEAST_REACH = 1.5;
const MOST_REACH = 9;
const FARTHEST = 1e6;
const GLIDE = 450; // milliseconds
const ZOOM_ENDS = 250; // milliseconds after the last turn of the wheel
const SOMEWHERE = 400; // random steps from the middle
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export const needs = ["explore", "seedsAround", "draw"];

export const make = () => {
  const defaults = { x: 0, y: 0, reach: 4, kept: null };
  let live = null; // the position during a gesture, else null
  const now = () => live ?? store.slice("explore");

  // The large picture
  const picture = largePicture("explore", () => picture.choose({ byHand: true }));
  const labelOf = ({ recipe }) => {
    const seeds = recipe.lineage?.parents?.map((parent) => parent.seed) ?? [];
    return recipe.seed ?? word("create_explore_between", { seeds: seeds.join(", ") });
  };
  const showPicture = (tile) => {
    const { recipe } = tile;
    picture.show(tile);
    picture.label.textContent = labelOf(tile);
    picture.aside.textContent = classOf(recipe);
    seed.value = recipe.seed ?? "";
    if (!live) picture.choose();
  };
  const askPicture = channel((answer, asked) => {
    if (asked.model === store.state.model) showPicture(answer.tiles[0]);
  });

  // The second model's picture at the same position
  const second = secondPicture("explore", labelOf);
  const askSecond = async ({ x, y }) => {
    const key = otherOf(store.state);
    if (!key) return second.hide();
    try {
      const { asked } = await forOther(key, { ...taste(store.state), x, y });
      return second.ask(key, "explore", asked);
    } catch (error) {
      return explain(error);
    }
  };

  // Drawing the current position
  const pad = makePad(now, () => live !== null);
  let asking = "";
  const questionOf = ({ x, y, kept }, { model, psi, class: name, mixWith }) => {
    const isKept = kept && kept.psi === psi && (kept.class ?? "") === name && !mixWith;
    return isKept ? ["draw", { model, recipes: [kept] }] : ["explore", { ...taste(store.state), x, y }];
  };
  const draw = () => {
    pad.draw();
    const question = questionOf(now(), store.state);
    const key = JSON.stringify([question, session.model.weights, otherOf(store.state)]);
    if (key === asking) return;
    asking = key;
    return Promise.all([askPicture(...question), askSecond(now())]);
  };

  // Gestures
  const go = (patch) => {
    const at = { ...now(), kept: null, ...patch };
    const place = (value) => rounded(clamp(value, -FARTHEST, FARTHEST));
    live = { ...at, x: place(at.x), y: place(at.y), reach: rounded(clamp(at.reach, LEAST_REACH, MOST_REACH)) };
    draw();
  };
  let gliding = 0;
  const settle = (how) => {
    cancelAnimationFrame(gliding);
    if (!live) return;
    const { x, y, reach } = live;
    live = null;
    store.setTool("explore", { x, y, reach, kept: null }, how);
  };
  const jump = ({ x, y }) => {
    settle();
    go({ x, y });
    settle();
  };
  // Moves to a near position are animated
  const glide = ({ x, y }) => {
    settle();
    const from = now();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still || Math.hypot(x - from.x, y - from.y) > 2 * MOST_REACH) return jump({ x, y });
    const began = performance.now();
    const step = (time) => {
      const t = clamp((time - began) / GLIDE, 0, 1);
      const eased = t * t * (3 - 2 * t);
      go({ x: from.x + eased * (x - from.x), y: from.y + eased * (y - from.y) });
      if (t < 1) gliding = requestAnimationFrame(step);
      else settle();
    };
    gliding = requestAnimationFrame(step);
  };
  const isNearlyThere = (at) => Math.hypot(at.x - Math.round(at.x), at.y - Math.round(at.y)) < 0.012 * at.reach;
  const drags = {
    now,
    move: go,
    stop: () => settle(),
    end() {
      if (live && isNearlyThere(live)) go(nearestPlace(live)); // snaps to a near seed
      settle();
    },
  };
  const padDrag = takeDrags(pad.root, drags);
  takeDrags(picture.surface, drags, (event) => event.pointerType !== "touch"); // on it a finger scrolls the page
  pad.root.addEventListener("click", (event) => {
    if (padDrag.moved() || event.detail > 1) return; // the first click of a double click has been handled already
    const box = pad.root.getBoundingClientRect();
    const { x, y, reach } = now();
    const [across, up] = [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
    glide(nearestPlace({ x: x + (across / box.width) * reach, y: y - (up / box.width) * reach }));
  });
  let wheeling = 0;
  const turnWheel = (event) => {
    event.preventDefault();
    go({ reach: now().reach * Math.exp(clamp(event.deltaY, -120, 120) * 0.0018) });
    clearTimeout(wheeling);
    wheeling = setTimeout(() => settle({ mark: "explore-zoom" }), ZOOM_ENDS);
  };
  pad.root.addEventListener("wheel", turnWheel, { passive: false });
  const step = (patch) => {
    go(patch);
    settle({ mark: "explore-keys" });
  };
  pad.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { x, y, reach } = now();
    const { key } = event;
    const [dx, dy] = DIRECTIONS[key] ?? [0, 0];
    if ((dx || dy) && event.shiftKey) glide({ x: Math.round(x) + dx, y: Math.round(y) + dy });
    else if (dx || dy) step({ x: x + (dx * reach) / 24, y: y + (dy * reach) / 24 });
    else if (key === "Enter" || key === " ") glide(nearestPlace({ x, y }));
    else if (key === "Home") glide({ x: 0, y: 0 });
    else if (key === "+" || key === "-") step({ reach: key === "+" ? reach / 1.25 : reach * 1.25 });
    else return;
    event.preventDefault();
    event.stopPropagation(); // outside the pad these keys go from picture to picture
  });

  // Controls
  const goToSeed = (text) => {
    if (!text.trim()) {
      seed.value = picture.root.tile?.recipe.seed ?? "";
      return;
    }
    if (!/^\s*\d+\s*$/.test(text) || Number(text) > mostPlaced()) {
      sayTrouble(word("create_explore_no_seed", { found: text.slice(0, 40), most: mostPlaced() }));
      return;
    }
    sayNothing();
    glide(placeOf(Number(text)));
  };
  const seed = textField(word("create_explore_seed"), {
    id: "explore-seed",
    info: word("create_explore_seed_info"),
    onchange: goToSeed,
  });
  seed.input.inputMode = "numeric";
  const anywhere = () => {
    const roll = () => Math.floor(Math.random() * (2 * SOMEWHERE + 1)) - SOMEWHERE;
    jump({ x: roll(), y: roll() });
  };
  const reach = slider(word("create_explore_reach"), {
    id: "explore-reach",
    min: LEAST_REACH,
    max: MOST_REACH,
    step: 0.5,
    reset: defaults.reach,
    info: word("create_explore_reach_info"),
    format: (value) => word("create_explore_seeds_across", { count: value.toFixed(1) }),
    oninput: (value, held) => store.setTool("explore", { reach: value }, { mark: "explore-zoom", held }),
  });
  const somewhere = button(word("create_explore_anywhere"), anywhere, {
    id: "explore-anywhere",
    class: "primary-button",
  });
  const pictures = h("div", { class: "large-pictures" }, picture.root, second.root);
  const info = h("p", { class: "field-info", id: "pad-info" }, word("create_explore_info"));
  return {
    label: word("create_tool_explore"),
    about: word("create_use_explore"),
    defaults,
    carries: false, // the position stays the same
    compares: true,
    build: () => ({
      controls: [seed.root, reach.root, somewhere],
      stage: h("div", { class: "explore" }, pictures, h("div", {}, pad.root, info)),
    }),
    update(slice) {
      reach.value = slice.reach;
      if (![picture.root, second.root].includes(selection.figure)) picture.choose();
      return draw();
    },
    generate: anywhere,
    random: anywhere,
    recall(recipe) {
      const { tool, settings } = recipe.lineage ?? {};
      if (tool !== "explore" || !Number.isFinite(settings?.x) || !Number.isFinite(settings?.y)) return null;
      return { x: settings.x, y: settings.y, kept: recipe };
    },
    /** Go to the position of a picture. */
    take([{ recipe }]) {
      const own = recipe.lineage?.tool === "explore" ? recipe.lineage.settings : null;
      const { x, y } = own ?? (recipe.seed <= mostPlaced() ? placeOf(recipe.seed) : {});
      const took = { count: 1, most: 1 };
      if (x !== undefined) return { tools: store.withSlice("explore", { x, y, kept: null }), took };
      sayTrouble(word("create_explore_no_place", { most: mostPlaced() }));
      return null;
    },
  };
};
