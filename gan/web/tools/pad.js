// The pad of Explore: small pictures of the seeds around, which move like a map, and the drags that move it.
import { h } from "../core/dom.js";
import { explain } from "../core/notices.js";
import { ask, session, taste } from "../core/session.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";
import { placesAround } from "./plane.js";

const MOST_SMALL = 800; // pictures remembered
const AT_ONCE = 12; // pictures in one request
const AT_ONCE_IN_A_DRAG = 4; // few, because the large picture comes first
const FAR = 6; // seeds from side to side; if more are visible, their numbers do not fit
const STILL = 4; // pixels; a shorter movement counts as a click

/**
 * @param now the current position: {x, y, reach}
 * @param inGesture whether a gesture lasts
 */
export const makePad = (now, inGesture) => {
  const plane = h("div", { class: "plane", "aria-hidden": "true" });
  const reticle = h("div", { class: "reticle", "aria-hidden": "true" });
  const named = { "aria-label": word("create_explore_pad"), "aria-describedby": "pad-info" };
  const range = { "aria-valuemin": "-1000000", "aria-valuemax": "1000000" };
  const root = h("div", { class: "pad", role: "slider", tabindex: "0", id: "pad", ...named, ...range }, plane, reticle);
  const shown = new Map(); // "i,j" -> the element of a seed
  const smalls = new Map(); // settings and position -> {seed, src}
  const tasteKey = () => JSON.stringify([taste(store.state), session.model.weights]);

  const drawSeed = (element, key) => {
    const small = smalls.get(key);
    if (!small || element.drawn === key) return;
    element.drawn = key;
    element.replaceChildren(
      h("img", { src: small.src, alt: "", draggable: "false" }),
      h("span", {}, String(small.seed)),
    );
  };
  const drawPlane = (at, places) => {
    const sight = new Set(places.map(String));
    const [nearest] = places;
    for (const [place, element] of shown) {
      if (sight.has(place)) continue;
      element.remove();
      shown.delete(place);
    }
    for (const [i, j] of places) {
      const place = `${i},${j}`;
      if (!shown.has(place)) {
        const element = h("div", { class: "plane-seed", style: `--i:${i};--j:${j}` });
        shown.set(place, element);
        plane.append(element);
      }
      shown.get(place).classList.toggle("is-nearest", i === nearest[0] && j === nearest[1]);
      drawSeed(shown.get(place), `${tasteKey()} ${place}`);
    }
    plane.style.setProperty("--cell", `${100 / at.reach}%`);
    plane.style.transform = `translate(${(-at.x * 100) / at.reach}%, ${(at.y * 100) / at.reach}%)`;
    root.classList.toggle("is-far", at.reach > FAR);
  };

  const fetchSome = async (key, places) => {
    const { seeds, small } = await ask("seedsAround", { ...taste(store.state), places });
    places.forEach((place, index) => smalls.set(`${key} ${place}`, { seed: seeds[index], src: small[index] }));
    while (smalls.size > MOST_SMALL) smalls.delete(smalls.keys().next().value);
    if (key !== tasteKey()) return;
    for (const place of places) {
      const element = shown.get(String(place));
      if (element) drawSeed(element, `${key} ${place}`);
    }
  };
  let fetching = false;
  const fetchSmalls = async () => {
    if (fetching) return;
    fetching = true;
    try {
      while (store.state.tool === "explore") {
        const key = tasteKey();
        const missing = placesAround(now()).filter((place) => !smalls.has(`${key} ${place}`));
        if (!missing.length) break;
        await fetchSome(key, missing.slice(0, inGesture() ? AT_ONCE_IN_A_DRAG : AT_ONCE));
      }
    } catch (error) {
      explain(error);
    }
    fetching = false;
  };

  return {
    root,
    /** Show the current position. */
    draw() {
      const at = now();
      const places = placesAround(at);
      drawPlane(at, places);
      const seed = smalls.get(`${tasteKey()} ${places[0]}`)?.seed ?? "";
      const where = { x: at.x.toFixed(2), y: at.y.toFixed(2), seed };
      root.setAttribute("aria-valuenow", String(at.x));
      root.setAttribute("aria-valuetext", word("create_explore_at", where));
      fetchSmalls();
    },
  };
};

/**
 * A drag moves the plane with the pointer; two fingers zoom.
 * @param does now() -> {x, y, reach}; move(patch); stop() before a drag; end() after it
 */
export const takeDrags = (target, does, takes = () => true) => {
  const down = new Map();
  let from = null;
  let moved = false;
  const spread = () => {
    const [a, b] = [...down.values()];
    return b ? Math.hypot(a.x - b.x, a.y - b.y) : null;
  };
  const begin = () => {
    const [first] = down.values();
    from = { ...does.now(), px: first.x, py: first.y, spread: spread() };
  };
  const beginMoving = (event) => {
    does.stop(); // a glide stops when a finger touches the pad
    from = { ...from, ...does.now() };
    moved = true;
    target.setPointerCapture(event.pointerId);
    target.classList.add("is-held");
  };
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !takes(event)) return;
    if (!down.size) moved = false;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    begin();
  });
  target.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const [first] = down.values();
    const [dx, dy] = [first.x - from.px, first.y - from.py];
    if (!moved && Math.hypot(dx, dy) < STILL && down.size === 1) return;
    if (!moved) beginMoving(event);
    const width = target.getBoundingClientRect().width;
    const reach = from.spread && spread() ? (from.reach * from.spread) / spread() : from.reach;
    does.move({ x: from.x - (dx / width) * reach, y: from.y + (dy / width) * reach, reach });
  });
  const end = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (down.size) return begin();
    if (!moved) return;
    target.classList.remove("is-held");
    does.end();
  };
  for (const kind of ["pointerup", "pointercancel"]) target.addEventListener(kind, end);
  return { moved: () => moved };
};
