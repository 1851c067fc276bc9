// The generator in ONNX Runtime Web: fetches its graphs from the page's folder, and runs them.
const GZIP = [0x1f, 0x8b];
const RUNTIMES = {
  wasm: {
    load: () => import("../vendor/onnxruntime/ort.wasm.bundle.min.mjs"),
    binary: "web/vendor/onnxruntime/ort-wasm-simd-threaded.wasm.gz",
  },
  webgpu: {
    load: () => import("../vendor/onnxruntime/ort.jspi.bundle.min.mjs"),
    binary: "web/vendor/onnxruntime/ort-wasm-simd-threaded.jspi.wasm.gz",
  },
};

/** Return the bytes of a file. A packed file is unpacked unless the server or the browser has unpacked it. */
export const fetched = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (!url.pathname.endsWith(".gz") || GZIP.some((byte, index) => bytes[index] !== byte)) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
};

const numbers = (values) => BigInt64Array.from(values, BigInt);

/**
 * @param model as model.json describes it
 * @param {URL} folder the page's folder
 * @param {"wasm" | "webgpu"} processor one thread of the processor, or the graphics processor
 */
export const openNetwork = async (model, folder, processor) => {
  const { load, binary } = RUNTIMES[processor];
  const at = (path) => new URL(path, folder);
  const names = model.is_mapped ? ["mapping", "synthesis"] : ["synthesis"];
  const [ort, runtime, ...graphs] = await Promise.all([
    load(),
    fetched(at(binary)),
    ...names.map((name) => fetched(at(`weights/${name}.onnx`))),
  ]);
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1; // more threads need cross-origin isolation, which a Space does not provide
  ort.env.wasm.wasmBinary = runtime;
  const options = { executionProviders: [processor], graphOptimizationLevel: "all", logSeverityLevel: 3 };
  const sessions = {}; // sessions are opened one after the other, because they share the runtime
  for (const [index, name] of names.entries())
    sessions[name] = await ort.InferenceSession.create(graphs[index], options);

  let last = Promise.resolve(); // lets only one run take place at a time
  const run = (session, feeds, output) => {
    const next = last.then(async () => (await session.run(feeds))[output].getData());
    last = next.catch(() => undefined);
    return next;
  };
  const classesOf = (classes) =>
    model.classes.length ? { class_index: new ort.Tensor("int64", numbers(classes), [classes.length]) } : {};
  return {
    map(z, classes) {
      const feeds = { z: new ort.Tensor("float32", z, [classes.length, model.z_dim]), ...classesOf(classes) };
      return run(sessions.mapping, feeds, "latents");
    },
    paint(values, classes) {
      const count = classes.length;
      const shape = model.layers ? [count, model.layers, model.dim] : [count, model.dim];
      const feeds = {
        values: new ort.Tensor("float32", values, shape),
        ...(model.points_carry_class ? classesOf(classes) : {}),
      };
      return run(sessions.synthesis, feeds, "pictures");
    },
  };
};
