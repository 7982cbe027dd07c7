/** Invisible characters and those that change the direction of text, except the joiners that scripts and emoji need. */
const invisible = /(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Line ends, tabs and other controls. */
const blanks = /[\s\p{Cc}\p{Z}]+/gu;

/** More than four marks on one letter. No script has more, and they would cover the lines above and below. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/** Positions at which mail programs recognise a link: after a scheme's colon, an `@`, and a domain's dot. */
const linkStarts = /(?<=:)(?=\/\/)|(?<=@)(?=\S)|(?<=\S\.)(?=\p{L}{2})/gu;

/** The zero-width non-joiner. Domains must not contain it, so it breaks a link without a visible change. */
const nonJoiner = "\u200c";

/** The Unicode blocks of scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * Makes a stranger's text safe to show: one line that cannot start a new one, change the direction of other text or
 * become a link. Cuts it to `maxUnits` UTF-16 units.
 */
export function sanitizeText(text: string, maxUnits: number): string {
  const plain = replaceForbiddenXml(
    text.replace(blanks, " ").replace(invisible, "").replace(stackedMarks, "$1"),
  );
  const line = cutUnits(plain.trim(), maxUnits).replace(linkStarts, nonJoiner);
  return rightToLeft.test(line) ? `\u2068${line}\u2069` : line;
}

/** Never cuts inside a surrogate pair. */
function cutUnits(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  return `${text
    .slice(0, maxUnits - 1)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
}

const maxClippedUnits = 100;

/**
 * Cuts a text to `maxUnits` UTF-16 units, `…` included: enough to recognise a number or a name. Never cuts inside a
 * surrogate pair.
 */
export function clipText<Text extends string | null>(text: Text, maxUnits = maxClippedUnits): Text | string {
  if (text === null || text.length <= maxUnits) return text;
  return `${text.slice(0, maxUnits - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

const markup = /["&'<>]/;

const everyMarkup = /["&'<>]/g;

const entities: Record<string, string> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&apos;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Escapes markup. Call `replaceForbiddenXml` first for texts that may hold characters that XML forbids. */
export function escapeXml(text: string): string {
  return markup.test(text) ? text.replace(everyMarkup, (unit) => entities[unit] ?? unit) : text;
}

/** The number of lines of a text that wraps between words. */
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

/** Wraps a text between words. A word that is longer than a line gets a line of its own. */
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

/** Replaces no-break spaces, which kept words together while the text was wrapped. */
export function releaseBlanks(line: string): string {
  return line.replaceAll(/[\u00a0\u202f]/g, " ");
}

/** Characters that XML 1.0 (section 2.2) forbids, even escaped. */
const forbidden = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

const special = /[^ -~\u00a1-\u024f]|_[xX]|^ | $/;

/** True when the text needs none of the functions below. Most texts do not, and this test is five times as fast. */
export function isPlainXmlText(text: string): boolean {
  return !special.test(text);
}

/**
 * Replaces every kind of line end by a line feed. A carriage return would need the escape `_x000D_`, which openpyxl, and
 * so pandas, shows literally.
 */
export function unifyLines(text: string): string {
  return text.replace(/\r\n?|[\v\f]/g, "\n");
}

/** Replaces every UTF-16 unit that XML forbids by U+FFFD, including lone surrogates. */
export function replaceForbiddenXml(text: string): string {
  return text.toWellFormed().replace(forbidden, "\ufffd");
}

const changedByReaders = /^\s|\s$|[\r\u007f]|_x[\da-f]{4}[_\r\u007f]/i;

/**
 * True when programs that read the file would change the cell's text: it has spaces at its ends, carriage returns,
 * or characters that look like an escape.
 */
export function needsXmlEscape(text: string): boolean {
  return changedByReaders.test(text);
}

/** Escapes as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19, ST_Xstring). */
export function escapeXmlString(text: string): string {
  return text.replace(/[\r\u007f]|_(?=x[\da-f]{4}[_\r\u007f])/gi, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
}

/** Characters without a width: format characters, joiners, fillers and lone surrogates. */
const hiddenCharacters = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;

/** Spaces of any width, tabs, line ends and other control characters. */
const blankRuns = /[\s\p{Z}\p{Cc}]+/gu;

/** Removes invisible characters, makes each run of blanks one space, and trims the text. */
export function tidyText(text: string): string {
  return text.replace(hiddenCharacters, "").replace(blankRuns, " ").trim();
}
