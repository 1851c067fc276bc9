// Recognises what was dropped on the page: one file, a folder, a model, a zip of pictures, a photograph.
const TAIL = 1 << 16; // bytes at a zip's end that name its files
const PHOTO = /\.(jpe?g|webp|avif|heic|bmp|gif|tiff?)$/i;
const MODEL_FILE = "model.safetensors";

const namesIn = (folder) =>
  new Promise((resolve) => {
    folder.createReader().readEntries(
      (entries) => resolve(entries.map(({ name }) => name)),
      () => resolve([]),
    );
  });

/** The entry of a drop's first file, where the browser has one. Call it before the event ends. */
export const entryOf = (event) => event.dataTransfer.items?.[0]?.webkitGetAsEntry?.() ?? null;

/** @returns {Promise<"folder" | "model" | "zip" | "photo" | "latents" | "picture">} */
export const kindOf = async (file, entry, count = 1) => {
  if (entry?.isDirectory) return (await namesIn(entry)).includes(MODEL_FILE) ? "model" : "folder";
  if (/\.zip$/i.test(file.name)) {
    const tail = await file.slice(Math.max(0, file.size - TAIL)).text();
    return tail.includes(MODEL_FILE) ? "model" : "zip";
  }
  if (/\.(npz|safetensors)$/i.test(file.name)) return "latents";
  if (PHOTO.test(file.name)) return count > 1 ? "folder" : "photo";
  return "picture";
};
