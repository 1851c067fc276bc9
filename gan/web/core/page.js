// The element of the page that holds the instrument.
export const page = { element: null };
