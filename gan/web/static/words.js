// Everything said on the page, in the language that the visitor reads; words.json brings the texts.
const KEPT = "seedbed-language";
let tables = {};
export let language = "en";

const kept = () => {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser that keeps nothing for this page
  }
};

export const useWords = (given) => {
  tables = given;
  const wished = kept() ?? navigator.language;
  language = /^zh/i.test(wished) ? "zh" : "en";
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};

/** Read the page in the other language from now on. */
export const switchLanguage = () => {
  try {
    localStorage.setItem(KEPT, language === "zh" ? "en" : "zh");
  } catch (error) {
    console.info(error); // the choice lasts for this visit
  }
  language = language === "zh" ? "en" : "zh";
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};

export const wordsOf = () => tables[language];

export const word = (key, values = {}) => tables[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
