// The visitor's language: the browser's, or the one that was chosen on the page.
import { useWords as useTables } from "../core/words.js";

const KEPT = "seedbed-language";
let tables = {};
export let language = "en";

const kept = () => {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // a browser without storage for this page
  }
};
const read = (wished) => {
  language = wished;
  useTables(tables, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
};

/** @param {Record<string, Record<string, string>>} given the texts by language and key, as in words.json */
export const useWords = (given) => {
  tables = given;
  read(/^zh/i.test(kept() ?? navigator.language) ? "zh" : "en");
};

/** Switch the page to the other language. */
export const switchLanguage = () => {
  const other = language === "zh" ? "en" : "zh";
  try {
    localStorage.setItem(KEPT, other);
  } catch (error) {
    console.info(error); // the choice then applies to this visit only
  }
  read(other);
};

export const wordsOf = () => tables[language];

/** The name of a class on the screen: a starter's in the visitor's language, any other as the model has it. */
export const className = (name) => tables[language]?.[`static_class_name_${name}`] ?? name;
