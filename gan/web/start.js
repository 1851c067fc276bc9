// The entry of the app's page: builds the instrument with the server as its painter.
import { FILES, FOLDER, give, giveFolders } from "./folders.js";
import { useLimits } from "./core/limits.js";
import { useWords } from "./core/words.js";
import { buildInstrument } from "./instrument.js";
import { serverPainter } from "./painters/server.js";

/** Call `take` with an element once it is in the page. Gradio draws a tab only when it is first opened. */
const whenThere = (selector, take) => {
  const found = document.querySelector(selector);
  if (found) return take(found);
  const watching = new MutationObserver(() => {
    const late = document.querySelector(selector);
    if (!late) return;
    watching.disconnect();
    take(late);
  });
  return watching.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-current"] });
};

/** Go to the Train tab with files, or with the folders among their entries. */
const openTrain = (files, entries) => {
  document.querySelector("#tabs [role=tab][data-tab-id=train]")?.click();
  const isFolder = entries.some(({ isDirectory }) => isDirectory);
  // If trainings exist, the tab opens at the newest one. The list of steps accepts clicks once it marks the open step.
  whenThere("#steps [aria-current]", () => {
    document.querySelector("#steps [data-step=pictures]:not([aria-current])")?.click();
    whenThere(isFolder ? FOLDER : FILES, () => (isFolder ? giveFolders(entries) : give(FILES, files)));
  });
};

/**
 * Called by the component's script (gan/ui/create/tab.py).
 * @param {Object} given
 * @param given.props words; limits; first: the data sent with the page; order: another tab's request to open a model
 * @param given.server sends a request to the server
 * @param given.upload sends a file to the server, which stores it: {path}
 * @param given.watch calls a function whenever a prop has changed
 * @param given.opened called with the key of every model that is opened
 */
export const start = ({ element, props, server, upload, watch, opened }) => {
  useWords(props.words, document.documentElement.lang.startsWith("zh") ? "zh" : "en");
  useLimits(props.limits);
  document.getElementById("arriving")?.remove();
  const isOpened = (key) => {
    const named = document.querySelector(".header-model"); // the server's next header says the same
    if (named) named.textContent = key.slice(key.indexOf(":") + 1);
    opened(key);
  };
  const { openModel } = buildInstrument({
    element,
    root: element.querySelector(".studio"),
    painter: serverPainter((call, asked) => server.ask({ call, with: asked }), upload),
    first: { ...props.first, psi: props.limits.psi },
    opened: isOpened,
    elsewhere: { train: openTrain },
  });
  const obey = () => props.order && openModel(JSON.parse(props.order).model);
  watch("order", obey);
  obey(); // handles an order that arrived while the modules were loading
};
