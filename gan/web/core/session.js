// The painter, the model that is open, and questions about it; a drag never queues questions up.
import { explain, sayAnswered } from "./notices.js";

const MOST_REMEMBERED = 60;

export const session = {
  /** @type {import("../painters/painter.js").Painter} */
  painter: null,
  /** @type {import("../painters/painter.js").Model | null} */
  model: null,
  /** @type {{key: string, label: string}[]} */
  models: [],
  changed: () => {}, // called when the open model has other weights than before
};

/** Whether the painter has every one of these operations. */
export const canDo = (operations) => operations.every((name) => typeof session.painter[name] === "function");

/** The settings beside every tool, as questions carry them. */
export const taste = (state) => ({
  model: state.model,
  psi: state.psi,
  class: state.class,
  mix_with: state.mixWith,
  mix_amount: state.mixAmount,
});

/** An operation's answer. Raises Refused, or what kept the painter from answering. */
export const ask = async (operation, asked) => {
  const of = session.model;
  try {
    const answer = await session.painter[operation](asked);
    const seen = answer.tiles?.[0]?.recipe.model.weights_sha256;
    if (of && asked.model === of.key && seen && seen !== of.weights) lookAgain();
    return answer;
  } catch (error) {
    if (of && asked.model === of.key && error.code === "recipe_foreign") lookAgain();
    throw error;
  }
};

// The model was trained further while the page was open: its pictures are others now, and no remembered one is valid.
let looking = false;
const lookAgain = async () => {
  if (looking) return;
  looking = true;
  try {
    const { model: found } = await session.painter.describe(session.model.key);
    if (found?.key === session.model.key && found.weights !== session.model.weights) {
      session.model = found;
      session.changed();
    }
  } catch (error) {
    console.info(error); // the next answer brings it up again
  }
  looking = false;
};

// Answers that are the same for the same question, so that going back is instant
const remembered = new Map();
export const askOnce = async (operation, asked) => {
  const key = JSON.stringify([operation, asked, session.model?.weights]);
  if (!remembered.has(key)) {
    remembered.set(key, await ask(operation, asked));
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value);
  }
  return remembered.get(key);
};

/**
 * A function ask(operation, asked) that never overlaps itself: while an answer is on its way the newest question waits,
 * and those between are dropped.
 * @param show called with every answer and its question, even if a newer question waits: the picture follows a drag
 * @param busy called with whether an answer is on its way
 */
export const channel = (show, busy = () => {}) => {
  let running = false;
  let waiting = null;
  const run = async (operation, asked) => {
    running = true;
    busy(true);
    try {
      const answer = await askOnce(operation, asked);
      sayAnswered();
      show(answer, asked);
    } catch (error) {
      if (!waiting) explain(error);
    }
    running = false;
    const next = waiting;
    waiting = null;
    if (next) return run(...next);
    busy(false);
  };
  return (operation, asked) => {
    if (!running) return run(operation, asked);
    waiting = [operation, asked];
  };
};
