// Which language the visitor reads: the browser's, or the one that was chosen on the page.
import { useWords as useTables } from "../core/words.js";

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
const read = (wished) => {
  language = wished;
  useTables(tables, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};

/** @param {Record<string, Record<string, string>>} given the texts by language and key, as words.json brings them */
export const useWords = (given) => {
  tables = given;
  read(/^zh/i.test(kept() ?? navigator.language) ? "zh" : "en");
};

/** Read the page in the other language from now on. */
export const switchLanguage = () => {
  const other = language === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEPT, other);
  } catch (error) {
    console.info(error); // the choice lasts for this visit
  }
  read(other);
};

export const wordsOf = () => tables[language];
