// Chooses what the network runs on: WASM on one thread at first; then the graphics processor, if its pictures are right
// and come sooner.
import { pointsOf } from "../painters/points.js";
import { fetched, openNetwork } from "./network.js";

const MOST_DIFFERENCE = 1; // levels of 255
const TIMED = 8; // pictures, as many as the painter draws at once

/** Whether the browser has a graphics processor. One that is imitated in software counts only if it is wanted. */
const hasGpu = async (wanted) => {
  if (!("Suspending" in WebAssembly)) return false; // the runtime waits for the graphics processor by this
  const adapter = await navigator.gpu?.requestAdapter();
  return Boolean(adapter) && (wanted || !adapter.info.isFallbackAdapter);
};

const seedsUpTo = (count) => Array.from({ length: count }, (_, seed) => ({ seed, psi: 1 }));

/** Whether a network paints the stored seeds as Python did. Of all levels, every n-th is stored. */
const isRight = async (model, network, stored) => {
  const { seeds, step } = model.stored_levels;
  const found = await pointsOf(model, network).levels(seedsUpTo(seeds));
  return stored.every((level, index) => Math.abs(level - found[index * step]) <= MOST_DIFFERENCE);
};

/** The milliseconds of one run of a network. A first run, which is not timed, prepares it for so many pictures. */
const timed = async (model, network) => {
  const { levels } = pointsOf(model, network);
  await levels(seedsUpTo(TIMED));
  const begun = performance.now();
  await levels(seedsUpTo(TIMED));
  return performance.now() - begun;
};

/** The network on the graphics processor; null without one, with wrong pictures, or if it is late and not wanted. */
const openGpu = async (model, folder, wasm, wanted) => {
  if (!(await hasGpu(wanted))) return null;
  const [gpu, stored] = await Promise.all([
    openNetwork(model, folder, "webgpu"),
    fetched(new URL("weights/levels.bin", folder)),
  ]);
  if (!(await isRight(model, gpu, stored))) return null;
  return wanted || (await timed(model, gpu)) < (await timed(model, wasm)) ? gpu : null;
};

/** A network on WASM, which `improve` moves to the graphics processor; for the parameters see openNetwork. */
export const openBest = async (model, folder) => {
  const wasm = await openNetwork(model, folder, "wasm");
  let gpu = null;
  const leaveGpu = (error) => {
    console.info(error);
    gpu = null;
  };
  const run = async (operation, ...asked) => {
    if (gpu)
      try {
        return await gpu[operation](...asked);
      } catch (error) {
        leaveGpu(error); // a browser may take the graphics processor away at any time
      }
    return wasm[operation](...asked);
  };
  return {
    map: (z, classes) => run("map", z, classes),
    paint: (values, classes) => run("paint", values, classes),
    /** @returns {Promise<"wasm" | "webgpu">} what the network runs on from now on */
    async improve({ wanted }) {
      await openGpu(model, folder, wasm, wanted).then((opened) => {
        gpu = opened;
      }, leaveGpu);
      return gpu ? "webgpu" : "wasm";
    },
  };
};
