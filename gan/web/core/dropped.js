// Recognises what was dropped on the page: one file, a folder, a model, a zip of pictures, a photograph.
import { zip } from "./zip.js";

const TAIL = 1 << 16; // bytes at a zip's end that name its files
const PHOTO = /\.(jpe?g|webp|avif|heic|bmp|gif|tiff?)$/i;
const REQUIRED_FILES = ["config.json", "model.safetensors"];
/** The files of a model folder (gan/models/folder.py). */
export const MODEL_FILES = [
  ...REQUIRED_FILES,
  "discriminator.safetensors",
  "directions.safetensors",
  "preview.png",
  "README.md",
];

/** The entries of a folder. A browser returns a part of them a call. */
const entriesIn = async (folder) => {
  const reader = folder.createReader();
  const found = [];
  let some;
  do {
    some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    found.push(...some);
  } while (some.length);
  return found;
};
/** The entries of all files in a file or folder. */
export const filesBelow = async (entry) =>
  entry.isFile ? [entry] : (await Promise.all((await entriesIn(entry)).map(filesBelow))).flat();
export const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));
const isModel = (files) => REQUIRED_FILES.every((name) => files.some((file) => file.name === name));

/** The entries of what was dropped, where the browser has them. Call it before the event ends. */
export const entriesOf = (event) =>
  [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry);

/** @returns {Promise<"folder" | "model" | "zip" | "photo" | "latents" | "picture">} */
export const kindOf = async (files, entries = []) => {
  const [file] = files;
  const [entry] = entries;
  if (entry?.isDirectory) return isModel(await entriesIn(entry)) ? "model" : "folder";
  if (isModel(files)) return "model";
  if (/\.zip$/i.test(file.name)) {
    const tail = await file.slice(Math.max(0, file.size - TAIL)).text();
    return tail.includes("model.safetensors") ? "model" : "zip";
  }
  if (/\.(npz|safetensors)$/i.test(file.name)) return "latents";
  if (PHOTO.test(file.name)) return files.length > 1 ? "folder" : "photo";
  return "picture";
};

/** A dropped model as one zip: the one that was dropped, or the files of a folder packed under its name. */
export const modelZip = async (files, [entry]) => {
  if (!entry?.isDirectory && !isModel(files)) return files[0];
  const all = entry?.isDirectory ? await entriesIn(entry) : files;
  const wanted = all.filter(({ name }) => MODEL_FILES.includes(name));
  const read = entry?.isDirectory ? await Promise.all(wanted.map(fileOf)) : wanted;
  const packed = read.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) }));
  return new File([zip(await Promise.all(packed))], `${entry?.isDirectory ? entry.name : "model"}.zip`);
};
