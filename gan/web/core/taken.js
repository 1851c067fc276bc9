// Shows what a tool has taken of the pictures given to it, and says so when it took fewer than it was given.
import { sayNote } from "./notices.js";
import { store } from "./store.js";
import { word } from "./words.js";

/**
 * Say that a tool took only some pictures.
 * @param took the number of pictures taken, and the most that the tool takes: {count, most}
 * @param all the number of pictures given
 */
export const sayTaken = (tool, { count, most }, all) => {
  if (count < all) sayNote(word(count ? "create_taken" : "create_taken_none", { tool, count, most, all }));
};

/** Change the state by what a tool's `take` returned for some tiles: a patch with `took`, where it may take fewer. */
export const putTaken = (tool, { took, ...patch }, tiles, how) => {
  store.set(patch, how);
  if (took) sayTaken(tool, took, tiles.length); // after the change, which removes what was said before
};
