/**
 * Matches invisible characters, and characters that change the direction of text. Does not match the joiners and
 * variation selectors that scripts and emoji need.
 */
const invisible = /(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Matches a run of spaces, line ends, tabs and other control characters. */
const blanks = /[\s\p{Cc}\p{Z}]+/gu;

/**
 * Matches more than four combining marks on one letter. No script needs more than four, and a higher stack would
 * cover the lines above and below.
 */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Matches the positions at which mail programs recognise a link: after a scheme's colon, after an `@`, and after
 * the dot in a domain.
 */
const linkStarts = /(?<=:)(?=\/\/)|(?<=@)(?=\S)|(?<=\S\.)(?=\p{L}{2})/gu;

/**
 * The zero-width non-joiner. A domain must not contain this character, so inserting it breaks a link without a
 * visible change.
 */
const nonJoiner = "\u200c";

/** Matches one character from the Unicode blocks of scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * Makes a text from outside safe to show. The result is a single line. It does not change the direction of other text,
 * and programs do not turn it into a link. The text is cut to at most `maxUnits` UTF-16 units. Invisible characters are
 * added after the cut, so the result may have more units.
 */
export function sanitizeText(text: string, maxUnits: number): string {
  const plain = replaceForbiddenXml(
    text.replace(blanks, " ").replace(invisible, "").replace(stackedMarks, "$1"),
  );
  const line = cutUnits(plain.trim(), maxUnits).replace(linkStarts, nonJoiner);
  return rightToLeft.test(line) ? `\u2068${line}\u2069` : line;
}

/**
 * Cuts a text to at most `maxUnits` UTF-16 units, including the `…` that replaces the rest. Never cuts inside a
 * surrogate pair.
 */
function cutUnits(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  return `${text
    .slice(0, maxUnits - 1)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd()}…`;
}

const maxClippedUnits = 100;

/**
 * Cuts a text to at most `maxUnits` UTF-16 units, including the `…` that replaces the rest. The default length is
 * enough to recognise a number or a name. Never cuts inside a surrogate pair.
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

/**
 * Escapes the characters that have a meaning in XML. For a text that may hold characters that XML forbids, call
 * `replaceForbiddenXml` first.
 */
export function escapeXml(text: string): string {
  return markup.test(text) ? text.replace(everyMarkup, (unit) => entities[unit] ?? unit) : text;
}

/** Returns the number of lines that a text takes when it wraps between words at `lineChars` characters. */
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

/**
 * Breaks a text between words into lines of at most `lineChars` characters. A word that is longer than `lineChars`
 * gets a line for itself.
 */
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

/**
 * Replaces each no-break space by an ordinary space. Some texts have such a space between two words, because
 * `wrapLines` then keeps both words on one line.
 */
export function releaseBlanks(line: string): string {
  return line.replaceAll(/[\u00a0\u202f]/g, " ");
}

/**
 * Matches the characters that XML 1.0 (section 2.2) forbids, even as an escape. XML also forbids lone surrogates, but
 * they are not matched.
 */
const forbidden = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

const special = /[^ -~\u00a1-\u024f]|_[xX]|^ | $/;

/**
 * True when the text needs neither `unifyLines` nor `replaceForbiddenXml` nor `escapeXmlString`. Most texts need
 * none of these functions, and this test is five times as fast as calling them.
 */
export function isPlainXmlText(text: string): boolean {
  return !special.test(text);
}

/**
 * Replaces every kind of line end by a line feed. In a spreadsheet's cell, a carriage return would need the escape
 * `_x000D_`, and the Python libraries openpyxl and pandas would show this escape literally.
 */
export function unifyLines(text: string): string {
  return text.replace(/\r\n?|[\v\f]/g, "\n");
}

/** Puts U+FFFD in the place of every UTF-16 unit that XML forbids. Lone surrogates are among these units. */
export function replaceForbiddenXml(text: string): string {
  return text.toWellFormed().replace(forbidden, "\ufffd");
}

const changedByReaders = /^\s|\s$|[\r\u007f]|_x[\da-f]{4}[_\r\u007f]/i;

/**
 * True when programs that read the spreadsheet would change the cell's text. Such a text has blanks at one of its
 * ends, a carriage return, a delete character, or characters that look like an escape.
 */
export function needsXmlEscape(text: string): boolean {
  return changedByReaders.test(text);
}

/**
 * Replaces carriage returns and delete characters by escapes of the form `_xHHHH_` (ECMA-376 part 1, 22.9.2.19,
 * ST_Xstring). Also escapes an underscore that programs would take for the start of such an escape.
 */
export function escapeXmlString(text: string): string {
  return text.replace(/[\r\u007f]|_(?=x[\da-f]{4}[_\r\u007f])/gi, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
}

/** Matches runs of characters without a width: format characters, joiners, fillers and lone surrogates. */
const hiddenCharacters = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;

/** Matches runs of spaces of any width, tabs, line ends and other control characters. */
const blankRuns = /[\s\p{Z}\p{Cc}]+/gu;

/** Removes invisible characters, replaces each run of blanks by one space, and trims the text. */
export function tidyText(text: string): string {
  return text.replace(hiddenCharacters, "").replace(blankRuns, " ").trim();
}

const maxNameUnits = 100;

/** Makes a name from a request safe to repeat in an answer. */
export function sanitizeName(name: string): string {
  return name.slice(0, maxNameUnits).replaceAll(/[^\w.-]/g, "?");
}
