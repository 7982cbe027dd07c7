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
export function sanitizeText(text: string, maxUnits: number): string {
  const plain = replaceForbiddenXml(text.replace(blanks, " ").replace(invisible, "").replace(piles, "$1"));
  const line = cutUnits(plain.trim(), maxUnits).replace(links, nonJoiner);
  return rightToLeft.test(line) ? `\u2068${line}\u2069` : line;
}

/** Never inside a surrogate pair. */
function cutUnits(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  return `${text
    .slice(0, maxUnits - 1)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
}

const maxClippedUnits = 100;

/** Shortens what only has to be recognised. */
export function clipText<Text extends string | null>(text: Text, maxUnits = maxClippedUnits): Text | string {
  if (text === null || text.length <= maxUnits) return text;
  return `${text.slice(0, maxUnits - 1).replace(/[\ud800-\udbff]$/, "")}…`;
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

/** How many lines a text takes that is wrapped between its words. */
export function countLines(text: string, lineChars: number): number {
  let lines = 1;
  let usedChars = -1;
  for (const { length } of text.split(" ")) {
    usedChars += 1 + length;
    if (usedChars <= lineChars || usedChars === length) continue;
    lines += 1;
    usedChars = length;
  }
  return lines;
}

/** The text in lines that long at most, but for words that are longer. */
export function wrapLines(text: string, lineChars: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= lineChars)
      lines.push(`${lines.pop()} ${word}`);
    else lines.push(word);
  }
  return lines;
}

/** What held words together while they were wrapped is a blank like others then. */
export function releaseBlanks(line: string): string {
  return line.replaceAll(/[\u00a0\u202f]/g, " ");
}

/** XML 1.0, section 2.2: these cannot stand in a document, not even escaped. */
const forbidden = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

const special = /[^ -~\u00a1-\u024f]|_[xX]|^ | $/;

/** Whether the text needs nothing of what follows: true of most, and told five times as fast. */
export function isPlainXmlText(text: string): boolean {
  return !special.test(text);
}

/**
 * Writes every line end as a line feed, those included that XML forbids. A carriage return would have to be escaped as
 * `_x000D_`, which openpyxl and so pandas show as it is.
 */
export function unifyLines(text: string): string {
  return text.replace(/\r\n?|[\v\f]/g, "\n");
}

/** Puts U+FFFD for every UTF-16 unit that XML forbids, lone surrogates included. */
export function replaceForbiddenXml(text: string): string {
  return text.toWellFormed().replace(forbidden, "\ufffd");
}

const delicate = /^\s|\s$|[\r\u007f]|_x[\da-f]{4}[_\r\u007f]/i;

/** Whether a plain cell would lose something: blanks at its ends, what XML readers fold, what looks like an escape. */
export function needsXmlEscape(text: string): boolean {
  return delicate.test(text);
}

/** Writes what would be lost as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19, ST_Xstring). */
export function escapeXmlString(text: string): string {
  return text.replace(/[\r\u007f]|_(?=x[\da-f]{4}[_\r\u007f])/gi, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
}

/** Takes no room on paper: formats, joiners, fillers, halves of a pair. */
const hiddenCharacters = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;

/** Blanks of any width, tabs, line ends and other controls. */
const blankRuns = /[\s\p{Z}\p{Cc}]+/gu;

/** The text without what cannot be seen, with a single space for any run of blanks and none at its ends. */
export function tidyText(text: string): string {
  return text.replace(hiddenCharacters, "").replace(blankRuns, " ").trim();
}
