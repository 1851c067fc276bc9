// The command that makes pictures in bulk, shown when they are too many for the page.
import { button, h } from "../core/dom.js";
import { fileStem } from "../core/recipes.js";
import { session } from "../core/session.js";
import { word } from "../core/words.js";

// Unusual names are quoted for a POSIX shell, since the names of classes may come from a stranger's model.
const quoted = (text) => {
  if (/^[\w@.:\/-]+$/.test(text)) return text;
  return /^[\p{L}\p{N}_@.:\/ -]+$/u.test(text) ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
};

/**
 * The command's parts; a line may be broken between two of them.
 * @param order the order, in the form that the painter takes
 * @param found the painter's answer: {total, training}
 */
export const commandOf = (order, found) => {
  const name = session.model.key.split(":").slice(1).join(":");
  const count = order.count.replaceAll(",", "").trim();
  const first = order.first_seed.trim();
  const parts = ["python -m gan generate", `--model ${quoted(name)}`, `--count ${count}`];
  if (order.per_class) parts.push("--per-class");
  if (order.class) parts.push(`--class=${quoted(order.class)}`);
  if (first !== "0") parts.push(`--first-seed ${first}`);
  if (order.psi !== 1) parts.push(`--psi ${order.psi}`);
  if (order.drop_copies) parts.push(`--like ${quoted(`${found.training.name}.zip`)} --drop-copies`);
  return [...parts, `--zip ${quoted(`${fileStem(name)}-${found.total}.zip`)}`];
};

export const makeCommandBox = () => {
  const code = h("code", { tabindex: "0" });
  const copy = button(word("create_bulk_copy"), async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = word("create_bulk_copied");
    } catch (error) {
      console.info(error.message); // browsers allow it on secure pages only
      getSelection().selectAllChildren(code);
    }
  });
  const says = h("p", {});
  return {
    root: h("div", { class: "command", hidden: true }, says, h("pre", {}, code), copy),
    show(words, parts) {
      says.textContent = words;
      code.replaceChildren(...parts.flatMap((part) => [h("span", {}, part), " "]).slice(0, -1));
      copy.textContent = word("create_bulk_copy");
    },
  };
};
