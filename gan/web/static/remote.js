// Lets the page call the painter that runs in a web worker.
import { Refused } from "../painters/painter.js";

/** Every operation of the worker's painter: await painter.pictures({seeds: "0-7"}). */
export const remotePainter = (worker) => {
  const waiting = new Map();
  let last = 0;
  worker.addEventListener("message", ({ data: { id, answer, trouble, refused } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (answer) resolve(answer);
    else reject(refused ? new Refused(trouble) : new Error(trouble));
  });
  worker.addEventListener("error", (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the worker could not start"));
    waiting.clear();
  });
  const ask = (operation, asked) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      worker.postMessage({ id: last, operation, asked });
    });
  return new Proxy(
    {},
    { get: (_, operation) => (operation === "then" ? undefined : (asked) => ask(operation, asked)) },
  );
};
