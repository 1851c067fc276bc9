// Downloads of chosen pictures: PNG files at several sizes, alone or as a zip; contact sheets; latents.
import { classOf } from "./core/classes.js";
import { fromBase64, saveFile } from "./core/files.js";
import { button } from "./core/dom.js";
import { isOwn } from "./core/kept.js";
import { limits } from "./core/limits.js";
import { explain, sayNote } from "./core/notices.js";
import { caption, fileName, fileStem } from "./core/recipes.js";
import { ask, canDo, session } from "./core/session.js";
import { contactSheet } from "./core/sheet.js";
import { store } from "./core/store.js";
import { word } from "./core/words.js";
import { zip } from "./core/zip.js";

const SCALES = [1, 2, 4, 8];

const possibleScales = () =>
  SCALES.filter(
    (scale) => scale === 1 || (canDo(["enlarge"]) && scale * session.model.resolution <= limits.largestEnlarged),
  );

const bytesOf = async (src) => new Uint8Array(await (await fetch(src)).arrayBuffer());

/** The pictures at a scale: unchanged, or enlarged by the painter. */
const enlarged = async (tiles, scale) => {
  if (scale === 1) return tiles;
  const larger = [];
  for (const { recipe } of tiles) {
    const answer = await ask("enlarge", { model: store.state.model, recipes: [recipe], scale });
    larger.push(answer.tiles[0]);
  }
  return larger;
};

const nameAt = (recipe, scale) => fileName(recipe).replace(/(?=\.png$)/, scale === 1 ? "" : `-${scale}x`);

/** The names, with numbers added where two are equal. */
const distinct = (names) =>
  names.map((name, index) => (names.indexOf(name) === index ? name : name.replace(/(?=\.\w+$)/, `-${index + 1}`)));

const savePng = async ([tile], scale) => {
  const [{ src }] = await enlarged([tile], scale);
  saveFile(src, nameAt(tile.recipe, scale));
};

const saveZip = async (tiles, scale) => {
  const [larger, names] = [await enlarged(tiles, scale), distinct(tiles.map(({ recipe }) => nameAt(recipe, scale)))];
  const files = await Promise.all(larger.map(async ({ src }, at) => ({ name: names[at], bytes: await bytesOf(src) })));
  saveFile(zip(files), `${fileStem(tiles[0].recipe.model.name)}-${tiles.length}.zip`);
};

const captionOf = (tile) => [tile.name ?? caption(tile.recipe), classOf(tile.recipe)].filter(Boolean).join(" · ");
const saveSheet = async (tiles) => {
  const sheet = await contactSheet(tiles.map((tile) => ({ src: tile.src, caption: captionOf(tile) })));
  saveFile(sheet, `${fileStem(tiles[0].recipe.model.name)}-sheet.png`);
};

/** Save latents as a file. */
export const saveLatents = async (recipes, kind) => {
  const { content } = await ask("saveLatents", { model: store.state.model, recipes, kind });
  saveFile(new Blob([fromBase64(content)]), fileName(recipes[0], kind));
};

const tried = (work) => async () => {
  try {
    await work();
  } catch (error) {
    explain(error);
  }
};

/** The menu of downloads for pictures; for one picture also that of `all` pictures around it. */
export const downloadItems = (tiles, all = tiles) => {
  const own = tiles.every(isOwn);
  const side = session.model.resolution;
  const isOne = tiles.length === 1;
  const save = isOne ? savePng : saveZip;
  const label = (scale) => word(isOne ? "create_download_png" : "create_download_zip", { scale, count: tiles.length });
  const items = possibleScales().map((scale) => ({
    label: label(scale),
    info: own ? word("create_pixels", { side: scale * side }) : "",
    disabled: scale > 1 && !own,
    run: tried(() => save(tiles, scale)),
  }));
  const sheet = () => saveSheet(tiles).then(() => sayNote(word("create_sheet_saved", { count: tiles.length })));
  if (!isOne) return [...items, { label: word("create_download_sheet"), run: tried(sheet) }];
  const everything = { label: word("create_download_all", { count: all.length }), run: tried(() => saveZip(all, 1)) };
  return all.length > 1 ? [...items, everything] : items;
};

/** Offer a picture in larger sizes once it was saved by its link, which has the size of the model. */
export const offerLarger = (root) =>
  root.addEventListener("click", (event) => {
    const tile = event.target.closest("figcaption a[download]")?.closest("figure.tile")?.tile;
    const side = session.model?.resolution;
    if (!tile || !isOwn(tile) || possibleScales().length < 2) return;
    const larger = possibleScales().slice(1);
    const save = (scale) =>
      button(word("create_saved_larger", { side: scale * side }), tried(() => savePng([tile], scale)));
    sayNote(word("create_saved_size", { side }), " ", ...larger.flatMap((scale) => [save(scale), " "]));
  });

/** The entry that saves the latents of pictures, with an explanation of latents. */
export const latentItem = (tiles) => ({
  label: word("create_save_latent"),
  info: word("create_latent_is"),
  disabled: !tiles.every(isOwn),
  run: tried(() =>
    saveLatents(
      tiles.map(({ recipe }) => recipe),
      "npz",
    ),
  ),
});
