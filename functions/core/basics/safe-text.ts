import { replaceForbiddenXml } from "./safe-text--xml.ts";

/** What is not to be seen or turns what follows around, but for the joiners that scripts and emoji need. */
const invisible = /(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Line ends, tabs and other controls. */
const blanks = /[\s\p{Cc}\p{Z}]+/gu;

/** More marks on one letter than any script has; they would cover the lines above and below. */
const piles = /(\p{M}{4})\p{M}+/gu;

/** Where mail programs see a link by themselves: in a scheme, an address, a domain. */
const links = /(?<=:)(?=\/\/)|(?<=@)(?=\S)|(?<=\S\.)(?=\p{L}{2})/gu;

/** Has no width, and stands in no domain. */
const nonJoiner = "\u200c";

/** Scripts that are written from right to left (Unicode's blocks for them). */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A stranger's text as one line that stays in its place: it can start no line, turn no other text around, and be
 * no link. What is longer is cut.
 */
export function sanitizeText(text: string, mostUnits: number): string {
  const plain = replaceForbiddenXml(text.replace(blanks, " ").replace(invisible, "").replace(piles, "$1"));
  const line = cutUnits(plain.trim(), mostUnits).replace(links, nonJoiner);
  return rightToLeft.test(line) ? `\u2068${line}\u2069` : line;
}

/** Never inside a surrogate pair. */
function cutUnits(text: string, mostUnits: number): string {
  if (text.length <= mostUnits) return text;
  return `${text
    .slice(0, mostUnits - 1)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
}

const mostClippedUnits = 100;

/** Shortens what only has to be recognised. */
export function clipText<Text extends string | null>(
  text: Text,
  mostUnits = mostClippedUnits,
): Text | string {
  if (text === null || text.length <= mostUnits) return text;
  return `${text.slice(0, mostUnits - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** SpreadsheetML in the very bytes that exceljs's row API writes. A cell stands from `c` to `</c>`. */

const markup = /["&'<>]/;

const everyMarkup = /["&'<>]/g;

const entities: Record<string, string> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&apos;",
  "<": "&lt;",
  ">": "&gt;",
};

/** For texts without what XML forbids. */
export function escapeXml(text: string): string {
  return markup.test(text) ? text.replace(everyMarkup, (unit) => entities[unit] ?? unit) : text;
}
