// Many pictures as one zip: the first ones are shown, the whole is made by a task. What is too much for a page is a command.
tools.bulk = (() => {
  const defaults = { count: "500", first: "0", perClass: false, full: true, dropCopies: false };
  const set = (patch, options) => store.setTool("bulk", patch, options);
  const amount = (value) => Number(value).toLocaleString("en-US");
  const own = wall({ id: "bulk-wall" });
  const heading = h("span", { id: "bulk-says" });
  const line = taskLine();
  const done = h("div", { class: "bulk-done", role: "status", hidden: true });
  let asking = "";
  let found = null; // how the order begins, how many pictures it has, how many a page makes, what it can be compared with
  let running = false;

  // Read by a shell: a name that is not plain is quoted as POSIX has it, whatever a stranger called a class.
  const quoted = (text) => (/^[\w@.:\/-]+$/.test(text) ? text : /^[\p{L}\p{N}_@.:\/ -]+$/u.test(text) ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`);
  const command = (asked) => {
    const name = model.key.split(":").slice(1).join(":");
    const file = `${name.replaceAll("/", "-")}-${found.total}.zip`;
    const parts = ["python -m gan generate", `--model ${quoted(name)}`, `--count ${asked.count.replaceAll(",", "").trim()}`];
    if (asked.per_class) parts.push("--per-class");
    if (asked.class) parts.push(`--class=${quoted(asked.class)}`);
    if (asked.first_seed.trim() !== "0") parts.push(`--first-seed ${asked.first_seed.trim()}`);
    if (asked.psi !== 1) parts.push(`--psi ${asked.psi}`);
    if (asked.drop_copies) parts.push(`--like ${quoted(`${found.training.name}.zip`)} --drop-copies`);
    return [...parts, `--zip ${quoted(file)}`];
  };
  const code = h("code", { tabindex: "0" });
  const copy = button(word("create_bulk_copy"), async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      copy.textContent = word("create_bulk_copied");
    } catch (error) { // browsers allow this on secure pages only
      console.info(error.message);
      getSelection().selectAllChildren(code);
    }
  });
  const commandSays = h("p", {});
  const commandBox = h("div", { class: "command", hidden: true }, commandSays, h("pre", {}, code), copy);

  const count = textField(word("create_count"), { id: "bulk-count", info: word("create_bulk_count_info"), onchange: (text) => set({ count: text }) });
  const first = textField(word("create_bulk_first"), { id: "bulk-first", info: word("create_bulk_first_info"), onchange: (text) => set({ first: text }) });
  for (const each of [count, first]) each.input.inputMode = "numeric";
  const perClass = toggle(word("create_bulk_per_class"), { id: "bulk-per-class", onchange: (on) => set({ perClass: on }) });
  const full = toggle(word("create_bulk_full"), { id: "bulk-full", onchange: (on) => set({ full: on }) });
  const copies = toggle(word("create_bulk_drop_copies"), { id: "bulk-drop-copies", onchange: (on) => set({ dropCopies: on }) });
  const copiesInfo = h("p", { class: "field-info", id: "bulk-copies-info" });
  copies.input.setAttribute("aria-describedby", "bulk-copies-info");
  const mixInfo = h("p", { class: "field-info" }, word("create_bulk_no_mix"));
  const go = button(word("create_bulk_go"), () => make(), { id: "bulk-go", class: "primary-button" });

  const question = (slice, state) => {
    const each = slice.perClass && model.classes.length > 1;
    return {
      model: state.model, count: slice.count, first_seed: slice.first, psi: slice.full ? 1 : state.psi,
      class: each ? "" : state.class, per_class: each, drop_copies: false,
    };
  };
  const orderOf = () => {
    const slice = store.slice("bulk");
    return { ...question(slice, store.state), drop_copies: Boolean(slice.dropCopies && found?.training) };
  };
  const draw = () => {
    const tooMany = Boolean(found && found.total > found.most);
    heading.textContent = found ? word("create_bulk_heading", { total: amount(found.total) }) : "";
    go.disabled = !found;
    go.hidden = running || tooMany; // the progress, or the command, stands in its place
    commandBox.hidden = running || !tooMany;
    if (tooMany) {
      commandSays.textContent = word("create_bulk_command", { total: amount(found.total), most: amount(found.most) });
      code.replaceChildren(...command(orderOf()).flatMap((part) => [h("span", {}, part), " "]).slice(0, -1));
      copy.textContent = word("create_bulk_copy");
    }
    const training = found?.training;
    copies.input.disabled = !training;
    copies.value = Boolean(training && store.slice("bulk").dropCopies);
    copiesInfo.textContent = training
      ? word("create_bulk_copies_info", { name: training.name, pictures: amount(training.pictures) }) : word("create_bulk_no_training");
  };
  const ask = channel((answer) => {
    found = answer;
    own.show(answer.tiles);
    draw();
  });

  const keep = (blob, name, result) => {
    const says = word(result.stopped ? "create_bulk_stopped" : "create_bulk_done", { pictures: amount(result.pictures), size: (blob.size / 1e6).toFixed(1) });
    const dropped = result.dropped ? word("create_bulk_dropped", { dropped: amount(result.dropped) }) : "";
    done.replaceChildren(h("p", {}, says, " ", dropped), button(word("create_bulk_again"), () => saveFile(blob, name)));
    done.hidden = false;
    saveFile(blob, name);
  };
  const make = async () => {
    if (go.hidden || go.disabled) return;
    const asked = orderOf();
    const begun = Date.now();
    running = true;
    done.hidden = true;
    draw();
    const left = (task) => Math.max(1, Math.round(((Date.now() - begun) / 1000 / task.done) * (task.total - task.done)));
    const result = await line.run("bulk", asked, {
      said: (task) => (task.done ? word("create_bulk_progress", { done: amount(task.done), total: amount(task.total), left: left(task) }) : word("create_starting")),
    });
    try {
      if (result) keep(await fetchFile(result.id, "application/zip"), `${model.name.replaceAll("/", "-")}-${result.pictures}.zip`, result);
    } catch (error) { explain(error); }
    running = false;
    draw();
  };

  return {
    label: word("create_tool_bulk"), defaults,
    unheeded: (slice) => [slice.full && "psi", slice.perClass && "class"],
    build() {
      return {
        controls: [count.root, perClass.root, first.root, full.root, h("div", {}, copies.root, copiesInfo), mixInfo, h("div", { class: "bulk-go" }, go, line.root, commandBox, done)],
        stage: [h("div", { class: "stage-heading" }, heading), own.root],
      };
    },
    update(slice, state) {
      count.value = slice.count;
      first.value = slice.first;
      perClass.value = slice.perClass;
      perClass.root.hidden = model.classes.length < 2;
      full.value = slice.full;
      mixInfo.hidden = !state.mixWith;
      const asked = question(slice, state);
      const key = JSON.stringify([asked, model.weights]);
      if (key === asking) return draw();
      asking = key;
      found = null;
      draw();
      own.wait(8);
      return ask("bulk_look", asked);
    },
    generate: () => make(),
  };
})();
