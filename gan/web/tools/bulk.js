// Many pictures as one zip: the first ones are shown, and a task makes the zip. For more pictures than the page makes,
// the tool shows a command.
import { button, h } from "../core/dom.js";
import { textField, toggle } from "../core/fields.js";
import { saveFile } from "../core/files.js";
import { explain } from "../core/notices.js";
import { fileStem } from "../core/recipes.js";
import { channel, session } from "../core/session.js";
import { store } from "../core/store.js";
import { TASK_OPERATIONS, fetchFile, taskLine } from "../core/tasks.js";
import { wall } from "../core/tiles.js";
import { word } from "../core/words.js";
import { commandOf, makeCommandBox } from "./command.js";

const SHOWN = 8;

export const needs = ["bulkLook", "bulk", ...TASK_OPERATIONS];

const amount = (value) => Number(value).toLocaleString("en-US");

export const make = () => {
  const defaults = { count: "100", first: "0", perClass: false, full: true, dropCopies: false };
  const set = (patch, how) => store.setTool("bulk", patch, how);
  const own = wall({ id: "bulk-wall", class: "wall is-excerpt" });
  const heading = h("span", { id: "bulk-says" });
  const line = taskLine();
  const done = h("div", { class: "bulk-done", role: "status", hidden: true });
  const command = makeCommandBox();
  let asking = "";
  let found = null; // the painter's answer: {tiles, total, most, training}
  let running = false;

  // Controls
  const number = (key, label, info, onchange) => {
    const field = textField(word(label), { id: key, info: word(info), onchange });
    field.input.inputMode = "numeric";
    return field;
  };
  const count = number("bulk-count", "create_count", "create_bulk_count_info", (text) => set({ count: text }));
  const first = number("bulk-first", "create_bulk_first", "create_bulk_first_info", (text) => set({ first: text }));
  const perClass = toggle(word("create_bulk_per_class"), {
    id: "bulk-per-class",
    onchange: (on) => set({ perClass: on }),
  });
  const full = toggle(word("create_bulk_full"), { id: "bulk-full", onchange: (on) => set({ full: on }) });
  const copies = toggle(word("create_bulk_drop_copies"), {
    id: "bulk-drop-copies",
    onchange: (on) => set({ dropCopies: on }),
  });
  const copiesInfo = h("p", { class: "field-info", id: "bulk-copies-info" });
  copies.input.setAttribute("aria-describedby", "bulk-copies-info");
  const mixInfo = h("p", { class: "field-info" }, word("create_bulk_no_mix"));
  const go = button(word("create_bulk_go"), () => makeZip(), { id: "bulk-go", class: "primary-button" });

  // The order that the fields describe
  const questionOf = (slice, state) => {
    const each = slice.perClass && session.model.classes.length > 1;
    return {
      model: state.model,
      count: slice.count,
      first_seed: slice.first,
      psi: slice.full ? 1 : state.psi,
      class: each ? "" : state.class,
      per_class: each,
      drop_copies: false,
    };
  };
  const orderNow = () => {
    const slice = store.slice("bulk");
    return { ...questionOf(slice, store.state), drop_copies: Boolean(slice.dropCopies && found?.training) };
  };
  const drawCopies = (training) => {
    copies.input.disabled = !training;
    copies.value = Boolean(training && store.slice("bulk").dropCopies);
    copiesInfo.textContent = training
      ? word("create_bulk_copies_info", { name: training.name, pictures: amount(training.pictures) })
      : word("create_bulk_no_training");
  };
  const draw = () => {
    const tooMany = Boolean(found && found.total > found.most);
    // The old words stay until the new ones are there: without them the button would move away under the pointer.
    if (found) heading.textContent = word("create_bulk_heading", { total: amount(found.total) });
    go.hidden = running || tooMany; // the progress, or the command, takes its place
    command.root.hidden = running || !tooMany;
    if (tooMany) {
      const words = word("create_bulk_command", { total: amount(found.total), most: amount(found.most) });
      command.show(words, commandOf(orderNow(), found));
    }
    drawCopies(found?.training);
  };
  const look = channel((answer) => {
    found = answer;
    own.show(answer.tiles);
    draw();
  });

  // The zip
  const keep = (blob, name, { stopped, pictures, dropped }) => {
    const size = (blob.size / 1e6).toFixed(1);
    const says = word(stopped ? "create_bulk_stopped" : "create_bulk_done", {
      count: pictures,
      pictures: amount(pictures),
      size,
    });
    const left = dropped ? word("create_bulk_dropped", { dropped: amount(dropped) }) : "";
    const again = button(word("create_bulk_again"), () => saveFile(blob, name));
    done.replaceChildren(h("p", {}, says, " ", left), again);
    done.hidden = false;
    saveFile(blob, name);
  };
  // A number typed just before the click is asked about first. The button stays enabled and in its place meanwhile: one
  // that is disabled or moves between the press and its release gets no click.
  const makeZip = async () => {
    if (running || go.hidden) return;
    const { model } = store.state;
    if (!found) await look("bulkLook", questionOf(store.slice("bulk"), store.state));
    if (!found || found.total > found.most || store.state.model !== model) return;
    const begun = Date.now();
    running = true;
    done.hidden = true;
    draw();
    const secondsLeft = (task) => {
      const each = (Date.now() - begun) / 1000 / task.done;
      return Math.max(1, Math.round(each * (task.total - task.done)));
    };
    const progress = (task) =>
      word("create_bulk_progress", { done: amount(task.done), total: amount(task.total), left: secondsLeft(task) });
    const said = (task) => (task.done ? progress(task) : word("create_starting"));
    const result = await line.run("bulk", orderNow(), { said });
    try {
      if (result) {
        const name = `${fileStem(session.model.name)}-${result.pictures}.zip`;
        keep(await fetchFile(result.id, "application/zip"), name, result);
      }
    } catch (error) {
      explain(error);
    }
    running = false;
    draw();
  };

  return {
    label: word("create_tool_bulk"),
    defaults,
    unheeded: (slice) => [slice.full && "psi", slice.perClass && "class"],
    build() {
      const copiesField = h("div", {}, copies.root, copiesInfo);
      const making = h("div", { class: "bulk-go" }, go, line.root, command.root, done);
      return {
        controls: [count.root, perClass.root, first.root, full.root, copiesField, mixInfo],
        stage: [h("div", { class: "stage-heading" }, heading, making), own.root],
      };
    },
    update(slice, state) {
      count.value = slice.count;
      first.value = slice.first;
      perClass.value = slice.perClass;
      perClass.root.hidden = session.model.classes.length < 2;
      full.value = slice.full;
      mixInfo.hidden = !state.mixWith;
      const asked = questionOf(slice, state);
      const key = JSON.stringify([asked, session.model.weights]);
      if (key === asking) return draw();
      asking = key;
      found = null;
      done.hidden = true; // it is about other numbers
      draw();
      own.wait(SHOWN);
      return look("bulkLook", asked);
    },
    generate: () => makeZip(),
  };
};
