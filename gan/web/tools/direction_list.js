// The known directions: found in the model, named in this browser, saved with the model, or only used by the picture.
// The browser stores names by the weights they belong to, until they are saved.
import { button } from "../core/dom.js";
import { explain, sayNote, sayNothing, sayTrouble } from "../core/notices.js";
import { ask, session } from "../core/session.js";
import { store } from "../core/store.js";
import { word } from "../core/words.js";

const EMPTY = { weights: [], samples: [], saved: [], refusal: null };

const FOUND = /^(?:weights|samples) (\d+)$/; // the painter's names of directions that the user has not named

/** A direction's identity: its vector. */
export const idOf = ({ vector }) => vector.float32;
const isSame = (one) => (other) => idOf(one) === idOf(other);
const asSaved = ({ name, unit, scale, source, layers }) => ({ name, unit, scale, source, layers });

/**
 * @param now the tool's slice
 * @param pushOf the push along a direction, if there is one
 * @param onchange called when the known directions have changed
 */
export const makeDirectionList = ({ now, pushOf, onchange }) => {
  let known = EMPTY;
  let knownFor = "";

  const keptHere = () => store.state.directionNames?.[session.model.weights] ?? [];
  const keepHere = (list) => {
    store.set({ directionNames: { ...store.state.directionNames, [session.model.weights]: list } });
  };
  const unsavedHere = () => keptHere().filter((each) => !known.saved.some(isSame(each)));
  const yours = () => {
    const saved = known.saved.map((each) => ({ ...each, kind: "saved" }));
    const kept = unsavedHere().map((each) => ({ ...each, kind: "kept", fits: true }));
    const met = [...saved, ...kept, ...known.weights, ...known.samples];
    const strangers = now().pushes.filter((each) => !met.some(isSame(each)));
    return [...saved, ...kept, ...strangers.map((each) => ({ ...each, kind: "stranger", fits: true }))];
  };
  const of = (group) => (group === "yours" ? yours() : known[group].map((each) => ({ ...each, kind: "found" })));
  const nameOf = (direction) => {
    const given = [...known.saved, ...keptHere()].find(isSame(direction));
    if (given && given.name !== direction.name) return given.name;
    const [, number] = FOUND.exec(direction.name) ?? [];
    return number ? word("create_dir_unnamed", { number }) : direction.name;
  };
  /** The direction of that name in a link, or undefined. */
  const byName = (name) =>
    [...known.saved, ...keptHere(), ...known.weights, ...known.samples].find((each) => each.name === name);
  // While another model is loading, directions of the current one must not change
  const isThere = (direction) => store.state.model === session.model.key && of(now().group).some(isSame(direction));

  const change = async (operation, asked) => {
    try {
      const { saved } = await ask(operation, { model: store.state.model, ...asked });
      known = { ...known, saved };
      sayNothing();
      onchange();
      return true;
    } catch (error) {
      explain(error);
      return false;
    }
  };
  const rename = (direction, name) => {
    if (!isThere(direction)) return;
    if (!name || name === nameOf(direction)) return onchange();
    if (yours().some((each) => each.name === name && idOf(each) !== idOf(direction))) {
      sayTrouble(word("create_dir_twice", { name }));
      return onchange();
    }
    const { unit, scale, source, vector } = direction;
    const layers = pushOf(direction)?.layers ?? direction.layers ?? null;
    const named = { name, unit, scale, source, vector, layers };
    const saved = known.saved.find(isSame(direction));
    if (saved) return change("saveDirections", { changes: [{ was: saved.name, now: asSaved(named) }] });
    keepHere([...keptHere().filter((each) => idOf(each) !== idOf(direction)), named]);
    sayNote(word(known.refusal ? "create_dir_named_here" : "create_dir_named", { name }));
  };
  const saveAll = async () => {
    const changes = unsavedHere().map((each) => ({ was: null, now: asSaved(each) }));
    if (!(await change("saveDirections", { changes }))) return;
    keepHere([]);
    sayNote(word("create_dir_saved", { model: session.model.name }));
  };
  const remove = async (direction) => {
    if (direction.kind === "kept") return keepHere(keptHere().filter((each) => idOf(each) !== idOf(direction)));
    const again = () => change("saveDirections", { changes: [{ was: null, now: asSaved(direction) }] });
    if (!(await change("saveDirections", { changes: [{ was: direction.name, now: null }] }))) return;
    const putBack = direction.fits ? [" ", button(word("create_dir_put_back"), again)] : [];
    sayNote(word("create_dir_removed", { name: direction.name }), ...putBack);
  };

  return {
    of,
    nameOf,
    byName,
    /** The name in a recipe: the one that a user gave, or the painter's, which is the same in every language. */
    plainName: (direction) => [...known.saved, ...keptHere()].find(isSame(direction))?.name ?? direction.name,
    isThere,
    rename,
    saveAll,
    remove,
    takeOver: ({ name }) => change("takeOverDirection", { name }),
    /** The reason why nothing can be saved with the model, or null. */
    get refusal() {
      return known.refusal;
    },
    /** Whether the painter has returned the directions. */
    get hasCome() {
      return known !== EMPTY;
    },
    get isKnown() {
      return knownFor !== "";
    },
    /** Request the model's directions if they are not known yet. */
    async find() {
      const { weights } = session.model;
      const { model } = store.state;
      const { count } = now();
      const key = JSON.stringify([weights, model, count]);
      if (key === knownFor) return;
      if (!knownFor.startsWith(`["${weights}"`)) known = EMPTY;
      knownFor = key;
      try {
        const answer = await ask("directions", { model, count });
        if (key !== knownFor) return;
        known = answer;
        onchange();
      } catch (error) {
        knownFor = "";
        explain(error);
      }
    },
  };
};
