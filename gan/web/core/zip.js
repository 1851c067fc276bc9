// Writes a zip of files that are already compressed: it stores them as they are (APPNOTE 6.3).
import { crc } from "./crc.js";

const VERSION = 20; // the oldest version of the format that can unpack the file: 2.0
const UTF8_NAMES = 1 << 11;
const DAY = 33; // 1 January 1980, a fixed date, so that the same files make the same zip

/** Little-endian numbers: [size in bytes, value], … */
const numbers = (...fields) => {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
};

/** @param {{name: string, bytes: Uint8Array}[]} files with different names */
export const zip = (files) => {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const called = new TextEncoder().encode(name);
    const size = [4, bytes.length];
    const sizes = [[4, crc(bytes)], size, size, [2, called.length], [2, 0]];
    const common = [[2, VERSION], [2, UTF8_NAMES], [2, 0], [2, 0], [2, DAY], ...sizes];
    const head = numbers([4, 0x04034b50], ...common);
    directory.push(
      numbers([4, 0x02014b50], [2, VERSION], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      called,
    );
    parts.push(head, called, bytes);
    offset += head.length + called.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = files.length;
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
};
