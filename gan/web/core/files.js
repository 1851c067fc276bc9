// Reads files into the page and saves files from it, with base64 for data inside text.
import { h } from "./dom.js";

const KEEP_URL = 60_000; // milliseconds, since a browser may show a dialog before it saves

/** Save a blob, or a data URI, as the browser saves any other file. */
export const saveFile = (content, name) => {
  const url = typeof content === "string" ? content : URL.createObjectURL(content);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (typeof content !== "string") setTimeout(() => URL.revokeObjectURL(url), KEEP_URL);
};

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {Blob} file */
export const toBase64 = async (file) => {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let start = 0; start < bytes.length; start += 32_768) {
    text += String.fromCharCode(...bytes.subarray(start, start + 32_768));
  }
  return btoa(text);
};

/** Whether a drag carries files. */
export const carriesFiles = (event) => Boolean(event.dataTransfer?.types.includes("Files"));
