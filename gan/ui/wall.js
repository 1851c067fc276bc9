// Enlarges a picture of the wall in a dialog; arrow keys go to its neighbours, Escape closes. `element` is the component.
const figures = () => [...element.querySelectorAll(".wall > figure:not(.tile-empty)")];

// A link saves the very picture above it. It is given the picture when it is about to be used, so that each is sent once.
const arm = (event) => {
  const link = event.target.closest("a[download]");
  if (link) link.href = link.closest("figure").querySelector("img").src;
};
for (const kind of ["pointerover", "focusin", "click"]) element.addEventListener(kind, arm, true);

const show = (dialog, index) => {
  const all = figures();
  const at = (index + all.length) % all.length;
  const copy = all[at].cloneNode(true);
  copy.querySelector("button").replaceWith(copy.querySelector("img"));
  dialog.querySelector("figure").replaceWith(copy);
  dialog.dataset.at = at;
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button.tile-picture");
  if (!button) return;
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = element.querySelector(".wall").dataset.close;
  close.addEventListener("click", () => dialog.close());
  dialog.append(document.createElement("figure"), close);
  dialog.addEventListener("click", (inside) => inside.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("keydown", (key) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key.key];
    if (step) show(dialog, Number(dialog.dataset.at) + step);
  });
  element.append(dialog);
  show(dialog, figures().indexOf(button.closest("figure")));
  dialog.showModal();
  close.focus();
});
