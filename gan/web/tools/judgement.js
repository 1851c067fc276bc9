// How well a picture was rebuilt: its error beside that of the model's own pictures.
import { h } from "../core/dom.js";
import { session } from "../core/session.js";
import { word } from "../core/words.js";

const LEAST_SCALE = 0.05; // of the bars: small errors look small
const NEAR = 1.5; // times the typical error

export const percent = (error) => `${(100 * error).toFixed(1)} %`;

const bar = (label, error, most, own) => {
  const full = h("div", { style: `width:${Math.max(1, (100 * error) / most)}%` });
  const row = own ? "error-row is-own" : "error-row";
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
    const said = [word("create_project_error_info")];
    if (typical !== undefined) said.push(word(error <= NEAR * typical ? "create_project_near" : "create_project_far"));
    if (steps < asked) said.push(word("create_project_stopped", { steps, asked }));
    return said.join(" ");
  };
  return {
    root,
    /** @param typical the error of the model's own pictures, where it has been measured */
    draw(result, typical) {
      const key = JSON.stringify([result?.recipe.latent, result?.error, typical]);
      if (key === drawn) return;
      drawn = key;
      if (!result) return root.replaceChildren();
      const most = Math.max(result.error, typical ?? 0, LEAST_SCALE);
      const bars = [bar(word("create_project_error"), result.error, most, true)];
      const own = word("create_project_typical", { model: session.model.name });
      if (typical !== undefined) bars.push(bar(own, typical, most, false));
      root.replaceChildren(...bars, h("p", { class: "field-info" }, sentences(result, typical)));
    },
  };
};
