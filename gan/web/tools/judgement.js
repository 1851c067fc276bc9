// Rates a rebuilt picture: shows its error next to that of the model's own pictures.
import { h } from "../core/dom.js";
import { session } from "../core/session.js";
import { word } from "../core/words.js";

const SCALE_END = 0.3; // end of the bars for all errors, so that bars of different pictures can be compared
const NEAR = 1.5; // factor on the typical error
const FAIR = 0.1; // the largest error that counts as near before the typical error is known

export const percent = (error) => `${(100 * error).toFixed(1)} %`;

const bar = (label, error, kind) => {
  const share = Math.min(100, Math.max(1, (100 * error) / SCALE_END));
  const full = h("div", { style: `width:${share}%` });
  const row = `error-row ${kind}`;
  return h(
    "div",
    { class: row },
    h("span", {}, label),
    h("div", { class: "error-bar" }, full),
    h("b", {}, percent(error)),
  );
};

export const makeJudgement = () => {
  const root = h("div", { class: "project-facts", role: "status" });
  let drawn = "";
  const sentences = ({ error, steps, asked }, typical) => {
    const said = [word("create_project_error_info", { end: Math.round(100 * SCALE_END) })];
    if (typical !== undefined) said.push(word(error <= NEAR * typical ? "create_project_near" : "create_project_far"));
    if (steps < asked) said.push(word("create_project_stopped", { steps, asked }));
    return said.join(" ");
  };
  return {
    root,
    /** @param typical the error of the model's own pictures, if it has been measured */
    draw(result, typical) {
      const key = JSON.stringify([result?.recipe.latent, result?.error, typical]);
      if (key === drawn) return;
      drawn = key;
      if (!result) return root.replaceChildren();
      const isNear = result.error <= (typical === undefined ? FAIR : NEAR * typical);
      const bars = [bar(word("create_project_error"), result.error, isNear ? "is-own" : "is-own is-far")];
      const own = word("create_project_typical", { model: session.model.name });
      if (typical !== undefined) bars.push(bar(own, typical, "is-typical"));
      root.replaceChildren(...bars, h("p", { class: "field-info" }, sentences(result, typical)));
    },
  };
};
