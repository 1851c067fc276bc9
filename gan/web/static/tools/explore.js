// A plane of seeds to drag: whole points are seeds, and other points are blends of the four seeds around them.
import { button, h } from "../../core/dom.js";
import { word } from "../../core/words.js";
import { MAX_SEED, parseSeeds, placeOf } from "../../painters/seeds.js";
import { textField } from "../fields.js";
import { enlarge, tileElement } from "../tiles.js";

const REACH = 4; // seeds visible from side to side
const MOST_SMALL = 300;
const round = (value) => Math.round(value * 1000) / 1000 || 0;

export const exploreTool = ({ painter, refuse, set, taste, actions }) => {
  const picture = tileElement({ onopen: (tile) => enlarge([tile], 0, actions()) });
  picture.root.classList.add("hero");
  const plane = h("div", { class: "plane", "aria-hidden": "true" });
  const pad = h(
    "div",
    {
      class: "pad",
      id: "pad",
      tabindex: "0",
      role: "slider",
      "aria-label": word("static_plane"),
      "aria-valuemin": "-1000000",
      "aria-valuemax": "1000000",
      "aria-describedby": "pad-info",
    },
    plane,
    h("div", { class: "reticle", "aria-hidden": "true" }),
  );
  const small = new Map(); // settings and position -> URL of the small picture
  const shown = new Map(); // position -> element
  let at = { x: 0, y: 0 };
  const go = (x, y, how) => set({ x: String(round(x)), y: String(round(y)) }, how);

  const around = () => {
    const far = REACH / 2 + 0.6;
    const places = [];
    for (let i = Math.ceil(at.x - far); i <= at.x + far; i++)
      for (let j = Math.ceil(at.y - far); j <= at.y + far; j++) places.push([i, j]);
    return places.sort(([a, b], [c, d]) => Math.hypot(a - at.x, b - at.y) - Math.hypot(c - at.x, d - at.y));
  };
  const fill = (key, places) => {
    for (const place of places) {
      const url = small.get(`${key} ${place}`);
      const element = shown.get(String(place));
      if (!url || !element || element.url === url) continue;
      element.url = url;
      element.replaceChildren(h("img", { src: url, alt: "", draggable: "false" }));
    }
  };
  const lay = (places) => {
    const sight = new Set(places.map(String));
    for (const [place, element] of shown)
      if (!sight.has(place)) {
        element.remove();
        shown.delete(place);
      }
    for (const [i, j] of places) {
      if (shown.has(`${i},${j}`)) continue;
      const element = h("div", { class: "plane-seed" });
      element.style.setProperty("--i", i);
      element.style.setProperty("--j", j);
      shown.set(`${i},${j}`, element);
      plane.append(element);
    }
    plane.style.setProperty("--cell", `${100 / REACH}%`);
    plane.style.transform = `translate(${(-at.x * 100) / REACH}%, ${(at.y * 100) / REACH}%)`;
  };

  let drag = null;
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, from: { ...at } };
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const cell = pad.clientWidth / REACH;
    go(drag.from.x - (event.clientX - drag.x) / cell, drag.from.y + (event.clientY - drag.y) / cell, { quietly: true });
  });
  for (const kind of ["pointerup", "pointercancel"])
    pad.addEventListener(kind, () => {
      drag = null;
    });
  pad.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [
      0, 0,
    ];
    if (event.key === "Enter") go(Math.round(at.x), Math.round(at.y));
    else if (event.key === "Home") go(0, 0);
    else if (!dx && !dy) return;
    else if (event.shiftKey) go(Math.round(at.x) + dx, Math.round(at.y) + dy);
    else go(at.x + dx / 8, at.y + dy / 8, { quietly: true });
    event.preventDefault();
  });

  const seed = textField(word("static_explore_seed"), {
    id: "explore-seed",
    numeric: true,
    info: word("static_explore_seed_info"),
    onchange: (text) => {
      const list = parseSeeds(text, 1);
      if (!list) return refuse(word("static_one_seed", { found: text.slice(0, 40), most: MAX_SEED }), { gently: true });
      const { x, y } = placeOf(list[0]);
      return go(x, y);
    },
  });
  const somewhere = () => go(Math.floor(Math.random() * 801) - 400, Math.floor(Math.random() * 801) - 400);

  return {
    id: "explore",
    label: word("static_explore"),
    controls: [seed.root, button(word("static_anywhere"), somewhere, { class: "primary-button" })],
    stage: h(
      "div",
      { class: "beside" },
      picture.root,
      h("div", {}, pad, h("p", { class: "info", id: "pad-info" }, word("static_explore_info"))),
    ),
    random: somewhere,
    async show(state, { isLatest }) {
      at = { x: Number(state.x), y: Number(state.y) };
      if (!(Math.abs(at.x) <= 1e6 && Math.abs(at.y) <= 1e6)) refuse(word("static_no_place"));
      const [key, places] = [JSON.stringify(taste(state)), around()];
      lay(places);
      fill(key, places);
      const {
        tiles: [tile],
      } = await painter.explore({ ...at, ...taste(state) });
      picture.show(tile);
      seed.show(tile.recipe.seed ?? "");
      pad.setAttribute("aria-valuenow", String(at.x));
      pad.setAttribute("aria-valuetext", word("static_at", { x: at.x.toFixed(2), y: at.y.toFixed(2) }));
      for (;;) {
        const missing = places.filter((place) => !small.has(`${key} ${place}`)).slice(0, 6);
        if (!missing.length || !isLatest()) break;
        const answer = await painter.seedsAround({ ...taste(state), places: missing });
        missing.forEach((place, index) => small.set(`${key} ${place}`, answer.small[index]));
        fill(key, missing);
      }
      for (const [name, url] of small) {
        if (small.size <= MOST_SMALL) break;
        if ([...shown.values()].some((element) => element.url === url)) continue;
        URL.revokeObjectURL(url);
        small.delete(name);
      }
    },
  };
};
