// The settings of a walk: its pace, its path through the latent space, and the film's kind and size.
import { h } from "../core/dom.js";
import { choice, select, slider, toggle } from "../core/fields.js";
import { limits } from "../core/limits.js";
import { session } from "../core/session.js";
import { word } from "../core/words.js";

const SCALES = [1, 2, 4, 8];
const EASINGS = { smooth: "create_morph_smooth", linear: "create_morph_linear" };

/** @param set changes the tool's part of the state */
export const makeWalkFields = (set) => {
  const seconds = slider(word("create_morph_seconds"), {
    id: "morph-seconds",
    min: 0.5,
    max: 10,
    step: 0.5,
    format: (value) => word("create_seconds", { count: value }),
    oninput: (value, held) => set({ seconds: value }, { mark: "morph-seconds", held }),
  });
  const closed = toggle(word("create_morph_closed"), { id: "morph-closed", onchange: (on) => set({ closed: on }) });
  const kinds = { mp4: "MP4", gif: "GIF" };
  const kind = choice(word("create_morph_kind"), {
    options: Object.entries(kinds),
    onchange: (value) => set({ kind: value }),
  });
  const way = choice(word("create_morph_way"), {
    why: word("create_morph_way_is"),
    onchange: (value) => set({ space: value }),
  });
  const wayInfo = h("p", { class: "field-info", role: "note" });
  way.root.append(wayInfo);
  const easing = choice(word("create_morph_easing"), {
    options: Object.entries(EASINGS).map(([name, words]) => [name, word(words)]),
    onchange: (value) => set({ easing: value }),
  });
  const fps = slider(word("create_morph_fps"), {
    id: "morph-fps",
    min: 5,
    max: 50,
    step: 1,
    oninput: (value, held) => set({ fps: value }, { mark: "morph-fps", held }),
  });
  const size = select(word("create_morph_side"), {
    id: "morph-side",
    onchange: (value) => set({ scale: Number(value) }),
  });
  const possible = () => SCALES.filter((each) => each * session.model.resolution <= limits.largestEnlarged);

  return {
    first: [seconds.root, closed.root, kind.root],
    more: h("div", { class: "field-stack" }, way.root, easing.root, fps.root, size.root),
    draw(slice) {
      seconds.value = slice.seconds;
      closed.value = slice.closed;
      kind.value = slice.kind;
      easing.value = slice.easing;
      fps.value = slice.fps;
      const side = (each) => each * session.model.resolution;
      const pixels = (each) => word("create_pixels", { side: side(each) });
      size.options = possible().map((each) => [String(each), `×${each} · ${pixels(each)}`]);
      size.value = String(this.scaleOf(slice.scale));
    },
    /** The chosen scale, or the largest that the model's pictures have. */
    scaleOf: (wanted) => possible().findLast((each) => each <= wanted) ?? 1,
    /**
     * @param spaces for each latent space the reason why no walk is possible in it, or null
     * @param chosen the space of the walk
     */
    drawWay(spaces, chosen) {
      way.options = Object.keys(spaces).map((name) => [name, word(`create_morph_way_${name}`)]);
      way.value = chosen;
      for (const input of way.inputs()) {
        input.disabled = spaces[input.value] !== null;
        input.parentElement.title = spaces[input.value] ?? "";
      }
      const reasons = [...new Set(Object.values(spaces).filter(Boolean))];
      wayInfo.textContent = reasons.join(" ");
      wayInfo.hidden = !reasons.length;
    },
  };
};
