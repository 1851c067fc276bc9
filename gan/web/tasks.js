// Work that takes longer than an answer: started, watched until it ends, called off, its file fetched in pieces.
const LOOK_EVERY = 250; // milliseconds

// A line with a bar and a button to call it off; `run(call, asked, {news, begun})` ends with the result, or null where it failed.
// `run("task", {id})` goes on watching what was begun before.
const taskLine = () => {
  const bar = h("progress", { max: 1, value: 0, "aria-label": word("create_progress") });
  const words = h("span", { role: "status" });
  const stop = button(word("create_stop"), () => cancel?.());
  const root = h("div", { class: "task-line", hidden: true }, bar, words, stop);
  let cancel = null;
  const watch = async (id, { news, said: sayHow }) => {
    let seen = "";
    for (;;) {
      const task = await request("task", { id });
      bar.value = task.total ? task.done / task.total : 0;
      words.textContent = task.state === "waiting" ? word("create_waiting") : sayHow?.(task) ?? word("create_done_of", task);
      const fresh = JSON.stringify(task.news);
      if (fresh !== seen && fresh !== "{}") { seen = fresh; news?.(task.news); }
      if (task.state === "done") return { ...task.result, id };
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  };
  return {
    root,
    async run(call, asked, options = {}) {
      cancel?.();
      sayNothing();
      root.hidden = false;
      bar.removeAttribute("value");
      words.textContent = word("create_starting");
      try {
        const { id } = await request(call, asked);
        options.begun?.(id);
        cancel = () => { stop.disabled = true; request("stop_task", { id }).catch(explain); };
        stop.disabled = false;
        return await watch(id, options);
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

const fetchFile = async (id, type) => {
  const pieces = [];
  let size = 1;
  for (let offset = 0; offset < size;) {
    const answer = await request("task_file", { id, offset });
    const piece = fromBase64(answer.content);
    pieces.push(piece);
    offset += piece.length;
    size = answer.size;
  }
  return new Blob(pieces, { type });
};
