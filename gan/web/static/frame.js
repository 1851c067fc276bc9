// The parts above and below the tools: the model's name, the switch of languages, and the facts about all pictures.
import { button, h } from "../core/dom.js";
import { word } from "../core/words.js";
import { language, switchLanguage } from "./words.js";

export const header = (model) =>
  h(
    "header",
    {},
    h("h1", {}, model.name),
    h("p", { class: "tagline" }, word("static_tagline", { side: model.resolution })),
    button(
      language === "zh" ? "English" : "中文",
      () => {
        switchLanguage();
        location.reload();
      },
      { class: "quiet-button", id: "language", lang: language === "zh" ? "en" : "zh-CN" },
    ),
  );

export const footer = (model) => {
  const licence = (text) => text ?? word("static_not_stated");
  const made = word("static_honest", {
    model: model.name,
    data: model.dataset || word("static_unnamed_data"),
    licence: licence(model.licence),
  });
  const parent = model.parent
    ? ` ${word("static_parent", { parent: model.parent, licence: licence(model.parent_licence) })}`
    : "";
  const link = model.reference.repo
    ? h("a", { href: `https://huggingface.co/${model.reference.repo}`, rel: "noreferrer" }, model.reference.repo)
    : null;
  return h("footer", {}, h("p", {}, made, parent), h("p", {}, word("static_here"), " ", link));
};
