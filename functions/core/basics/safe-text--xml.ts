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
