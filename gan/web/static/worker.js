// The worker in which the network computes, so that the page stays responsive. It receives requests and sends
// answers.
import { useWords, word } from "../core/words.js";
import { onnxPainter } from "../painters/onnx.js";
import { Refused } from "../painters/painter.js";
import { openBest } from "./processors.js";

const folder = new URL("../../", import.meta.url);
const MOST_PICTURES = 1024;
let painter = null; // a promise, so that requests wait for the network

const opened = async (model) => {
  const network = await openBest(model, folder);
  return {
    ...onnxPainter(model, network, word, { most: MOST_PICTURES }),
    improve: async (options) => ({ processor: await network.improve(options) }),
  };
};
const start = async ({ model, words }) => {
  useWords({ own: words }, "own");
  painter ??= opened(model);
  await painter;
  return {};
};

self.addEventListener("message", async ({ data: { id, operation, asked } }) => {
  try {
    const answer = operation === "start" ? await start(asked) : await (await painter)[operation](asked);
    self.postMessage({ id, answer });
  } catch (error) {
    self.postMessage({ id, trouble: error.message, refused: error instanceof Refused });
  }
});
