// The path from one picture to another, as a film to play and to save.
import { button, h } from "../../core/dom.js";
import { rollSeed } from "../../core/seeds.js";
import { word } from "../../core/words.js";
import { MAX_SEED, parseSeeds } from "../../painters/seeds.js";
import { saveAs, slider, textField } from "../fields.js";
import { tileElement } from "../tiles.js";

const FRAMES = 32; // frames from the first picture to the second; the way back shows the same frames
const RATE = 24; // frames a second
const AT_ONCE = 8;
const FILM_SIDE = 512; // pixels, the least side of a video
const TIMES = Array.from({ length: FRAMES }, (_, index) => {
  const t = index / (FRAMES - 1);
  return t * t * (3 - 2 * t); // starts and ends slowly
});

/** Draw frames onto a canvas at their rate and record it. */
const record = async (images, step) => {
  const side = images[0].naturalWidth * Math.max(1, Math.ceil(FILM_SIDE / images[0].naturalWidth));
  const canvas = h("canvas", { width: side, height: side });
  const pen = canvas.getContext("2d");
  pen.imageSmoothingQuality = "high";
  const recorder = new MediaRecorder(canvas.captureStream(RATE), { mimeType: "video/webm", videoBitsPerSecond: 8e6 });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve));
  recorder.start();
  for (const [index, image] of images.entries()) {
    pen.drawImage(image, 0, 0, side, side);
    step(index / images.length);
    await new Promise((resolve) => setTimeout(resolve, 1000 / RATE));
  }
  recorder.stop();
  await ended;
  return new Blob(parts, { type: "video/webm" });
};

export const morphTool = ({ painter, model, refuse, set, taste }) => {
  const picture = tileElement({ captioned: false });
  picture.root.classList.add("hero");
  let frames = []; // tiles
  let known = "";
  let playing = null;
  let at = 0;
  const seedField = (name) =>
    textField(word(`static_morph_${name}`), {
      id: `morph-${name}`,
      numeric: true,
      onchange: (text) => set({ [name]: text.trim() }),
    });
  const [a, b] = [seedField("a"), seedField("b")];
  const position = slider(word("static_position"), {
    id: "position",
    min: 0,
    max: FRAMES - 1,
    step: 1,
    format: (index) => `${Math.round((100 * index) / (FRAMES - 1))} %`,
    oninput: (index) => {
      pause();
      look(index);
    },
  });

  const look = (index) => {
    at = index;
    const tile = frames[index];
    if (!tile) return;
    picture.image.src = tile.src;
    const what = word("static_between", { a: a.input.value, b: b.input.value });
    picture.image.alt = what;
    picture.root.querySelector("button").setAttribute("aria-label", what);
    position.show(index);
  };
  const pause = () => {
    clearInterval(playing);
    playing = null;
    play.textContent = word("static_play");
  };
  const play = button(
    word("static_play"),
    () => {
      if (playing) return pause();
      let step = 1;
      play.textContent = word("static_pause");
      playing = setInterval(() => {
        if (at + step < 0 || at + step >= frames.length) step = -step;
        look(Math.max(0, at + step));
      }, 1000 / RATE);
      return undefined;
    },
    { class: "primary-button", id: "play" },
  );
  const roll = () => set({ a: String(rollSeed()), b: String(rollSeed()) });
  const endsOf = async (state) => {
    const seeds = [state.a, state.b].map(
      (text) => parseSeeds(text, 1) ?? refuse(word("static_one_seed", { found: text.slice(0, 40), most: MAX_SEED })),
    );
    return (await painter.pictures({ seeds: seeds.flat().join(","), ...taste(state) })).tiles;
  };
  let ends = null;
  const name = (ending) => `${model.name.replaceAll("/", "-")}-${a.input.value}-${b.input.value}.${ending}`;
  const film = button(
    word("static_film"),
    async () => {
      film.disabled = true;
      const { src } = await painter.loop({
        a: ends[0].recipe,
        b: ends.at(-1).recipe,
        ts: TIMES,
        framesPerSecond: RATE,
      });
      saveAs(src, name("png"));
      film.disabled = false;
    },
    { id: "film" },
  );
  const video = button(
    word("static_video"),
    async () => {
      video.disabled = true;
      pause();
      const loop = [...frames, ...frames.slice(1, -1).reverse()];
      const images = await Promise.all(
        loop.map(async ({ src }) => {
          const image = h("img", { src });
          await image.decode();
          return image;
        }),
      );
      const content = await record(images, (share) => {
        video.textContent = word("static_recording", { share: Math.round(100 * share) });
      });
      saveAs(URL.createObjectURL(content), name("webm"));
      video.textContent = word("static_video");
      video.disabled = false;
    },
    { id: "video", hidden: !globalThis.MediaRecorder?.isTypeSupported("video/webm") },
  );

  return {
    id: "morph",
    label: word("static_morph"),
    controls: [
      a.root,
      b.root,
      button(word("static_dice"), roll),
      play,
      h("div", { class: "button-row" }, film, video),
      h("p", { class: "info" }, word("static_film_info")),
    ],
    stage: h("div", { class: "film" }, picture.root, position.root),
    random: roll,
    leave: pause,
    async show(state, { isLatest }) {
      a.show(state.a);
      b.show(state.b);
      const key = JSON.stringify([state.a, state.b, taste(state)]);
      if (key === known) return;
      ends = await endsOf(state);
      const before = frames;
      frames = [];
      known = "";
      for (let start = 0; start < FRAMES && isLatest(); start += AT_ONCE) {
        const { tiles } = await painter.walk({
          a: ends[0].recipe,
          b: ends.at(-1).recipe,
          ts: TIMES.slice(start, start + AT_ONCE),
        });
        frames.push(...tiles);
        if (start === 0) look(0);
      }
      for (const { src } of [...before, ...ends]) URL.revokeObjectURL(src);
      if (frames.length === FRAMES) known = key;
      if (!playing) look(Math.min(at, frames.length - 1));
    },
  };
};
