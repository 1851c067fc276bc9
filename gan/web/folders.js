// Gives folders that are dropped to the Train tab's button for folders, with the path of each file in them. Gradio's
// field for files cannot read a folder, and the browser leaves the page for what is dropped beside the field.
import { entriesOf, fileOf, filesBelow } from "./core/dropped.js";
import { carriesFiles } from "./core/files.js";

export const FOLDER = "#step-pictures input[webkitdirectory]";
export const FILES = "#step-pictures input[type=file]:not([webkitdirectory])";

/** Give files to a field, as if the user had chosen them there. */
export const give = (selector, files) => {
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  const input = document.querySelector(selector);
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

let paths = null; // of the files that are being given
let refuse = () => {};

/** Call `tell` with {name, problem} of each dropped folder that holds no file or cannot be read. */
export const whenRefused = (tell) => {
  refuse = tell;
};

/** Give the files of dropped folders to the button for folders. */
export const giveFolders = async (entries) => {
  const name = entries.map((entry) => entry.name).join(", ");
  let found, files;
  try {
    found = (await Promise.all(entries.map(filesBelow))).flat();
    files = await Promise.all(found.map(fileOf));
  } catch (error) {
    console.info(error);
    return refuse({ name, problem: "unreadable" });
  }
  if (!files.length) return refuse({ name, problem: "empty" });
  paths = found.map(({ fullPath }) => fullPath.slice(1));
  give(FOLDER, files);
  paths = null;
};

document.addEventListener(
  "change",
  ({ target }) => {
    if (target.webkitdirectory) window.seedbedPaths = paths ?? [...target.files].map((file) => file.webkitRelativePath);
  },
  true,
);

const isHere = (event) => carriesFiles(event) && event.target.closest?.("#step-pictures");
document.addEventListener("dragover", (event) => isHere(event) && event.preventDefault());
document.addEventListener(
  "drop",
  (event) => {
    if (!isHere(event)) return;
    const entries = entriesOf(event);
    const hasFolder = entries.some(({ isDirectory }) => isDirectory);
    if (!hasFolder && event.target.closest("#zip")) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true })); // Gradio's field ends its highlight
    if (hasFolder) giveFolders(entries);
    else give(FILES, event.dataTransfer.files);
  },
  true,
);
