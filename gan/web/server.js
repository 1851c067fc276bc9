// Questions to the server. Each carries all it needs. Of a channel only the newest answer counts; while one is on its way, the
// newest question waits, and those between are dropped: a drag never queues up.
class Refused extends Error {}

const request = async (call, asked) => {
  const answer = await server.ask({ call, with: asked });
  const seen = (answer.tile ?? answer.tiles?.[0])?.recipe.model.weights_sha256;
  if (model && asked.model === model.key && (seen ? seen !== model.weights : answer.code === "recipe_foreign")) lookAgain();
  if (answer.error) throw Object.assign(new Refused(answer.error), { code: answer.code });
  return answer;
};

// The model was trained further while the page was open: from here on its pictures are others, and nothing remembered is one of them.
let looking = false;
const lookAgain = async () => {
  if (looking) return;
  looking = true;
  try {
    const { model: found } = await server.ask({ call: "look", with: { model: model.key } });
    if (found?.key === model.key && found.weights !== model.weights) {
      model = found;
      settleClass();
      draw(store.state);
    }
  } catch (error) { console.info(error); } // the next answer tells it again
  looking = false;
};

// One line says what went wrong or what was done. It stays until the next step; a refusal goes as soon as an answer comes.
const said = h("div", { class: "said-line", role: "status", "aria-live": "polite" });
let refused = false;
const say = (...content) => { refused = false; said.replaceChildren(...content); };
const sayTrouble = (words, ...more) => say(h("p", { class: "trouble", role: "alert" }, words), ...more);
const sayNote = (...words) => say(h("p", { class: "note" }, ...words));
const sayNothing = () => say();

const explain = (error) => {
  if (!(error instanceof Refused)) console.info(error);
  sayTrouble(error instanceof Refused ? error.message : word("create_unreachable"));
  refused = true;
};

const remembered = new Map(); // answers that are the same for the same question: going back is instant
const MOST_REMEMBERED = 60;
const recall = async (call, asked) => {
  const key = JSON.stringify([call, asked, model?.weights]);
  if (!remembered.has(key)) {
    remembered.set(key, await request(call, asked));
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value);
  }
  return remembered.get(key);
};

// show: what is done with the answer. Returns a function ask(call, asked) that never overlaps itself.
const channel = (show, busy = () => {}) => {
  let running = false;
  let waiting = null;
  const run = async (call, asked) => {
    running = true;
    busy(true);
    try {
      const answer = await recall(call, asked);
      if (refused) sayNothing();
      show(answer, asked); // even if the next question has overtaken it: the picture follows a drag
    } catch (error) {
      if (!waiting) explain(error);
    }
    running = false;
    const next = waiting;
    waiting = null;
    if (next) return run(...next);
    busy(false);
  };
  return (call, asked) => {
    if (running) waiting = [call, asked];
    else return run(call, asked);
  };
};

// The settings beside every tool, as calls carry them.
const taste = (state) => ({ model: state.model, psi: state.psi, class: state.class, mix_with: state.mixWith, mix_amount: state.mixAmount });
