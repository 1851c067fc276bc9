// Writes and reads PNG files: lossless pictures with their recipe, as gan/images.py writes them, and animated PNG.
import { crc } from "../core/crc.js";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const RECIPE_KEY = "seedbed";
const MAX_RECIPE_BYTES = 1 << 20;
const [GREY, COLOUR] = [0, 2];
// The value that the press agreed on (IPTC NewsCodes, digital source type) for pictures made by a trained algorithm.
const XMP_KEY = "XML:com.adobe.xmp";
const XMP =
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
  'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType=' +
  '"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta><?xpacket end="r"?>';

const utf8 = (text) => new TextEncoder().encode(text);
const numbers = (...values) => {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value));
  return new Uint8Array(view.buffer);
};
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
const chunk = (kind, ...parts) => {
  const body = joined(utf8(kind), ...parts);
  return joined(numbers(body.length - 4), body, numbers(crc(body)));
};

const deflated = async (bytes) => {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
};

/** Encode rows as PNG stores them: each starts with its filter; the filter used is the difference from the pixel on the
   left. */
const filtered = ({ pixels, width, height, channels }) => {
  const row = width * channels;
  const rows = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const [from, to] = [y * row, y * (row + 1) + 1];
    rows[to - 1] = 1;
    for (let x = 0; x < row; x++) rows[to + x] = pixels[from + x] - (x < channels ? 0 : pixels[from + x - channels]);
  }
  return rows;
};

const head = ({ width, height, channels }) =>
  chunk("IHDR", numbers(width, height), [8, channels === 1 ? GREY : COLOUR, 0, 0, 0]);
/** The chunk with the statement that a machine made the picture. */
export const machineMade = () => chunk("iTXt", utf8(XMP_KEY), [0, 0, 0, 0, 0], utf8(XMP));
const asciiJson = (value) =>
  JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** @param {{pixels: Uint8Array, width: number, height: number, channels: 1 | 3}} picture */
export const encodePng = async (picture, recipe) => {
  const told = chunk("tEXt", utf8(RECIPE_KEY), [0], utf8(asciiJson(recipe)));
  const data = chunk("IDAT", await deflated(filtered(picture)));
  return new Blob([new Uint8Array(SIGNATURE), head(picture), machineMade(), told, data, chunk("IEND")], {
    type: "image/png",
  });
};

/** Encode a film that loops for ever; every frame is lossless. */
export const encodeFilm = async (pictures, framesPerSecond) => {
  const parts = [
    new Uint8Array(SIGNATURE),
    head(pictures[0]),
    machineMade(),
    chunk("acTL", numbers(pictures.length, 0)),
  ];
  let order = 0;
  for (const [index, picture] of pictures.entries()) {
    const { width, height } = picture;
    const delay = [0, 1, 0, framesPerSecond, 0, 0]; // 1 / frames a second, no disposal, no blending
    parts.push(chunk("fcTL", numbers(order++, width, height, 0, 0), delay));
    const data = await deflated(filtered(picture));
    parts.push(index ? chunk("fdAT", numbers(order++), data) : chunk("IDAT", data));
  }
  return new Blob([...parts, chunk("IEND")], { type: "image/png" });
};

/**
 * The recipe in a PNG's text chunk; nothing else is decoded.
 * @returns {Object | null} null where the PNG has none; undefined if it is not a PNG, or the recipe is malformed
 */
export const readRecipe = (bytes) => {
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (kind === "tEXt" && body.length === length && length < MAX_RECIPE_BYTES) {
      const text = new TextDecoder("latin1").decode(body);
      if (text.startsWith(`${RECIPE_KEY}\0`)) return parsed(text.slice(RECIPE_KEY.length + 1));
    }
    at += 12 + length;
  }
  return null;
};

const parsed = (text) => {
  try {
    const recipe = JSON.parse(text);
    return recipe?.version === 1 && typeof recipe.model === "object" ? recipe : undefined;
  } catch {
    return undefined;
  }
};
