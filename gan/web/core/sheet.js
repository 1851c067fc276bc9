// A contact sheet: pictures side by side on white, each with its caption. The file's metadata states that a machine
// made the pictures.
import { machineMade } from "../painters/png.js";

const HEAD_BYTES = 33; // bytes of a PNG's signature and of the chunk with its size
const [LEAST_SIDE, GAP, EDGE] = [256, 24, 48]; // pixels
const [CAPTION, LETTERS] = [40, 20]; // pixels: the line below a picture, and the size of its letters
const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

const loaded = async (src) => {
  const image = new Image();
  image.src = src;
  await image.decode();
  return image;
};

/** @param {{src: string, caption: string}[]} pictures @returns {Promise<Blob>} a PNG */
export const contactSheet = async (pictures) => {
  const images = await Promise.all(pictures.map(({ src }) => loaded(src)));
  const own = images[0].naturalWidth;
  const side = own * Math.max(1, Math.ceil(LEAST_SIDE / own));
  const columns = Math.ceil(Math.sqrt(images.length));
  const rows = Math.ceil(images.length / columns);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * EDGE + columns * (side + GAP) - GAP;
  canvas.height = 2 * EDGE + rows * (side + CAPTION + GAP) - GAP;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { imageSmoothingQuality: "high", fillStyle: "#1d1c1a", font: `${LETTERS}px ${FONT}` });
  images.forEach((image, index) => {
    const x = EDGE + (index % columns) * (side + GAP);
    const y = EDGE + Math.floor(index / columns) * (side + CAPTION + GAP);
    pen.drawImage(image, x, y, side, side);
    pen.fillText(pictures[index].caption, x, y + side + CAPTION / 2 + LETTERS / 2, side);
  });
  const plain = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  return new Blob([plain.slice(0, HEAD_BYTES), machineMade(), plain.slice(HEAD_BYTES)], { type: "image/png" });
};
