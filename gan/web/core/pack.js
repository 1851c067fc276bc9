// Packs values into short text. Latents and pictures that occur in many states of the history are stored once.
const LONG = 80; // letters; longer strings go into a table, and "§3" stands for its fourth entry

export const pack = (value) => {
  const table = new Map();
  const packed = JSON.stringify(value, (_, each) => {
    if (typeof each !== "string" || (each.length < LONG && !each.startsWith("§"))) return each;
    if (!table.has(each)) table.set(each, table.size);
    return `§${table.get(each)}`;
  });
  return JSON.stringify({ table: [...table.keys()], packed });
};

export const unpack = (text) => {
  const { table, packed } = JSON.parse(text);
  const isMark = (each) => typeof each === "string" && each.startsWith("§");
  return JSON.parse(packed, (_, each) => (isMark(each) ? table[Number(each.slice(1))] : each));
};
