// Tasks that take longer than one answer may. This module starts them, watches them to their end, stops them, and
// fetches their files in pieces.
import { button, h } from "./dom.js";
import { fromBase64 } from "./files.js";
import { explain, sayNothing } from "./notices.js";
import { ask } from "./session.js";
import { word } from "./words.js";

const LOOK_EVERY = 250; // milliseconds

/** The operations that a painter needs before a tool starts a task. */
export const TASK_OPERATIONS = ["task", "stopTask", "taskFile"];

const watch = async (id, bar, words, { news, said }) => {
  let seen = "";
  for (;;) {
    const task = await ask("task", { id });
    bar.value = task.total ? task.done / task.total : 0;
    const progress = () => said?.(task) ?? word("create_done_of", task);
    words.textContent = task.state === "waiting" ? word("create_waiting") : progress();
    const latest = JSON.stringify(task.news);
    if (latest !== seen && latest !== "{}") {
      seen = latest;
      news?.(task.news);
    }
    if (task.state === "done") return { ...task.result, id };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
};

/**
 * A line with a progress bar and a button to stop a task. `run(operation, asked, how)` returns the task's result, or
 * null where it failed; `run("task", {id})` watches a task that was started earlier.
 * how: {begun(id), news(news), said(task) -> words}
 */
export const taskLine = () => {
  const bar = h("progress", { max: 1, value: 0, "aria-label": word("create_progress") });
  const words = h("span", { role: "status" });
  const stop = button(word("create_stop"), () => cancel?.());
  const root = h("div", { class: "task-line", hidden: true }, bar, words, stop);
  let cancel = null;
  return {
    root,
    async run(operation, asked, how = {}) {
      cancel?.();
      sayNothing();
      root.hidden = false;
      bar.removeAttribute("value");
      words.textContent = word("create_starting");
      stop.disabled = false;
      let stopped = false; // may be set before the server has returned the task's id
      cancel = () => {
        stopped = true;
        stop.disabled = true;
      };
      try {
        const { id } = await ask(operation, asked);
        how.begun?.(id);
        cancel = () => {
          stop.disabled = true;
          ask("stopTask", { id }).catch(explain);
        };
        if (stopped) cancel();
        return await watch(id, bar, words, how);
      } catch (error) {
        explain(error);
        return null;
      } finally {
        cancel = null;
        root.hidden = true;
      }
    },
  };
};

/** A task's file as a blob. */
export const fetchFile = async (id, type) => {
  const pieces = [];
  let size = 1;
  for (let offset = 0; offset < size;) {
    const answer = await ask("taskFile", { id, offset });
    const piece = fromBase64(answer.content);
    pieces.push(piece);
    offset += piece.length;
    size = answer.size;
  }
  return new Blob(pieces, { type });
};
