// The painter that sends requests to the server: its operations are the calls of gan/playing.
import { latentsOf } from "../core/seeds.js";
import { Refused } from "./painter.js";

const CALLS = {
  pictures: "pictures",
  draw: "recipes",
  variations: "variations",
  explore: "explore",
  seedsAround: "seeds_around",
  enlarge: "enlarge",
  layerEffects: "layers",
  mix: "mix",
  breed: "breed",
  stops: "stops",
  between: "between",
  preview: "preview",
  film: "film",
  directions: "directions",
  push: "push",
  strips: "strips",
  saveDirections: "save_directions",
  takeOverDirection: "take_over_direction",
  bulkLook: "bulk_look",
  bulk: "bulk",
  nearestTraining: "nearest_training",
  fitPicture: "fit_picture",
  project: "project",
  projectTypical: "project_typical",
  task: "task",
  stopTask: "stop_task",
  taskFile: "task_file",
  recallFile: "recall",
  recallRecipe: "recall_recipe",
  getModel: "get_model",
  saveLatents: "save_latents",
  loadLatents: "load_latents",
};

/** Add `tiles` to an answer with a single `tile`, since every operation that draws returns `tiles`. */
const withTiles = (answer) => (answer.tile ? { ...answer, tiles: [answer.tile] } : answer);

/**
 * @param {(call: string, asked: Object) => Promise<Object>} post sends a request to the server
 * @param {(file: File) => Promise<{path: string}>} upload stores a file on the server
 * @returns {import("./painter.js").Painter}
 */
export const serverPainter = (post, upload) => {
  const call = async (name, asked) => {
    const answer = await post(name, asked);
    if (answer.error) throw new Refused(answer.error, answer.code);
    return withTiles(answer);
  };
  const operations = Object.entries(CALLS).map(([operation, name]) => [operation, (asked) => call(name, asked)]);
  return {
    ...Object.fromEntries(operations),
    addModel: async (file) => {
      await call("may_add_model", {}); // a caller who may not add models is refused before the upload
      const { path } = await upload(file);
      return call("add_model", { path });
    },
    describe: (key) => call("look", { model: key }),
    latents: async (asked) => ({ latents: latentsOf(asked) }), // pure computation, which needs no server
  };
};
