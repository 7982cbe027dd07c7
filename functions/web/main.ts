import { languages } from "../core/locale.ts";

const language = languages.find((one) => navigator.language.startsWith(one)) ?? "nl";
document.documentElement.lang = language;
