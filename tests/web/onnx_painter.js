// The painter of the published page, with a network of a few sums in place of ONNX Runtime: each picture has one
// colour.
import { onnxPainter } from "/painters/onnx.js";
import { latentWith } from "/painters/points.js";

const SIDE = 16;
const DIM = 3;
const CLASSES = ["warm", "cold"];
const weights = "0".repeat(64);

const MODEL = {
  key: "model",
  name: "sums",
  reference: { name: "sums", weights_sha256: weights },
  weights,
  family: "sums",
  resolution: SIDE,
  channels: 3,
  classes: CLASSES,
  z_dim: DIM,
  space: "z",
  layers: 0,
  dim: DIM,
  means: latentWith("z", [CLASSES.length, DIM], new Float32Array(CLASSES.length * DIM)).float32,
  is_mapped: false,
  points_carry_class: true,
  way: { spherical: true, across_classes: false },
  groups: {},
  capabilities: { mixes_layers: false, mixes_classes: false },
  directions: [],
};

const level = (value) => Math.max(0, Math.min(255, Math.round(127 + 60 * value)));

const network = {
  async paint(values, classes) {
    const pixels = new Uint8Array(classes.length * SIDE * SIDE * 3);
    for (let at = 0; at < pixels.length; at++) {
      const picture = Math.floor(at / (SIDE * SIDE * 3));
      pixels[at] = level(values[picture * DIM + (at % 3)] + Number(classes[picture]));
    }
    return pixels;
  },
};

export const sumsPainter = () => onnxPainter(MODEL, network, (key, values) => `${key}: ${values.found}`, { most: 64 });
