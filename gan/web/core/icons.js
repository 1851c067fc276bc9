// The icons of buttons, as paths in a square of 24.
const PATHS = {
  star: '<path d="m12 3 2.7 5.8 6.3.8-4.6 4.3 1.2 6.3L12 17.1l-5.6 3.1 1.2-6.3L3 9.6l6.3-.8Z"/>',
  undo: '<path d="M9 7 4 12l5 5M4 12h10a6 6 0 0 1 0 12" transform="translate(0 -3)"/>',
  redo: '<path d="m15 7 5 5-5 5m5-5H10a6 6 0 0 0 0 12" transform="translate(0 -3)"/>',
  help: '<path d="M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9v.5M12 17.5v.01"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
  dice:
    '<path d="M7 3h10a4 4 0 0 1 4 4v10a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4Z"/>' +
    '<path d="M8 8v.01M16 8v.01M12 12v.01M8 16v.01M16 16v.01" stroke-width="2.6"/>',
  open: '<path d="M3 18V6h6l2 2.5h8V11M3 18l3-7h15.5L19 18Z"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  sliders: '<path d="M4 7h10m4 0h2M4 17h2m4 0h10M14 4.5v5M10 14.5v5"/>',
  play: '<path d="M7 4.5v15l12-7.5Z"/>',
  pause: '<path d="M8 5v14M16 5v14"/>',
  swap: '<path d="m7 4-4 4 4 4M3 8h15m-1 4 4 4-4 4m4-4H6"/>',
};

/** The markup of an icon. */
export const icon = (name) =>
  '<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.8" ' +
  `stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
