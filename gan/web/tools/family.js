// A family in the breeding tool: the seeds and pictures with which it began, and a node for every later generation.
//
// A node stores references to its parents, not their pictures, so that sixty generations take a few kilobytes and
// change with the settings.
//
// slice: {founders: [seed], brought: [recipe or null], at, marked, mutation,
//         nodes: [{id, up, parents: [[node, child]], seed, mutation}]}
//
// Node 0 is the beginning: its pictures are the founders, then the brought ones. `up` is the node that was open when
// the node's generation was bred.
import { limits } from "../core/limits.js";
import { sameRecipe } from "../core/recipes.js";
import { session, taste } from "../core/session.js";

const MOST_BROUGHT = 8; // pictures from elsewhere in one family
const names = new Map(); // long text -> short number
const nameOf = (value) => {
  const text = JSON.stringify(value);
  if (!names.has(text)) names.set(text, names.size);
  return names.get(text);
};
export const node = (slice, id) => slice.nodes.find((each) => each.id === id);
export const sameRef = (one, other) => one[0] === other[0] && one[1] === other[1];
const isFounder = (slice, [of, child]) => of === 0 && child < slice.founders.length;
export const broughtOf = (slice, [of, child]) => (of === 0 ? slice.brought[child - slice.founders.length] : undefined);

// For every node a short text that changes with its pictures.
export const keys = (slice, state, weights = session.model.weights) => {
  const settings = nameOf([taste(state), weights]);
  const found = new Map();
  const first = (index) =>
    nameOf(
      isFounder(slice, [0, index])
        ? [settings, slice.founders[index]]
        : [weights, broughtOf(slice, [0, index])],
    );
  const count = slice.founders.length + slice.brought.length;
  found.set(0, `f${nameOf(Array.from({ length: count }, (_, index) => first(index)))}`);
  for (const each of slice.nodes) {
    // parents precede their children
    const parents = each.parents.map(([of, child]) => (of === 0 ? first(child) : `${found.get(of)}/${child}`));
    found.set(each.id, `g${nameOf([settings, each.seed, each.mutation, parents])}`);
  }
  return found;
};

// The generations from the beginning to a node, in the form that the painter takes. `seen(ref)` is a picture's recipe
// if it is known.
export const lineTo = (slice, id, seen) => {
  const line = [];
  const places = new Map();
  const parentOf = (ref) => {
    if (isFounder(slice, ref)) return { seed: slice.founders[ref[1]] };
    const recipe = broughtOf(slice, ref) ?? seen(ref);
    return recipe ? { recipe } : { of: add(ref[0]), child: ref[1] };
  };
  const add = (which) => {
    if (!places.has(which)) {
      const { parents, seed, mutation } = node(slice, which);
      const generation = { parents: parents.map(parentOf), seed, mutation };
      places.set(which, line.push(generation) - 1);
    }
    return places.get(which);
  };
  add(id);
  return line;
};

export const path = (slice, id) => (id === 0 ? [0] : [...path(slice, node(slice, id).up), id]);
export const childrenOf = (slice, id) => slice.nodes.filter((each) => each.up === id);
const isUsed = (slice, id) =>
  [slice.marked, ...slice.nodes.map((each) => each.parents)].flat().some(([of]) => of === id);

// The family with one more generation. If there are too many, the oldest unused branch is removed; the result is null
// where no branch is unused.
export const grown = (slice, { up, parents, seed, mutation }) => {
  let { nodes } = slice;
  if (nodes.length >= limits.mostGenerations) {
    const here = path(slice, up);
    const end = nodes.find(
      ({ id }) => !here.includes(id) && !childrenOf(slice, id).length && !isUsed({ ...slice, marked: parents }, id),
    );
    if (!end) return null;
    nodes = nodes.filter((each) => each !== end);
  }
  const id = 1 + Math.max(0, ...nodes.map((each) => each.id));
  return { nodes: [...nodes, { id, up, parents, seed, mutation }], at: id, marked: [] };
};

// The family with a picture from elsewhere among its first pictures, and its position; null where there is no room.
export const withBrought = (slice, recipe) => {
  const start = slice.founders.length;
  const there = slice.brought.findIndex((each) => each && sameRecipe(each, recipe));
  if (there >= 0) return { brought: slice.brought, ref: [0, start + there] };
  const needed = [slice.marked, ...slice.nodes.map((each) => each.parents)].flat();
  const free = slice.brought.findIndex((_, index) => !needed.some((ref) => sameRef(ref, [0, start + index])));
  if (slice.brought.length < MOST_BROUGHT)
    return { brought: [...slice.brought, recipe], ref: [0, start + slice.brought.length] };
  return free < 0 ? null : { brought: slice.brought.with(free, recipe), ref: [0, start + free] };
};

// The position of each node: a column for each generation, a row for each branch. [{id, up, column, row}]
export const layout = (slice) => {
  const places = [];
  let rows = 0;
  const put = (id, up, column, row) => {
    places.push({ id, up, column, row });
    childrenOf(slice, id).forEach((child, index) => put(child.id, id, column + 1, index ? ++rows : row));
  };
  put(0, null, 0, 0);
  return places;
};
