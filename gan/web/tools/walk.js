// Arithmetic of a walk over pictures: the position on the timeline at a frame, and the pictures on both sides of a
// position.
//
// A walk consists of `legs` from stop to stop. The timeline shows `parts`: the walk from A to B and back consists of
// two legs but one part.

export const isPair = ({ list }) => list === "ab";

export const legsOf = (walk, stops) => Math.max(0, stops - 1 + (walk.closed ? 1 : 0));

export const partsOf = (walk, stops) => (isPair(walk) ? stops - 1 : legsOf(walk, stops));

/** The number of frames in the film, counted as the server does (gan/playing/morph.py). */
export const framesOf = (walk, stops) =>
  Math.max(1, Math.round(walk.fps * walk.seconds)) * legsOf(walk, stops) + (walk.closed ? 0 : 1);

/**
 * The stops on both sides of a point of the line, and the fraction of the path between them: {from, to, t} with indices
 * of stops.
 */
export const partAt = (walk, stops, at) => {
  const parts = partsOf(walk, stops);
  const from = Math.min(Math.floor(at * parts + 1e-9), Math.max(0, parts - 1));
  return { from, to: (from + 1) % stops, t: Math.min(1, Math.max(0, at * parts - from)) };
};

/** The position on the line at a frame, computed as the server does (gan/sampler/walk.py). */
export const placeOfFrame = (walk, stops, frame, count) => {
  const legs = legsOf(walk, stops);
  const last = walk.closed ? count : Math.max(1, count - 1);
  let leg = Math.floor((frame * legs) / last);
  let t = (frame * legs) / last - leg;
  if (leg >= legs) {
    leg = Math.max(0, legs - 1);
    t = legs ? 1 : 0;
  }
  if (walk.easing === "smooth") t = t * t * (3 - 2 * t);
  if (isPair(walk)) return leg === 0 ? t : 1 - t; // from A to B and back
  return legs ? (leg + t) / legs : 0;
};
