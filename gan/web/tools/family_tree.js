// The tree of generations, drawn with a strip of pictures for each node; arrow keys go from node to node.
import { h } from "../core/dom.js";
import { word } from "../core/words.js";
import { childrenOf, layout, path } from "./family.js";

const CELL = { width: 132, height: 62 }; // pixels of a node, as in breed.css
const STRIP = { width: 108, middle: 27, shown: 8 };

/**
 * @param goTo called with the node that the user chooses
 * @param tilesOf a node's tiles, if they have arrived
 * @param lastSeen a node's last tiles
 * @param keyOf a key that changes with a node's pictures
 */
export const familyTree = ({ goTo, now, tilesOf, lastSeen, keyOf }) => {
  const root = h("nav", { class: "family", "aria-label": word("create_breed_tree"), tabIndex: -1 });
  let drawn = "";

  const strip = (slice, id) => {
    const bred = slice.nodes
      .flatMap((each) => each.parents)
      .filter(([of]) => of === id)
      .map(([, child]) => child);
    const isBred = ({ child }) => bred.includes(child);
    const known = tilesOf(id) ?? lastSeen(id) ?? Array(STRIP.shown).fill(null);
    let shown = known.map((tile, child) => ({ tile, child }));
    if (id === 0) {
      const there = shown.filter(({ tile }) => tile || !tilesOf(0));
      const parentsFirst = there.sort((a, b) => isBred(b) - isBred(a)).slice(0, STRIP.shown);
      shown = parentsFirst.sort((a, b) => a.child - b.child);
    }
    const image = (tile) => (tile ? h("img", { src: tile.src, alt: "" }) : null);
    return shown.map((each) => h("span", { class: isBred(each) ? "is-parent" : "" }, image(each.tile)));
  };

  const linesOf = (places, here) => {
    const middle = (each) => each.row * CELL.height + STRIP.middle;
    const line = (each) => {
      const from = places.find((other) => other.id === each.up);
      const x = from.column * CELL.width + STRIP.width;
      const way = `M${x} ${middle(from)}H${x + 12}V${middle(each)}H${each.column * CELL.width}`;
      return `<path class="${here.includes(each.id) ? "is-here" : ""}" d="${way}"/>`;
    };
    return places
      .filter((each) => each.up !== null)
      .map(line)
      .join("");
  };

  const nodeElement = (slice, { id, column, row }, here, rows) => {
    const label = id === 0 ? word("create_breed_first") : word("create_breed_generation", { number: column });
    const branch = () => word("create_breed_branch", { what: label, row: row + 1 });
    const isAt = id === slice.at;
    return h(
      "button",
      {
        type: "button",
        class: `family-node${here.includes(id) ? " is-here" : ""}`,
        style: `left:${column * CELL.width}px;top:${row * CELL.height}px`,
        "aria-label": rows > 1 && id ? branch() : label,
        title: label,
        "aria-current": isAt ? "step" : null,
        tabIndex: isAt ? 0 : -1,
        "data-node": String(id),
        onclick: () => goTo(id),
      },
      strip(slice, id),
    );
  };

  const scrollTo = (current) => {
    const [left, top] = [current.offsetLeft, current.offsetTop];
    const isBeside = left < root.scrollLeft || left + CELL.width > root.scrollLeft + root.clientWidth;
    if (isBeside) root.scrollLeft = left - root.clientWidth / 2;
    if (top < root.scrollTop || top + 60 > root.scrollTop + root.clientHeight) root.scrollTop = top - 4;
  };

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const slice = now();
    const places = layout(slice);
    const place = places.find((each) => each.id === slice.at);
    const distance = (each) => Math.abs(each.row - place.row);
    const beside = (step) => {
      const column = places.filter((each) => each.column === place.column && Math.sign(each.row - place.row) === step);
      return column.sort((a, b) => distance(a) - distance(b))[0]?.id;
    };
    const goes = {
      ArrowLeft: () => place.up ?? undefined,
      ArrowRight: () => childrenOf(slice, slice.at)[0]?.id,
      ArrowUp: () => beside(-1),
      ArrowDown: () => beside(1),
    };
    if (!goes[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    const id = goes[event.key]();
    if (id !== undefined) goTo(id);
  });

  return {
    root,
    draw(slice) {
      const places = layout(slice);
      const there = places.map(({ id }) => (tilesOf(id) ? keyOf(id) : 0));
      const key = JSON.stringify([slice.nodes, slice.at, there]);
      if (key === drawn) return;
      drawn = key;
      const focused = root.contains(document.activeElement);
      const here = path(slice, slice.at);
      const columns = Math.max(...places.map((each) => each.column)) + 1;
      const rows = Math.max(...places.map((each) => each.row)) + 1;
      const size = `width="${columns * CELL.width}" height="${rows * CELL.height}"`;
      const inner = h("div", {
        class: "family-inner",
        style: `width:${columns * CELL.width - 24}px;height:${rows * CELL.height - 8}px`,
        html: `<svg ${size} aria-hidden="true">${linesOf(places, here)}</svg>`,
      });
      inner.append(...places.map((place) => nodeElement(slice, place, here, rows)));
      root.replaceChildren(inner);
      const current = root.querySelector("[aria-current]");
      if (focused) current.focus({ preventScroll: true });
      scrollTo(current);
    },
  };
};
