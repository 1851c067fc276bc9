// The painter, the open model, and requests for the model. During a drag, requests are not queued.
import { explain, sayAnswered } from "./notices.js";

const MOST_REMEMBERED = 60;

export const session = {
  /** @type {import("../painters/painter.js").Painter} */
  painter: null,
  /** @type {import("../painters/painter.js").Model | null} */
  model: null,
  /** @type {{key: string, label: string}[]} */
  models: [],
  changed: () => {}, // called when the open model's weights have changed
};

/** Whether the painter has all of these operations. */
export const canDo = (operations) => operations.every((name) => typeof session.painter[name] === "function");

/** The settings that all tools share, in the form of a request. */
export const taste = (state) => ({
  model: state.model,
  psi: state.psi,
  class: state.class,
  mix_with: state.mixWith,
  mix_amount: state.mixAmount,
});

/** Return an operation's answer. Throws Refused, or the error by which the painter could not be reached. */
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

// The model was trained further while the page was open, so its pictures have changed and all cached ones are invalid.
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
    console.info(error); // the check runs again after the next answer
  }
  looking = false;
};

// Answers to equal requests are cached, so that going back is instant
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
 * A function ask(operation, asked) that never overlaps itself: while a request runs, the newest one waits and those
 * between are dropped.
 * @param show called with every answer and its request, even if a newer request waits: the picture follows a drag
 * @param busy called with whether an answer is on its way
 */
export const channel = (show, busy = () => {}) => {
  let running = false;
  let waiting = null;
  let answered; // a promise of the last answer
  const run = async (operation, asked) => {
    running = true;
    busy(true);
    try {
      const answer = await askOnce(operation, asked);
      sayAnswered();
      await show(answer, asked);
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
    if (running) waiting = [operation, asked];
    else answered = run(operation, asked);
    return answered;
  };
};
