// A walk as a film: made by a task, shown, and saved.
import { h } from "../core/dom.js";
import { explain, sayNote } from "../core/notices.js";
import { fileStem } from "../core/recipes.js";
import { fetchFile, taskLine } from "../core/tasks.js";
import { word } from "../core/words.js";

const TYPES = { gif: "image/gif", mp4: "video/mp4" };

const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

export const makeFilmCell = () => {
  const line = taskLine();
  const result = h("div", { class: "film-result" });
  const empty = h("p", { class: "field-info" }, word("create_morph_film_here"));
  const words = h("figcaption", {}, h("span", {}, " "));
  const picture = h("div", { class: "film-picture" }, result, empty, line.root);
  const root = h("figure", { class: "film", "aria-label": word("create_morph_film") }, picture, words);
  let url = null;

  const show = (blob, asked, { frames }) => {
    if (url) URL.revokeObjectURL(url);
    url = URL.createObjectURL(blob);
    const says = word("create_morph_film_of", { frames, seconds: Math.round((10 * frames) / asked.fps) / 10 });
    const playing = { controls: true, loop: true, autoplay: true, muted: true, playsinline: "" };
    const film =
      asked.kind === "gif"
        ? h("img", { src: url, alt: says })
        : h("video", { src: url, ...playing, "aria-label": says });
    result.replaceChildren(film);
    const download = `${fileStem(asked.recipes[0].model.name)}-walk.${asked.kind}`;
    const label = word("create_morph_download", { kind: asked.kind.toUpperCase(), size: sizeOf(blob.size) });
    words.replaceChildren(h("span", {}, says), h("a", { href: url, download, id: "morph-download" }, label));
    empty.hidden = true;
    root.classList.add("is-there");
    root.scrollIntoView({ block: "nearest" });
  };

  return {
    root,
    /** @param asked the film, in the form that the painter takes */
    async make(asked) {
      empty.hidden = true;
      const making = line.run("film", asked, { said: (task) => word("create_morph_frames_done", task) });
      root.scrollIntoView({ block: "nearest" });
      const made = await making;
      empty.hidden = result.children.length > 0;
      if (!made) return;
      if (made.stopped) return sayNote(word("create_morph_stopped"));
      try {
        show(await fetchFile(made.id, TYPES[asked.kind]), asked, made);
      } catch (error) {
        explain(error);
      }
    },
  };
};
