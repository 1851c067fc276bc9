// All texts of the user interface, in the page's language. The page provides them.
let texts = {};

/** @param {Record<string, Record<string, string>>} tables the texts by language and key */
export const useWords = (tables, language) => {
  texts = tables[language];
};

/** The text of a key, with values inserted; where `count` is 1 that of KEY_one, if there is one. */
export const word = (key, values = {}) => {
  const text = (Number(values.count) === 1 && texts[`${key}_one`]) || texts[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
};
