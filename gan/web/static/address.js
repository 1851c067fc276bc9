// The page's state in its address, index.html#seeds=0-15&psi=0.7&class=NAME, so that a link shows the same pictures.
export const DEFAULTS = {
  tool: "pictures",
  seeds: "0-11",
  psi: "0.7",
  class: "",
  x: "0",
  y: "0",
  a: "0",
  b: "1",
  rows: "",
  columns: "",
  layers: "coarse",
  seed: "0",
  pushes: "",
};
const ALWAYS = ["seeds", "psi"];
const OWN = {
  explore: ["x", "y"],
  morph: ["a", "b"],
  mix: ["rows", "columns", "layers"],
  directions: ["seed", "pushes"],
};

export const readAddress = () => {
  const given = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const known = Object.entries(given).filter(([name]) => name in DEFAULTS);
  return { ...DEFAULTS, ...Object.fromEntries(known) };
};

export const writeAddress = (state, { quietly }) => {
  const named = [...ALWAYS, "class", "tool", ...(OWN[state.tool] ?? [])];
  const told = named.filter((name) => ALWAYS.includes(name) || state[name] !== DEFAULTS[name]);
  const text = told
    .map(
      (name) =>
        `${name}=${encodeURIComponent(state[name]).replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%20/g, "+")}`,
    )
    .join("&");
  if (`#${text}` === location.hash) return;
  history[quietly ? "replaceState" : "pushState"](null, "", `#${text}`);
};
